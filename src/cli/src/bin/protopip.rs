//! The command `protopip`: the installer. Holds nothing; the library does the work and never knows the runtime.

fn main() {
    std::process::exit(i32::from(protopip::cli::main(std::env::args_os())))
}
