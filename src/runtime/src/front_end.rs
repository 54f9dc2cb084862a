//! Source text to code objects: parser, compiler and linker joined, their errors and warnings made Python's.

use crate::apart::apart;
use compiler::{CompileMode, CompileOptions, SourceMap, WarningKind};
use objects::door::{self, CompileRequest, FrontEnd, SourceForm};
use objects::exception::{self as exc, SyntaxErrorObject};
use objects::{Cast, R, Raised, Value, memory_error, new_int, new_str, recursion_error, value_error};
use ruff_python_ast::Mod;
use syntax::{Ast, DecodeFailure, DiagnosticKind, Flags, Mode, Origin, SyntaxDiagnostic};

const DONT_IMPLY_DEDENT: u32 = 0x200;
const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
const FUTURE_BARRY: u32 = 0x400000;
const FUTURE_MASK: u32 = 0x1fe0000;

/// Opens the compiler's half of the door.
pub fn install() {
    door::install_front_end(FrontEnd { compile, compile_ast, parse_ast });
    crate::ast_bridge::install();
}

/// Text of a request: decoded if it came as bytes.
fn source_text(request: &CompileRequest) -> R<String> {
    if request.form == SourceForm::Text {
        return Ok(String::from_utf8_lossy(request.source).into_owned());
    }
    let mut codec = |encoding: &str, bytes: &[u8]| decode_with_codec(encoding, bytes);
    let origin = if request.form == SourceForm::File { Origin::File(request.filename) } else { Origin::Memory };
    match syntax::decode(request.source, origin, &mut codec) {
        Ok(decoded) => Ok(decoded.text),
        Err(diagnostic) => Err(raise_diagnostic(&diagnostic, request.filename)),
    }
}

/// Codecs other than UTF-8, Latin-1 and ASCII come from the codec registry.
fn decode_with_codec(encoding: &str, bytes: &[u8]) -> Result<String, DecodeFailure> {
    match objects::codec::decode(bytes, encoding, "strict") {
        Ok(text) => text.to_utf8().ok_or_else(|| DecodeFailure::Failed("surrogates not allowed".to_owned())),
        Err(raised) => {
            let is_lookup = raised.is(&exc::LOOKUP_ERROR);
            let exception = raised.take();
            let message = objects::str_of(exception).map(|text| text.to_string_lossy()).unwrap_or_default();
            let is_unknown = is_lookup && message.starts_with("unknown encoding");
            Err(if is_unknown { DecodeFailure::UnknownEncoding } else { DecodeFailure::Failed(message) })
        }
    }
}

pub fn parse_request(request: &CompileRequest) -> R<syntax::Parsed> {
    expect_room_for(request.source);
    let text = source_text(request)?;
    let mode = match request.mode {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" => Mode::FuncType,
        _ => return Err(value_error!("compile() mode must be 'exec', 'eval', 'single' or 'func_type'")),
    };
    let flags = Flags {
        allow_incomplete_input: request.flags & ALLOW_INCOMPLETE_INPUT != 0,
        dont_imply_dedent: request.flags & DONT_IMPLY_DEDENT != 0,
        barry_as_flufl: request.flags & FUTURE_BARRY != 0,
    };
    let (parsed, text) = match text.len() {
        0..SHORT_TEXT => (syntax::parse(&text, mode, flags), text),
        SHORT_TEXT..LONG_TEXT => (heap::blocking(|| syntax::parse(&text, mode, flags)), text),
        _ => apart(stack_budget(), move || (syntax::parse(&text, mode, flags), text))?,
    };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(diagnostic) => {
            let raised = raise_diagnostic(&diagnostic, request.filename);
            add_typo_context(&raised, &diagnostic, &text);
            return Err(raised);
        }
    };
    if let Some(diagnostic) = syntax::too_long_int(&parsed, objects::int::max_str_digits()) {
        return Err(raise_diagnostic(&diagnostic, request.filename));
    }
    for warning in &parsed.warnings {
        emit(warning, request.filename, &parsed)?;
    }
    Ok(parsed)
}

/// The parser ends the process where memory is out: so as much as it will hardly exceed must be there. What counts is how many tokens there
/// are, which signs and ends of lines tell; trees, scopes and the code that is generated take some hundred bytes for each.
fn expect_room_for(text: &[u8]) {
    if text.len() < SHORT_TEXT {
        return;
    }
    let mut signs = 0usize;
    let mut is_blank = true;
    for byte in text {
        match byte {
            b'\n' => {
                signs += usize::from(!is_blank);
                is_blank = true;
            }
            b' ' | b'_' | b'#' => {}
            byte => {
                is_blank = false;
                signs += usize::from(byte.is_ascii_punctuation());
            }
        }
    }
    base::memory::expect_room(text.len().saturating_mul(8).saturating_add(signs.saturating_mul(320)));
}
/// Parser and compiler know no objects: others may collect while they are busy with a text longer than this.
const SHORT_TEXT: usize = 1 << 14;
/// And of longer ones a signal handler need not see the end.
const LONG_TEXT: usize = 1 << 21;

