/// Sample of a module.
///
/// With a second paragraph.
#[native_module(name = "sample", classes = [Deque])]
impl Sample {
    #[attr("pi")]
    const PI: f64 = 3.14;
    #[attr]
    fn constants() -> R<Value> {
        make_constants()
    }
    /// Return the square root of x.
    #[effects(pure, no_call, no_alloc)]
    fn sqrt(x: f64) -> R<f64> {
        Ok(x.sqrt())
    }
    /// Optional and variable arguments, positional only.
    fn log(x: Value, base: Option<f64>, rest: &[Value]) -> R {
        helper(x, base, rest)
    }
    #[sig("(iterable, /, *, start=1, reverse=False, **extra)")]
    fn prod(iterable: Value, start: Option<Value>, reverse: bool, extra: Kwargs) -> R {
        Ok(iterable)
    }
    #[name("print")]
    #[sig("(*args, sep=' ', end=None)")]
    fn print_all(args: &[Value], sep: &str, #[default(make_end())] end: String) {}
    #[cfg(unix)]
    fn raw(args: Args) -> R {
        Ok(Value::none())
    }
    #[py(skip)]
    fn helper_one(count: usize) -> usize {
        count
    }
    fn __exec__(module: Value) -> R<()> {
        Ok(())
    }
}
