//! `%` formatting of str, bytes and bytearray: fetching the operands and converting them. The grammar is in `base::percent_format`.
//! Bytes go through the same builder as text: one unit each.

use crate::sink::Sink;
use base::format_spec::IntRef;
use base::percent_format::{self, Amount, Conversion, Parser, Piece, Points, Resolved};
use base::quick_format;
use base::text::{Text, Unit};
use base::with_units;
use objects::buffer::{Buf, has_buffer};
use objects::bytearray::{self, ByteArray};
use objects::class::class_full_name;
use objects::error::{R, Raised, overflow_error, raise_fault, type_error};
use objects::format::with_decimal;
use objects::int::{IntView, int_view, max_str_digits};
use objects::{
    Bytes, Cast, Gc, Str, Tuple, Value, as_f64, ascii, class_name, class_of, exc, get_item, interned, lookup_special, repr,
    str_of,
};

/// The operands: one value, or the items of a tuple, or (with keys) a mapping.
struct Operands {
    args: Value,
    tuple: Option<Gc<Tuple>>,
    next: usize,
    mapping: bool,
    /// What a key has found, for the conversion at hand.
    keyed: Option<Value>,
}

impl Operands {
    fn new(args: Value, bytes: bool) -> Operands {
        let tuple = args.cast::<Tuple>();
        let text =
            args.cast::<Str>().is_some() || bytes && (args.cast::<Bytes>().is_some() || args.cast::<ByteArray>().is_some());
        let mapping = tuple.is_none() && !text && class_of(args).slots.getitem.get().is_some();
        Operands { args, tuple, next: 0, mapping, keyed: None }
    }
    fn take(&mut self) -> R {
        if let Some(value) = self.keyed.take() {
            return Ok(value);
        }
        let found = match self.tuple {
            Some(tuple) => tuple.get(self.next),
            None if self.next == 0 => Some(self.args),
            None => None,
        };
        self.next += 1;
        found.ok_or_else(|| type_error!("not enough arguments for format string"))
    }
    /// What `take` gives next, unless a key has found something.
    fn peek(&self) -> Option<Value> {
        match self.tuple {
            _ if self.keyed.is_some() => None,
            Some(tuple) => tuple.get(self.next),
            None => (self.next == 0).then_some(self.args),
        }
    }
    fn finish(&self, kind: &str) -> R<()> {
        let count = self.tuple.map_or(1, |tuple| tuple.len());
        if !self.mapping && self.next < count {
            return Err(type_error!("not all arguments converted during {kind} formatting"));
        }
        Ok(())
    }
}

/// `format % args` of text.
pub fn format(format: Gc<Str>, args: Value) -> R<Gc<Str>> {
    if format.raw_bytes() == b"%s"
        && let [value] = args.cast_exact::<Tuple>().map_or(std::slice::from_ref(&args), |tuple| tuple.items())
        && let Some(text) = value.cast_exact::<Str>()
    {
        return Ok(text);
    }
    let mut out = Sink::new();
    let is_literal = with_units!(format.text(), units => run(units, Operands::new(args, false), false, &mut out))?;
    // A text without conversions comes back as it is, its class included; what is empty is a plain str.
    if is_literal && !format.is_empty() { Ok(format) } else { out.finish() }
}

/// `format % args` of bytes.
pub fn format_bytes(format: &[u8], args: Value) -> R<Vec<u8>> {
    let mut out = Sink::new();
    run(format, Operands::new(args, true), true, &mut out)?;
    out.finish_bytes().ok_or_else(|| overflow_error!("%c arg not in range(256)"))
}

/// Whether there were no conversions.
fn run<U: Unit>(units: &[U], mut operands: Operands, bytes: bool, out: &mut Sink) -> R<bool>
where
    [U]: Points,
{
    let text = U::text(units);
    let mut at = 0;
    while let Some(literal) = units[at..].iter().position(|&unit| unit.into() == u32::from(b'%')) {
        out.push_text(text.slice(at..at + literal));
        at += literal;
        let kind = units.get(at + 1).and_then(|&unit| u8::try_from(unit.into()).ok()).unwrap_or(0);
        match kind {
            b'%' => out.push_units(b"%"),
            b's' | b'r' if !bytes => put_plain(operands.take()?, kind, out)?,
            b'c' if !bytes => match char_operand(operands.take()?)? {
                code @ 0..=0xff => out.push_units(&[code as u8]),
                code => out.push_text(Text::Four(&[code])),
            },
            b's' | b'b' if bytes => out.push_units(&bytes_of(operands.take()?)?),
            b'd' if operands.peek().is_some_and(Value::is_int) => {
                let number = operands.take()?.as_int();
                with_decimal(number, |digits| out.push_units(digits));
            }
            _ => {
                let mut parser = Parser::at(units, at);
                if parser.at_key() && !operands.mapping {
                    return Err(type_error!("format requires a mapping"));
                }
                if let Some(piece) = parser.next()
                    && let Piece::Conversion(conversion) = piece.map_err(raise_fault)?
                {
                    if let Some(range) = conversion.key.clone() {
                        let key = match text.slice(range) {
                            Text::One(key) if bytes => objects::new_bytes(key),
                            key => Str::from_text(key)?.value(),
                        };
                        operands.keyed = Some(get_item(operands.args, key)?);
                        operands.next = operands.next.max(1);
                    }
                    convert(&conversion, &mut operands, bytes, out)?;
                }
                at = parser.position();
                continue;
            }
        }
        at += 2;
    }
    out.push_text(text.slice(at..units.len()));
    operands.finish(if bytes { "bytes" } else { "string" })?;
    Ok(at == 0)
}

