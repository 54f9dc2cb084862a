//! `str.translate` and `str.maketrans`.

use base::text::{self, Mapped, TextBuilder};
use objects::dict::Dict;
use objects::error::{R, Raised, type_error, value_error};
use objects::int::{IntView, int_view};
use objects::{Cast, Gc, Str, Value, class_name, exc, get_item, is_int, new_int};

/// What the table says about one character.
fn look_up(table: Value, code: u32) -> R<Mapped> {
    let key = Value::small(code as i32);
    let found = match table.cast_exact::<Dict>() {
        Some(table) => objects::dict::dict_get(table, key),
        None => get_item(table, key).map(Some),
    };
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Mapped::Same),
        Err(raised) if raised.is(&exc::LOOKUP_ERROR) => {
            raised.clear();
            return Ok(Mapped::Same);
        }
        Err(raised) => return Err(raised),
    };
    if found.is_none() {
        return Ok(Mapped::Delete);
    }
    if let Some(view) = int_view(found) {
        return match IntView::to_i64(view) {
            Some(code) if (0..0x11_0000).contains(&code) => Ok(Mapped::Char(code as u32)),
            _ => Err(value_error!("character mapping must be in range(0x110000)")),
        };
    }
    match found.cast::<Str>() {
        Some(text) if text.len() == 1 => Ok(Mapped::Char(text.char_at(0))),
        Some(text) if text.is_empty() => Ok(Mapped::Delete),
        Some(text) => {
            let mut builder = TextBuilder::with_capacity(text.len());
            builder.push_text(text.text());
            Ok(Mapped::Text(builder.finish()))
        }
        None => Err(type_error!("character mapping must return integer, None or str")),
    }
}

pub fn translate(this: Gc<Str>, table: Value) -> R<Gc<Str>> {
    let translated = text::translate::<Raised>(this.text(), |code| look_up(table, code))?;
    Str::from_buf(&translated)
}

/// `str.maketrans(x, y, z)`
pub fn make_table(x: Value, y: Option<Value>, z: Option<Value>) -> R {
    let table = objects::new_dict().value();
    let Some(y) = y else {
        let Some(source) = x.cast::<Dict>() else {
            return Err(type_error!("if you give only one argument to maketrans it must be a dict"));
        };
        for (key, value) in objects::dict::dict_items(source) {
            if is_int(key) {
                objects::set_item(table, key, value)?;
                continue;
            }
            match key.cast::<Str>() {
                Some(text) if text.len() == 1 => objects::set_item(table, new_int(text.char_at(0) as i64), value)?,
                Some(_) => return Err(value_error!("string keys in translatetable must be of length 1")),
                None => return Err(type_error!("keys in translate table mustbe strings or integers")),
            }
        }
        return Ok(table);
    };
    let argument = |value: Value, place: usize| match value.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!(
            "maketrans() argument {place} must be str, not {}",
            if value.is_none() { "None".to_owned() } else { class_name(value) }
        )),
    };
    let y = argument(y, 2)?;
    let z = z.map(|z| argument(z, 3)).transpose()?;
    let Some(x) = x.cast::<Str>() else {
        return Err(type_error!("first maketrans argument must be a string if there is a second argument"));
    };
    if x.len() != y.len() {
        return Err(value_error!("the first two maketrans arguments must have equal length"));
    }
    for (from, to) in x.chars().iter().zip(y.chars().iter()) {
        objects::set_item(table, new_int(from as i64), new_int(to as i64))?;
    }
    if let Some(z) = z {
        for code in z.chars().iter() {
            objects::set_item(table, new_int(code as i64), Value::none())?;
        }
    }
    Ok(table)
}
