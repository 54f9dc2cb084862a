//! The files of the library: where they come from, what is changed or left out, and how a folder is brought up to date.

use crate::compile::Compiled;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Changes to the crate's files: (file, its text, ours). Most are places where it speaks of its own interpreter.
const REPLACEMENTS: &[(&str, &str, &str)] = &[
    ("sysconfig/__init__.py", "RustPython", "Python"),
    // One folder name for all of `sysconfig` and `site`: no letter for the missing lock.
    ("sysconfig/__init__.py", "'t' if _CONFIG_VARS.get('Py_GIL_DISABLED') else ''", "''"),
    ("site.py", "RustPython", "Python"),
    ("site.py", "rustpython", "python"),
    // A `pyvenv.cfg` beside the executable that belongs to another Python is none of ours; the runtime has decided.
    ("site.py", "    if candidate_conf:\n", "    if candidate_conf and sys.prefix != sys.base_prefix:\n"),
    (
        "platform.py",
        "        if \"RustPython\" in sys_version:\n            name = \"RustPython\"\n        else:\n            name = 'CPython'\n",
        "        name = getattr(sys.implementation, '_platform', 'CPython')\n",
    ),
    // Lines of a `-c` command, for whoever asks.
    (
        "linecache.py",
        "        _interactive_cache[key] = entry\n",
        "        _interactive_cache[key] = entry\n\n\nimport sys\nif hasattr(sys, '_command'):\n    _register_code(*sys._command)\ndel sys\n",
    ),
    // The library's own archive: its directory is read by native code, its code units get the names of their sources.
    ("zipimport.py", "def _read_directory(archive):\n", include_str!("zip_directory.py")),
    (
        "zipimport.py",
        "        raise ZipImportError('negative data size')\n",
        "        raise ZipImportError('negative data size')\n    if compress == 0 and (known := _imp._read_zip_entry(archive, file_offset, data_size)) is not None:\n        return known\n",
    ),
    // The importer asks for a module's file name, which takes its code, and then for the code.
    (
        "zipimport.py",
        "        code, ispackage, modpath = _get_module_code(self, fullname)\n        return modpath\n",
        "        code, ispackage, modpath = _get_module_code(self, fullname)\n        self._found = fullname, code\n        return modpath\n",
    ),
    (
        "zipimport.py",
        "        code, ispackage, modpath = _get_module_code(self, fullname)\n        return code\n",
        "        name, code = self.__dict__.pop('_found', (None, None))\n        if name != fullname:\n            code, ispackage, modpath = _get_module_code(self, fullname)\n        return code\n",
    ),
    (
        "zipimport.py",
        "    code = marshal.loads(data[16:])\n",
        "    code = marshal.loads(data[16:])\n    if getattr(code, 'co_filename', None) == '<library>':\n        _imp._fix_co_filename(code, pathname.removesuffix('c'))\n",
    ),
    // The prompt `python -m asyncio` needs this module, but not what it says of other processes.
    (
        "asyncio/tools.py",
        "from _remote_debugging import RemoteUnwinder, FrameInfo\n",
        "FrameInfo = tuple\n\n\ndef RemoteUnwinder(pid):\n    raise NotImplementedError('_remote_debugging: the tasks of another process')\n\n",
    ),
    // A plain function that fails is told as a coroutine is: else its connection stays open, and the peer waits for ever.
    (
        "asyncio/streams.py",
        "            res = self._client_connected_cb(reader, writer)\n",
        "            try:\n                res = self._client_connected_cb(reader, writer)\n            except Exception as error:\n                res = None\n                self._loop.call_exception_handler(dict(\n                    message='Unhandled exception in client_connected_cb', exception=error, transport=transport))\n                transport.close()\n",
    ),
    (
        "asyncio/streams.py",
        "        loop = self._loop\n        self._transport = transport\n",
        "        self._transport = transport\n        if (reader := self._stream_reader) is not None:\n            reader._transport = transport\n",
    ),
];

/// Files and folders of the crate that CPython does not have, or that the environment template replaces.
const LEFT_OUT: &[&str] = &["_dummy_os.py", "_dummy_thread.py", "dummy_threading.py", "_pycodecs.py", "venv/scripts/"];

