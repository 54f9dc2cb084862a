//! Reads our attributes (`#[sig]`, `#[getter]`, ...) off the functions of an impl block and strips them; doc comments; Python names.

use proc_macro2::Span;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Result};

/// What a function was declared to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// Decided by its name and first parameter.
    Plain,
    Getter,
    Setter,
    ClassMethod,
    StaticMethod,
    New,
    /// `#[attr]`: makes a constant of the module or class.
    Attr,
    Skip,
}

/// Our attributes of one function or constant.
pub struct Attrs {
    pub role: Role,
    pub name: Option<String>,
    pub sig: Option<LitStr>,
    pub hide_sig: bool,
    pub effects: Vec<Ident>,
    pub doc: String,
    pub cfgs: Vec<Attribute>,
}

/// Takes our attributes out of `attributes`.
pub fn take(attributes: &mut Vec<Attribute>) -> Result<Attrs> {
    let mut taken = Attrs {
        role: Role::Plain,
        name: None,
        sig: None,
        hide_sig: false,
        effects: Vec::new(),
        doc: doc(attributes),
        cfgs: Vec::new(),
    };
    let mut kept = Vec::new();
    for attribute in attributes.drain(..) {
        if attribute.path().is_ident("cfg") {
            taken.cfgs.push(attribute.clone());
        }
        if !take_one(&attribute, &mut taken)? {
            kept.push(attribute);
        }
    }
    *attributes = kept;
    Ok(taken)
}

fn take_one(attribute: &Attribute, taken: &mut Attrs) -> Result<bool> {
    let Some(name) = attribute.path().get_ident() else { return Ok(false) };
    let role = match name.to_string().as_str() {
        "getter" => Role::Getter,
        "setter" => Role::Setter,
        "classmethod" => Role::ClassMethod,
        "staticmethod" => Role::StaticMethod,
        "new" => Role::New,
        "attr" => Role::Attr,
        "sig" => {
            attribute.parse_args_with(|input: syn::parse::ParseStream| {
                taken.sig = Some(input.parse()?);
                if input.peek(syn::Token![,]) {
                    input.parse::<syn::Token![,]>()?;
                    let word: Ident = input.parse()?;
                    if word != "hidden" {
                        return Err(Error::new(word.span(), "expected `hidden`"));
                    }
                    taken.hide_sig = true;
                }
                Ok(())
            })?;
            return Ok(true);
        }
        "name" => {
            taken.name = Some(attribute.parse_args::<LitStr>()?.value());
            return Ok(true);
        }
        "effects" => {
            let list = attribute.parse_args_with(syn::punctuated::Punctuated::<Ident, syn::Token![,]>::parse_terminated)?;
            taken.effects = list.into_iter().collect();
            return Ok(true);
        }
        "py" => {
            let word: Ident = attribute.parse_args()?;
            if word != "skip" {
                return Err(Error::new(word.span(), "expected `#[py(skip)]`"));
            }
            Role::Skip
        }
        _ => return Ok(false),
    };
    if taken.role != Role::Plain {
        return Err(Error::new(
            name.span(),
            "a function has one of #[getter], #[setter], #[classmethod], #[staticmethod], #[new], #[attr], #[py(skip)]",
        ));
    }
    if role != Role::Skip
        && let Meta::List(list) = &attribute.meta
    {
        taken.name = Some(match syn::parse2::<LitStr>(list.tokens.clone()) {
            Ok(text) => text.value(),
            Err(_) => python_name(&syn::parse2::<Ident>(list.tokens.clone())?),
        });
    }
    taken.role = role;
    Ok(true)
}

/// Doc comment lines joined, one leading space and surrounding blank lines dropped.
pub fn doc(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            for line in text.value().split('\n') {
                lines.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
            }
        }
    }
    lines.join("\n").trim_matches('\n').trim_end().to_owned()
}

/// The Python name of a Rust identifier: without `r#`, and without the one trailing underscore that avoids a keyword.
pub fn python_name(ident: &Ident) -> String {
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    if name.ends_with("__") { name.to_owned() } else { name.strip_suffix('_').unwrap_or(name).to_owned() }
}

/// `key = value` options of an attribute, in order, with flags as keys without value.
pub struct Options(pub Vec<(Ident, Option<Expr>)>);

impl syn::parse::Parse for Options {
    fn parse(input: syn::parse::ParseStream) -> Result<Options> {
        let mut options = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let value = if input.parse::<Option<syn::Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
            options.push((key, value));
            if input.parse::<Option<syn::Token![,]>>()?.is_none() && !input.is_empty() {
                return Err(input.error("expected `,`"));
            }
        }
        Ok(Options(options))
    }
}

/// The string of a string literal expression.
pub fn string(value: &Option<Expr>, at: Span) -> Result<String> {
    match value {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Ok(text.value()),
        _ => Err(Error::new(at, "expected a string")),
    }
}

/// The elements of an array expression, or the one expression.
pub fn list(value: Option<Expr>, at: Span) -> Result<Vec<Expr>> {
    match value {
        Some(Expr::Array(array)) => Ok(array.elems.into_iter().collect()),
        Some(one) => Ok(vec![one]),
        None => Err(Error::new(at, "expected a list")),
    }
}
