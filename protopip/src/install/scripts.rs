//! The text of scripts: first lines that work for every path of an interpreter, and the few lines that call an entry point.
//! Must not know: where scripts are put.

use crate::wheel::EntryPoint;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The kernel of old Linux systems reads so much of a first line, `#!` included.
const SHEBANG_LIMIT: usize = 127;

/// The first line, or the first three: a long path, or one with blanks, goes through a shell by text that Python takes for a string.
pub fn shebang(python: &Path) -> Vec<u8> {
    let path = python.as_os_str().as_bytes();
    let is_simple = path.len() + 3 <= SHEBANG_LIMIT && !path.iter().any(|byte| byte.is_ascii_whitespace());
    if is_simple {
        return [b"#!", path, b"\n"].concat();
    }
    [b"#!/bin/sh\n'''exec' ", shell_quoted(python.as_os_str()).as_slice(), b" \"$0\" \"$@\"\n' '''\n"].concat()
}

/// In double quotes: single quotes would end Python's string.
fn shell_quoted(text: &OsStr) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for &byte in text.as_bytes() {
        if matches!(byte, b'"' | b'\\' | b'$' | b'`') {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

pub fn entry_point_script(entry: &EntryPoint, python: &Path) -> Vec<u8> {
    let mut text = shebang(python);
    // Only the first part is imported: the rest are attributes.
    let imported = entry.object.split('.').next().unwrap_or(&entry.object);
    let (module, object) = (&entry.module, &entry.object);
    let program = format!(
        "import sys\nfrom {module} import {imported}\n\nif __name__ == \"__main__\":\n    sys.argv[0] = sys.argv[0].removesuffix(\".exe\")\n    sys.exit({object}())\n"
    );
    text.extend_from_slice(program.as_bytes());
    text
}

/// A script that asks for "the environment's Python" by `#!python`, with the line it needs; `None` if it does not ask.
pub fn with_shebang(script: &[u8], python: &Path) -> Option<Vec<u8>> {
    if !script.starts_with(b"#!python") {
        return None;
    }
    let line_end = script.iter().position(|&byte| byte == b'\n').map_or(script.len(), |at| at + 1);
    Some([shebang(python).as_slice(), &script[line_end..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn first_lines() {
        assert_eq!(text(shebang(Path::new("/e/bin/python"))), "#!/e/bin/python\n");
        let blank = text(shebang(Path::new("/my env/bin/python")));
        assert_eq!(blank, "#!/bin/sh\n'''exec' \"/my env/bin/python\" \"$0\" \"$@\"\n' '''\n");
        assert!(text(shebang(Path::new(&format!("/{}", "x".repeat(130))))).starts_with("#!/bin/sh\n"));
    }

    #[test]
    fn rewriting() {
        let python = Path::new("/e/bin/python");
        assert_eq!(text(with_shebang(b"#!python\nx\n", python).unwrap()), "#!/e/bin/python\nx\n");
        assert_eq!(text(with_shebang(b"#!pythonw -E\nx", python).unwrap()), "#!/e/bin/python\nx");
        assert_eq!(text(with_shebang(b"#!python", python).unwrap()), "#!/e/bin/python\n");
        assert!(with_shebang(b"#!/bin/sh\n", python).is_none());
    }

    #[test]
    fn entry_points() {
        let entry = EntryPoint { name: "a".into(), module: "m.n".into(), object: "C.run".into() };
        let script = text(entry_point_script(&entry, Path::new("/p")));
        assert!(script.contains("from m.n import C\n") && script.contains("sys.exit(C.run())"));
    }
}
