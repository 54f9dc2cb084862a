//! Dunder methods that fill slots: the table of names and call kinds (equal to `objects::slots`), and their thunks.

use crate::attrs::Attrs;
use crate::function::{self, Kindness, Place, RustParam, TypeClass};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, ImplItemFn, Result};

/// The call kind of a slot, as a variant of `SlotFn`.
pub fn kind_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "__repr__" | "__str__" | "__iter__" | "__neg__" | "__pos__" | "__abs__" | "__invert__" | "__int__" | "__float__"
        | "__index__" | "__await__" | "__aiter__" | "__anext__" | "__del__" => "Unary",
        "__next__" => "Next",
        "__len__" => "Len",
        "__bool__" => "Bool",
        "__hash__" => "Hash",
        "__contains__" => "Contains",
        "__setitem__" | "__setattr__" | "__set__" => "SetItem",
        "__delitem__" | "__delattr__" | "__delete__" | "__release_buffer__" => "DelItem",
        "__get__" => "Get",
        "__call__" => "Call",
        "__init__" => "Init",
        "__new__" => "New",
        "__pow__" | "__rpow__" | "__ipow__" => "Ternary",
        "__getitem__" | "__getattribute__" | "__getattr__" | "__buffer__" => "Binary",
        _ if is_operator(name) => "Binary",
        _ => return None,
    })
}

/// Binary operators and comparisons: a right operand of a foreign type gives NotImplemented.
fn is_operator(name: &str) -> bool {
    const OPERATORS: &[&str] =
        &["add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and", "or", "xor"];
    let Some(inner) = name.strip_prefix("__").and_then(|name| name.strip_suffix("__")) else { return false };
    if matches!(inner, "lt" | "le" | "eq" | "ne" | "gt" | "ge") || OPERATORS.contains(&inner) {
        return true;
    }
    match inner.strip_prefix('r') {
        Some(base) if OPERATORS.contains(&base) => true,
        _ => inner.strip_prefix('i').is_some_and(|base| base != "divmod" && OPERATORS.contains(&base)),
    }
}

/// The emitted parts of one slot function.
pub struct Emitted {
    pub items: TokenStream,
    /// The `SlotDef`.
    pub entry: TokenStream,
    pub text_signature: String,
}

pub fn emit(function: &mut ImplItemFn, attrs: &Attrs, name: &str, kind: &str, place: &Place) -> Result<Emitted> {
    match kind {
        "Call" | "Init" | "New" => emit_call(function, attrs, name, kind, place),
        _ => emit_fixed(function, attrs, name, kind, place),
    }
}

fn entry(attrs: &Attrs, name: &str, kind: &str, signature: &str, thunk: &syn::Ident) -> TokenStream {
    let (cfgs, doc, kind) = (&attrs.cfgs, &attrs.doc, format_ident!("{kind}"));
    quote!(#(#cfgs)* __rt::SlotDef { name: #name, doc: #doc, sig: #signature, slot: __rt::SlotFn::#kind(#thunk) })
}

/// `__call__`, `__init__` and `__new__`: raw, or bound by their signature.
fn emit_call(function: &mut ImplItemFn, attrs: &Attrs, name: &str, kind: &str, place: &Place) -> Result<Emitted> {
    let thunk = format_ident!("s_{}", function.sig.ident);
    let params = function::rust_params(&mut function.clone())?;
    let raw = params.len() == 2 && params[1].class == TypeClass::Args;
    let cfgs = &attrs.cfgs;
    let (owner, ident) = (place.owner, &function.sig.ident);
    let (first_type, output) = match kind {
        "New" => (quote!(__rt::Gc<__rt::Class>), quote!(__rt::Result)),
        "Init" => (quote!(__rt::Value), quote!(__rt::Result<()>)),
        _ => (quote!(__rt::Value), quote!(__rt::Result)),
    };
    if raw {
        let first = if kind == "New" { quote!(first.into()) } else { quote!(__rt::trust(first)) };
        let finish = match kind {
            "Init" => quote!(__rt::plain_ret::<()>(result)),
            _ if function::returns_value(function) => quote!(result),
            _ => quote!(__rt::ret(result)),
        };
        let items = quote! {
            #(#cfgs)*
            fn #thunk(first: #first_type, args: __rt::Args) -> #output {
                let result = <#owner>::#ident(#first, args);
                #finish
            }
        };
        let text = attrs.sig.as_ref().filter(|_| !attrs.hide_sig).map(crate::signature::parse).transpose()?;
        let text = text
            .map(|params| crate::signature::render(&params, if kind == "New" { "$type" } else { "$self" }))
            .unwrap_or_default();
        return Ok(Emitted { items, entry: entry(attrs, name, kind, &text, &thunk), text_signature: text });
    }
    let kindness = match kind {
        "New" => Kindness::New,
        "Init" => Kindness::Init,
        _ => Kindness::Slot,
    };
    let named = Attrs {
        role: attrs.role.clone(),
        name: Some(name.to_owned()),
        sig: attrs.sig.clone(),
        hide_sig: attrs.hide_sig,
        effects: attrs.effects.clone(),
        doc: String::new(),
        cfgs: attrs.cfgs.clone(),
    };
    let bound = function::emit(function, &named, kindness, place)?;
    let definition = bound.items;
    let plain = function.sig.ident.to_string();
    let def = format_ident!("D_{}", plain.strip_prefix("r#").unwrap_or(&plain), span = Span::call_site());
    let first = if kind == "New" { quote!(first.value()) } else { quote!(first) };
    let drop_result = if kind == "Init" { quote!(.map(|_| ())) } else { quote!() };
    let items = quote! {
        #definition
        #(#cfgs)*
        fn #thunk(first: #first_type, args: __rt::Args) -> #output { __rt::call_def_with(&#def, #first, args) #drop_result }
    };
    Ok(Emitted { items, entry: entry(attrs, name, kind, &bound.text_signature, &thunk), text_signature: bound.text_signature })
}

