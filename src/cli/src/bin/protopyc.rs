//! `protopyc`: the ahead-of-time compiler's command. The compiler does not exist yet, and this says so.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "--version" || argument == "-V") {
        println!("protopyc {} (not available yet)", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    eprintln!("protopyc: compiling programs ahead of time is not available yet");
    ExitCode::from(2)
}
