//! The only crate that sees everybody: boot order, the list of native modules, the main program.
//!
//! Must not know: how the command line is written (crate cli).

mod apart;
mod ast_bridge;
pub mod boot;
pub mod front_end;
pub mod frozen;
pub mod main_program;
pub mod modules;
pub mod outside_memory;
mod own_pages;
pub mod start_memory;
mod subinterpreter;
mod types_module;

pub use objects::config::Config;

use main_program::Program;

/// The library of big integers panics for want of memory, which programs see as MemoryError: nothing to tell of.
fn keep_quiet_about_memory() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |about| {
        if !objects::panics::is_about_memory(about.payload()) {
            tell(about)
        }
    }));
}

/// Boots, runs the program and shuts down; gives the exit code.
pub fn start(config: Config, program: &Program) -> i32 {
    keep_quiet_about_memory();
    if let Err(raised) = objects::panics::guarded(|| boot::boot(config)) {
        return main_program::report_boot_failure(raised);
    }
    let code = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| main_program::run(program))) {
        Ok(code) => code,
        Err(payload) if payload.is::<heap::OutOfMemory>() => heap::end_out_of_memory(),
        // The hook has told of it.
        Err(_) => 1,
    };
    if std::env::var_os("PROTOPY_HEAP_CENSUS").is_some() {
        eprint!("{}", objects::census::report());
    }
    code
}