/// What `traceback` looks for misspelt keywords in: where the last whole statement begins, and the source.
fn add_typo_context(raised: &Raised, diagnostic: &SyntaxDiagnostic, source: &str) {
    let plain = diagnostic.message == "invalid syntax" || diagnostic.message.contains("Perhaps you forgot a comma");
    let Some(error) = raised.peek().cast::<SyntaxErrorObject>().filter(|_| plain) else { return };
    let (line, column) = syntax::statement_before(source, diagnostic.line.unwrap_or(0));
    let context = [new_int(line as i64), new_int(column as i64), new_str(source)];
    error.metadata.set(objects::new_tuple(&context).value());
}

/// Issues a warning; one that a filter turns into an error becomes a SyntaxError at that place.
fn emit(warning: &syntax::SyntaxWarning, filename: &str, parsed: &syntax::Parsed) -> R<()> {
    match objects::warnings::warn_explicit(&exc::SYNTAX_WARNING, &warning.message, filename, warning.line) {
        Err(raised) if raised.is(&exc::SYNTAX_WARNING) => {
            raised.clear();
            let (kind, message) = (DiagnosticKind::SyntaxError, warning.error_message.clone());
            let diagnostic = SyntaxDiagnostic::spanning(kind, message, &parsed.source, &parsed.lines, warning.start, warning.end);
            Err(raise_diagnostic(&diagnostic, filename))
        }
        result => result,
    }
}

