//! The command `protopip` without the interpreter's package around it. Holds nothing: the library does the work.

fn main() {
    std::process::exit(i32::from(protopip::cli::main(std::env::args_os())))
}
