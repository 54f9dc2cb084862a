//! The functions of module `builtins`.

use crate::{build_class, import_};
use native_macros::native_module;
use objects::containers::quick_less;
use objects::exception as exc;
use objects::int::{IntView, int_view};
use objects::{
    Args, BinaryOp, Cast, CompareOp, Gc, R, Str, Value, binary_op, call, call_method, class_name, class_of, compare_bool,
    get_attr, get_attr_opt, interned, lookup_special, stop_iteration, type_error, value_error,
};

pub struct Builtins;

/// The built-in functions, types and exceptions under their own names.
///
/// No import is needed for them; the module serves where another object of the
/// same name hides one, as in a module with an open() of its own.
#[native_module(name = "builtins")]
impl Builtins {
    /// __build_class__(func, name, /, *bases, [metaclass], **kwds) -> class
    ///
    /// What a class statement calls to make its class.
    fn __build_class__(args: Args) -> R {
        build_class::build_class(args)
    }
    /// What the import statement calls to load a module.
    ///
    /// Programs should rather call importlib.import_module().
    #[sig("(name, globals=None, locals=None, fromlist=(), level=0)")]
    fn __import__(name: Value, globals: Option<Value>, _locals: Option<Value>, fromlist: Option<Value>, level: i64) -> R {
        let none = Value::none();
        import_::import_module_level(name, globals.unwrap_or(none), fromlist.unwrap_or(none), level)
    }
    /// The absolute value of a number.
    fn abs(x: Value) -> R {
        match class_of(x).slots.abs.get() {
            Some(function) => function(x),
            None => Err(type_error!("bad operand type for abs(): '{}'", class_name(x))),
        }
    }
    /// Whether every item of the iterable is true; True if there is none.
    fn all(iterable: Value) -> R<bool> {
        let items = objects::protocol::Items::of(iterable)?;
        while let Some(item) = items.next()? {
            if !objects::is_true(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// Whether some item of the iterable is true; False if there is none.
    fn any(iterable: Value) -> R<bool> {
        let items = objects::protocol::Items::of(iterable)?;
        while let Some(item) = items.next()? {
            if objects::is_true(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    /// repr(obj) with escapes for all that is not ASCII.
    #[sig("(obj, /)")]
    fn ascii(object: Value) -> R<Gc<Str>> {
        objects::protocol::ascii(object)
    }
    /// An integer in base 2, with the prefix 0b.
    #[sig("(number, /)")]
    fn bin(number: Value) -> R<Gc<Str>> {
        radix(number, 2, "0b")
    }
    /// An integer in base 8, with the prefix 0o.
    #[sig("(number, /)")]
    fn oct(number: Value) -> R<Gc<Str>> {
        radix(number, 8, "0o")
    }
    /// An integer in base 16, with the prefix 0x.
    #[sig("(number, /)")]
    fn hex(number: Value) -> R<Gc<Str>> {
        radix(number, 16, "0x")
    }
    /// Whether the object can be called.
    ///
    /// Functions and classes can, and instances of classes with a __call__() method.
    #[sig("(obj, /)")]
    fn callable(object: Value) -> bool {
        objects::is_callable(object)
    }
    /// The string of the one character with code point i; 0 <= i <= 0x10ffff.
    #[sig("(i, /)")]
    fn chr(code: Value) -> R<Gc<Str>> {
        let number = objects::index_object(code)?;
        match int_view(number).and_then(IntView::to_i64) {
            Some(code @ 0..=0x10ffff) => Ok(Str::from_char(code as u32)),
            _ => Err(value_error!("chr() arg not in range(0x110000)")),
        }
    }
    /// Return the Unicode code point for a one-character string.
    #[sig("(character, /)")]
    fn ord(character: Value) -> R<u32> {
        if let Some(text) = character.cast::<Str>() {
            if text.len() == 1 {
                return Ok(text.char_at(0));
            }
            return Err(type_error!("ord() expected a character, but string of length {} found", text.len()));
        }
        let size = if let Some(bytes) = character.cast::<objects::Bytes>() {
            if let [byte] = bytes.as_slice() {
                return Ok(*byte as u32);
            }
            bytes.len()
        } else if character.cast::<objects::bytearray::ByteArray>().is_some() {
            let data = objects::to_vec(character)?;
            if let [byte] = data.as_slice() {
                return Ok(byte.as_int() as u32);
            }
            data.len()
        } else {
            return Err(type_error!("ord() expected string of length 1, but {} found", class_name(character)));
        };
        Err(type_error!("ord() expected a character, but string of length {} found", size))
    }
    /// Compile source (a string, bytes or AST) for exec() or eval().
    ///
    /// filename appears in tracebacks. mode is 'exec' for a module, 'single' for an
    /// interactive statement, 'eval' for an expression. flags are future features
    /// and compiler options. The future statements in force where compile() is
    /// called count too, unless dont_inherit is true.
    #[sig("(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)")]
    fn compile(
        source: Value,
        filename: Value,
        mode: &str,
        flags: i32,
        dont_inherit: bool,
        optimize: i32,
        _feature_version: i32,
    ) -> R {
        let feature_version = u32::try_from(_feature_version).ok();
        crate::evaluation::compile(source, filename, mode, flags, dont_inherit, optimize, feature_version)
    }
    /// The value of an expression in the namespaces globals and locals.
    ///
    /// source is a string or a code object of compile(). globals is a dict, locals
    /// any mapping. They default to the namespaces of the caller, locals to globals
    /// if only that is given.
    #[sig("(source, /, globals=None, locals=None)")]
    fn eval(source: Value, globals: Option<Value>, locals: Option<Value>) -> R {
        crate::evaluation::eval(source, globals, locals)
    }
    /// Run source in the namespaces globals and locals.
    ///
    /// source is a string of statements or a code object of compile(). globals is a
    /// dict, locals any mapping. They default to the namespaces of the caller,
    /// locals to globals if only that is given. closure is a tuple of cells, one
    /// for each free variable of a code object.
    #[sig("(source, /, globals=None, locals=None, *, closure=None)")]
    fn exec(source: Value, globals: Option<Value>, locals: Option<Value>, closure: Option<Value>) -> R<()> {
        crate::evaluation::exec(source, globals, locals, closure)
    }
    /// The dictionary of the global variables of the module.
    ///
    /// It is the namespace itself: changing it changes the variables.
    fn globals() -> R {
        match objects::frame::current_globals() {
            Some(globals) => Ok(globals.value()),
            None => Ok(Value::none()),
        }
    }
    /// A dictionary of the local variables where it is called.
    ///
    /// In modules and classes it is the namespace itself, in functions a snapshot:
    /// changing it does not change the variables.
    fn locals() -> R {
        crate::evaluation::current_locals()
    }
    /// vars([object]) -> dictionary
    ///
    /// The __dict__ of the object, or without one what locals() gives.
    #[sig("(object=None, /)", hidden)]
    fn vars(object: Option<Value>) -> R {
        let Some(object) = object else { return crate::evaluation::current_locals() };
        match get_attr_opt(object, interned!("__dict__"))? {
            Some(dict) => Ok(dict),
            None => Err(type_error!("vars() argument must have __dict__ attribute")),
        }
    }
    /// dir([object]) -> list of strings
    ///
    /// The names of the attributes of an object, as far as they can be told, or
    /// without an argument those of the current scope; in alphabetical order.
    #[sig("(object=None, /)", hidden)]
    fn dir(object: Option<Value>) -> R {
        let names = match object {
            Some(object) => {
                let Some(method) = lookup_special(object, interned!("__dir__"))? else {
                    return Err(type_error!("object does not provide __dir__"));
                };
                method.call(&[])?
            }
            None => call_method(crate::evaluation::current_locals()?, interned!("keys"), &[])?,
        };
        let list = objects::list::list_from_iterable(names)?;
        objects::sort::list_sort(list, None, false)?;
        Ok(list.value())
    }
    /// The pair of quotient and remainder, (x//y, x%y).
    fn divmod(x: Value, y: Value) -> R {
        binary_op(BinaryOp::DivMod, x, y)
    }
    /// What type(value).__format__(value, format_spec) returns, a string.
    ///
    /// help('FORMATTING') describes the specifications of the built-in types. An
    /// empty one, the default, usually gives str(value).
    #[sig("(value, format_spec='', /)")]
    fn format(value: Value, format_spec: Option<Value>) -> R<Gc<Str>> {
        let spec = match format_spec {
            None => Str::empty(),
            Some(spec) => match spec.cast::<Str>() {
                Some(spec) => spec,
                None if spec.is_none() => return Err(type_error!("format() argument 2 must be str, not None")),
                None => return Err(type_error!("format() argument 2 must be str, not {}", class_name(spec))),
            },
        };
        objects::format(value, spec)
    }
    /// getattr(object, name[, default]) -> value
    ///
    /// The attribute of that name: getattr(x, 'y') is x.y. If there is none, the
    /// default is returned, or AttributeError raised if none is given.
    #[sig("(object, name, default=None, /)", hidden)]
    fn getattr(object: Value, name: Value, default: Option<Value>) -> R {
        let name = attribute_name(name)?;
        match default {
            None => get_attr(object, name),
            Some(default) => Ok(get_attr_opt(object, name)?.unwrap_or(default)),
        }
    }
    /// Whether getattr(obj, name) finds an attribute instead of raising
    /// AttributeError.
    #[sig("(obj, name, /)")]
    fn hasattr(object: Value, name: Value) -> R<bool> {
        Ok(get_attr_opt(object, attribute_name(name)?)?.is_some())
    }
    /// Set an attribute by its name.
    ///
    /// setattr(x, 'y', v) does ``x.y = v``
    #[sig("(obj, name, value, /)")]
    fn setattr(object: Value, name: Value, value: Value) -> R<()> {
        objects::set_attr(object, attribute_name(name)?, value)
    }
    /// Delete an attribute by its name.
    ///
    /// delattr(x, 'y') does ``del x.y``
    #[sig("(obj, name, /)")]
    fn delattr(object: Value, name: Value) -> R<()> {
        objects::del_attr(object, attribute_name(name)?)
    }
    /// The hash of an object, an int.
    ///
    /// Objects that are equal have the same hash, and others may have it too.
    #[sig("(obj, /)")]
    fn hash(object: Value) -> R<i64> {
        objects::hash(object)
    }
    /// An int that no other object has as long as this one exists.
    #[sig("(obj, /)")]
    fn id(object: Value) -> R {
        Ok(objects::new_int_u64(object.raw()))
    }
    /// Call sys.breakpointhook(*args, **kws), by default to start the debugger pdb.
    #[sig("(*args, **kws)")]
    fn breakpoint(args: Args) -> R {
        let hook =
            objects::system::sys_attr("breakpointhook").ok_or_else(|| objects::runtime_error!("lost sys.breakpointhook"))?;
        objects::audit::audit("builtins.breakpoint", &[hook])?;
        objects::call_args(hook, args)
    }
    /// Read a line from standard input and return it without its newline.
    ///
    /// The prompt, if given, is written to standard output first. Raises EOFError
    /// if there is no more input.
    #[sig("(prompt='', /)")]
    fn input(prompt: Option<Value>) -> R {
        crate::input::input(prompt)
    }
    /// Whether the class of an object is the given one or derived from it.
    ///
    /// A tuple or union of classes stands for any of them.
    #[sig("(obj, class_or_tuple, /)")]
    fn isinstance(object: Value, class_or_tuple: Value) -> R<bool> {
        objects::isinstance(object, class_or_tuple)
    }
    /// Whether cls is the given class or derived from it.
    ///
    /// A tuple or union of classes stands for any of them.
    #[sig("(cls, class_or_tuple, /)")]
    fn issubclass(class: Value, class_or_tuple: Value) -> R<bool> {
        objects::issubclass(class, class_or_tuple)
    }
    /// iter(iterable) -> iterator
    /// iter(callable, sentinel) -> iterator
    ///
    /// An iterator over the items of an iterable or sequence, or over what calls of
    /// the callable return until that equals the sentinel.
    #[sig("(object, sentinel=None, /)", hidden)]
    fn iter(object: Value, sentinel: Option<Value>) -> R {
        match sentinel {
            None => objects::iter(object),
            Some(sentinel) => {
                if !objects::is_callable(object) {
                    return Err(type_error!("iter(v, w): v must be callable"));
                }
                Ok(objects::seqiter::new_callable_iterator(object, sentinel))
            }
        }
    }
    /// next(iterator[, default])
    ///
    /// The next item of the iterator. If there is none, the default is returned, or
    /// StopIteration raised if none is given.
    #[sig("(iterator, default=None, /)", hidden)]
    fn next(iterator: Value, default: Option<Value>) -> R {
        let Some(function) = class_of(iterator).slots.next.get() else {
            return Err(type_error!("'{}' object is not an iterator", class_name(iterator)));
        };
        match (function(iterator), default) {
            (Ok(Some(item)), _) => Ok(item),
            (Ok(None), Some(default)) => Ok(default),
            (Ok(None), None) => Err(stop_iteration(None)),
            (Err(raised), Some(default)) if raised.is(&exc::STOP_ITERATION) => {
                raised.clear();
                Ok(default)
            }
            (Err(raised), _) => Err(raised),
        }
    }
    /// The asynchronous iterator of an asynchronous iterable.
    #[sig("(async_iterable, /)")]
    fn aiter(async_iterable: Value) -> R {
        let Some(function) = class_of(async_iterable).slots.aiter.get() else {
            return Err(type_error!("'{}' object is not an async iterable", class_name(async_iterable)));
        };
        let iterator = function(async_iterable)?;
        if class_of(iterator).slots.anext.get().is_none() {
            return Err(type_error!("aiter() returned not an async iterator of type '{}'", class_name(iterator)));
        }
        Ok(iterator)
    }
    /// An awaitable for the next item of the asynchronous iterator.
    ///
    /// If there is none, it gives the default, or raises StopAsyncIteration.
    #[sig("(async_iterator, default=None, /)", hidden)]
    fn anext(async_iterator: Value, default: Option<Value>) -> R {
        let Some(function) = class_of(async_iterator).slots.anext.get() else {
            return Err(type_error!("'{}' object is not an async iterator", class_name(async_iterator)));
        };
        let awaitable = function(async_iterator)?;
        match default {
            None => Ok(awaitable),
            Some(default) => crate::anext::with_default(awaitable, default),
        }
    }
    /// How many items a container has.
    #[sig("(obj, /)")]
    fn len(object: Value) -> R<usize> {
        objects::len(object)
    }
    /// max(iterable, *[, default=obj, key=func]) -> value
    /// max(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// The largest of the arguments, or of the items of a single iterable. If that
    /// is empty, the result is default, or ValueError is raised. key computes from
    /// an item what is compared.
    fn max(args: Args) -> R {
        extreme("max", CompareOp::Gt, args)
    }
    /// min(iterable, *[, default=obj, key=func]) -> value
    /// min(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// The smallest of the arguments, or of the items of a single iterable. If that
    /// is empty, the result is default, or ValueError is raised. key computes from
    /// an item what is compared.
    fn min(args: Args) -> R {
        extreme("min", CompareOp::Lt, args)
    }
    /// base to the power of exp or, if mod is given, its remainder modulo mod.
    ///
    /// Ints find the remainder without computing the whole power.
    #[sig("(base, exp, mod=None)")]
    fn pow(base: Value, exp: Value, modulus: Option<Value>) -> R {
        objects::power(base, exp, Some(modulus.unwrap_or(Value::none())))
    }
    /// Write the values to file, sys.stdout by default.
    ///
    /// sep goes between the values (a space by default), end after the last (a
    /// newline by default). If flush is true, the file is flushed.
    #[sig("(*args, sep=' ', end='\\n', file=None, flush=False)")]
    fn print(args: &[Value], sep: Option<Value>, end: Option<Value>, file: Option<Value>, flush: bool) -> R<()> {
        print(args, sep, end, file, flush)
    }
    /// The string that describes an object.
    ///
    /// It is often what eval() makes an equal object from, as for most built-in
    /// types.
    #[sig("(obj, /)")]
    fn repr(object: Value) -> R<Gc<Str>> {
        objects::repr(object)
    }
    /// A number rounded to ndigits decimal digits, which may be negative.
    ///
    /// Without ndigits, or with None, the result is an int, otherwise of the type
    /// of the number.
    #[sig("(number, ndigits=None)")]
    fn round(number: Value, ndigits: Option<Value>) -> R {
        let Some(method) = lookup_special(number, interned!("__round__"))? else {
            return Err(type_error!("type {} doesn't define __round__ method", class_name(number)));
        };
        match ndigits {
            Some(ndigits) if !ndigits.is_none() => method.call(&[ndigits]),
            _ => method.call(&[]),
        }
    }
    /// A new list of the items of the iterable, in ascending order.
    ///
    /// key computes from an item what is compared; reverse=True gives descending
    /// order.
    #[sig("(iterable, /, *, key=None, reverse=False)")]
    fn sorted(iterable: Value, key: Option<Value>, reverse: bool) -> R {
        let list = objects::list::list_from_iterable(iterable)?;
        objects::sort::list_sort(list, key.filter(|key| !key.is_none()), reverse)?;
        Ok(list.value())
    }
    /// The sum of start (0 by default) and the numbers of an iterable.
    ///
    /// Not for strings, which ''.join() puts together.
    #[sig("(iterable, /, start=0)")]
    fn sum(iterable: Value, start: Option<Value>) -> R {
        crate::sum::sum(iterable, start.unwrap_or(Value::small(0)))
    }
}

fn attribute_name(name: Value) -> R<Gc<Str>> {
    objects::lookup::attribute_name(name)
}

fn radix(number: Value, base: u32, prefix: &str) -> R<Gc<Str>> {
    let number = objects::index_object(number)?;
    let Some(view) = int_view(number) else { return Err(type_error!("an integer is required")) };
    let IntView::Small(small) = view else {
        // A copy, its digits, and the text.
        let limbs = if let IntView::Big { limbs, .. } = view { limbs.len() } else { 1 };
        base::memory::expect_room(limbs.saturating_mul(8 + 3 * 64 / base.trailing_zeros() as usize));
        let digits = base::int::to_radix(&view.to_ibig(), base);
        return Ok(Str::new(&format!("{}{prefix}{digits}", if view.is_negative() { "-" } else { "" })));
    };
    // Sign, prefix, 64 binary digits.
    let mut text = [0; 67];
    let mut at = text.len();
    let (mut rest, bits) = (small.unsigned_abs(), base.trailing_zeros());
    loop {
        at -= 1;
        text[at] = b"0123456789abcdef"[(rest & (base as u64 - 1)) as usize];
        rest >>= bits;
        if rest == 0 {
            break;
        }
    }
    at -= prefix.len();
    text[at..at + prefix.len()].copy_from_slice(prefix.as_bytes());
    if small < 0 {
        at -= 1;
        text[at] = b'-';
    }
    Ok(Str::of_ascii(&text[at..]))
}

/// The least or greatest of several plain ints.
fn extreme_int(op: CompareOp, items: &[Value]) -> Option<Value> {
    let mut best = items.first().filter(|item| item.is_int())?.as_int();
    for item in items {
        if !item.is_int() {
            return None;
        }
        let number = item.as_int();
        best = if op == CompareOp::Lt { best.min(number) } else { best.max(number) };
    }
    Value::try_int(best)
}

fn extreme(name: &str, op: CompareOp, args: Args) -> R {
    if !args.has_keywords() {
        let found = match args.positional() {
            // No Python code runs here, so with one thread the list stays as it is.
            [one] if !heap::is_multithreaded() => {
                one.cast_exact::<objects::List>().and_then(|list| extreme_int(op, list.values()))
            }
            [_] => None,
            several => extreme_int(op, several),
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    let (mut key, mut default) = (None, None);
    for (keyword, value) in args.keywords() {
        let text = keyword.cast::<Str>().map(|keyword| keyword.to_string_lossy()).unwrap_or_default();
        match text.as_str() {
            "key" => key = Some(value).filter(|key| !key.is_none()),
            "default" => default = Some(value),
            _ => return Err(type_error!("{name}() got an unexpected keyword argument '{text}'")),
        }
    }
    let given = args.positional();
    if given.is_empty() {
        return Err(type_error!("{name} expected at least 1 argument, got 0"));
    }
    if given.len() > 1 && default.is_some() {
        return Err(type_error!("Cannot specify a default for {name}() with multiple positional arguments"));
    }
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> R<()> {
        let rank = match key {
            Some(key) => call(key, &[item])?,
            None => item,
        };
        let better = |best: Value| {
            let (less, more) = if op == CompareOp::Lt { (rank, best) } else { (best, rank) };
            quick_less(less, more).map_or_else(|| compare_bool(op, rank, best), Ok)
        };
        match best {
            Some((_, best_rank)) if !better(best_rank)? => {}
            _ => best = Some((item, rank)),
        }
        Ok(())
    };
    if given.len() > 1 {
        for item in given {
            consider(*item)?;
        }
    } else {
        objects::iterate(given[0], consider)?;
    }
    match best.map(|(item, _)| item).or(default) {
        Some(item) => Ok(item),
        None => Err(value_error!("{name}() iterable argument is empty")),
    }
}

/// `None` means the default text; anything else must be a string.
fn print_text(what: &str, value: Option<Value>) -> R<Option<Value>> {
    match value {
        None => Ok(None),
        Some(value) if value.is_none() => Ok(None),
        Some(value) if value.cast::<Str>().is_some() => Ok(Some(value)),
        Some(value) => Err(type_error!("{} must be None or a string, not {}", what, class_name(value))),
    }
}

fn print(args: &[Value], sep: Option<Value>, end: Option<Value>, file: Option<Value>, flush: bool) -> R<()> {
    let file = match file.filter(|file| !file.is_none()) {
        Some(file) => file,
        None => match objects::system::sys_attr("stdout") {
            Some(stdout) if stdout.is_none() => return Ok(()),
            Some(stdout) => stdout,
            None => return Err(objects::runtime_error!("lost sys.stdout")),
        },
    };
    let (sep, end) = (print_text("sep", sep)?, print_text("end", end)?);
    let write = get_attr(file, interned!("write"))?;
    for (index, item) in args.iter().enumerate() {
        if index > 0 {
            call(write, &[sep.unwrap_or_else(|| Str::from_char(' ' as u32).value())])?;
        }
        let text = objects::str_of(*item)?;
        call(write, &[text.value()])?;
    }
    call(write, &[end.unwrap_or_else(|| Str::from_char('\n' as u32).value())])?;
    if flush {
        call_method(file, interned!("flush"), &[])?;
    }
    Ok(())
}
