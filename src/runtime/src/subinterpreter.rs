//! How further interpreters come up: the second half of the boot, again, in a thread context of the new interpreter. And what
//! `_interpreters` wants to know of code.
//!
//! Must not know: who makes interpreters.

use crate::{boot, main_program};
use bytecode::code_unit::{CodeUnit, co_flags};
use bytecode::decode::{Decoded, instructions};
use bytecode::ops::Op;
use objects::{R, Value, call_method, interned, type_error};
use stdlib_sys::interpreters::{CodeFacts, Runtime};

/// Tells the module `_interpreters` how it is done.
pub fn install() {
    stdlib_sys::interpreters::install(Runtime { populate, code_facts });
}

/// Gives the current interpreter everything that Python code expects. It is one without anything.
fn populate() -> R<()> {
    let builtins_module = builtins::make_module()?;
    let sys = boot::make_sys(builtins_module)?;
    interp::install::set_modules(builtins_module.dict(), sys.dict());
    boot::bootstrap_importlib(sys)?;
    boot::init_streams(builtins_module, sys)?;
    boot::main_namespace()?;
    if !objects::config::get().warn_options.is_empty() {
        builtins::import_::import_module("warnings")?;
    }
    boot::import_site()?;
    if let Some(folder) = objects::system::script_folder()
        && let Some(path) = objects::system::sys_attr("path")
    {
        let folder = main_program::os_text(&folder.as_os_str().to_owned());
        call_method(path, interned!("insert"), &[Value::small(0), folder])?;
    }
    Ok(())
}

fn code_facts(code: Value) -> R<CodeFacts> {
    let Some(code) = objects::Cast::cast::<objects::code::Code>(code) else {
        return Err(type_error!("a code object is required"));
    };
    Ok(facts_of(code.unit()))
}

/// The global names that the unit itself uses, and whether it gives back nothing but None.
fn facts_of(unit: &CodeUnit) -> CodeFacts {
    let mut facts = CodeFacts { global_names: Vec::new(), returns_none: true };
    const SUSPENDED: u32 = co_flags::GENERATOR | co_flags::COROUTINE | co_flags::ASYNC_GENERATOR;
    if unit.flags & SUSPENDED != 0 {
        facts.returns_none = false;
    }
    let mut before: Option<Decoded> = None;
    for one in instructions(&unit.words) {
        let name = match one.op {
            Op::LoadGlobal | Op::StoreGlobal | Op::LoadDictOrGlobal => {
                unit.caches.get(one.ext as usize).map(|cache| cache.index as usize)
            }
            Op::DeleteGlobal => Some(one.ext as usize),
            _ => None,
        };
        if let Some(name) = name.and_then(|index| unit.names.get(index)) {
            facts.global_names.push(name.to_string());
        }
        if one.op == Op::Return && !before.is_some_and(|last| last.op == Op::LoadNone && last.a == one.a) {
            facts.returns_none = false;
        }
        before = Some(one);
    }
    facts
}
