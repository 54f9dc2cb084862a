//! Natives declared by attribute, entered through `call_def`: binding, conversions, results, and the texts of argument errors.

use objects::args::{Args, call_def, call_def_with};
use objects::class_new::{Object, native_class as make_class, plain_native_class};
use objects::making::Making;
use objects::native::{FnDef, SlotFn};
use objects::*;
use std::sync::atomic::Ordering;

pub struct Sample;

/// Sample functions.
#[native_module(name = "sample", classes = [Pair])]
impl Sample {
    #[attr("answer")]
    const ANSWER: i64 = 42;
    fn none() {}
    fn half(x: f64) -> f64 {
        x / 2.0
    }
    fn shift(x: i64, by: Option<i32>) -> R<i64> {
        Ok(x << by.unwrap_or(1).clamp(0, 8))
    }
    fn count(first: Value, rest: &[Value]) -> usize {
        usize::from(first.is_int()) + rest.len()
    }
    #[sig("(a, b, *, start=1, reverse=False)")]
    fn keyed(a: i64, b: i64, start: i64, reverse: bool) -> (i64, i64, i64, bool) {
        (a, b, start, reverse)
    }
    #[sig("(path, /, mode='r', *, size=None)")]
    fn open_(path: &str, mode: &str, size: Option<isize>) -> String {
        format!("{path}:{mode}:{size:?}")
    }
    #[sig("(*args, sep=None, **extra)")]
    fn show(args: &[Value], sep: Option<&str>, extra: Kwargs) -> String {
        let extra: Vec<String> = extra.iter().map(|(name, _)| name.to_string_lossy()).collect();
        format!("{}{}{}", args.len(), sep.unwrap_or("-"), extra.join(","))
    }
    fn raw(args: Args) -> usize {
        args.len() * 10 + args.names().len()
    }
    fn byte(value: u8) -> u8 {
        value
    }
    fn size(value: usize) -> usize {
        value
    }
    fn word(value: u32, other: u32) -> u32 {
        value + other
    }
    fn text(value: Gc<Str>, other: Option<Gc<Str>>) -> usize {
        value.len() + other.map_or(0, |other| other.len())
    }
}

#[derive(DeriveLayout)]
#[repr(C)]
pub struct PairObject {
    pub header: Header,
    pub left: Slot,
    pub rest: Vec<Value>,
}

pub struct Pair;

/// Two things.
#[native_class(name = "sample.Pair", layout = PairObject, base = object, flags = "final")]
impl Pair {
    #[new]
    #[sig("(left)")]
    fn new(cls: Gc<Class>, left: Value) -> R {
        Ok(new_object(cls, PairObject { header: Header::blank(), left: Slot::new(left), rest: Vec::new() }).value())
    }
    fn push(this: Gc<PairObject>, item: Value) {
        this.left.set(item);
    }
    fn pop(this: Gc<PairObject>, index: Option<isize>) -> Option<Value> {
        index.map_or_else(|| this.left.get(), |_| None)
    }
    fn pair(this: Gc<PairObject>) -> Gc<PairObject> {
        this
    }
    #[getter]
    fn left(this: Gc<PairObject>) -> Option<Value> {
        this.left.get()
    }
    #[setter]
    fn set_left(this: Gc<PairObject>, value: i64) {
        this.left.set(new_int(value));
    }
    fn __len__(_this: Gc<PairObject>) -> usize {
        2
    }
    fn __add__(this: Gc<PairObject>, _other: Gc<PairObject>) -> Gc<PairObject> {
        this
    }
    fn __getitem__(this: Gc<PairObject>, index: isize) -> R {
        if index == 0 { Ok(this.left.get().unwrap_or(Value::none())) } else { Err(index_error!("pair index out of range")) }
    }
}

pub struct ObjectSkin;
#[native_class(name = "object", layout = Object, bases = [])]
impl ObjectSkin {}

fn boot() {
    thread::attach(true).expect("attached");
    boot::prepare_core();
    let made = (|| -> R<()> {
        let object = make_class(ObjectSkin::CLASS_DEF)?;
        for row in exception::EXCEPTIONS {
            let base = row.base.map_or(object, |base| base.get());
            let class = plain_native_class(row.name, "builtins", Some(row.doc), &[base], row.layout)?;
            row.cell.set(class);
        }
        for (name, layout) in [
            ("int", int::IntObject::DESC),
            ("str", Str::DESC),
            ("float", float::FloatObject::DESC),
            ("tuple", Tuple::DESC),
            ("list", List::DESC),
        ] {
            plain_native_class(name, "builtins", None, &[object], layout)?;
        }
        plain_native_class("NoneType", "builtins", None, &[object], singletons::NoneObject::DESC)?;
        plain_native_class("type", "builtins", None, &[object], Class::DESC)?;
        Ok(())
    })();
    assert!(made.is_ok());
}

