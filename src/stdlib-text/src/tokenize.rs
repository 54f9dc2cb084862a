//! `_tokenize`: the token stream of `syntax::tokens` over lines that a callable gives, asked when they are needed.

use objects::{
    Bytes, Cast, Class, DeriveLayout, Gc, Header, R, Raised, Slot, Str, Value, call, exc, native_class, native_module, new_int,
    new_object, new_str, new_tuple, type_error,
};
use syntax::tokens::{Step, TokenInfo, Tokenizer};
use syntax::{DiagnosticKind, SyntaxDiagnostic};

pub struct Tokenize;

#[native_module(name = "_tokenize", classes = [TokenizerIter])]
impl Tokenize {}

#[derive(DeriveLayout)]
#[repr(C)]
pub struct TokenizerIter {
    header: Header,
    readline: Slot,
    encoding: Slot,
    #[layout(skip)] // no references inside
    tokenizer: heap::Mutex<Tokenizer>,
}

#[native_class(name = "_tokenize.TokenizerIter", base = object, flags = "final")]
impl TokenizerIter {
    #[new]
    #[sig("(readline, /, *, encoding=None, extra_tokens=False)", hidden)]
    fn new(cls: Gc<Class>, readline: Value, encoding: Option<Gc<Str>>, extra_tokens: bool) -> R {
        let fields = TokenizerIter {
            header: Header::blank(),
            readline: Slot::new(readline),
            encoding: Slot::new(encoding.map_or(Value::none(), Gc::value)),
            tokenizer: heap::Mutex::new(Tokenizer::new(extra_tokens)),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<TokenizerIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<TokenizerIter>) -> R<Option<Value>> {
        loop {
            let step = this.tokenizer.lock().step();
            match step {
                Step::Token(token) => return Ok(Some(token_value(&token))),
                Step::Failed(diagnostic) => return Err(raise(&diagnostic)),
                Step::Finished => return Ok(None),
                Step::WantsLines(count) => read_lines(this, count)?,
            }
        }
    }
}

fn place((line, column): (i32, i32)) -> Value {
    new_tuple(&[new_int(line as i64), new_int(column as i64)]).value()
}
fn token_value(token: &TokenInfo) -> Value {
    let (start, end) = (place(token.start), place(token.end));
    new_tuple(&[new_int(token.kind as i64), new_str(&token.text), start, end, new_str(&token.line)]).value()
}

/// Asks `readline` for lines until there are as many, or no more.
fn read_lines(this: Gc<TokenizerIter>, count: usize) -> R<()> {
    let readline = this.readline.get().unwrap_or(Value::none());
    let encoding = this.encoding.get().and_then(|encoding| encoding.cast::<Str>());
    for _ in 0..count {
        let line = match call(readline, &[]) {
            Ok(line) => line,
            Err(raised) if raised.is(&exc::STOP_ITERATION) => {
                raised.clear();
                this.tokenizer.lock().add_line("");
                return Ok(());
            }
            Err(raised) => return Err(raised),
        };
        let line = match (line.cast::<Str>(), line.cast::<Bytes>(), encoding) {
            (_, Some(bytes), Some(encoding)) => {
                let name = objects::convert::utf8(encoding)?;
                objects::codec::decode(bytes.as_slice(), name, "replace")?
            }
            (Some(line), _, None) => line,
            _ => return Err(type_error!("readline() returned a non-string object")),
        };
        let line = objects::convert::utf8(line)?;
        // The parser and what tells tokens apart copy it a few times.
        base::memory::expect_room(line.len().saturating_mul(16));
        this.tokenizer.lock().add_line(line);
        if line.is_empty() {
            break;
        }
    }
    Ok(())
}

fn raise(diagnostic: &SyntaxDiagnostic) -> Raised {
    let class = match diagnostic.kind {
        DiagnosticKind::IndentationError => &exc::INDENTATION_ERROR,
        DiagnosticKind::TabError => &exc::TAB_ERROR,
        DiagnosticKind::Incomplete => &exc::INCOMPLETE_INPUT_ERROR,
        DiagnosticKind::SyntaxError => &exc::SYNTAX_ERROR,
        DiagnosticKind::TooDeep => return objects::recursion_error!("{}", diagnostic.message),
        DiagnosticKind::TooComplex => return objects::memory_error(),
    };
    let number = |number: Option<i32>| number.map_or(Value::none(), |number| new_int(number as i64));
    let message = new_str(&diagnostic.message);
    let details = [
        new_str("<string>"),
        number(diagnostic.line),
        number(diagnostic.col),
        diagnostic.text.as_deref().map_or(Value::none(), new_str),
        number(diagnostic.end_line),
        number(diagnostic.end_col),
    ];
    let exception = if diagnostic.text.is_some() {
        call(class.get().value(), &[message, new_tuple(&details).value()])
    } else {
        call(class.get().value(), &[message]).and_then(|exception| {
            objects::set_attr(exception, objects::interned!("lineno"), details[1])?;
            objects::set_attr(exception, objects::interned!("offset"), details[2])?;
            Ok(exception)
        })
    };
    match exception {
        Ok(exception) => objects::raise(exception),
        Err(raised) => raised,
    }
}
