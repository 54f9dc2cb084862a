//! `_symtable`: the compiler's symbol table as the library's `symtable` reads it.
//!
//! Must not know: how source becomes a tree; the runtime lends a reader.

use base::memory::copied;
use compiler::{Scope, ScopeKind, Symbol, SymbolScope, SymbolTable, def};
use objects::dict::dict_set_str;
use objects::door::{CompileRequest, SourceForm};
use objects::path::fs_bytes;
use objects::{
    Buf, Cast, DeriveLayout, Gc, GcVec, Header, Module, R, Slot, Str, Value, intern, native_class, native_module, new_dict,
    new_int, new_list, new_native, not_implemented_error, type_error, value_error,
};
use std::sync::OnceLock;

static READER: OnceLock<fn(&CompileRequest) -> R<SymbolTable>> = OnceLock::new();

/// Registers what reads source.
pub fn install_reader(reader: fn(&CompileRequest) -> R<SymbolTable>) {
    let _ = READER.set(reader);
}

const SCOPE_OFFSET: u32 = 12;
/// Flags that are the compiler's own affair.
const PRIVATE: u32 = def::WALRUS | def::DELETED;

const CONSTANTS: &[(&str, u32)] = &[
    ("USE", def::USE),
    ("DEF_GLOBAL", def::GLOBAL),
    ("DEF_NONLOCAL", def::NONLOCAL),
    ("DEF_LOCAL", def::LOCAL),
    ("DEF_PARAM", def::PARAM),
    ("DEF_TYPE_PARAM", def::TYPE_PARAM),
    ("DEF_FREE_CLASS", def::FREE_CLASS),
    ("DEF_IMPORT", def::IMPORT),
    ("DEF_BOUND", 134),
    ("DEF_ANNOT", def::ANNOT),
    ("DEF_COMP_ITER", def::COMP_ITER),
    ("DEF_COMP_CELL", def::COMP_CELL),
    ("TYPE_FUNCTION", 0),
    ("TYPE_CLASS", 1),
    ("TYPE_MODULE", 2),
    ("TYPE_ANNOTATION", 3),
    ("TYPE_TYPE_ALIAS", 4),
    ("TYPE_TYPE_PARAMETERS", 5),
    ("TYPE_TYPE_VARIABLE", 6),
    ("LOCAL", 1),
    ("GLOBAL_EXPLICIT", 2),
    ("GLOBAL_IMPLICIT", 3),
    ("FREE", 4),
    ("CELL", 5),
    ("SCOPE_OFF", SCOPE_OFFSET),
    ("SCOPE_MASK", 15),
];

fn kind_number(kind: ScopeKind) -> i64 {
    match kind {
        ScopeKind::Function => 0,
        ScopeKind::Class => 1,
        ScopeKind::Module => 2,
        ScopeKind::Annotation => 3,
        ScopeKind::TypeAlias => 4,
        ScopeKind::TypeParameters => 5,
        ScopeKind::TypeVariable => 6,
    }
}

pub struct Symtable;