fn function(name: &str) -> &'static FnDef {
    Sample::MODULE.functions.iter().find(|def| def.name == name).expect("function is declared")
}
fn method(name: &str) -> &'static FnDef {
    Pair::CLASS_DEF.methods.iter().find(|def| def.name == name).expect("method is declared")
}

/// The result, or the text of the error, of a call with positional and keyword arguments.
fn outcome(def: &'static FnDef, positional: &[Value], keywords: &[(&str, Value)]) -> String {
    let mut values = positional.to_vec();
    values.extend(keywords.iter().map(|(_, value)| *value));
    let names: Vec<Value> = keywords.iter().map(|(name, _)| intern(name).value()).collect();
    shown(call_def(def, Args::new(&values, positional.len(), &names)))
}

fn shown(result: R) -> String {
    match result {
        Ok(value) => plain_text(value),
        Err(raised) => {
            let exception = raised.take();
            let error = exception.cast::<exception::BaseException>().expect("an exception");
            format!("{}: {}", class_name(exception), error.args().get(0).map(plain_text).unwrap_or_default())
        }
    }
}

fn plain_text(value: Value) -> String {
    if let Some(view) = int_view(value) {
        return format!("{:?}", view.to_i64());
    }
    if value.is_float() {
        return value.as_float().to_string();
    }
    if let Some(text) = value.cast::<Str>() {
        return text.to_string_lossy();
    }
    if let Some(tuple) = value.cast::<Tuple>() {
        return tuple.items().iter().map(|item| plain_text(*item)).collect::<Vec<_>>().join(" ");
    }
    if value.is_none() { "None".to_owned() } else { class_name(value) }
}

// One test, because a process boots once.
#[test]
fn natives_bind_convert_and_complain() {
    boot();
    let int = |number: i64| new_int(number);
    let text = |text: &str| new_str(text);
    let cases: &[(&str, &[Value], &[(&str, Value)], &str)] = &[
        ("none", &[], &[], "None"),
        ("none", &[int(1)], &[], "TypeError: sample.none() takes no arguments (1 given)"),
        ("half", &[int(3)], &[], "1.5"),
        ("half", &[], &[], "TypeError: sample.half() takes exactly one argument (0 given)"),
        ("half", &[], &[("x", int(1))], "TypeError: sample.half() takes no keyword arguments"),
        ("half", &[text("a")], &[], "TypeError: must be real number, not str"),
        ("half", &[Value::none()], &[], "TypeError: must be real number, not NoneType"),
        ("shift", &[int(3)], &[], "Some(6)"),
        ("shift", &[int(3), int(2)], &[], "Some(12)"),
        ("shift", &[int(3), Value::none()], &[], "Some(6)"),
        ("shift", &[], &[], "TypeError: shift expected at least 1 argument, got 0"),
        ("shift", &[int(1); 3], &[], "TypeError: shift expected at most 2 arguments, got 3"),
        ("shift", &[int(1), int(1 << 40)], &[], "OverflowError: Python int too large to convert to C int"),
        ("shift", &[int(1), text("a")], &[], "TypeError: 'str' object cannot be interpreted as an integer"),
        ("count", &[int(1), int(2), int(3)], &[], "Some(3)"),
        ("count", &[], &[], "TypeError: count expected at least 1 argument, got 0"),
        ("keyed", &[int(1), int(2)], &[], "Some(1) Some(2) Some(1) Some(0)"),
        ("keyed", &[int(1)], &[("start", int(5)), ("b", int(7))], "Some(1) Some(7) Some(5) Some(0)"),
        ("keyed", &[int(1)], &[], "TypeError: keyed() missing required argument 'b' (pos 2)"),
        ("keyed", &[int(1); 3], &[], "TypeError: keyed() takes exactly 2 positional arguments (3 given)"),
        ("keyed", &[int(1); 5], &[], "TypeError: keyed() takes at most 4 arguments (5 given)"),
        ("keyed", &[int(1), int(2)], &[("a", int(3))], "TypeError: argument for keyed() given by name ('a') and position (1)"),
        (
            "keyed",
            &[int(1), int(2)],
            &[("strat", int(3))],
            "TypeError: keyed() got an unexpected keyword argument 'strat'. Did you mean 'start'?",
        ),
        ("open", &[text("p")], &[], "p:r:None"),
        ("open", &[text("p")], &[("size", int(4)), ("mode", text("w"))], "p:w:Some(4)"),
        ("open", &[int(1)], &[], "TypeError: open() argument 1 must be str, not int"),
        ("open", &[text("p"), Value::none()], &[], "TypeError: open() argument 'mode' must be str, not None"),
        ("open", &[], &[], "TypeError: open() takes at least 1 positional argument (0 given)"),
        ("show", &[int(1), int(2)], &[], "2-"),
        ("show", &[], &[("z", int(1)), ("sep", text("+")), ("y", int(1))], "0+z,y"),
        ("show", &[], &[("sep", int(1))], "TypeError: show() argument 'sep' must be str or None, not int"),
        ("raw", &[int(1)], &[("a", int(2))], "Some(11)"),
        ("byte", &[int(256)], &[], "OverflowError: unsigned byte integer is greater than maximum"),
        ("byte", &[int(-1)], &[], "OverflowError: unsigned byte integer is less than minimum"),
        ("size", &[int(-1)], &[], "OverflowError: can't convert negative value to size_t"),
        ("word", &[int(1), int(-1)], &[], "ValueError: Cannot convert negative int"),
        ("word", &[int(1)], &[], "TypeError: word expected 2 arguments, got 1"),
        ("text", &[text("abc"), Value::none()], &[], "Some(3)"),
        ("text", &[text("abc"), int(1)], &[], "TypeError: text() argument 2 must be str or None, not int"),
    ];
    for (name, positional, keywords, expected) in cases {
        assert_eq!(outcome(function(name), positional, keywords), *expected, "{name}{positional:?}");
    }
    assert_eq!(function("keyed").text_signature(), Some("($module, /, a, b, *, start=1, reverse=False)"));
    assert_eq!((Sample::MODULE.attrs[0].make)().map(plain_text).ok().as_deref(), Some("Some(42)"));

    let class = make_class(Pair::CLASS_DEF).expect("class is made");
    let SlotFn::New(new) = Pair::CLASS_DEF.slots[0].slot else { panic!("__new__ comes first") };
    assert_eq!(shown(new(class, Args::empty())), "TypeError: Pair() missing required argument 'left' (pos 1)");
    let pair = new(class, Args::positional_only(&[int(5)])).expect("a pair");
    assert_eq!(outcome(method("push"), &[pair], &[]), "TypeError: Pair.push() takes exactly one argument (0 given)");
    assert_eq!(outcome(method("push"), &[], &[]), "TypeError: unbound method Pair.push() needs an argument");
    assert_eq!(
        outcome(method("push"), &[int(1), int(2)], &[]),
        "TypeError: descriptor 'push' for 'sample.Pair' objects doesn't apply to a 'int' object"
    );
    assert_eq!(outcome(method("pop"), &[pair], &[]), "Some(5)");
    assert_eq!(outcome(method("pair"), &[pair, pair], &[]), "TypeError: Pair.pair() takes no arguments (1 given)");
    assert_eq!(shown(call_def_with(method("push"), pair, Args::positional_only(&[int(6)]))), "None");
    let left = &Pair::CLASS_DEF.getset[0];
    let (get, set) = (left.get.expect("readable"), left.set.expect("writable"));
    assert_eq!(shown(get(pair)), "Some(6)");
    assert!(set(pair, Some(int(7))).is_ok());
    assert_eq!(shown(get_item(pair, int(0))), "Some(7)");
    assert_eq!(
        shown(binary_op(BinaryOp::Add, pair, int(1))),
        "TypeError: unsupported operand type(s) for +: 'sample.Pair' and 'int'"
    );
    assert_eq!(len(pair).ok(), Some(2));
    classes_are_made_once();
}

