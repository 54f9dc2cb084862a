//! The functions of module `builtins`.

use crate::{build_class, import_};
use native_macros::native_module;
use objects::exception as exc;
use objects::int::{IntView, int_view};
use objects::{
    Args, BinaryOp, Cast, CompareOp, Gc, R, Str, Value, binary_op, call, call_method, class_name, class_of, compare_bool,
    get_attr, get_attr_opt, interned, lookup_special, overflow_error, stop_iteration, type_error, value_error,
};

pub struct Builtins;

/// Built-in functions, types, exceptions, and other objects.
///
/// This module provides direct access to all 'built-in'
/// identifiers of Python; for example, builtins.len is
/// the full name for the built-in function len().
///
/// This module is not normally accessed explicitly by most
/// applications, but can be useful in modules that provide
/// objects with the same name as a builtin and need the
/// builtin of that name.
#[native_module(name = "builtins")]
impl Builtins {
    /// __build_class__(func, name, /, *bases, [metaclass], **kwds) -> class
    ///
    /// Internal helper function used by the class statement.
    fn __build_class__(args: Args) -> R {
        build_class::build_class(args)
    }
    /// Import a module.
    ///
    /// Because this function is meant for use by the Python
    /// interpreter and not for general use, it is better to use
    /// importlib.import_module() to programmatically import a module.
    #[sig("(name, globals=None, locals=None, fromlist=(), level=0)")]
    fn __import__(name: Value, globals: Option<Value>, _locals: Option<Value>, fromlist: Option<Value>, level: i64) -> R {
        let none = Value::none();
        import_::import_module_level(name, globals.unwrap_or(none), fromlist.unwrap_or(none), level)
    }
    /// Return the absolute value of the argument.
    fn abs(number: Value) -> R {
        match class_of(number).slots.abs.get() {
            Some(function) => function(number),
            None => Err(type_error!("bad operand type for abs(): '{}'", class_name(number))),
        }
    }
    /// Return True if bool(x) is True for all values x in the iterable.
    ///
    /// If the iterable is empty, return True.
    fn all(iterable: Value) -> R<bool> {
        let iterator = objects::iter(iterable)?;
        while let Some(item) = objects::next(iterator)? {
            if !objects::is_true(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// Return True if bool(x) is True for any x in the iterable.
    ///
    /// If the iterable is empty, return False.
    fn any(iterable: Value) -> R<bool> {
        let iterator = objects::iter(iterable)?;
        while let Some(item) = objects::next(iterator)? {
            if objects::is_true(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    /// Return an ASCII-only representation of an object.
    #[sig("(obj, /)")]
    fn ascii(object: Value) -> R<Gc<Str>> {
        objects::protocol::ascii(object)
    }
    /// Return the binary representation of an integer.
    #[sig("(number, /)")]
    fn bin(number: Value) -> R<String> {
        radix(number, 2, "0b")
    }
    /// Return the octal representation of an integer.
    #[sig("(number, /)")]
    fn oct(number: Value) -> R<String> {
        radix(number, 8, "0o")
    }
    /// Return the hexadecimal representation of an integer.
    #[sig("(number, /)")]
    fn hex(number: Value) -> R<String> {
        radix(number, 16, "0x")
    }
    /// Return whether the object is callable (i.e., some kind of function).
    ///
    /// Note that classes are callable, as are instances of classes with a
    /// __call__() method.
    #[sig("(obj, /)")]
    fn callable(object: Value) -> bool {
        objects::is_callable(object)
    }
    /// Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.
    #[sig("(i, /)")]
    fn chr(code: Value) -> R<Gc<Str>> {
        let number = objects::index_object(code)?;
        match int_view(number).and_then(IntView::to_i64) {
            Some(code @ 0..=0x10ffff) => Ok(Str::from_char(code as u32)),
            Some(_) => Err(value_error!("chr() arg not in range(0x110000)")),
            None => Err(overflow_error!("Python int too large to convert to C int")),
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
    /// Compile source into a code object that can be executed by exec() or eval().
    ///
    /// The source code may represent a Python module, statement or expression.
    /// The filename will be used for run-time error messages.
    /// The mode must be 'exec' to compile a module, 'single' to compile a
    /// single (interactive) statement, or 'eval' to compile an expression.
    /// The flags argument, if present, controls which future statements influence
    /// the compilation of the code.
    /// The dont_inherit argument, if true, stops the compilation inheriting
    /// the effects of any future statements in effect in the code calling
    /// compile; if absent or false these statements do influence the compilation,
    /// in addition to any features explicitly specified.
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
        crate::evaluation::compile(source, filename, mode, flags, dont_inherit, optimize)
    }
    /// Evaluate the given source in the context of globals and locals.
    ///
    /// The source may be a string representing a Python expression
    /// or a code object as returned by compile().
    /// The globals must be a dictionary and locals can be any mapping,
    /// defaulting to the current globals and locals.
    /// If only globals is given, locals defaults to it.
    #[sig("(source, /, globals=None, locals=None)")]
    fn eval(source: Value, globals: Option<Value>, locals: Option<Value>) -> R {
        crate::evaluation::eval(source, globals, locals)
    }
    /// Execute the given source in the context of globals and locals.
    ///
    /// The source may be a string representing one or more Python statements
    /// or a code object as returned by compile().
    /// The globals must be a dictionary and locals can be any mapping,
    /// defaulting to the current globals and locals.
    /// If only globals is given, locals defaults to it.
    /// The closure must be a tuple of cellvars, and can only be used
    /// when source is a code object requiring exactly that many cellvars.
    #[sig("(source, /, globals=None, locals=None, *, closure=None)")]
    fn exec(source: Value, globals: Option<Value>, locals: Option<Value>, closure: Option<Value>) -> R<()> {
        crate::evaluation::exec(source, globals, locals, closure)
    }
    /// Return the dictionary containing the current scope's global variables.
    ///
    /// NOTE: Updates to this dictionary *will* affect name lookups in the current
    /// global scope and vice-versa.
    fn globals() -> R {
        match objects::frame::current_globals() {
            Some(globals) => Ok(globals.value()),
            None => Ok(Value::none()),
        }
    }
    /// Return a dictionary containing the current scope's local variables.
    ///
    /// NOTE: Whether or not updates to this dictionary will affect name lookups in
    /// the local scope and vice-versa is *implementation dependent* and not
    /// covered by any backwards compatibility guarantees.
    fn locals() -> R {
        crate::evaluation::current_locals()
    }
    /// vars([object]) -> dictionary
    ///
    /// Without arguments, equivalent to locals().
    /// With an argument, equivalent to object.__dict__.
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
    /// If called without an argument, return the names in the current scope.
    /// Else, return an alphabetized list of names comprising (some of) the attributes
    /// of the given object, and of attributes reachable from it.
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
    /// Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.
    fn divmod(x: Value, y: Value) -> R {
        binary_op(BinaryOp::DivMod, x, y)
    }
    /// Return type(value).__format__(value, format_spec).
    ///
    /// Many built-in types implement format_spec according to the
    /// Format Specification Mini-language. See help('FORMATTING') for
    /// details.
    ///
    /// If type(value) does not supply a method named __format__
    /// and format_spec is empty, then str(value) is returned.
    #[sig("(value, format_spec='', /)")]
    fn format(value: Value, format_spec: Option<Value>) -> R<Gc<Str>> {
        let spec = match format_spec {
            None => Str::empty(),
            Some(spec) => match spec.cast::<Str>() {
                Some(spec) => spec,
                None => return Err(type_error!("format() argument 2 must be str, not {}", class_name(spec))),
            },
        };
        objects::format(value, spec)
    }
    /// getattr(object, name[, default]) -> value
    ///
    /// Get a named attribute from an object; getattr(x, 'y') is equivalent to x.y.
    /// When a default argument is given, it is returned when the attribute doesn't
    /// exist; without it, an exception is raised in that case.
    #[sig("(object, name, default=None, /)", hidden)]
    fn getattr(object: Value, name: Value, default: Option<Value>) -> R {
        let name = attribute_name(name)?;
        match default {
            None => get_attr(object, name),
            Some(default) => Ok(get_attr_opt(object, name)?.unwrap_or(default)),
        }
    }
    /// Return whether the object has an attribute with the given name.
    ///
    /// This is done by calling getattr(obj, name) and catching AttributeError.
    #[sig("(obj, name, /)")]
    fn hasattr(object: Value, name: Value) -> R<bool> {
        Ok(get_attr_opt(object, attribute_name(name)?)?.is_some())
    }
    /// Sets the named attribute on the given object to the specified value.
    ///
    /// setattr(x, 'y', v) is equivalent to ``x.y = v``
    #[sig("(obj, name, value, /)")]
    fn setattr(object: Value, name: Value, value: Value) -> R<()> {
        objects::set_attr(object, attribute_name(name)?, value)
    }
    /// Deletes the named attribute from the given object.
    ///
    /// delattr(x, 'y') is equivalent to ``del x.y``
    #[sig("(obj, name, /)")]
    fn delattr(object: Value, name: Value) -> R<()> {
        objects::del_attr(object, attribute_name(name)?)
    }
    /// Return the hash value for the given object.
    ///
    /// Two objects that compare equal must also have the same hash value, but the
    /// reverse is not necessarily true.
    #[sig("(obj, /)")]
    fn hash(object: Value) -> R<i64> {
        objects::hash(object)
    }
    /// Return the identity of an object.
    ///
    /// This is guaranteed to be unique among simultaneously existing objects.
    #[sig("(obj, /)")]
    fn id(object: Value) -> R {
        Ok(objects::new_int_u64(object.raw()))
    }
    /// Call sys.breakpointhook(*args, **kws).
    ///
    /// sys.breakpointhook() must accept whatever arguments are passed.
    ///
    /// By default, this drops you into the pdb debugger.
    #[sig("(*args, **kws)")]
    fn breakpoint(args: Args) -> R {
        let hook =
            objects::system::sys_attr("breakpointhook").ok_or_else(|| objects::runtime_error!("lost sys.breakpointhook"))?;
        objects::audit::audit("builtins.breakpoint", &[hook])?;
        objects::call_args(hook, args)
    }
    /// Read a string from standard input.  The trailing newline is stripped.
    ///
    /// The prompt string, if given, is printed to standard output without a
    /// trailing newline before reading input.
    ///
    /// If the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.
    /// On *nix systems, readline is used if available.
    #[sig("(prompt='', /)")]
    fn input(prompt: Option<Value>) -> R {
        crate::input::input(prompt)
    }
    /// Return whether an object is an instance of a class or of a subclass thereof.
    ///
    /// A tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to
    /// check against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)
    /// or ...`` etc.
    #[sig("(obj, class_or_tuple, /)")]
    fn isinstance(object: Value, class_or_tuple: Value) -> R<bool> {
        objects::isinstance(object, class_or_tuple)
    }
    /// Return whether 'cls' is derived from another class or is the same class.
    ///
    /// A tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to
    /// check against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)
    /// or ...``.
    #[sig("(cls, class_or_tuple, /)")]
    fn issubclass(class: Value, class_or_tuple: Value) -> R<bool> {
        objects::issubclass(class, class_or_tuple)
    }
    /// iter(iterable) -> iterator
    /// iter(callable, sentinel) -> iterator
    ///
    /// Get an iterator from an object.
    /// In the first form, the argument must supply its own iterator, or be a sequence.
    /// In the second form, the callable is called until it returns the sentinel.
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
    /// Return the next item from the iterator. If default is given and the iterator
    /// is exhausted, it is returned instead of raising StopIteration.
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
    /// Return an AsyncIterator for an AsyncIterable object.
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
    /// Return the next item from the async iterator.
    ///
    /// If default is given and the async iterator is exhausted,
    /// it is returned instead of raising StopAsyncIteration.
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
    /// Return the number of items in a container.
    #[sig("(obj, /)")]
    fn len(object: Value) -> R<usize> {
        objects::len(object)
    }
    /// max(iterable, *[, default=obj, key=func]) -> value
    /// max(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its biggest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more positional arguments, return the largest argument.
    fn max(args: Args) -> R {
        extreme("max", CompareOp::Gt, args)
    }
    /// min(iterable, *[, default=obj, key=func]) -> value
    /// min(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its smallest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more positional arguments, return the smallest argument.
    fn min(args: Args) -> R {
        extreme("min", CompareOp::Lt, args)
    }
    /// Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.
    ///
    /// Some types, such as ints, are able to use a more efficient algorithm when
    /// invoked using the three argument form.
    #[sig("(base, exp, mod=None)")]
    fn pow(base: Value, exp: Value, modulus: Option<Value>) -> R {
        objects::power(base, exp, Some(modulus.unwrap_or(Value::none())))
    }
    /// Prints the values to a stream, or to sys.stdout by default.
    ///
    ///   sep
    ///     string inserted between values, default a space.
    ///   end
    ///     string appended after the last value, default a newline.
    ///   file
    ///     a file-like object (stream); defaults to the current sys.stdout.
    ///   flush
    ///     whether to forcibly flush the stream.
    #[sig("(*args, sep=' ', end='\\n', file=None, flush=False)")]
    fn print(args: &[Value], sep: Option<Value>, end: Option<Value>, file: Option<Value>, flush: bool) -> R<()> {
        print(args, sep, end, file, flush)
    }
    /// Return the canonical string representation of the object.
    ///
    /// For many object types, including most builtins, eval() will return
    /// a string that can be used to recreate the original object.
    #[sig("(obj, /)")]
    fn repr(object: Value) -> R<Gc<Str>> {
        objects::repr(object)
    }
    /// Round a number to a given precision in decimal digits.
    ///
    /// The return value is an integer if ndigits is omitted or None.  Otherwise
    /// the return value has the same type as the number.  ndigits may be negative.
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
    /// Return a new list containing all items from the iterable in ascending order.
    ///
    /// A custom key function can be supplied to customize the sort order, and the
    /// reverse flag can be set to request the result in descending order.
    #[sig("(iterable, /, *, key=None, reverse=False)")]
    fn sorted(iterable: Value, key: Option<Value>, reverse: bool) -> R {
        let list = objects::list::list_from_iterable(iterable)?;
        objects::sort::list_sort(list, key.filter(|key| !key.is_none()), reverse)?;
        Ok(list.value())
    }
    /// Return the sum of a 'start' value (default: 0) plus an iterable of numbers
    ///
    /// When the iterable is empty, return the start value.
    /// This function is intended specifically for use with numeric values and may
    /// reject non-numeric types.
    #[sig("(iterable, /, start=0)")]
    fn sum(iterable: Value, start: Option<Value>) -> R {
        crate::sum::sum(iterable, start.unwrap_or(Value::small(0)))
    }
}

fn attribute_name(name: Value) -> R<Gc<Str>> {
    objects::lookup::attribute_name(name)
}

fn radix(number: Value, base: u32, prefix: &str) -> R<String> {
    let number = objects::index_object(number)?;
    let Some(view) = int_view(number) else { return Err(type_error!("an integer is required")) };
    let (negative, digits) = match view {
        IntView::Small(number) => {
            let magnitude = number.unsigned_abs();
            let digits = match base {
                2 => format!("{magnitude:b}"),
                8 => format!("{magnitude:o}"),
                _ => format!("{magnitude:x}"),
            };
            (number < 0, digits)
        }
        big => {
            let number = big.to_ibig();
            (big.is_negative(), base::int::to_radix(&number, base))
        }
    };
    Ok(format!("{}{prefix}{digits}", if negative { "-" } else { "" }))
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
        match best {
            Some((_, best_rank)) if !compare_bool(op, rank, best_rank)? => {}
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
