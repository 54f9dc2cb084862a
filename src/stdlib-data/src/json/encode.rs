//! Writing JSON: the object behind `json.JSONEncoder`.

use crate::json::text::{finish, push_quoted};
use base::memory::Grow;
use native_macros::{Layout, native_class};
use objects::containers::with_note;
use objects::descr::NativeFunction;
use objects::dict::{dict_contains, dict_items, dict_remove, dict_set};
use objects::format::with_decimal;
use objects::int::{IntView, long_work, max_str_digits};
use objects::list::List;
use objects::thread::{enter_recursion_in, poll};
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
    indent: Option<Text>,
    key_separator: Text,
    item_separator: Text,
    /// The containers being written, the outermost first; their words tell them apart.
    open: Vec<u64>,
}

/// More containers than this are looked up in the dict of markers.
const FEW: usize = 16;

/// What stands between items: short texts are kept here.
#[derive(Clone, Copy, Default)]
struct Text {
    short: [u8; 8],
    len: usize,
    /// The string, if it is long or not ASCII.
    long: Option<Gc<Str>>,
}

impl Text {
    fn of(slot: &Slot) -> Option<Text> {
        let text = slot.get()?.cast::<Str>()?;
        let mut short = [0; 8];
        match short.get_mut(..text.len()).filter(|_| text.is_ascii()) {
            Some(place) => {
                place.copy_from_slice(text.raw_bytes());
                Some(Text { short, len: text.len(), long: None })
            }
            None => Some(Text { short, len: 0, long: Some(text) }),
        }
    }
    #[inline]
    fn push_to(self, out: &mut Vec<u8>) {
        match self.long {
            None => out.put_all(&self.short[..self.len.min(8)]),
            Some(text) => out.put_all(&text.to_wtf8()),
        }
    }
}