/// A definition of which no class has been made.
fn fresh_definition() -> &'static ClassDef {
    let shape = PairObject::DESC;
    let layout: &'static LayoutDesc = Box::leak(Box::new(LayoutDesc { class: ClassCell::new(), ..*shape }));
    let pair = Pair::CLASS_DEF;
    Box::leak(Box::new(ClassDef { layout, cell: ClassCell::new(), making: Making::new(), ..*pair }))
}

/// What a thread finds of a class that it needs: the class, that of an instance, the size of instances, whether the class is finished.
type Found = (usize, usize, usize, bool);

/// Threads that need a class for the first time at the same moment get the same one, with all that instances need.
fn classes_are_made_once() {
    const THREADS: usize = 4;
    let definitions: Vec<&'static ClassDef> = (0..200).map(|_| fresh_definition()).collect();
    let at_once = std::sync::Barrier::new(THREADS);
    let use_them = || -> Vec<Found> {
        thread::attach(false).expect("attached");
        let mut found = Vec::new();
        for definition in &definitions {
            heap::blocking(|| at_once.wait());
            let class = make_class(definition).expect("class is made");
            // SAFETY: just allocated.
            let instance = unsafe { shape::Shape::of(layout::alloc_instance(class)) };
            let class_of_instance = instance.class_opt().map_or(0, |class| class.as_ptr() as usize);
            let size = class.instance_size.load(Ordering::Relaxed) as usize;
            found.push((class.as_ptr() as usize, class_of_instance, size, !class.mro.is_empty()));
        }
        thread::detach();
        found
    };
    let results: Vec<Vec<Found>> = heap::blocking(|| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(use_them)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        })
    });
    for found in &results {
        let expected: Vec<Found> = results[0].iter().map(|(class, ..)| (*class, *class, size_of::<PairObject>(), true)).collect();
        assert_eq!(*found, expected);
    }
}
