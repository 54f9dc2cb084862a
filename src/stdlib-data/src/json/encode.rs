//! Writing JSON: the object behind `json.JSONEncoder`.

use crate::json::text::{finish, push_quoted};
use native_macros::{Layout, native_class};
use objects::containers::with_note;
use objects::descr::NativeFunction;
use objects::dict::{dict_contains, dict_items, dict_remove, dict_set};
use objects::int::{IntView, max_str_digits};
use objects::list::List;
use objects::thread::enter_recursion_in;
use objects::{
    Cast, Class, Dict, Gc, GcVec, Header, R, Slot, Str, Tuple, Value, call, class_name, class_of, float_value, int_view,
    interned, new_int_u64, new_list, new_object, new_tuple, raise_fault, type_error, value_error,
};

/// What turns a str into a literal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Ascii,
    Unicode,
    /// A Python function.
    Custom,
}
objects::no_references!(Quoting);

#[derive(Layout)]
#[repr(C)]
pub struct Encoder {
    pub header: Header,
    markers: Slot,
    default: Slot,
    encoder: Slot,
    indent: Slot,
    key_separator: Slot,
    item_separator: Slot,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
    quoting: Quoting,
}

/// Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)
#[native_class(name = "_json.Encoder", base = object, flags = "final")]
impl Encoder {
    #[new]
    #[sig("(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)", hidden)]
    fn new(
        cls: Gc<Class>,
        markers: Value,
        default: Value,
        encoder: Value,
        indent: Value,
        key_separator: Gc<Str>,
        item_separator: Gc<Str>,
        sort_keys: bool,
        skipkeys: bool,
        allow_nan: bool,
    ) -> R {
        if !markers.is_none() && markers.cast::<Dict>().is_none() {
            return Err(type_error!("make_encoder() argument 1 must be dict or None, not {}", class_name(markers)));
        }
        let quoting = match encoder.cast::<NativeFunction>() {
            Some(function) if function.def.module == "_json" && function.def.name == "encode_basestring_ascii" => Quoting::Ascii,
            Some(function) if function.def.module == "_json" && function.def.name == "encode_basestring" => Quoting::Unicode,
            _ => Quoting::Custom,
        };
        let fields = Encoder {
            header: Header::blank(),
            markers: Slot::new(markers),
            default: Slot::new(default),
            encoder: Slot::new(encoder),
            indent: Slot::new(indent),
            key_separator: Slot::new(key_separator.value()),
            item_separator: Slot::new(item_separator.value()),
            sort_keys,
            skip_keys: skipkeys,
            allow_nan,
            quoting,
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("(obj, _current_indent_level)")]
    fn __call__(this: Gc<Encoder>, obj: Value, level: isize) -> R {
        let mut writer = Writer::new(this);
        writer.write(obj, level.max(0) as usize)?;
        Ok(new_tuple(&[finish(&writer.out).value()]).value())
    }
    #[getter]
    fn markers(this: Gc<Encoder>) -> Option<Value> {
        this.markers.get()
    }
    #[getter]
    fn default(this: Gc<Encoder>) -> Option<Value> {
        this.default.get()
    }
    #[getter]
    fn encoder(this: Gc<Encoder>) -> Option<Value> {
        this.encoder.get()
    }
    #[getter]
    fn indent(this: Gc<Encoder>) -> Option<Value> {
        this.indent.get()
    }
    #[getter]
    fn key_separator(this: Gc<Encoder>) -> Option<Value> {
        this.key_separator.get()
    }
    #[getter]
    fn item_separator(this: Gc<Encoder>) -> Option<Value> {
        this.item_separator.get()
    }
    #[getter]
    fn sort_keys(this: Gc<Encoder>) -> bool {
        this.sort_keys
    }
    #[getter]
    fn skipkeys(this: Gc<Encoder>) -> bool {
        this.skip_keys
    }
}

struct Writer {
    encoder: Gc<Encoder>,
    out: Vec<u8>,
    indent: Option<Vec<u8>>,
    key_separator: Vec<u8>,
    item_separator: Vec<u8>,
}

fn bytes_of(slot: &Slot) -> Option<Vec<u8>> {
    slot.get().and_then(|text| text.cast::<Str>()).map(|text| text.to_wtf8().into_owned())
}

impl Writer {
    fn new(encoder: Gc<Encoder>) -> Writer {
        Writer {
            encoder,
            out: Vec::new(),
            indent: bytes_of(&encoder.indent),
            key_separator: bytes_of(&encoder.key_separator).unwrap_or_default(),
            item_separator: bytes_of(&encoder.item_separator).unwrap_or_default(),
        }
    }
    fn newline(&mut self, level: usize) {
        if let Some(indent) = &self.indent {
            self.out.push(b'\n');
            for _ in 0..level {
                self.out.extend_from_slice(indent);
            }
        }
    }
    fn write_str(&mut self, text: Gc<Str>) -> R<()> {
        match self.encoder.quoting {
            Quoting::Ascii => push_quoted(&mut self.out, text, true),
            Quoting::Unicode => push_quoted(&mut self.out, text, false),
            Quoting::Custom => {
                let result = call(self.encoder.encoder.get().unwrap_or(Value::none()), &[text.value()])?;
                let Some(literal) = result.cast::<Str>() else {
                    return Err(type_error!("encoder() must return a string, not {}", class_name(result)));
                };
                self.out.extend_from_slice(&literal.to_wtf8());
            }
        }
        Ok(())
    }
    fn float_text(&self, number: f64) -> R<String> {
        if number.is_finite() {
            return Ok(base::float::repr(number));
        }
        if !self.encoder.allow_nan {
            return Err(value_error!("Out of range float values are not JSON compliant: {}", base::float::repr(number)));
        }
        Ok(if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned())
    }
    fn int_text(&self, view: IntView) -> R<String> {
        match view {
            IntView::Small(number) => Ok(number.to_string()),
            view => base::int::to_decimal_limited(&view.to_ibig(), max_str_digits()).map_err(raise_fault),
        }
    }
    /// Literal of None, a bool, a number; None for others.
    fn scalar(&self, value: Value) -> R<Option<String>> {
        if value.is_none() {
            return Ok(Some("null".to_owned()));
        }
        if let Some(flag) = value.as_bool() {
            return Ok(Some(if flag { "true" } else { "false" }.to_owned()));
        }
        if let Some(view) = int_view(value) {
            return self.int_text(view).map(Some);
        }
        match float_value(value) {
            Some(number) => self.float_text(number).map(Some),
            None => Ok(None),
        }
    }