/// Slots with a fixed number of operands.
fn emit_fixed(function: &mut ImplItemFn, attrs: &Attrs, name: &str, kind: &str, place: &Place) -> Result<Emitted> {
    let rust = function::rust_params(function)?;
    let (owner, ident) = (place.owner, &function.sig.ident);
    let thunk = format_ident!("s_{}", ident);
    let (operands, output) = match kind {
        "Unary" => (1, quote!(__rt::Result)),
        "Next" => (1, quote!(__rt::Result<Option<__rt::Value>>)),
        "Len" => (1, quote!(__rt::Result<usize>)),
        "Bool" => (1, quote!(__rt::Result<bool>)),
        "Hash" => (1, quote!(__rt::Result<i64>)),
        "Binary" => (2, quote!(__rt::Result)),
        "Contains" => (2, quote!(__rt::Result<bool>)),
        "DelItem" => (2, quote!(__rt::Result<()>)),
        "SetItem" => (3, quote!(__rt::Result<()>)),
        _ => (3, quote!(__rt::Result)),
    };
    let short_power = kind == "Ternary" && rust.len() == 2;
    if rust.len() != operands && !short_power {
        return Err(Error::new(ident.span(), format!("`{name}` takes {operands} parameters, `this` included")));
    }
    let operator = is_operator(name);
    let mut lets = Vec::new();
    let mut arguments = vec![quote!(__rt::trust(a0))];
    for (index, param) in rust.iter().enumerate().skip(1) {
        let (value, span) = (format_ident!("a{index}"), param.span);
        if kind == "Get" || param.class == TypeClass::Value {
            arguments.push(quote!(#value));
        } else if operator && index == 1 && param.class == TypeClass::Gc {
            lets.push(quote_spanned!(span=> let Some(#value) = __rt::operand(#value) else { return Ok(__rt::Value::not_implemented()) };));
            arguments.push(quote!(#value));
        } else {
            arguments.push(argument(param, quote!(#value), name));
        }
    }
    if short_power {
        lets.push(quote!(if a2 != __rt::Value::none() {
            return Ok(__rt::Value::not_implemented());
        }));
    }
    let values = (0..operands).map(|index| {
        let value = format_ident!("a{index}");
        if kind == "Get" && index > 0 { quote!(#value: Option<__rt::Value>) } else { quote!(#value: __rt::Value) }
    });
    let finish = match kind {
        "Next" => quote!(__rt::next_ret(result)),
        "Unary" | "Binary" | "Ternary" | "Get" if function::returns_value(function) => quote!(result),
        "Unary" | "Binary" | "Ternary" | "Get" => quote!(__rt::ret(result)),
        _ => quote!(__rt::plain_ret(result)),
    };
    let cfgs = &attrs.cfgs;
    let items = quote! {
        #(#cfgs)*
        fn #thunk(#(#values),*) -> #output {
            #(#lets)*
            let result = <#owner>::#ident(#(#arguments),*);
            #finish
        }
    };
    Ok(Emitted { items, entry: entry(attrs, name, kind, "", &thunk), text_signature: String::new() })
}

fn argument(param: &RustParam, value: TokenStream, name: &str) -> TokenStream {
    let span = param.span;
    quote_spanned!(span=> __rt::plain(#value, #name)?)
}