/// `%s` or `%r` without width and precision.
#[inline]
fn put_plain(value: Value, kind: u8, out: &mut Sink) -> R<()> {
    if value.is_int() {
        with_decimal(value.as_int(), |digits| out.push_units(digits));
    } else if value.is_float() {
        base::float::with_repr(value.as_float(), |text| out.push_units(text.as_bytes()));
    } else {
        out.push_text(if kind == b's' { str_of(value)? } else { repr(value)? }.text());
    }
    Ok(())
}

/// The operand of a `*`.
fn star(amount: Amount, operands: &mut Operands, precision: bool) -> R<Option<i64>> {
    if amount != Amount::Star {
        return Ok(None);
    }
    let value = operands.take()?;
    let Some(view) = int_view(value) else { return Err(type_error!("* wants int")) };
    let number = view.to_i64();
    if precision {
        return match number.and_then(|number| i32::try_from(number).ok()) {
            Some(number) => Ok(Some(number as i64)),
            None => Err(overflow_error!("Python int too large to convert to C int")),
        };
    }
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
    }
}

fn convert(conversion: &Conversion, operands: &mut Operands, bytes: bool, out: &mut Sink) -> R<()> {
    let width = star(conversion.width, operands, false)?;
    let precision = star(conversion.precision, operands, true)?;
    let resolved = percent_format::resolve(conversion, width, precision);
    let value = operands.take()?;
    let plain = resolved.width == 0 && resolved.precision.is_none();
    let kind = char::from_u32(conversion.kind).unwrap_or('\0');
    match kind {
        's' | 'b' if bytes => {
            let data = bytes_of(value)?;
            put_text(Text::One(&data), &resolved, out)
        }
        's' => put_text(str_of(value)?.text(), &resolved, out),
        'r' if !bytes => put_text(repr(value)?.text(), &resolved, out),
        'a' | 'r' => put_text(ascii(value)?.text(), &resolved, out),
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
            if plain && value.is_int() && matches!(kind, 'd' | 'i' | 'u') && !conversion.plus && !conversion.space {
                with_decimal(value.as_int(), |digits| out.push_units(digits));
                return Ok(());
            }
            if value.is_int()
                && let Some(done) = percent_format::as_quick(conversion, &resolved)
                    .and_then(|quick| quick_format::int(value.as_int(), &quick, |text| out.push_units(text)))
            {
                return Ok(done);
            }
            let number = whole_number(value, kind)?;
            let view = int_view(number).unwrap_or(IntView::Small(0));
            let big;
            let number = match view {
                IntView::Small(number) => IntRef::Small(number),
                view => {
                    big = view.to_ibig();
                    IntRef::Big(&big)
                }
            };
            reserve(&resolved, out)?;
            let text = percent_format::format_int(number, conversion, &resolved, max_str_digits()).map_err(raise_fault)?;
            out.push_units(text.as_bytes());
            Ok(())
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let number = match as_f64(value) {
                Ok(number) => number,
                Err(raised) if bytes && raised.is(&exc::TYPE_ERROR) => {
                    raised.clear();
                    return Err(type_error!("float argument required, not {}", class_name(value)));
                }
                Err(raised) => return Err(raised),
            };
            if let Some(done) = percent_format::as_quick(conversion, &resolved)
                .and_then(|quick| quick_format::float(number, &quick, |text| out.push_units(text)))
            {
                return Ok(done);
            }
            reserve(&resolved, out)?;
            out.push_units(percent_format::format_f64(number, conversion, &resolved).map_err(raise_fault)?.as_bytes());
            Ok(())
        }
        'c' => {
            let code = if bytes { byte_operand(value)? } else { char_operand(value)? };
            let resolved = Resolved { precision: None, ..resolved };
            put_text(Text::Four(&[code]), &resolved, out)
        }
        _ => Err(raise_fault(conversion.unsupported())),
    }
}

/// Room for the width, or MemoryError.
fn reserve(resolved: &Resolved, out: &mut Sink) -> R<()> {
    let wanted = resolved.width.max(resolved.precision.unwrap_or(0));
    if wanted > 1 << 40 || wanted > 4096 && out.builder().try_reserve(wanted).is_err() {
        return Err(objects::memory_error());
    }
    Ok(())
}