fn compile(request: &CompileRequest) -> R {
    let parsed = parse_request(request)?;
    let options = options_of(request.mode, request.filename, request.flags, request.optimize);
    if let Ast::FunctionType(_) = &parsed.ast {
        return Err(value_error!("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
    }
    let (unit, parsed) = match parsed.source.len() {
        0..SHORT_TEXT => (generate(&parsed, &options), parsed),
        SHORT_TEXT..LONG_TEXT => (heap::blocking(|| generate(&parsed, &options)), parsed),
        _ => apart(stack_budget(), move || (generate(&parsed, &options), parsed))?,
    };
    finish(unit, &parsed.source, request.filename)
}

type Generated = Result<(bytecode::CodeUnit, Vec<compiler::Warning>), compiler::CompileError>;

fn generate(parsed: &syntax::Parsed, options: &CompileOptions) -> Generated {
    let map = SourceMap::new(&parsed.source);
    match &parsed.ast {
        Ast::Module(module) => compiler::compile_module(module, &map, options),
        Ast::Expression(expression) => compiler::compile_expression(expression, &map, options),
        Ast::FunctionType(_) => unreachable!("refused before"),
    }
}

/// Compiles a tree whose positions refer to `source`.
pub fn compile_tree(tree: &Mod, source: &str, mode: &str, filename: &str, flags: u32, optimize: i32) -> R {
    let options = options_of(mode, filename, flags, optimize);
    let map = SourceMap::new(source);
    finish(compiler::compile(tree, &map, &options), source, filename)
}

pub fn options_of(mode: &str, filename: &str, flags: u32, optimize: i32) -> CompileOptions {
    CompileOptions {
        mode: match mode {
            "eval" => CompileMode::Eval,
            "single" => CompileMode::Single,
            _ => CompileMode::Exec,
        },
        filename: filename.to_owned(),
        optimize: if optimize < 0 { objects::config::get().optimize.min(2) as u8 } else { optimize as u8 },
        future_flags: flags & FUTURE_MASK,
        allow_top_level_await: flags & ALLOW_TOP_LEVEL_AWAIT != 0,
        stack_budget: stack_budget(),
        int_max_str_digits: objects::int::max_str_digits(),
    }
}

/// Native stack that is left on this thread, less what the runtime needs itself.
fn stack_budget() -> usize {
    let marker = 0u8;
    let here = &raw const marker as usize;
    here.saturating_sub(objects::thread::current().exec.native_limit.get())
}

pub fn finish(result: Generated, source: &str, filename: &str) -> R {
    let (unit, warnings) = match result {
        Ok(done) => done,
        Err(error) => return Err(raise_compile_error(&error, filename)),
    };
    for warning in &warnings {
        let category = match warning.kind {
            WarningKind::Syntax => &exc::SYNTAX_WARNING,
            WarningKind::Deprecation => &exc::DEPRECATION_WARNING,
        };
        if let Err(raised) = objects::warnings::warn_explicit(category, &warning.message, filename, warning.line) {
            if !raised.is_class(category.get()) {
                return Err(raised);
            }
            raised.clear();
            return Err(syntax_error(
                &exc::SYNTAX_ERROR,
                &warning.message,
                filename,
                source,
                Some(warning.line),
                Some(warning.col),
            ));
        }
    }
    Ok(interp::link::link(unit)?.value())
}

/// As CPython, errors found after parsing show the line that the file has now; text that is in no file is not shown.
pub fn raise_compile_error(error: &compiler::CompileError, filename: &str) -> Raised {
    match error.kind {
        compiler::ErrorKind::Syntax => {
            let text = line_of_file(filename, error.line);
            let (col, end_col) = if text.is_some() { (error.col, error.end_col) } else { error.byte_cols };
            let place = Place {
                line: Some(error.line as i32),
                col: Some(col as i32),
                end_line: Some(error.end_line as i32),
                end_col: Some(end_col as i32),
                text,
            };
            raise_at(&exc::SYNTAX_ERROR, &error.message, filename, &place)
        }
        compiler::ErrorKind::Recursion => recursion_error!("{}", error.message),
        compiler::ErrorKind::TooLarge => objects::new_error(exc::OVERFLOW_ERROR.get(), &error.message),
    }
}

fn syntax_error(
    class: &objects::ClassCell,
    message: &str,
    filename: &str,
    source: &str,
    line: Option<u32>,
    col: Option<u32>,
) -> Raised {
    let place = Place {
        line: line.map(|line| line as i32),
        col: col.map(|col| col as i32),
        end_line: line.map(|line| line as i32),
        end_col: col.map(|col| col as i32),
        text: line.and_then(|line| line_of(source, line)),
    };
    raise_at(class, message, filename, &place)
}

/// Line `line` of a source file.
fn line_of_file(filename: &str, line: u32) -> Option<String> {
    let bytes = std::fs::read(filename).ok()?;
    let mut codec = |encoding: &str, bytes: &[u8]| decode_with_codec(encoding, bytes);
    let decoded = syntax::decode(&bytes, Origin::File(filename), &mut codec).ok()?;
    line_of(&decoded.text, line)
}

fn line_of(source: &str, line: u32) -> Option<String> {
    source.split_inclusive('\n').nth((line as usize).checked_sub(1)?).map(str::to_owned)
}

struct Place {
    line: Option<i32>,
    col: Option<i32>,
    end_line: Option<i32>,
    end_col: Option<i32>,
    text: Option<String>,
}

/// The Python exception of a diagnostic.
pub fn raise_diagnostic(diagnostic: &SyntaxDiagnostic, filename: &str) -> Raised {
    let class = match diagnostic.kind {
        DiagnosticKind::SyntaxError => &exc::SYNTAX_ERROR,
        DiagnosticKind::IndentationError => &exc::INDENTATION_ERROR,
        DiagnosticKind::TabError => &exc::TAB_ERROR,
        DiagnosticKind::Incomplete => &exc::INCOMPLETE_INPUT_ERROR,
        DiagnosticKind::TooDeep => return recursion_error!("{}", diagnostic.message),
        DiagnosticKind::TooComplex => return memory_error(),
    };
    let place = Place {
        line: diagnostic.line,
        col: diagnostic.col,
        end_line: diagnostic.end_line,
        end_col: diagnostic.end_col,
        text: diagnostic.text.clone(),
    };
    raise_at(class, &diagnostic.message, filename, &place)
}

fn raise_at(class: &objects::ClassCell, message: &str, filename: &str, place: &Place) -> Raised {
    let none = Value::none();
    let number = |number: Option<i32>| number.map_or(none, |number| new_int(number as i64));
    let text = place.text.as_deref().map_or(none, new_str);
    let message = new_str(message);
    if place.line.is_none() {
        let exception = exc::new_exception(class.get(), &[message]);
        // SAFETY: SyntaxError's layout.
        unsafe { exception.value().cast_unchecked::<SyntaxErrorObject>() }.msg.set(message);
        return objects::raise(exception.value());
    }
    let filename = new_str(filename);
    let (line, col, end_line, end_col) = (number(place.line), number(place.col), number(place.end_line), number(place.end_col));
    let details = objects::new_tuple(&[filename, line, col, text, end_line, end_col]).value();
    let exception = exc::new_exception(class.get(), &[message, details]);
    // SAFETY: SyntaxError's layout.
    let fields = unsafe { exception.value().cast_unchecked::<SyntaxErrorObject>() };
    fields.msg.set(message);
    fields.filename.set(filename);
    fields.lineno.set(line);
    fields.offset.set(col);
    fields.text.set(text);
    fields.end_lineno.set(end_line);
    fields.end_offset.set(end_col);
    fields.print_file_and_line.set(none);
    objects::raise(exception.value())
}

/// `ast` trees come from and go to crate stdlib-text, which knows the node classes.
fn parse_ast(request: &CompileRequest, feature_version: Option<u32>) -> R {
    crate::ast_bridge::parse(request, feature_version)
}

fn compile_ast(tree: Value, filename: &str, mode: &str, flags: u32, optimize: i32) -> R {
    crate::ast_bridge::compile(tree, filename, mode, flags, optimize)
}
