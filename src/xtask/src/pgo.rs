//! `cargo xtask pgo`: a build that counts, programs that train it, and a wheel built with the counts. Before the wheel, the same program is
//! linked once for the order in which it calls its functions (docs/internals/boot.md): the compiler splits and inlines by the counts, so that no
//! other build has the same ones.
//!
//! Needs `llvm-profdata` of the toolchain (`rustup component add llvm-tools`) and valgrind.

use crate::fixed_address;
use crate::flags::Flags;
use crate::house::{self, House};
use crate::package::{self, Guides};
use crate::{Outcome, files, programs, text_order};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names that say all about an instance of a generic function, in place of hashes that depend on how a crate is built.
pub const NAMES: &str = "-Csymbol-mangling-version=v0";

/// One ordinary program in so many says what programs call.
const PART: usize = 8;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let extra = flags.value("--programs")?;
    if let Some(word) = flags.rest()?.first() {
        return Err(format!("pgo takes no {word:?}"));
    }
    let host = package::host_triple()?;
    let profdata = profdata_tool(&host)?;
    let scratch = house.scratch("pgo")?;
    let raw = scratch.join("raw");
    if raw.exists() {
        std::fs::remove_dir_all(&raw).map_err(|error| format!("{}: {error}", raw.display()))?;
    }
    let counting = counting_build(house, &host, &scratch.join("target"), &raw)?;
    train(house, &counting, extra.as_deref())?;
    let counts = scratch.join("protopy.profdata");
    house::run(Command::new(profdata).arg("merge").arg("-o").arg(&counts).arg(&raw), "merging the profiles")?;
    let guided = guided_build(house, &host, &counts)?;
    let order = scratch.join("text-order.txt");
    text_order::write(&order, &text_order::make(house, &guided, PART)?)?;
    let wheel = package::build(house, Some(&Guides { counts, order }))?;
    println!("built {}", house.shown(&wheel));
    Ok(())
}

fn counting_build(house: &House, host: &str, target: &Path, raw: &Path) -> Outcome<PathBuf> {
    let flags = format!("{NAMES} -Cprofile-generate={}", raw.display());
    program(house, host, target, &[], &flags, "building a protopy that counts")
}

/// The wheel's program with its symbols (the features are the wheel's, too), made where the wheel's build finds what was compiled.
fn guided_build(house: &House, host: &str, counts: &Path) -> Outcome<PathBuf> {
    let flags = format!("{NAMES} -Cprofile-use={}", counts.display());
    program(house, host, &house.target(), &["--features", "protopip"], &flags, "building protopy by the counts")
}

fn program(house: &House, host: &str, target: &Path, features: &[&str], flags: &str, doing: &str) -> Outcome<PathBuf> {
    let mut command = house.cargo();
    command
        .args(["build", "--locked", "--profile", "dist", "--package", "cli", "--bin", "protopy"])
        .args(features)
        .arg("--target-dir")
        .arg(target);
    fixed_address::prepare(&mut command, host, flags)?;
    house::run(&mut command, doing)?;
    Ok(target.join(host).join("dist").join("protopy"))
}

/// Runs ordinary programs and those of a folder.
fn train(house: &House, python: &Path, extra: Option<&str>) -> Outcome {
    let mut training = programs::ordinary(house);
    if let Some(folder) = extra {
        training.extend(files::below(Path::new(folder), &[".py"]));
    }
    for (number, program) in training.iter().enumerate() {
        let folder = program.parent().ok_or("a program outside every folder")?;
        programs::run_silently(Command::new(python).arg(program), folder)?;
        if number % 10 == 9 {
            println!("trained with {} of {} programs", number + 1, training.len());
        }
    }
    Ok(())
}

fn profdata_tool(host: &str) -> Outcome<PathBuf> {
    let sysroot = package::rustc(&["--print", "sysroot"])?;
    let tool = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/llvm-profdata");
    if tool.exists() { Ok(tool) } else { Err("llvm-profdata is missing: rustup component add llvm-tools".to_owned()) }
}