    fn write(&mut self, value: Value, level: usize) -> R<()> {
        if let Some(text) = value.cast::<Str>() {
            return self.write_str(text);
        }
        if let Some(literal) = self.scalar(value)? {
            self.out.extend_from_slice(literal.as_bytes());
            return Ok(());
        }
        if value.cast::<List>().is_some() || value.cast::<Tuple>().is_some() {
            let _guard = enter_recursion_in(" while encoding a JSON object")?;
            return self.write_sequence(value, level);
        }
        if let Some(dict) = value.cast::<Dict>() {
            let _guard = enter_recursion_in(" while encoding a JSON object")?;
            return self.write_dict(dict, level);
        }
        let mark = self.enter(value)?;
        let replacement = call(self.encoder.default.get().unwrap_or(Value::none()), &[value])?;
        let _guard = enter_recursion_in(" while encoding a JSON object")?;
        if let Err(raised) = self.write(replacement, level) {
            return Err(with_note(raised, &format!("when serializing {} object", full_name(value))));
        }
        self.leave(mark)
    }

    /// Notes that `value` is being written; an error if it is already.
    fn enter(&self, value: Value) -> R<Option<(Gc<Dict>, Value)>> {
        let Some(markers) = self.encoder.markers.get().and_then(|markers| markers.cast::<Dict>()) else { return Ok(None) };
        let id = new_int_u64(value.raw());
        if dict_contains(markers, id)? {
            return Err(value_error!("Circular reference detected"));
        }
        dict_set(markers, id, value)?;
        Ok(Some((markers, id)))
    }
    fn leave(&self, mark: Option<(Gc<Dict>, Value)>) -> R<()> {
        if let Some((markers, id)) = mark {
            dict_remove(markers, id)?;
        }
        Ok(())
    }

