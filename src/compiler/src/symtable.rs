//! The symbol table as data: scopes, symbols and what is known of them. Also what `symtable` shows.
//! Must not know: registers, code.

use std::collections::HashMap;

use ruff_python_ast::name::Name;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    Module,
    Function,
    Class,
    /// `__annotate__`.
    Annotation,
    TypeAlias,
    TypeParameters,
    /// Bound, constraints or default of a type parameter.
    TypeVariable,
}

impl ScopeKind {
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }

    /// As `symtable.SymbolTable.get_type()` says it.
    pub fn description(self) -> &'static str {
        match self {
            ScopeKind::Module => "module",
            ScopeKind::Function => "function",
            ScopeKind::Class => "class",
            ScopeKind::Annotation => "annotation",
            ScopeKind::TypeAlias => "type alias",
            ScopeKind::TypeParameters => "type parameters",
            ScopeKind::TypeVariable => "type variable",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

/// Symbol flags; the numbers are `_symtable`'s.
pub mod def {
    pub const GLOBAL: u32 = 1;
    pub const LOCAL: u32 = 2;
    pub const PARAM: u32 = 2 << 1;
    pub const NONLOCAL: u32 = 2 << 2;
    pub const USE: u32 = 2 << 3;
    pub const FREE_CLASS: u32 = 2 << 5;
    pub const IMPORT: u32 = 2 << 6;
    pub const ANNOT: u32 = 2 << 7;
    pub const COMP_ITER: u32 = 2 << 8;
    pub const TYPE_PARAM: u32 = 2 << 9;
    pub const COMP_CELL: u32 = 2 << 10;
    pub const BOUND: u32 = LOCAL | PARAM | IMPORT | TYPE_PARAM;
    /// Ours: bound by `:=` somewhere.
    pub const WALRUS: u32 = 1 << 24;
    /// Ours: deleted somewhere (`del`, `except ... as`).
    pub const DELETED: u32 = 1 << 25;
}

/// Where a name lives; the numbers are `_symtable`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolScope {
    Unknown = 0,
    Local = 1,
    GlobalExplicit = 2,
    GlobalImplicit = 3,
    Free = 4,
    Cell = 5,
}

#[derive(Clone, Debug)]
pub struct Symbol {
    pub name: Name,
    pub flags: u32,
    pub scope: SymbolScope,
}

pub type ScopeId = usize;

#[derive(Clone, Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    pub name: Name,
    pub line: u32,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    pub symbols: Vec<Symbol>,
    index: HashMap<Name, usize>,
    /// Parameters in register order.
    pub parameters: Vec<Name>,
    pub nested: bool,
    pub generator: bool,
    pub coroutine: bool,
    pub comprehension: Option<ComprehensionKind>,
    /// The comprehension runs in the enclosing code block.
    pub inlined: bool,
    pub has_varargs: bool,
    pub has_varkeywords: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub can_see_class_scope: bool,
    pub has_conditional_annotations: bool,
    pub annotation_scope: Option<ScopeId>,
    pub annotations_used: bool,
    pub is_method: bool,
    pub has_docstring: bool,
    // Only while the table is built:
    pub(crate) comp_iter_target: bool,
    pub(crate) comp_iter_expr: u32,
    pub(crate) in_conditional_block: bool,
    pub(crate) description: &'static str,
    pub(crate) mangled_names: Option<Vec<Name>>,
    pub(crate) discarded: bool,
    /// `global`/`nonlocal` statements, for the place of late errors.
    pub(crate) directives: Vec<(Name, ruff_text_size::TextRange)>,
}

impl Scope {
    pub(crate) fn new(kind: ScopeKind, name: Name, line: u32, parent: Option<ScopeId>) -> Scope {
        Scope {
            kind,
            name,
            line,
            parent,
            children: Vec::new(),
            symbols: Vec::new(),
            index: HashMap::new(),
            parameters: Vec::new(),
            nested: false,
            generator: false,
            coroutine: false,
            comprehension: None,
            inlined: false,
            has_varargs: false,
            has_varkeywords: false,
            needs_class_closure: false,
            needs_classdict: false,
            can_see_class_scope: false,
            has_conditional_annotations: false,
            annotation_scope: None,
            annotations_used: false,
            is_method: false,
            has_docstring: false,
            comp_iter_target: false,
            comp_iter_expr: 0,
            in_conditional_block: false,
            description: "",
            mangled_names: None,
            discarded: false,
            directives: Vec::new(),
        }
    }

    pub fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.index.get(name).map(|&index| &self.symbols[index])
    }

    pub fn flags(&self, name: &str) -> u32 {
        self.symbol(name).map_or(0, |symbol| symbol.flags)
    }

    pub(crate) fn symbol_mut(&mut self, name: &Name) -> &mut Symbol {
        let index = *self.index.entry(name.clone()).or_insert_with(|| {
            self.symbols.push(Symbol { name: name.clone(), flags: 0, scope: SymbolScope::Unknown });
            self.symbols.len() - 1
        });
        &mut self.symbols[index]
    }
}

/// What part of a node opens a scope (a node may open several).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Body,
    TypeParameters,
    Annotations,
    Bound,
    Default,
}

#[derive(Debug, Default)]
pub struct SymbolTable {
    /// Scope 0 is the module.
    pub scopes: Vec<Scope>,
    pub(crate) by_node: HashMap<(usize, Part), ScopeId>,
}

impl SymbolTable {
    /// The scope that a node of the tree opened.
    pub fn scope_of<T>(&self, node: &T, part: Part) -> Option<ScopeId> {
        self.by_node.get(&(std::ptr::from_ref(node) as usize, part)).copied()
    }
}

/// `__name` in class `C` is `_C__name`.
pub fn mangle(class: Option<&str>, name: &Name) -> Name {
    let Some(class) = class else { return name.clone() };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return name.clone();
    }
    Name::from(format!("_{class}{name}"))
}
