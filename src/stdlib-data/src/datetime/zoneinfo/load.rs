//! From what the library read in a file (six parts, see `zoneinfo._common.load_data`) to rules. Must not know: the class.

use super::posix::{self, Posix, Summer};
use super::rules::{After, Kind, Rules, savings};
use crate::datetime::arguments::int;
use crate::datetime::delta::{SECOND, from_micros};
use objects::{Bytes, Cast, Gc, GcVec, R, Tuple, Value, eq, int_view, is_true, new_str, new_tuple, overflow_error, repr};
use objects::{type_error, value_error};

/// Values that belong to each kind, one behind the other.
pub const OFFSET: usize = 0;
pub const SAVING: usize = 1;
pub const NAME: usize = 2;
const WIDTH: usize = 3;

/// One of the values of a kind.
pub fn value_of(values: Gc<Tuple>, kind: usize, which: usize) -> Value {
    values.get(kind * WIDTH + which).unwrap_or(Value::none())
}

fn unexpected(what: Value) -> R<objects::Raised> {
    Ok(type_error!("Invalid data result type: {}", repr(what)?.to_string_lossy()))
}
fn items(value: Value) -> R<&'static [Value]> {
    match value.cast::<Tuple>() {
        Some(tuple) => Ok(tuple.items()),
        None => Err(unexpected(value)?),
    }
}
fn numbers(value: Value) -> R<Vec<i64>> {
    items(value)?.iter().map(|item| int(*item)).collect()
}
fn moment(value: Value) -> R<i64> {
    let number = objects::number::index(value)?;
    let too_large = || overflow_error!("int too big to convert");
    int_view(number).and_then(|number| number.to_i64()).ok_or_else(too_large)
}

struct Kinds {
    kinds: Vec<Kind>,
    values: GcVec<Value>,
}
impl Kinds {
    fn add(&mut self, kind: Kind, name: Value) -> R<usize> {
        self.values.push(from_micros(kind.offset as i128 * SECOND)?.value());
        self.values.push(from_micros(kind.saving as i128 * SECOND)?.value());
        self.values.push(name);
        self.kinds.push(kind);
        Ok(self.kinds.len() - 1)
    }
}

fn after_of(kinds: &mut Kinds, Posix { name, offset, summer }: Posix) -> R<After> {
    let standard = kinds.add(Kind { offset, saving: 0 }, new_str(name))?;
    let Some(Summer { name, offset: ahead, start, end }) = summer else { return Ok(After::Always(standard)) };
    let summer = kinds.add(Kind { offset: ahead, saving: ahead - offset }, new_str(name))?;
    Ok(After::Yearly { standard, summer, start, end })
}

/// Whether the only kind of the file is also what comes behind it.
fn is_fixed(rules: &Rules, values: Gc<Tuple>, in_file: usize) -> R<bool> {
    match rules.after {
        After::Always(_) if in_file == 0 => Ok(true),
        After::Always(kind) if in_file == 1 => {
            let name = |kind: usize| value_of(values, kind, NAME);
            Ok(rules.kinds.first() == rules.kinds.get(kind) && eq(name(0), name(kind))?)
        }
        _ => Ok(false),
    }
}

pub fn load(data: Value) -> R<(Rules, Gc<Tuple>)> {
    let [begins, utc, offsets, flags, names, text] = items(data)? else { return Err(unexpected(data)?) };
    let offsets = numbers(*offsets)?;
    let flags = numbers(*flags)?;
    let names = items(*names)?;
    let count = offsets.len();
    if flags.len() != count || names.len() != count {
        return Err(unexpected(data)?);
    }
    let utc: Vec<i64> = items(*utc)?.iter().map(|value| moment(*value)).collect::<R<_>>()?;
    let mut kind_numbers = Vec::with_capacity(utc.len());
    for number in numbers(*begins)? {
        match u8::try_from(number) {
            Ok(kind) if (kind as usize) < count => kind_numbers.push(kind),
            _ => return Err(value_error!("Invalid transition index found while reading TZif: {number}")),
        }
    }
    if kind_numbers.len() != utc.len() {
        return Err(unexpected(data)?);
    }

    let mut kinds = Kinds { kinds: Vec::with_capacity(count + 2), values: GcVec::new() };
    for ((offset, saving), name) in offsets.iter().zip(savings(&kind_numbers, &offsets, &flags)).zip(names) {
        kinds.add(Kind { offset: *offset, saving }, *name)?;
    }
    let after = if is_true(*text)? {
        let Some(bytes) = text.cast::<Bytes>() else {
            return Err(type_error!("expected bytes, {} found", objects::class_name(*text)));
        };
        match posix::parse(bytes.as_slice()) {
            Ok(posix) => after_of(&mut kinds, posix)?,
            Err(fault) => return Err(value_error!("{fault} {}", repr(*text)?.to_string_lossy())),
        }
    } else {
        let Some(last) = count.checked_sub(1) else { return Err(value_error!("No time zone information found.")) };
        After::Always(kind_numbers.last().map_or(last, |kind| *kind as usize))
    };
    let values = new_tuple(&kinds.values);
    let mut rules = Rules::new(kinds.kinds, &flags, utc, kind_numbers, after);
    rules.fixed = is_fixed(&rules, values, count)?;
    Ok((rules, values))
}
