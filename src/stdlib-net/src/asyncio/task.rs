//! The class `Task`, and the callables that run its steps. Must not know: what a step does (`step.rs`).

use super::future::{self, Future, PENDING};
use super::python::{COPY_CONTEXT, IS_COROUTINE, TASK_GET_STACK, TASK_PRINT_STACK, TASK_REPR, call_soon};
use super::{registry, step, threads};
use native_macros::{Layout, native_class};
use objects::generator::{Generator, GeneratorKind};
use objects::{
    Args, Cast, Class, Gc, Header, Layout, R, Slot, Str, Value, call_kw, call_method, class_of, interned, is_true, new_object,
    new_str, repr, runtime_error, str_of, type_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};

#[derive(Layout)]
#[layout(parent = Future)]
#[repr(C)]
pub struct Task {
    pub base: Future,
    pub waiter: Slot,
    pub coroutine: Slot,
    /// A str, or the number in the name that is made up when somebody asks.
    name: Slot,
    pub context: Slot,
    cancel_requests: AtomicI64,
    pub must_cancel: AtomicBool,
    log_destroy_pending: AtomicBool,
    /// Where the registry holds it, from 1; 0 if it does not.
    pub place: AtomicUsize,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

impl Task {
    #[inline]
    pub fn future(this: Gc<Task>) -> Gc<Future> {
        // SAFETY: a task begins with a future.
        unsafe { this.value().cast_unchecked() }
    }
}

fn is_coroutine(value: Value) -> R<bool> {
    if let Some(generator) = value.cast::<Generator>()
        && matches!(generator.kind(), GeneratorKind::Coroutine)
    {
        return Ok(true);
    }
    is_true(IS_COROUTINE.call(&[value])?)
}

/// Has the loop run the next step, which throws the exception if there is one.
pub fn step_soon(this: Gc<Task>, exception: Option<Value>) -> R<()> {
    let step = TaskStep { header: Header::blank(), task: Slot::empty(), exception: Slot::empty() };
    let step = new_object(TaskStep::class(), step);
    step.task.set(this.value());
    step.exception.set_opt(exception);
    call_soon(this.base.require_loop()?, step.value(), None, this.context.get())
}

/// What waits for a future on the task's behalf.
pub fn new_wakeup(this: Gc<Task>) -> Value {
    objects::descr::new_native_function(Wakeup::CLASS_DEF.methods[0], Some(this.value()), None).value()
}

/// A task that ended without leaving anything to tell needs no finalizer.
pub fn settle(this: Gc<Task>) {
    registry::remove(this);
    if !this.base.log_traceback.load(Ordering::Relaxed) && !class_of(this.value()).flags.has(objects::class::HAS_FINALIZER) {
        // SAFETY: a live object's header.
        unsafe { (*this.value().as_ptr()).set_flag(heap::FINALIZER_RAN) };
    }
}

/// A future that runs a coroutine.
#[native_class(name = "_asyncio.Task", layout = Task, base = Future, flags = "dict weakref")]
impl Task {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = Task {
            base: Future::blank(),
            waiter: Slot::empty(),
            coroutine: Slot::empty(),
            name: Slot::empty(),
            context: Slot::empty(),
            cancel_requests: AtomicI64::new(0),
            must_cancel: AtomicBool::new(false),
            log_destroy_pending: AtomicBool::new(false),
            place: AtomicUsize::new(0),
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("($self, coro, *, loop=None, name=None, context=None, eager_start=False)")]
    fn __init__(
        this: Gc<Task>,
        coro: Value,
        loop_: Option<Value>,
        name: Option<Value>,
        context: Option<Value>,
        eager_start: bool,
    ) -> R<()> {
        future::init(Task::future(this), loop_)?;
        if !is_coroutine(coro)? {
            this.log_destroy_pending.store(false, Ordering::Relaxed);
            return Err(type_error!("a coroutine was expected, got {}", repr(coro)?.to_string_lossy()));
        }
        let context = match context.filter(|context| !context.is_none()) {
            Some(context) => context,
            None => COPY_CONTEXT.call(&[])?,
        };
        this.waiter.set_opt(None);
        this.context.set(context);
        this.must_cancel.store(false, Ordering::Relaxed);
        this.log_destroy_pending.store(true, Ordering::Relaxed);
        this.cancel_requests.store(0, Ordering::Relaxed);
        this.coroutine.set(coro);
        match name.filter(|name| !name.is_none()) {
            None => this.name.set(objects::new_int_u64(NUMBERS.fetch_add(1, Ordering::Relaxed) + 1)),
            Some(name) => this.name.set(str_of(name)?.value()),
        }
        heap::register_finalizable(this.value().as_ptr());
        if eager_start && is_true(call_method(this.base.require_loop()?, interned!("is_running"), &[])?)? {
            return eager_first_step(this);
        }
        step_soon(this, None)?;
        registry::add(this);
        Ok(())
    }
    fn __repr__(this: Gc<Task>) -> R {
        TASK_REPR.call(&[this.value()])
    }
    /// Called before the object is destroyed.
    #[name("__del__")]
    fn finalize(this: Gc<Task>) -> R<()> {
        let future = Task::future(this);
        if this.base.state() == PENDING
            && this.log_destroy_pending.load(Ordering::Relaxed)
            && let Some(event_loop) = this.base.loop_opt()
        {
            let mut pairs = objects::GcVec::from_slice(&[
                (interned!("task").value(), this.value()),
                (interned!("message").value(), new_str("Task was destroyed but it is pending!")),
            ]);
            future::push_source(future, &mut pairs);
            future::report(event_loop, &pairs)?;
        }
        future::finalize(future)
    }
    fn set_result(this: Gc<Task>, result: Value) -> R<()> {
        let _ = (this, result);
        Err(runtime_error!("Task does not support set_result operation"))
    }
    fn set_exception(this: Gc<Task>, exception: Value) -> R<()> {
        let _ = (this, exception);
        Err(runtime_error!("Task does not support set_exception operation"))
    }
    /// Ask the task to cancel itself.
    ///
    /// On the next turn of the event loop its coroutine gets a CancelledError, on
    /// which it can clean up or which it can ignore. The count of such requests
    /// grows by one.
    #[sig("($self, /, msg=None)")]
    fn cancel(this: Gc<Task>, msg: Option<Value>) -> R<bool> {
        this.base.log_traceback.store(false, Ordering::Relaxed);
        if this.base.state() != PENDING {
            return Ok(false);
        }
        this.cancel_requests.fetch_add(1, Ordering::Relaxed);
        if let Some(waiter) = this.waiter.get()
            && is_true(cancel_with(waiter, msg)?)?
        {
            return Ok(true);
        }
        this.must_cancel.store(true, Ordering::Relaxed);
        this.base.cancel_message.set_opt(msg);
        Ok(true)
    }
    /// How many requests to cancel the task there are.
    ///
    /// .cancel() adds one, .uncancel() takes one back.
    fn cancelling(this: Gc<Task>) -> i64 {
        this.cancel_requests.load(Ordering::Relaxed)
    }
    /// Take back one request to cancel the task, and return how many are left.
    ///
    /// A task does this when it has caught CancelledError and is to go on.
    fn uncancel(this: Gc<Task>) -> i64 {
        let requests = this.cancel_requests.load(Ordering::Relaxed);
        if requests > 0 {
            this.cancel_requests.store(requests - 1, Ordering::Relaxed);
            if requests == 1 {
                this.must_cancel.store(false, Ordering::Relaxed);
            }
        }
        this.cancel_requests.load(Ordering::Relaxed)
    }
    /// The list of the frames of the coroutine.
    ///
    /// For a suspended coroutine these are its stack, for one that ended by an
    /// exception those of the traceback. In all other cases the list is empty.
    #[sig("($self, /, *, limit=None)")]
    fn get_stack(this: Gc<Task>, limit: Option<Value>) -> R {
        TASK_GET_STACK.call(&[this.value(), limit.unwrap_or(Value::none())])
    }
    /// Print the frames that get_stack() returns, in the form of the traceback
    /// module.
    #[sig("($self, /, *, limit=None, file=None)")]
    fn print_stack(this: Gc<Task>, limit: Option<Value>, file: Option<Value>) -> R {
        TASK_PRINT_STACK.call(&[this.value(), limit.unwrap_or(Value::none()), file.unwrap_or(Value::none())])
    }
    /// The CancelledError that a cancelled task raises.
    ///
    /// For one call per cancellation: the exception that is its context is forgotten.
    fn _make_cancelled_error(this: Gc<Task>) -> R {
        future::make_cancelled_error(Task::future(this))
    }
    fn get_name(this: Gc<Task>) -> R {
        match this.name.get() {
            Some(name) if name.cast::<Str>().is_some() => Ok(name),
            Some(number) => {
                let name = new_str(&format!("Task-{}", objects::index(number)?));
                this.name.set(name);
                Ok(name)
            }
            None => Ok(Value::none()),
        }
    }
    fn set_name(this: Gc<Task>, value: Value) -> R<()> {
        this.name.set(str_of(value)?.value());
        Ok(())
    }
    fn get_coro(this: Gc<Task>) -> Value {
        this.coroutine.get().unwrap_or(Value::none())
    }
    fn get_context(this: Gc<Task>) -> Value {
        this.context.get().unwrap_or(Value::none())
    }
    /// Task[T] stands for a task whose coroutine returns a T
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    #[getter]
    fn _log_destroy_pending(this: Gc<Task>) -> bool {
        this.log_destroy_pending.load(Ordering::Relaxed)
    }
    #[setter(_log_destroy_pending)]
    fn set_log_destroy_pending(this: Gc<Task>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(future::not_deletable("_log_destroy_pending", "_asyncio.Task")) };
        this.log_destroy_pending.store(is_true(value)?, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn _must_cancel(this: Gc<Task>) -> bool {
        this.must_cancel.load(Ordering::Relaxed)
    }
    #[getter]
    fn _coro(this: Gc<Task>) -> Value {
        this.coroutine.get().unwrap_or(Value::none())
    }
    #[getter]
    fn _fut_waiter(this: Gc<Task>) -> Value {
        this.waiter.get().unwrap_or(Value::none())
    }
}

/// `future.cancel(msg=message)`
pub fn cancel_with(future: Value, message: Option<Value>) -> R {
    if objects::class_of(future) == Future::class()
        && let Some(future) = future.cast::<Future>()
    {
        return Ok(Value::bool(future::cancel(future, message)?));
    }
    let cancel = objects::get_attr(future, interned!("cancel"))?;
    call_kw(cancel, &[], &[(interned!("msg"), message.unwrap_or(Value::none()))])
}

/// Runs the first step at once, within the task that makes this one.
fn eager_first_step(this: Gc<Task>) -> R<()> {
    let event_loop = this.base.require_loop()?;
    let task = this.value();
    let before = threads::swap(event_loop, task)?;
    let result = registry::register_eager(task).and_then(|()| {
        let run = EagerStep { header: Header::blank(), task: Slot::empty() };
        let run = new_object(EagerStep::class(), run);
        run.task.set(task);
        let context = this.context.get().unwrap_or(Value::none());
        call_method(context, interned!("run"), &[run.value()])
    });
    let result = after(result, || registry::unregister_eager(task));
    let result = after(result, || threads::swap(event_loop, before).map(|_| ()));
    if this.base.state() == PENDING {
        registry::add(this);
    } else {
        settle(this);
        this.coroutine.set_opt(None);
    }
    result.map(|_| ())
}

/// Does `work` whatever came before; the first error counts.
pub fn after<T>(result: R<T>, work: impl FnOnce() -> R<()>) -> R<T> {
    match result {
        Ok(value) => work().map(|()| value),
        Err(raised) => {
            let exception = raised.take();
            if let Err(other) = work() {
                other.clear();
            }
            Err(objects::error::restore(exception))
        }
    }
}

/// The callable through which the loop runs a step.
#[derive(Layout)]
#[repr(C)]
pub struct TaskStep {
    pub header: Header,
    task: Slot,
    exception: Slot,
}

#[native_class(name = "_asyncio.TaskStepMethWrapper", layout = TaskStep, base = object, flags = "final no_new")]
impl TaskStep {
    #[sig("($self, /)")]
    fn __call__(this: Gc<TaskStep>) -> R {
        let Some(task) = this.task.get().and_then(|task| task.cast::<Task>()) else { return Ok(Value::none()) };
        step::step(task, this.exception.get())?;
        Ok(Value::none())
    }
    #[getter]
    fn __self__(this: Gc<TaskStep>) -> Value {
        this.task.get().unwrap_or(Value::none())
    }
}

/// The callable that runs the first step of an eager task in its context.
#[derive(Layout)]
#[repr(C)]
pub struct EagerStep {
    pub header: Header,
    task: Slot,
}

#[native_class(name = "_asyncio.EagerStep", layout = EagerStep, base = object, flags = "final no_new")]
impl EagerStep {
    #[sig("($self, /)")]
    fn __call__(this: Gc<EagerStep>) -> R {
        let Some(task) = this.task.get().and_then(|task| task.cast::<Task>()) else { return Ok(Value::none()) };
        step::run(task, None)?;
        Ok(Value::none())
    }
}

/// Holds the definition of the method that wakes a task; no class is made of it.
pub struct Wakeup;

#[native_class(name = "_asyncio.Task", layout = Task, base = object, flags = "final no_new")]
impl Wakeup {
    fn task_wakeup(this: Gc<Task>, future: Value) -> R {
        step::wakeup(this, future)?;
        Ok(Value::none())
    }
}
