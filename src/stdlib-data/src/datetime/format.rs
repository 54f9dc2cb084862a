//! Texts of times, and `strftime` with the directives that C does not have. Must not know: the classes.

use super::delta::Delta;
use super::zone;
use base::memory::{Grow, with_room};
use objects::{Cast, Gc, R, Str, Value, call_method, get_attr_named, index, interned, new_str, value_error};

/// `+01:00`, with seconds and their fraction only if there are any.
pub fn offset_text(offset: Gc<Delta>, separator: &str) -> String {
    let total = offset.total();
    let sign = if total < 0 { '-' } else { '+' };
    let micros = total.unsigned_abs();
    let seconds = micros / 1_000_000;
    let mut text = format!("{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
    if micros % 60_000_000 != 0 {
        text.push_str(&format!("{separator}{:02}", seconds % 60));
        if micros % 1_000_000 != 0 {
            text.push_str(&format!(".{:06}", micros % 1_000_000));
        }
    }
    text
}

/// Hours, minutes and so on, as far as `spec` says.
pub fn clock_text(hour: u8, minute: u8, second: u8, micros: u32, spec: &str) -> R<String> {
    let spec = match spec {
        "auto" if micros == 0 => "seconds",
        "auto" => "microseconds",
        other => other,
    };
    Ok(match spec {
        "hours" => format!("{hour:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", micros / 1000),
        "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"),
        _ => return Err(value_error!("Unknown timespec value")),
    })
}

/// What `strftime` must know beyond the time tuple.
pub struct Subject {
    pub micros: u32,
    pub zone: Option<Value>,
    /// What zones are asked about: the datetime, or None.
    pub moment: Value,
}

fn push_char(out: &mut Vec<u32>, text: &str) {
    out.put_each(text.chars().map(|char| char as u32));
}

pub fn strftime(subject: &Subject, format: Gc<Str>, tuple: Value) -> R {
    let time = objects::system::import("time")?;
    let mut out: Vec<u32> = with_room(format.len() + 16);
    let chars = format.chars();
    let length = chars.len();
    let at = |index: usize| if index < length { chars.get(index) } else { 0 };
    let mut index = 0;
    while index < length {
        let char = at(index);
        index += 1;
        if char != '%' as u32 {
            out.put(char);
            continue;
        }
        if index == length {
            out.put(char);
            break;
        }
        let directive = at(index);
        index += 1;
        match char::from_u32(directive) {
            Some('f') => push_char(&mut out, &format!("{:06}", subject.micros)),
            Some('z') => push_offset(subject, "", &mut out)?,
            Some(':') if at(index) == 'z' as u32 && index < length => {
                index += 1;
                push_offset(subject, ":", &mut out)?;
            }
            Some('Z') => {
                let name = zone::zone_name(subject.zone, subject.moment)?;
                if !name.is_none() {
                    let escaped = call_method(name, interned!("replace"), &[new_str("%"), new_str("%%")])?;
                    let Some(escaped) = escaped.cast::<Str>() else {
                        return Err(objects::type_error!("tzname.replace() did not return a string"));
                    };
                    out.put_each(escaped.chars().iter());
                }
            }
            Some(directive @ ('Y' | 'G' | 'F' | 'C')) => push_year(directive, time, tuple, &mut out)?,
            _ => out.put_all(&[char, directive]),
        }
    }
    let format = Str::from_ucs4(&out);
    call_method(time, interned!("strftime"), &[format.value(), tuple])
}

fn push_offset(subject: &Subject, separator: &str, out: &mut Vec<u32>) -> R<()> {
    if let Some(offset) = zone::utc_offset(subject.zone, subject.moment)? {
        push_char(out, &offset_text(offset, separator));
    }
    Ok(())
}

/// Years before 1000 have four digits here, whatever the C library thinks.
fn push_year(directive: char, time: Value, tuple: Value, out: &mut Vec<u32>) -> R<()> {
    let field = |number: i64| -> R<i64> { index(objects::get_item(tuple, Value::small(number as i32))?) };
    let mut year = field(0)?;
    if year >= 1000 {
        out.put_all(&['%' as u32, directive as u32]);
        return Ok(());
    }
    if directive == 'G' {
        let text = call_method(time, interned!("strftime"), &[new_str("%G"), tuple])?;
        year = text.cast::<Str>().and_then(|text| text.to_string_lossy().trim().parse().ok()).unwrap_or(year);
    }
    match directive {
        'C' => push_char(out, &format!("{:02}", year / 100)),
        'F' => push_char(out, &format!("{year:04}-{:02}-{:02}", field(1)?, field(2)?)),
        _ => push_char(out, &format!("{year:04}")),
    }
    Ok(())
}

/// A `time.struct_time`.
pub fn struct_time(fields: [i64; 9]) -> R {
    let class = get_attr_named(objects::system::import("time")?, "struct_time")?;
    let fields: objects::GcVec = fields.iter().map(|field| objects::new_int(*field)).collect();
    objects::call(class, &[objects::new_tuple(&fields).value()])
}
