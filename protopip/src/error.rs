//! The one error of the crate: what happened, why, what to do about it, and the exit code of the process. Knows no subsystem.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Exit codes, as documented in docs/protopip.md. They never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    Success = 0,
    /// Reading or writing failed, or `check` found something.
    Failed = 1,
    /// Wrong options, requirement text, or configuration.
    Usage = 2,
    /// No set of versions fits, or a package does not exist.
    NoSolution = 3,
    /// Something was refused: wrong hash, malformed or hostile archive, a wheel for another interpreter.
    Refused = 4,
    /// The index could not be reached, or offline mode lacks an answer.
    Network = 5,
    /// No usable environment: no interpreter, externally managed, in use by another process.
    Environment = 6,
    /// A source package could not be built.
    Build = 7,
}

/// What went wrong. `message` is one sentence in lower case without a full stop; `because` are causes, outermost first; `hints` say
/// what to do next.
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: ExitCode,
    message: String,
    because: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    pub fn new(code: ExitCode, message: impl Into<String>) -> Error {
        Error(Box::new(Parts { code, message: message.into(), because: Vec::new(), hints: Vec::new() }))
    }

    pub fn failed(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Failed, message)
    }

    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Usage, message)
    }

    pub fn no_solution(message: impl Into<String>) -> Error {
        Error::new(ExitCode::NoSolution, message)
    }

    pub fn refused(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Refused, message)
    }

    pub fn network(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Network, message)
    }

    pub fn environment(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Environment, message)
    }

    pub fn build(message: impl Into<String>) -> Error {
        Error::new(ExitCode::Build, message)
    }

    /// An operating system's error, with what was being done: `Error::io("cannot read", path, error)`.
    pub fn io(doing: &str, path: &std::path::Path, error: std::io::Error) -> Error {
        Error::failed(format!("{doing} {}", path.display())).because(error)
    }

    /// Adds an inner cause.
    pub fn because(mut self, cause: impl fmt::Display) -> Error {
        self.0.because.push(cause.to_string());
        self
    }

    /// Adds advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hints.push(hint.into());
        self
    }

    /// Puts a larger matter in front: the present message becomes the first cause.
    pub fn within(mut self, message: impl Into<String>) -> Error {
        let inner = std::mem::replace(&mut self.0.message, message.into());
        self.0.because.insert(0, inner);
        self
    }

    pub fn with_code(mut self, code: ExitCode) -> Error {
        self.0.code = code;
        self
    }

    pub fn code(&self) -> ExitCode {
        self.0.code
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn causes(&self) -> &[String] {
        &self.0.because
    }

    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)?;
        for cause in &self.0.because {
            write!(out, ": {cause}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{:?}] {self}", self.0.code)
    }
}

impl std::error::Error for Error {}
