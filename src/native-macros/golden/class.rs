/// Sample of a class.
#[native_class(name = "sample.deque", layout = Deque, base = object, flags = "sequence weakref")]
impl Deque {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        make(cls, args)
    }
    #[sig("(iterable=(), maxlen=None)")]
    fn __init__(this: Gc<Deque>, iterable: Option<Value>, maxlen: Option<isize>) -> R<()> {
        Ok(())
    }
    /// Put an item at the right end.
    fn append(this: Gc<Deque>, item: Value) -> R<()> {
        Ok(())
    }
    fn rotate(this: Gc<Deque>, n: Option<isize>) -> R<()> {
        Ok(())
    }
    #[sig("(value, /, start=0)")]
    fn index(this: Gc<Deque>, value: Value, start: i64) -> R<usize> {
        Ok(0)
    }
    /// Maximum size.
    #[getter]
    fn maxlen(this: Gc<Deque>) -> R {
        Ok(Value::none())
    }
    #[setter(maxlen)]
    fn set_maxlen(this: Gc<Deque>, value: isize) -> R<()> {
        Ok(())
    }
    #[classmethod]
    fn from_keys(cls: Gc<Class>, keys: Value) -> R {
        Ok(keys)
    }
    #[staticmethod]
    fn make_trans(x: Value, y: Option<Value>) -> R {
        Ok(x)
    }
    fn __len__(this: Gc<Deque>) -> usize {
        0
    }
    fn __getitem__(this: Gc<Deque>, index: isize) -> R {
        Ok(Value::none())
    }
    fn __add__(this: Gc<Deque>, other: Gc<Deque>) -> R<Gc<Deque>> {
        Ok(this)
    }
    fn __eq__(this: Gc<Deque>, other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __next__(this: Gc<Deque>) -> R<Option<Value>> {
        Ok(None)
    }
    fn __setitem__(this: Gc<Deque>, index: isize, value: Value) -> R<()> {
        Ok(())
    }
    fn __hash__(this: Gc<Deque>) -> R<i64> {
        Ok(1)
    }
    #[sig("(key, *, default=None)")]
    fn __call__(this: Gc<Deque>, key: Value, default: Option<Value>) -> R {
        Ok(key)
    }
}
