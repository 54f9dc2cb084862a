//! The kinds of nodes: one table that feeds the classes and both conversions. A row is a class and its fields; `?` marks an optional
//! field, `*` a list, `?*` a list that may hold None.

macro_rules! node_table {
    ($($base:ident $attributes:ident { $($kind:ident $fields:literal)* })*) => {
        /// A concrete class.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(usize)]
        #[allow(non_camel_case_types)] // they are the Python names
        pub enum Kind { $($($kind),*),* }

        /// Abstract classes with their children; a base called AST holds classes of their own.
        pub static BASES: &[Base] = &[$(Base {
            name: stringify!($base),
            attributes: Attributes::$attributes,
            children: &[$(Row { kind: Kind::$kind, name: stringify!($kind), fields: $fields }),*],
        }),*];
        pub const KIND_COUNT: usize = [$($(Kind::$kind),*),*].len();
    };
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    None,
    /// The end is optional.
    Start,
    /// All four are required.
    Span,
}

pub struct Base {
    pub name: &'static str,
    pub attributes: Attributes,
    pub children: &'static [Row],
}
pub struct Row {
    pub kind: Kind,
    pub name: &'static str,
    pub fields: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    One,
    Optional,
    Many,
    /// A list whose items may be None.
    ManyOptional,
}
pub struct Field {
    pub type_name: &'static str,
    pub quantity: Quantity,
    pub name: &'static str,
}

impl Row {
    pub fn fields(&self) -> impl Iterator<Item = Field> + use<> {
        self.fields.split(", ").filter(|text| !text.is_empty()).filter_map(|text| {
            let (type_text, name) = text.split_once(' ')?;
            let type_name = type_text.trim_end_matches(['?', '*']);
            let quantity = match &type_text[type_name.len()..] {
                "?" => Quantity::Optional,
                "*" => Quantity::Many,
                "?*" => Quantity::ManyOptional,
                _ => Quantity::One,
            };
            Some(Field { type_name, quantity, name })
        })
    }
    /// The row as the grammar writes it.
    pub fn doc(&self) -> String {
        if self.fields.is_empty() { self.name.to_owned() } else { format!("{}({})", self.name, self.fields) }
    }
}

node_table! {
    mod None {
        Module "stmt* body, type_ignore* type_ignores"
        Interactive "stmt* body"
        Expression "expr body"
        FunctionType "expr* argtypes, expr returns"
    }
    stmt Start {
        FunctionDef "identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params"
        AsyncFunctionDef "identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params"
        ClassDef "identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params"
        Return "expr? value"
        Delete "expr* targets"
        Assign "expr* targets, expr value, string? type_comment"
        TypeAlias "expr name, type_param* type_params, expr value"
        AugAssign "expr target, operator op, expr value"
        AnnAssign "expr target, expr annotation, expr? value, int simple"
        For "expr target, expr iter, stmt* body, stmt* orelse, string? type_comment"
        AsyncFor "expr target, expr iter, stmt* body, stmt* orelse, string? type_comment"
        While "expr test, stmt* body, stmt* orelse"
        If "expr test, stmt* body, stmt* orelse"
        With "withitem* items, stmt* body, string? type_comment"
        AsyncWith "withitem* items, stmt* body, string? type_comment"
        Match "expr subject, match_case* cases"
        Raise "expr? exc, expr? cause"
        Try "stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody"
        TryStar "stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody"
        Assert "expr test, expr? msg"
        Import "alias* names"
        ImportFrom "identifier? module, alias* names, int? level"
        Global "identifier* names"
        Nonlocal "identifier* names"
        Expr "expr value"
        Pass ""
        Break ""
        Continue ""
    }
    expr Start {
        BoolOp "boolop op, expr* values"
        NamedExpr "expr target, expr value"
        BinOp "expr left, operator op, expr right"
        UnaryOp "unaryop op, expr operand"
        Lambda "arguments args, expr body"
        IfExp "expr test, expr body, expr orelse"
        Dict "expr?* keys, expr* values"
        Set "expr* elts"
        ListComp "expr elt, comprehension* generators"
        SetComp "expr elt, comprehension* generators"
        DictComp "expr key, expr value, comprehension* generators"
        GeneratorExp "expr elt, comprehension* generators"
        Await "expr value"
        Yield "expr? value"
        YieldFrom "expr value"
        Compare "expr left, cmpop* ops, expr* comparators"
        Call "expr func, expr* args, keyword* keywords"
        FormattedValue "expr value, int conversion, expr? format_spec"
        Interpolation "expr value, constant str, int conversion, expr? format_spec"
        JoinedStr "expr* values"
        TemplateStr "expr* values"
        Constant "constant value, string? kind"
        Attribute "expr value, identifier attr, expr_context ctx"
        Subscript "expr value, expr slice, expr_context ctx"
        Starred "expr value, expr_context ctx"
        Name "identifier id, expr_context ctx"
        List "expr* elts, expr_context ctx"
        Tuple "expr* elts, expr_context ctx"
        Slice "expr? lower, expr? upper, expr? step"
    }
    expr_context None { Load "" Store "" Del "" }
    boolop None { And "" Or "" }
    operator None {
        Add "" Sub "" Mult "" MatMult "" Div "" Mod "" Pow "" LShift "" RShift "" BitOr "" BitXor "" BitAnd "" FloorDiv ""
    }
    unaryop None { Invert "" Not "" UAdd "" USub "" }
    cmpop None { Eq "" NotEq "" Lt "" LtE "" Gt "" GtE "" Is "" IsNot "" In "" NotIn "" }
    AST None { comprehension "expr target, expr iter, expr* ifs, int is_async" }
    excepthandler Start { ExceptHandler "expr? type, identifier? name, stmt* body" }
    AST None {
        arguments "arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults"
    }
    AST Start {
        arg "identifier arg, expr? annotation, string? type_comment"
        keyword "identifier? arg, expr value"
        alias "identifier name, identifier? asname"
    }
    AST None {
        withitem "expr context_expr, expr? optional_vars"
        match_case "pattern pattern, expr? guard, stmt* body"
    }
    pattern Span {
        MatchValue "expr value"
        MatchSingleton "constant value"
        MatchSequence "pattern* patterns"
        MatchMapping "expr* keys, pattern* patterns, identifier? rest"
        MatchClass "expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns"
        MatchStar "identifier? name"
        MatchAs "pattern? pattern, identifier? name"
        MatchOr "pattern* patterns"
    }
    type_ignore None { TypeIgnore "int lineno, string tag" }
    type_param Span {
        TypeVar "identifier name, expr? bound, expr? default_value"
        ParamSpec "identifier name, expr? default_value"
        TypeVarTuple "identifier name, expr? default_value"
    }
}