fn put_text(text: Text, resolved: &Resolved, out: &mut Sink) -> R<()> {
    let text = match resolved.precision {
        Some(precision) if precision < text.len() => text.slice(0..precision),
        _ => text,
    };
    if resolved.width <= text.len() {
        out.push_text(text);
        return Ok(());
    }
    reserve(&Resolved { precision: None, ..*resolved }, out)?;
    let (left, right) = percent_format::text_padding(resolved, text.len());
    out.push_repeated(b' ', left);
    out.push_text(text);
    out.push_repeated(b' ', right);
    Ok(())
}

/// The int that an integer conversion shows.
fn whole_number(value: Value, kind: char) -> R {
    if int_view(value).is_some() {
        return Ok(value);
    }
    let slots = &class_of(value).slots;
    let refuse = |what: &str| type_error!("%{kind} format: {what} is required, not {}", class_name(value));
    if matches!(kind, 'o' | 'x' | 'X') {
        if slots.index.get().is_none() {
            return Err(refuse("an integer"));
        }
        return match objects::index_object(value) {
            Err(raised) if raised.is(&exc::TYPE_ERROR) => {
                raised.clear();
                Err(refuse("an integer"))
            }
            result => result,
        };
    }
    let result = if let Some(number) = objects::float_value(value) {
        if number.is_nan() {
            return Err(objects::value_error!("cannot convert float NaN to integer"));
        }
        if number.is_infinite() {
            return Err(overflow_error!("cannot convert float infinity to integer"));
        }
        Ok(objects::int::int_from_f64(number))
    } else if let Some(function) = slots.int.get() {
        function(value)
    } else if slots.index.get().is_some() {
        objects::index_object(value)
    } else {
        return Err(refuse("a real number"));
    };
    match result {
        Ok(number) if int_view(number).is_some() => Ok(number),
        Ok(_) => Err(refuse("a real number")),
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            Err(refuse("a real number"))
        }
        Err(raised) => Err(raised),
    }
}

fn char_operand(value: Value) -> R<u32> {
    if let Some(text) = value.cast::<Str>() {
        if text.len() == 1 {
            return Ok(text.char_at(0));
        }
        return Err(type_error!("%c requires an int or a unicode character, not a string of length {}", text.len()));
    }
    let number = match objects::index_object(value) {
        Ok(number) => number,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Err(type_error!("%c requires an int or a unicode character, not {}", class_full_name(class_of(value))));
        }
        Err(raised) => return Err(raised),
    };
    match int_view(number).and_then(IntView::to_i64) {
        Some(code) if (0..0x11_0000).contains(&code) => Ok(code as u32),
        _ => Err(overflow_error!("%c arg not in range(0x110000)")),
    }
}

fn byte_operand(value: Value) -> R<u32> {
    let single = |data: &[u8], what: &str| match data {
        [byte] => Ok(*byte as u32),
        data => Err(type_error!(
            "%c requires an integer in range(256) or a single byte, not a {what} object of length {}",
            data.len()
        )),
    };
    if let Some(bytes) = value.cast::<Bytes>() {
        return single(bytes.as_slice(), "bytes");
    }
    if let Some(array) = value.cast::<ByteArray>() {
        return single(bytearray::snapshot(array), "bytearray");
    }
    let number = match objects::index_object(value) {
        Ok(number) => number,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Err(type_error!(
                "%c requires an integer in range(256) or a single byte, not {}",
                class_full_name(class_of(value))
            ));
        }
        Err(raised) => return Err(raised),
    };
    match int_view(number).and_then(IntView::to_i64) {
        Some(code) if (0..256).contains(&code) => Ok(code as u32),
        _ => Err(overflow_error!("%c arg not in range(256)")),
    }
}

/// What `%b` puts in.
enum Data {
    Buf(Buf),
    Bytes(Gc<Bytes>),
}
impl std::ops::Deref for Data {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Data::Buf(buffer) => buffer,
            Data::Bytes(bytes) => bytes.as_slice(),
        }
    }
}

fn bytes_of(value: Value) -> R<Data> {
    if let Some(bytes) = value.cast_exact::<Bytes>() {
        return Ok(Data::Bytes(bytes));
    }
    if value.cast_exact::<ByteArray>().is_some() {
        return Buf::new(value).map(Data::Buf);
    }
    if let Some(method) = lookup_special(value, interned!("__bytes__"))? {
        let result = method.call(&[])?;
        return match result.cast::<Bytes>() {
            Some(bytes) => Ok(Data::Bytes(bytes)),
            None => Err(type_error!("__bytes__ returned non-bytes (type {})", class_name(result))),
        };
    }
    if has_buffer(value) {
        return Buf::new(value).map(Data::Buf);
    }
    Err(refused_bytes(value))
}

#[cold]
fn refused_bytes(value: Value) -> Raised {
    type_error!("%b requires a bytes-like object, or an object that implements __bytes__, not '{}'", class_name(value))
}
