//! Texts of `--help`, `--version` and the like.

use crate::options::Run;
use std::ffi::OsString;

/// Language version.
pub const PYTHON_VERSION: &str = "3.14.8";
const PROTOPY_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The short hint behind an error of usage.
pub fn usage(program: &OsString) -> String {
    let program = program.to_string_lossy();
    format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.")
}

/// What to print if the command line asks for nothing else.
pub fn answer(program: &OsString, run: &Run) -> Option<String> {
    match run {
        Run::Version(1) => Some(format!("Python {PYTHON_VERSION}")),
        Run::Version(_) => Some(format!("Python {PYTHON_VERSION} (protopython {PROTOPY_VERSION}) [free-threaded]")),
        Run::VersionJson => Some(format!(
            "{{\"implementation\": \"protopy\", \"version\": \"{PROTOPY_VERSION}\", \"python_version\": \"{PYTHON_VERSION}\"}}"
        )),
        Run::Help => Some(help(program)),
        Run::HelpEnv => Some(ENVIRONMENT.to_owned()),
        Run::HelpXoptions => Some(X_OPTIONS.to_owned()),
        Run::HelpAll => Some(format!("{}\n\n{ENVIRONMENT}\n\n{X_OPTIONS}", help(program))),
        _ => None,
    }
}

fn help(program: &OsString) -> String {
    format!("usage: {} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n{OPTIONS}", program.to_string_lossy())
}

const OPTIONS: &str = "\
Options (and corresponding environment variables):
-b     : warn about str(bytes), str(bytearray) and comparing bytes with str or
         int (-bb: raise errors)
-B     : do not write .pyc files; also PYTHONDONTWRITEBYTECODE=x
-c cmd : program passed in as string (ends the options)
-d     : accepted for compatibility; also PYTHONDEBUG=x
-E     : ignore PYTHON* environment variables (such as PYTHONPATH)
-h     : print this help and exit (also -? or --help)
-i     : prompt after running the program; also PYTHONINSPECT=x
-I     : isolate from the user's environment (implies -E, -P and -s)
-m mod : run library module as a script (ends the options); also --module
-O     : remove assert and __debug__ statements; also PYTHONOPTIMIZE=x
-OO    : -O, and drop docstrings
-P     : do not put an unsafe path in front of sys.path; also PYTHONSAFEPATH
-q     : no version and copyright messages at the prompt
-s     : do not add the user's site folder to sys.path; also PYTHONNOUSERSITE=x
-S     : do not `import site` at start
-u     : unbuffered stdout and stderr; also PYTHONUNBUFFERED=x
-v     : trace import statements; also PYTHONVERBOSE=x
-V     : print the version and exit (also --version; -VV: more; --version --json)
-W arg : warning control, arg is action:message:category:module:lineno;
         also PYTHONWARNINGS=arg
-x     : skip the first line of the source
-X opt : set an implementation option; see --help-xoptions
--check-hash-based-pycs always|default|never
--path DIR      : put DIR in front of sys.path
--stdlib DIR    : take the library from DIR
--script FILE   : run FILE (ends the options)
--repl          : prompt even if standard input is no terminal
--help-env      : print help about environment variables and exit
--help-xoptions : print help about -X options and exit
--help-all      : print all of the above and exit

Arguments:
file   : program read from a script file
-      : program read from stdin (default; interactive on a terminal)
arg ...: arguments passed to the program in sys.argv[1:]";

const ENVIRONMENT: &str = "\
Environment variables that change behaviour:
PYTHONPATH               : folders in front of the default module search path
PYTHONSTARTUP            : file run at the start of the prompt
PYTHONDEVMODE            : development mode (-X dev)
PYTHONHOME               : folder of the installation whose library is used
PYTHONHASHSEED           : 'random' or an integer: the key of str hashes
PYTHONINTMAXSTRDIGITS    : limit for conversions between int and str
PYTHONIOENCODING         : encoding[:errors] of the standard streams
PYTHONPYCACHEPREFIX      : root of a folder tree for .pyc files
PYTHONUTF8               : UTF-8 mode (-X utf8)
PYTHONWARNDEFAULTENCODING: warn about the locale's encoding being used by default
PYTHONFAULTHANDLER       : dump tracebacks on fatal errors
PYTHONPROFILEIMPORTTIME  : how long each import takes (-X importtime)
PYTHONTRACEMALLOC        : trace allocations (-X tracemalloc)
PYTHON_BASIC_REPL        : the plain prompt
PYTHON_FROZEN_MODULES    : use of frozen library modules (-X frozen_modules)
PROTOPY_PERSONA          : what tools are told (-X persona)
PROTOPY_GC_STRESS, PROTOPY_GC_VERIFY, PROTOPY_FAIL_ALLOC: heap test modes";

const X_OPTIONS: &str = "\
-X options:
-X dev                    : development mode
-X faulthandler           : dump tracebacks on fatal errors
-X frozen_modules=[on|off]: use of frozen library modules
-X importtime[=2]         : how long each import takes; with 2 also those of loaded modules
-X int_max_str_digits=N   : limit for conversions between int and str
-X persona=honest|uv      : what `sys.implementation.name` and `platform.python_implementation()` tell tools
-X pycache_prefix=PATH    : root of a folder tree for .pyc files
-X tracemalloc[=N]        : trace allocations from the start, N frames of each (see the module tracemalloc)
-X utf8[=0|1]             : UTF-8 mode
-X warn_default_encoding  : warn about the locale's encoding being used by default";
