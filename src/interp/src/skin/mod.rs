//! The Python-visible skin of the types that belong to the interpreter: functions, cells, code, frames, tracebacks, generators and
//! their kin. Must not know: op bodies.

pub mod async_generator;
pub mod code;
pub mod frame;
pub mod frame_proxy;
pub mod function;
pub mod generator;
pub mod traceback;

use objects::class_new::native_class;
use objects::error::R;
use objects::native::ClassDef;

/// Classes that exist from the start.
pub static CLASSES: &[&ClassDef] = &[
    function::FunctionSkin::CLASS_DEF,
    function::CellSkin::CLASS_DEF,
    code::CodeSkin::CLASS_DEF,
    frame::FrameSkin::CLASS_DEF,
    frame_proxy::FrameLocalsProxy::CLASS_DEF,
    traceback::TracebackSkin::CLASS_DEF,
    generator::GeneratorSkin::CLASS_DEF,
    generator::CoroutineSkin::CLASS_DEF,
    generator::CoroutineWrapperSkin::CLASS_DEF,
    async_generator::AsyncGeneratorSkin::CLASS_DEF,
    async_generator::ASendSkin::CLASS_DEF,
    async_generator::AThrowSkin::CLASS_DEF,
    async_generator::WrappedSkin::CLASS_DEF,
];

/// Completes the classes. Call once, after the classes of crate builtins.
pub fn install_classes() -> R<()> {
    for def in CLASSES {
        native_class(def)?;
    }
    function::install_members()?;
    // Not each of them is finalized: see `asend`.
    async_generator::ASendSkin::CLASS_DEF.class().flags.remove(objects::class::HAS_FINALIZER);
    objects::generator::COROUTINE_CLASS.set(generator::CoroutineSkin::CLASS_DEF.class());
    objects::generator::ASYNC_GENERATOR_CLASS.set(async_generator::AsyncGeneratorSkin::CLASS_DEF.class());
    Ok(())
}