#[native_module(name = "_symtable", classes = [Entry])]
impl Symtable {
    /// The symbol tables of source, as the compiler makes them.
    fn symtable(source: Value, filename: Value, startstr: &str) -> R<Gc<Entry>> {
        let path = fs_bytes(filename)?;
        let mode = match startstr {
            "exec" | "eval" | "single" => startstr,
            _ => return Err(value_error!("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
        };
        let (bytes, form) = if let Some(text) = source.cast::<Str>() {
            (copied(objects::convert::utf8(text)?.as_bytes()), SourceForm::Text)
        } else if let Some(buffer) = Buf::try_new(source)? {
            (copied(&buffer), SourceForm::Bytes)
        } else {
            return Err(type_error!("symtable() arg 1 must be a string or bytes"));
        };
        let shown = path.to_string_lossy().into_owned();
        let request = CompileRequest { source: &bytes, form, filename: &shown, mode, flags: 0, optimize: -1 };
        let Some(reader) = READER.get() else { return Err(not_implemented_error!("this build has no compiler")) };
        let table = reader(&request)?;
        entry(&table, 0)
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for (name, number) in CONSTANTS {
            module.set(name, new_int((*number).into()))?;
        }
        Ok(())
    }
}

/// Names and flags; those of comprehensions that run in the scope's own code count as its own.
fn merged_symbols(table: &SymbolTable, scope: &Scope) -> Vec<(String, u32)> {
    let shown = |symbol: &Symbol| symbol.flags & !PRIVATE | (symbol.scope as u32) << SCOPE_OFFSET;
    let mut symbols: Vec<(String, u32)> = scope.symbols.iter().map(|symbol| (symbol.name.to_string(), shown(symbol))).collect();
    for child in scope.children.iter().map(|child| &table.scopes[*child]).filter(|child| child.inlined) {
        for (name, flags) in merged_symbols(table, child) {
            let is_cell = flags >> SCOPE_OFFSET == SymbolScope::Cell as u32;
            let flags = if is_cell { flags | def::COMP_CELL } else { flags };
            if flags & def::PARAM == 0 && !symbols.iter().any(|(known, _)| *known == name) {
                symbols.push((name, flags));
            }
        }
    }
    symbols
}

fn symbols_of(table: &SymbolTable, scope: &Scope) -> R {
    let symbols = new_dict();
    for (name, flags) in merged_symbols(table, scope) {
        dict_set_str(symbols, intern(&name), new_int(flags.into()))?;
    }
    Ok(symbols.value())
}

/// The scope of annotations that a function has in CPython's table even when it has no annotations.
fn empty_annotations(function: &Scope) -> R<Gc<Entry>> {
    let symbols = new_dict();
    let format = intern(".format");
    let flags = def::PARAM | def::USE | 1 << SCOPE_OFFSET;
    dict_set_str(symbols, format, new_int(flags.into()))?;
    let varnames = new_list(&[format.value()]).value();
    let children = new_list(&[]).value();
    Ok(new_native(Entry {
        header: Header::blank(),
        name: Slot::new(intern("__annotate__").value()),
        symbols: Slot::new(symbols.value()),
        varnames: Slot::new(varnames),
        children: Slot::new(children),
        nested: function.nested,
        kind: kind_number(ScopeKind::Annotation),
        line: function.line,
    }))
}

fn entry(table: &SymbolTable, number: usize) -> R<Gc<Entry>> {
    let _guard = objects::thread::enter_recursion()?;
    let scope = &table.scopes[number];
    let symbols = symbols_of(table, scope)?;
    let names: GcVec = scope.parameters.iter().map(|name| intern(name).value()).collect();
    let varnames = new_list(&names).value();
    let mut children: GcVec = GcVec::new();
    add_children(table, scope, &mut children)?;
    let children = new_list(&children).value();
    Ok(new_native(Entry {
        header: Header::blank(),
        name: Slot::new(intern(&scope.name).value()),
        symbols: Slot::new(symbols),
        varnames: Slot::new(varnames),
        children: Slot::new(children),
        nested: scope.nested,
        kind: kind_number(scope.kind),
        line: scope.line,
    }))
}

/// The scopes inside; in place of a comprehension that is no scope of its own stand those inside it.
fn add_children(table: &SymbolTable, scope: &Scope, children: &mut GcVec) -> R<()> {
    let _guard = objects::thread::enter_recursion()?;
    let mut before: Option<&Scope> = None;
    for number in &scope.children {
        let child = &table.scopes[*number];
        if child.inlined {
            add_children(table, child, children)?;
            continue;
        }
        let is_definition = child.kind == ScopeKind::Function && child.comprehension.is_none() && child.name.as_str() != "lambda";
        let is_annotated = before.is_some_and(|before| before.kind == ScopeKind::Annotation && before.line == child.line);
        if is_definition && !is_annotated {
            children.push(empty_annotations(child)?.value());
        }
        children.push(entry(table, *number)?.value());
        before = Some(child);
    }
    Ok(())
}

/// A scope.
#[derive(DeriveLayout)]
#[repr(C)]
pub struct Entry {
    header: Header,
    name: Slot,
    symbols: Slot,
    varnames: Slot,
    children: Slot,
    nested: bool,
    kind: i64,
    line: u32,
}

fn held(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

#[native_class(name = "symtable entry", base = object, flags = "final no_new")]
impl Entry {
    #[getter]
    fn id(this: Gc<Entry>) -> i64 {
        this.value().raw() as i64
    }
    #[getter]
    fn name(this: Gc<Entry>) -> Value {
        held(&this.name)
    }
    #[getter]
    fn symbols(this: Gc<Entry>) -> Value {
        held(&this.symbols)
    }
    #[getter]
    fn varnames(this: Gc<Entry>) -> Value {
        held(&this.varnames)
    }
    #[getter]
    fn children(this: Gc<Entry>) -> Value {
        held(&this.children)
    }
    #[getter]
    fn nested(this: Gc<Entry>) -> i32 {
        this.nested.into()
    }
    #[getter("type")]
    fn get_type(this: Gc<Entry>) -> i64 {
        this.kind
    }
    #[getter]
    fn lineno(this: Gc<Entry>) -> u32 {
        this.line
    }
    fn __repr__(this: Gc<Entry>) -> R<String> {
        let name = objects::str_of(held(&this.name))?.to_string_lossy();
        Ok(format!("<symtable entry {name}({}), line {}>", this.value().raw(), this.line))
    }
}
