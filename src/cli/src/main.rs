//! `protopy`: the command.

mod abort;
mod configure;
mod help;
mod home;
mod main_stack;
mod options;

use options::{Options, Run};
use runtime::main_program::Program;
use std::ffi::OsString;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: runtime::outside_memory::Allocator = runtime::outside_memory::Allocator;

fn main() -> ExitCode {
    runtime::start_memory::prepare();
    runtime::outside_memory::keep_back();
    ignore_broken_pipes();
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_else(|| OsString::from("protopy"));
    let arguments: Vec<OsString> = arguments.collect();
    let options = match options::parse(&arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{}\n{}", error.0, help::usage(&program));
            return ExitCode::from(2);
        }
    };
    if let Some(text) = help::answer(&program, &options.run) {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    let config = match configure::configure(&program, &arguments, &options) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("Fatal Python error: {}", error.0);
            return ExitCode::from(1);
        }
    };
    let code = runtime::start(config, &program_of(&options));
    // Exit codes are the low eight bits, as for any process.
    ExitCode::from((code & 0xff) as u8)
}

fn program_of(options: &Options) -> Program {
    match &options.run {
        Run::Command(text) => Program::Command(text.to_string_lossy().into_owned()),
        Run::Module(name) => Program::Module(name.clone()),
        Run::Script(path) => Program::Script(path.clone()),
        // SAFETY: plain libc call.
        _ if options.repl || options.interactive > 0 || unsafe { libc::isatty(0) } == 1 => Program::Interactive,
        _ => Program::Stdin,
    }
}

/// Writes to closed pipes are errors, not deaths.
fn ignore_broken_pipes() {
    // SAFETY: plain libc calls before any other thread exists.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}