impl Writer {
    fn new(encoder: Gc<Encoder>) -> Writer {
        Writer {
            encoder,
            out: Vec::with_capacity(128),
            indent: Text::of(&encoder.indent),
            key_separator: Text::of(&encoder.key_separator).unwrap_or_default(),
            item_separator: Text::of(&encoder.item_separator).unwrap_or_default(),
            open: Vec::new(),
        }
    }
    fn newline(&mut self, level: usize) {
        if let Some(indent) = self.indent {
            self.out.put(b'\n');
            for _ in 0..level {
                indent.push_to(&mut self.out);
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
                self.out.put_all(&literal.to_wtf8());
            }
        }
        Ok(())
    }
    fn push_float(&mut self, number: f64) -> R<()> {
        if number.is_finite() {
            base::float::with_repr(number, |text| self.out.put_all(text.as_bytes()));
            return Ok(());
        }
        if !self.encoder.allow_nan {
            return Err(value_error!("Out of range float values are not JSON compliant: {}", base::float::repr(number)));
        }
        self.out.put_all(match number {
            _ if number.is_nan() => b"NaN",
            _ if number > 0.0 => b"Infinity",
            _ => b"-Infinity",
        });
        Ok(())
    }
    fn push_int(&mut self, view: IntView) -> R<()> {
        match view {
            IntView::Small(number) => with_decimal(number, |digits| self.out.put_all(digits)),
            view => {
                let number = view.to_ibig();
                let bits = base::int::bit_length(&number) as u64;
                let text = long_work(bits, || base::int::to_decimal_limited(&number, max_str_digits())).map_err(raise_fault)?;
                self.out.put_all(text.as_bytes());
            }
        }
        Ok(())
    }
    /// Writes None, a bool or a number; false for others.
    #[inline]
    fn push_scalar(&mut self, value: Value) -> R<bool> {
        if value.is_none() {
            self.out.put_all(b"null");
        } else if let Some(flag) = value.as_bool() {
            self.out.put_all(if flag { b"true" } else { b"false" });
        } else if let Some(view) = int_view(value) {
            self.push_int(view)?;
        } else if let Some(number) = float_value(value) {
            self.push_float(number)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn write(&mut self, value: Value, level: usize) -> R<()> {
        if let Some(text) = value.cast::<Str>() {
            return self.write_str(text);
        }
        if self.push_scalar(value)? {
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
        self.enter(value)?;
        let replacement = call(self.encoder.default.get().unwrap_or(Value::none()), &[value])?;
        let _guard = enter_recursion_in(" while encoding a JSON object")?;
        if let Err(raised) = self.write(replacement, level) {
            return Err(with_note(raised, &format!("when serializing {} object", full_name(value))));
        }
        self.leave()
    }

    /// Notes that `value` is being written; an error if it is already.
    fn enter(&mut self, value: Value) -> R<()> {
        let Some(markers) = self.encoder.markers.get().and_then(|markers| markers.cast::<Dict>()) else { return Ok(()) };
        let word = value.raw();
        let in_dict = |markers: Gc<Dict>| Ok(!markers.is_empty() && dict_contains(markers, new_int_u64(word))?);
        if self.open.iter().take(FEW).any(|open| *open == word) || in_dict(markers)? {
            return Err(value_error!("Circular reference detected"));
        }
        if self.open.len() >= FEW {
            dict_set(markers, new_int_u64(word), value)?;
        }
        self.open.push(word);
        Ok(())
    }
    /// Undoes the last `enter`.
    fn leave(&mut self) -> R<()> {
        let Some(word) = self.open.pop() else { return Ok(()) };
        if self.open.len() >= FEW
            && let Some(markers) = self.encoder.markers.get().and_then(|markers| markers.cast::<Dict>())
        {
            dict_remove(markers, new_int_u64(word))?;
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
            self.out.put_all(b"[]");
            return Ok(());
        }
        self.enter(value)?;
        self.out.put(b'[');
        self.newline(level + 1);
        let mut index = 0;
        while let Some(item) = item_at(index) {
            if index > 0 {
                self.item_separator.push_to(&mut self.out);
                self.newline(level + 1);
            }
            if let Err(raised) = self.write(item, level + 1) {
                return Err(with_note(raised, &format!("when serializing {} item {index}", full_name(value))));
            }
            index += 1;
            poll()?;
        }
        self.leave()?;
        self.newline(level);
        self.out.put(b']');
        Ok(())
    }

    fn write_dict(&mut self, dict: Gc<Dict>, level: usize) -> R<()> {
        if dict.is_empty() && class_of(dict.value()) == objects::classes::dict() {
            self.out.put_all(b"{}");
            return Ok(());
        }
        self.enter(dict.value())?;
        let pairs = self.pairs(dict)?;
        self.out.put(b'{');
        let mut first = true;
        for (key, value) in &pairs {
            let start = self.out.len();
            if !first {
                self.item_separator.push_to(&mut self.out);
            }
            self.newline(level + 1);
            match key.cast::<Str>() {
                Some(text) => self.write_str(text)?,
                None => {
                    let literal_at = self.out.len();
                    if self.push_scalar(*key)? {
                        let literal = Str::new(&String::from_utf8_lossy(&self.out.split_off(literal_at)));
                        self.write_str(literal)?;
                    } else if self.encoder.skip_keys {
                        self.out.truncate(start);
                        continue;
                    } else {
                        return Err(type_error!(
                            "keys must be str, int, float, bool or None, not {}",
                            class_of(*key).name_text()
                        ));
                    }
                }
            }
            first = false;
            self.key_separator.push_to(&mut self.out);
            if let Err(raised) = self.write(*value, level + 1) {
                // The repr may fail and leave no exception set.
                let exception = raised.take();
                let key = objects::repr_lossy(*key);
                let raised = objects::error::restore(exception);
                return Err(with_note(raised, &format!("when serializing {} item {key}", full_name(dict.value()))));
            }
            poll()?;
        }
        self.leave()?;
        if !first {
            self.newline(level);
        }
        self.out.put(b'}');
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