    fn write_sequence(&mut self, value: Value, level: usize) -> R<()> {
        // Lists are read as they are at each moment: writing an item may change them.
        let item_at = |index: usize| match value.cast::<List>() {
            Some(list) => list.get(index),
            None => value.cast::<Tuple>().and_then(|tuple| tuple.get(index)),
        };
        if item_at(0).is_none() {
            self.out.extend_from_slice(b"[]");
            return Ok(());
        }
        let mark = self.enter(value)?;
        self.out.push(b'[');
        self.newline(level + 1);
        let mut index = 0;
        while let Some(item) = item_at(index) {
            if index > 0 {
                let separator = std::mem::take(&mut self.item_separator);
                self.out.extend_from_slice(&separator);
                self.item_separator = separator;
                self.newline(level + 1);
            }
            if let Err(raised) = self.write(item, level + 1) {
                return Err(with_note(raised, &format!("when serializing {} item {index}", full_name(value))));
            }
            index += 1;
        }
        self.leave(mark)?;
        self.newline(level);
        self.out.push(b']');
        Ok(())
    }

    fn write_dict(&mut self, dict: Gc<Dict>, level: usize) -> R<()> {
        if dict.is_empty() && class_of(dict.value()) == objects::classes::dict() {
            self.out.extend_from_slice(b"{}");
            return Ok(());
        }
        let mark = self.enter(dict.value())?;
        let pairs = self.pairs(dict)?;
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in &pairs {
            let literal = match key.cast::<Str>() {
                Some(_) => None,
                None => match self.scalar(*key)? {
                    Some(literal) => Some(Str::new(&literal)),
                    None if self.encoder.skip_keys => continue,
                    None => {
                        return Err(type_error!(
                            "keys must be str, int, float, bool or None, not {}",
                            class_of(*key).name_text()
                        ));
                    }
                },
            };
            if !first {
                let separator = std::mem::take(&mut self.item_separator);
                self.out.extend_from_slice(&separator);
                self.item_separator = separator;
            }
            first = false;
            self.newline(level + 1);
            if let Some(text) = literal.or(key.cast::<Str>()) {
                self.write_str(text)?;
            }
            let separator = std::mem::take(&mut self.key_separator);
            self.out.extend_from_slice(&separator);
            self.key_separator = separator;
            if let Err(raised) = self.write(*value, level + 1) {
                let key = objects::repr_lossy(*key);
                return Err(with_note(raised, &format!("when serializing {} item {key}", full_name(dict.value()))));
            }
        }
        self.leave(mark)?;
        if !first {
            self.newline(level);
        }
        self.out.push(b'}');
        Ok(())
    }

    /// The items in the order to write them.
    fn pairs(&self, dict: Gc<Dict>) -> R<GcVec<(Value, Value)>> {
        let plain = class_of(dict.value()) == objects::classes::dict();
        if plain && !self.encoder.sort_keys {
            return Ok(dict_items(dict));
        }
        let items = objects::call_method(dict.value(), interned!("items"), &[])?;
        let list = new_list(&objects::to_vec(items)?);
        if self.encoder.sort_keys {
            objects::sort::list_sort(list, None, false)?;
        }
        let mut pairs = GcVec::new();
        for item in objects::list::list_snapshot(list) {
            let Some(&[key, value]) = item.cast::<Tuple>().map(|pair| pair.items()) else {
                return Err(value_error!("items must return 2-tuples"));
            };
            pairs.push((key, value));
        }
        Ok(pairs)
    }
}

fn full_name(value: Value) -> String {
    objects::class::class_full_name(class_of(value))
}
