//! Where the library is looked for, and what a start says that finds none.

use std::process::{Command, Output};

fn protopy(home: Option<&str>, program: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protopy"));
    command.args(["-c", program]).env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    if let Some(home) = home {
        command.env("PYTHONHOME", home);
    }
    command.output().expect("protopy runs")
}

#[test]
fn a_home_without_a_library_is_told_at_once() {
    let output = protopy(Some("/nonexistent"), "print('started')");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("No module named 'encodings'"));
}

#[test]
fn codecs_that_are_not_native_come_up_when_asked_for() {
    let program = "import sys; print('encodings' in sys.modules, 'é'.encode('cp437'), 'encodings' in sys.modules)";
    let output = protopy(None, program);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "False b'\\x82' True\n");
}