/// Modules and packages that come compiled: what most programs import. The rest is compiled at its first import.
const COMPILED: &[&str] = &[
    "__future__",
    "_colorize",
    "_ctypes",
    "_py_warnings",
    "_weakrefset",
    "annotationlib",
    "argparse",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "code",
    "codeop",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "_pydatetime",
    "decimal",
    "_pydecimal",
    "difflib",
    "dis",
    "email",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "getpass",
    "gettext",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "_strptime",
    "mimetypes",
    "numbers",
    "opcode",
    "operator",
    "pathlib",
    "pickle",
    "_compat_pickle",
    "pkgutil",
    "platform",
    "pprint",
    "queue",
    "quopri",
    "random",
    "re",
    "reprlib",
    "runpy",
    "secrets",
    "selectors",
    "shlex",
    "shutil",
    "signal",
    "socket",
    "sre_compile",
    "sre_constants",
    "sre_parse",
    "ssl",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "subprocess",
    "sysconfig",
    "tempfile",
    "textwrap",
    "threading",
    "token",
    "tokenize",
    "tomllib",
    "traceback",
    "types",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zoneinfo",
    "_threading_local",
    "_opcode_metadata",
    "os",
    "codecs",
    "abc",
    "genericpath",
    "posixpath",
    "stat",
    "site",
    "_sitebuiltins",
    "_collections_abc",
    "zipimport",
    "venv",
    "ensurepip",
    "compression",
];

/// Codecs among the compiled ones; the package has many more.
const COMPILED_ENCODINGS: &[&str] =
    &["__init__", "aliases", "ascii", "cp1252", "cp437", "idna", "latin_1", "punycode", "utf_16", "utf_8"];

/// All files by their path in the library.
pub struct Library {
    files: BTreeMap<String, Vec<u8>>,
}

impl Library {
    /// The crate's files with ours over them.
    pub fn read(overlay: &Path) -> Library {
        let mut files = BTreeMap::new();
        collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut files);
        files.retain(|path, _| !LEFT_OUT.iter().any(|left_out| path == left_out || is_below(path, left_out)));
        for (file, from, to) in REPLACEMENTS {
            let bytes = files.get_mut(*file).unwrap_or_else(|| panic!("the library has no {file}"));
            let text = String::from_utf8_lossy(bytes);
            assert!(text.contains(from), "the library's {file} does not hold {from:?}");
            *bytes = text.replace(from, to).into_bytes();
        }
        collect(overlay, "", &mut files);
        files.retain(|path, _| path != "README.md");
        Library { files }
    }

    pub fn source(&self, path: &str) -> &[u8] {
        self.files.get(path).unwrap_or_else(|| panic!("the library has no {path}"))
    }

    /// Brings a folder up to date: what is there and right is not touched, so that running interpreters are not disturbed.
    pub fn write(&self, compiled: &Compiled, folder: &Path) {
        let mut wanted: BTreeMap<String, Vec<u8>> = self.files.clone();
        for (path, source) in self.files.iter().filter(|(path, _)| comes_compiled(path)) {
            if let Some(bytes) = compiled.file(path, source) {
                wanted.insert(cache_path(path), bytes);
            }
        }
        update(folder, &wanted);
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

/// The files of the environment template, as they lie in an installation.
pub fn template(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files);
    files.remove("README.md");
    files
}

/// Makes a folder hold these files and no others; packages that somebody installed there stay.
pub fn update(folder: &Path, wanted: &BTreeMap<String, Vec<u8>>) {
    remove_others(folder, "", wanted);
    for (path, bytes) in wanted {
        let target = folder.join(path);
        if fs::read(&target).is_ok_and(|old| old == *bytes) {
            continue;
        }
        let parent = target.parent().expect("a file lies in a folder");
        fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
        // Whole or not at all, for whoever reads it now.
        let partial = parent.join(format!(".{}.partial", std::process::id()));
        fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &target)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

/// Whether `folder` (with its final slash) holds the path.
fn is_below(path: &str, folder: &str) -> bool {
    folder.ends_with('/') && path.starts_with(folder)
}

fn comes_compiled(path: &str) -> bool {
    let Some(module) = path.strip_suffix(".py") else { return false };
    match module.split_once('/') {
        Some(("encodings", codec)) => COMPILED_ENCODINGS.contains(&codec),
        Some((package, _)) => COMPILED.contains(&package),
        None => COMPILED.contains(&module),
    }
}

/// `json/decoder.py` -> `json/__pycache__/decoder.protopy-314.pyc`
fn cache_path(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    let stem = file.trim_end_matches(".py");
    let cache = format!("__pycache__/{stem}.protopy-314.pyc");
    if folder.is_empty() { cache } else { format!("{folder}/{cache}") }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path: PathBuf = entry.path();
        if path.is_dir() {
            if name != "__pycache__" {
                collect(&path, &format!("{prefix}{name}/"), files);
            }
        } else {
            files
                .insert(format!("{prefix}{name}"), fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
}

/// Removes files that no longer belong there; caches that the interpreter wrote stay, and links are never followed: what they
/// lead to (a test package put there by hand, say) is not ours.
fn remove_others(folder: &Path, prefix: &str, wanted: &BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_symlink() || path == "site-packages" {
            continue;
        }
        if kind.is_dir() {
            remove_others(&entry.path(), &format!("{path}/"), wanted);
        } else if !wanted.contains_key(&path) && !prefix.ends_with("__pycache__/") {
            let _ = fs::remove_file(entry.path());
        }
    }
}
