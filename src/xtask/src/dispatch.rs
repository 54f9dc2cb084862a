//! The rule that keeps the interpreter's loop a chain of jumps: disassembles the handlers of a release build and looks for
//! dispatch that is a call. Must not know: what handlers do.

use crate::Outcome;
use crate::snippets::Tally;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// How the handlers' symbols begin once demangled.
const HANDLERS: &[&str] = &["<interp::dispatch::engine::handler", "<interp::dispatch::engine::second_handler"];
/// A build that dispatches by `match` has none; one by tail calls has one per op (equal ones may be folded).
const FEWEST: usize = 100;

/// Every handler of `program` must leave by a jump. A handler whose dispatch LLVM left as a call would grow the native stack
/// with every instruction that it executes.
pub fn check(program: &Path) -> Outcome<Tally> {
    if !cfg!(target_arch = "x86_64") {
        println!("  the handlers are looked at on x86-64 only");
        return Ok(Tally::default());
    }
    let mut objdump = Command::new("objdump");
    objdump.args(["-dC", "--no-show-raw-insn"]).arg(program).stdout(Stdio::piped());
    let mut child = objdump.spawn().map_err(|error| format!("objdump (of the C compiler's binutils): {error}"))?;
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let (handlers, calling) = scan(output.lines().map_while(Result::ok));
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("objdump ended with {status}"));
    }
    for line in &calling {
        println!("FAIL {line}");
    }
    if handlers < FEWEST {
        return Err(format!("{handlers} handlers found in {}: is it a release build?", program.display()));
    }
    println!("  {handlers} handlers");
    Ok(Tally { passed: handlers - calling.len().min(handlers), failed: calling.len(), ..Tally::default() })
}

/// Number of handlers, and the calls in them that go through the table of handlers.
fn scan(lines: impl Iterator<Item = String>) -> (usize, Vec<String>) {
    let mut handlers = 0;
    let mut calling = Vec::new();
    let mut inside = false;
    let mut from_table = Vec::new();
    for line in lines {
        if line.ends_with(">:") {
            inside = HANDLERS.iter().any(|start| line.contains(start));
            handlers += usize::from(inside);
            from_table.clear();
        } else if inside {
            // What follows a jump is reached from elsewhere, with other words in the registers.
            if line.contains("\tjmp") || line.contains("\tret") {
                from_table.clear();
            }
            if let Some(register) = overwritten(&line) {
                from_table.retain(|loaded| loaded != register);
            }
            if let Some(register) = loaded_from_table(&line) {
                from_table.push(register.to_owned());
            }
            if is_dispatching_call(&line, &from_table) {
                calling.push(line.trim().to_owned());
            }
        }
    }
    (handlers, calling)
}

/// The register of `mov (%r8,%rax,8),%rcx`: an entry of a table of words.
fn loaded_from_table(line: &str) -> Option<&str> {
    let (source, register) = line.split_once("mov ")?.1.trim().rsplit_once(',')?;
    source.ends_with(",8)").then_some(register)
}

/// The register that an instruction of two operands writes.
fn overwritten(line: &str) -> Option<&str> {
    let (_, text) = line.split_once(":\t")?;
    let (instruction, operands) = text.trim().split_once(' ')?;
    let (_, register) = operands.trim().rsplit_once(',')?;
    let writes = !instruction.starts_with("cmp") && !instruction.starts_with("test");
    (writes && register.starts_with('%')).then_some(register)
}

/// `call *(%r8,%rax,8)`, or `call *%rcx` of a table's entry. (Known functions are called through their import slots or registers too.)
fn is_dispatching_call(line: &str, from_table: &[String]) -> bool {
    line.split_once("call").is_some_and(|(_, target)| match target.trim().strip_prefix('*') {
        Some(target) => target.ends_with(",8)") || from_table.iter().any(|register| register == target),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_dispatch_that_calls() {
        let text = "\
0000000000001000 <interp::dispatch::engine::handler>:
    1000:	mov    (%rdi),%eax
    1002:	call   *0x3f1db0(%rip)        # 2000 <memcpy>
    1008:	jmp    *(%r8,%rax,8)

0000000000001010 <interp::dispatch::engine::handler>:
    1010:	call   *(%r8,%rax,8)

0000000000001018 <interp::dispatch::engine::handler>:
    1018:	mov    (%r8,%rax,8),%rcx
    101c:	call   *%rcx
    101e:	call   *%rbx

0000000000001028 <interp::dispatch::engine::handler>:
    1028:	mov    (%rsi,%rax,8),%r9
    102c:	mov    0x8(%rdi),%r9
    1030:	call   *%r9

0000000000001038 <other>:
    1038:	call   *(%r8,%rax,8)
";
        let (handlers, calling) = scan(text.lines().map(str::to_owned));
        assert_eq!((handlers, calling), (4, vec!["1010:\tcall   *(%r8,%rax,8)".to_owned(), "101c:\tcall   *%rcx".to_owned()]));
    }
}
