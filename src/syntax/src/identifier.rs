//! Which characters names are made of, by the Unicode version of Python 3.14.

pub fn is_start(character: char) -> bool {
    character == '_' || unicode_tables::is_xid_start(character as u32)
}

pub fn is_continue(character: char) -> bool {
    unicode_tables::is_xid_continue(character as u32)
}

pub fn is_printable(character: char) -> bool {
    unicode_tables::is_printable(character as u32)
}

/// Words that are never names.
pub fn is_keyword(text: &str) -> bool {
    matches!(
        text,
        "False"
            | "None"
            | "True"
            | "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}

/// Words that are keywords in some places.
pub fn is_soft_keyword(text: &str) -> bool {
    matches!(text, "_" | "case" | "match" | "type")
}
