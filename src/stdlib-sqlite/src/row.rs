//! `sqlite3.Row`: a tuple with names. Must not know: statements.

use crate::cursor::Cursor;
use native_macros::{Layout, native_class};
use objects::{Cast, Class, Gc, GcVec, Header, R, Slot, Str, Tuple, Value, index_error, new_list, new_object, type_error};

#[derive(Layout)]
#[repr(C)]
pub struct Row {
    pub header: Header,
    data: Slot,
    description: Slot,
}

fn is_absent(value: Option<Value>) -> bool {
    value.is_none_or(|value| value.is_none())
}

impl Row {
    fn data(&self) -> Value {
        self.data.get().unwrap_or(Value::none())
    }
    fn names(&self) -> GcVec {
        let description = self.description.get().and_then(|description| description.cast::<Tuple>());
        let name = |column: &Value| column.cast::<Tuple>().and_then(|column| column.items().first().copied());
        description.map(|all| all.items().iter().filter_map(name).collect()).unwrap_or_default()
    }
}

#[native_class(name = "sqlite3.Row", base = object)]
impl Row {
    #[new]
    #[sig("(cursor, data, /)", hidden)]
    fn new(cls: Gc<Class>, cursor: Value, data: Value) -> R {
        let Some(cursor) = cursor.cast::<Cursor>() else {
            return Err(type_error!("Row() argument 1 must be sqlite3.Cursor, not {}", objects::class_name(cursor)));
        };
        if data.cast::<Tuple>().is_none() {
            return Err(type_error!("Row() argument 2 must be tuple, not {}", objects::class_name(data)));
        }
        let description = Cursor::description(cursor);
        let fields = Row { header: Header::blank(), data: Slot::new(data), description: Slot::new_opt(description) };
        Ok(new_object(cls, fields).value())
    }
    /// The names of the columns.
    fn keys(this: Gc<Row>) -> Value {
        new_list(&this.names()).value()
    }
    fn __len__(this: Gc<Row>) -> R<usize> {
        objects::len(this.data())
    }
    fn __iter__(this: Gc<Row>) -> R {
        objects::iter(this.data())
    }
    fn __hash__(this: Gc<Row>) -> R<i64> {
        let description = this.description.get().unwrap_or(Value::none());
        Ok(objects::hash(description)? ^ objects::hash(this.data())?)
    }
    fn __eq__(this: Gc<Row>, other: Value) -> R {
        let Some(other) = other.cast::<Row>() else { return Ok(Value::not_implemented()) };
        let none = Value::none();
        let same = objects::eq(this.description.get().unwrap_or(none), other.description.get().unwrap_or(none))?;
        Ok(Value::bool(same && objects::eq(this.data(), other.data())?))
    }
    fn __getitem__(this: Gc<Row>, key: Value) -> R {
        if objects::is_int(key) || objects::slice::as_slice(key).is_some() {
            return objects::get_item(this.data(), key);
        }
        if let Some(wanted) = key.cast::<Str>() {
            let wanted = wanted.to_string_lossy();
            for (index, name) in this.names().iter().enumerate() {
                if name.cast::<Str>().is_some_and(|name| name.to_string_lossy().eq_ignore_ascii_case(&wanted)) {
                    return objects::get_item(this.data(), objects::new_int(index as i64));
                }
            }
            if is_absent(this.description.get()) {
                return Err(index_error!("{wanted}"));
            }
            return Err(index_error!("No item with that key"));
        }
        Err(index_error!("Index must be int or string"))
    }
}
