//! One native function: how its Rust parameters match Python ones, its `FnDef` static and the thunk that converts and calls.

use crate::attrs::{Attrs, python_name};
use crate::signature::{self, Kind, Param};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, GenericArgument, ImplItemFn, Pat, PathArguments, Result, Type};

/// What the macro must know of a Rust parameter type, judged by how it is written.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeClass {
    Value,
    /// `Option<Value>`
    OptionValue,
    /// Any other `Option<T>`
    Option,
    /// `Gc<T>`
    Gc,
    /// `&[Value]`
    Rest,
    Kwargs,
    Args,
    Other,
}

/// One Rust parameter.
pub struct RustParam {
    pub ident: Ident,
    pub class: TypeClass,
    pub type_text: String,
    /// `#[default(expr)]`
    pub default: Option<TokenStream>,
    pub span: Span,
}

fn generic_argument(path: &syn::Path) -> Option<&Type> {
    match &path.segments.last()?.arguments {
        PathArguments::AngleBracketed(list) => list.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        }),
        _ => None,
    }
}

fn last_name(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn is_value(rust_type: &Type) -> bool {
    matches!(rust_type, Type::Path(path) if last_name(&path.path) == "Value")
}

pub fn classify(rust_type: &Type) -> TypeClass {
    match rust_type {
        Type::Path(path) => match last_name(&path.path).as_str() {
            "Value" => TypeClass::Value,
            "Option" if generic_argument(&path.path).is_some_and(is_value) => TypeClass::OptionValue,
            "Option" => TypeClass::Option,
            "Gc" => TypeClass::Gc,
            "Kwargs" => TypeClass::Kwargs,
            "Args" => TypeClass::Args,
            _ => TypeClass::Other,
        },
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) if is_value(&slice.elem) => TypeClass::Rest,
            _ => TypeClass::Other,
        },
        _ => TypeClass::Other,
    }
}

/// The parameters of a function, with `#[default]` taken off them. Err for functions that cannot be natives.
pub fn rust_params(function: &mut ImplItemFn) -> Result<Vec<RustParam>> {
    let mut params = Vec::new();
    for argument in &mut function.sig.inputs {
        let FnArg::Typed(typed) = argument else {
            return Err(Error::new(argument.span(), "a native function has no `self`; methods begin with `this: Gc<T>`"));
        };
        let ident = match &*typed.pat {
            Pat::Ident(pat) => pat.ident.clone(),
            _ => format_ident!("_arg"),
        };
        let mut default = None;
        let mut kept = Vec::new();
        for attribute in typed.attrs.drain(..) {
            if attribute.path().is_ident("default") {
                default = Some(attribute.parse_args::<TokenStream>()?);
            } else {
                kept.push(attribute);
            }
        }
        typed.attrs = kept;
        let rust_type = &typed.ty;
        params.push(RustParam {
            ident,
            class: classify(rust_type),
            type_text: quote!(#rust_type).to_string(),
            default,
            span: rust_type.span(),
        });
    }
    Ok(params)
}

/// Whether the function returns `R` or `R<Value>`, so that its result needs no conversion.
pub fn returns_value(function: &ImplItemFn) -> bool {
    match &function.sig.output {
        syn::ReturnType::Type(_, rust_type) => match &**rust_type {
            Type::Path(path) => last_name(&path.path) == "R" && generic_argument(&path.path).is_none_or(is_value),
            _ => false,
        },
        _ => false,
    }
}

/// Where a function stands: decides its receiver and names in error texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kindness {
    Function,
    Method,
    ClassMethod,
    StaticMethod,
    New,
    Init,
    Slot,
}

impl Kindness {
    fn variant(self) -> Ident {
        let name = match self {
            Kindness::Function => "Function",
            Kindness::Method => "Method",
            Kindness::ClassMethod => "ClassMethod",
            Kindness::StaticMethod => "StaticMethod",
            Kindness::New => "New",
            Kindness::Init => "Init",
            Kindness::Slot => "Slot",
        };
        Ident::new(name, Span::call_site())
    }
    fn receiver_text(self) -> &'static str {
        match self {
            Kindness::Function => "$module",
            Kindness::StaticMethod => "",
            Kindness::ClassMethod | Kindness::New => "$type",
            Kindness::Method | Kindness::Init | Kindness::Slot => "$self",
        }
    }
    pub fn has_receiver(self) -> bool {
        !matches!(self, Kindness::Function | Kindness::StaticMethod)
    }
}

/// Everything around the function that its definition mentions.
pub struct Place<'a> {
    pub owner: &'a Type,
    pub module: &'a str,
    /// "" for module functions.
    pub class: &'a str,
}

/// The emitted parts of one function.
pub struct Emitted {
    /// The static and the thunk.
    pub items: TokenStream,
    /// `&D_name`
    pub reference: TokenStream,
    pub text_signature: String,
}

/// Python's parameters: those of the text signature, or made from the Rust ones (all positional-only).
fn python_params(attrs: &Attrs, rust: &[RustParam], function: &Ident) -> Result<Vec<Param>> {
    let Some(sig) = &attrs.sig else {
        let mut params: Vec<Param> = rust
            .iter()
            .map(|param| {
                let name = python_name(&param.ident).trim_start_matches('_').to_owned();
                let (kind, default) = match param.class {
                    TypeClass::Rest => (Kind::VarPositional, None),
                    TypeClass::Kwargs => (Kind::VarKeyword, None),
                    TypeClass::OptionValue => (Kind::PositionalOnly, Some("<unrepresentable>".to_owned())),
                    TypeClass::Option => (Kind::PositionalOnly, Some("None".to_owned())),
                    _ if param.default.is_some() => (Kind::PositionalOnly, Some("<unrepresentable>".to_owned())),
                    _ => (Kind::PositionalOnly, None),
                };
                Param { name, kind, default }
            })
            .collect();
        // What stands before a required parameter is required, too: its type only says that it may be Python's None.
        if let Some(last) = params.iter().rposition(|param| matches!(param.kind, Kind::PositionalOnly) && param.default.is_none())
        {
            params[..last].iter_mut().for_each(|param| param.default = None);
        }
        return Ok(params);
    };
    let params = signature::parse(sig)?;
    if params.len() != rust.len() {
        return Err(Error::new(
            sig.span(),
            format!("`{function}`: the signature has {} parameters, the function {}", params.len(), rust.len()),
        ));
    }
    for (param, rust) in params.iter().zip(rust) {
        let fits = match param.kind {
            Kind::VarPositional => rust.class == TypeClass::Rest,
            Kind::VarKeyword => rust.class == TypeClass::Kwargs,
            _ => !matches!(rust.class, TypeClass::Rest | TypeClass::Kwargs | TypeClass::Args),
        };
        if !fits {
            return Err(Error::new(
                rust.span,
                format!(
                    "`{function}`: the type of `{}` does not fit `{}` in the signature (*args is `&[Value]`, **kwargs is `Kwargs`)",
                    rust.ident, param.name
                ),
            ));
        }
    }
    Ok(params)
}

/// The expression that converts one argument. `given` is a `Value` for required parameters, else an `Option<Value>`.
fn conversion(param: &Param, rust: &RustParam, given: TokenStream, def: &Ident, index: usize) -> Result<TokenStream> {
    let index = index as u8;
    let span = rust.span;
    let Some(default) = &param.default else {
        if rust.class == TypeClass::Value {
            return Ok(given);
        }
        return Ok(quote_spanned!(span=> __rt::arg(#given, &#def, #index)?));
    };
    if let Some(expression) = &rust.default {
        return Ok(quote_spanned!(span=> __rt::or(#given, &#def, #index, || #expression)?));
    }
    Ok(match rust.class {
        TypeClass::OptionValue => given,
        TypeClass::Option if default == "None" => quote_spanned!(span=> __rt::opt_none(#given, &#def, #index)?),
        TypeClass::Option => quote_spanned!(span=> __rt::opt(#given, &#def, #index)?),
        _ => match signature::default_literal(default, &rust.type_text) {
            Some(literal) => {
                let literal: TokenStream = literal.parse().map_err(|_| Error::new(span, "default is not a literal"))?;
                quote_spanned!(span=> __rt::or(#given, &#def, #index, || #literal)?)
            }
            None => {
                return Err(Error::new(
                    span,
                    format!(
                        "`{}`: default `{default}` has no Rust literal of this type; use Option<T> or #[default(expr)]",
                        param.name
                    ),
                ));
            }
        },
    })
}

/// How the thunk is entered.
enum Form {
    Fixed,
    Slice { min: u32, max: u32 },
    Bound,
    Raw,
}

fn choose_form(params: &[Param], raw: bool, receivers: usize) -> Form {
    if raw {
        return Form::Raw;
    }
    if params.iter().any(|param| !matches!(param.kind, Kind::PositionalOnly | Kind::VarPositional)) {
        return Form::Bound;
    }
    let rest = params.iter().any(|param| param.kind == Kind::VarPositional);
    let total = params.len() - usize::from(rest) + receivers;
    let required =
        params.iter().filter(|param| param.kind == Kind::PositionalOnly && param.default.is_none()).count() + receivers;
    if !rest && required == total && total <= 4 {
        return Form::Fixed;
    }
    Form::Slice { min: required as u32, max: if rest { u32::MAX } else { total as u32 } }
}

/// Definition and thunk of a function that binds its arguments. `function` was stripped of our attributes.
pub fn emit(function: &mut ImplItemFn, attrs: &Attrs, kind: Kindness, place: &Place) -> Result<Emitted> {
    let mut rust = rust_params(function)?;
    let ident = &function.sig.ident;
    if !function.sig.generics.params.iter().all(|param| matches!(param, syn::GenericParam::Lifetime(_))) {
        return Err(Error::new(
            function.sig.generics.span(),
            format!("`{ident}`: a native function is not generic; mark helpers #[py(skip)]"),
        ));
    }
    if kind.has_receiver() && rust.is_empty() {
        return Err(Error::new(ident.span(), format!("`{ident}` needs a first parameter (`this` or `cls`)")));
    }
    let receiver = kind.has_receiver().then(|| rust.remove(0));
    let receivers = usize::from(receiver.is_some());
    let raw = rust.iter().any(|param| param.class == TypeClass::Args);
    if raw && rust.len() > 1 {
        return Err(Error::new(ident.span(), format!("`{ident}`: `Args` stands alone after the receiver")));
    }
    let params = match (raw, &attrs.sig) {
        (true, Some(sig)) => signature::parse(sig)?,
        (true, None) => Vec::new(),
        _ => python_params(attrs, &rust, ident)?,
    };
    let text_signature = match (raw, &attrs.sig) {
        _ if attrs.hide_sig => String::new(),
        (true, None) => String::new(),
        (_, Some(sig)) if signature::has_brackets(&sig.value()) => sig.value(),
        _ => signature::render(&params, kind.receiver_text()),
    };
    let name = attrs.name.clone().unwrap_or_else(|| python_name(ident));
    let plain = ident.to_string();
    let plain = plain.strip_prefix("r#").unwrap_or(&plain);
    let (def, thunk) =
        (format_ident!("D_{plain}", span = Span::call_site()), format_ident!("t_{plain}", span = Span::call_site()));
    let owner = place.owner;

    let form = choose_form(&params, raw, receivers);
    let receiver_expression = |value: TokenStream| match kind {
        _ if receivers == 0 => quote!(),
        Kindness::Method => quote!(__rt::this(#value, &CLASS, #name)?,),
        Kindness::ClassMethod | Kindness::New => quote!(__rt::cls(#value),),
        _ => quote!(__rt::trust(#value),),
    };
    let (parameters, body) = match form {
        Form::Raw => {
            let (split, first) = if receivers == 1 {
                (quote!(let (first, args) = __rt::split(args);), receiver_expression(quote!(first)))
            } else {
                (quote!(), quote!())
            };
            (quote!(args: __rt::Args), quote!(#split let result = <#owner>::#ident(#first args);))
        }
        Form::Fixed => {
            let values: Vec<Ident> = (0..params.len() + receivers).map(|index| format_ident!("a{index}")).collect();
            let first = receiver_expression(quote!(a0));
            let mut arguments = Vec::new();
            for (index, (param, rust)) in params.iter().zip(&rust).enumerate() {
                let value = &values[index + receivers];
                arguments.push(conversion(param, rust, quote!(#value), &def, index)?);
            }
            (quote!(#(#values: __rt::Value),*), quote!(let result = <#owner>::#ident(#first #(#arguments),*);))
        }
        Form::Slice { .. } => {
            let first = receiver_expression(quote!(args[0]));
            let mut arguments = Vec::new();
            for (index, (param, rust)) in params.iter().zip(&rust).enumerate() {
                let at = index + receivers;
                arguments.push(match (param.kind, &param.default) {
                    (Kind::VarPositional, _) => quote!(args.get(#at..).unwrap_or_default()),
                    (_, None) => conversion(param, rust, quote!(args[#at]), &def, index)?,
                    _ => conversion(param, rust, quote!(args.get(#at).copied()), &def, index)?,
                });
            }
            (quote!(args: &[__rt::Value]), quote!(let result = <#owner>::#ident(#first #(#arguments),*);))
        }
        Form::Bound => {
            let first = receiver_expression(quote!(b.at(0)));
            let mut arguments = Vec::new();
            let mut slot = receivers;
            for (index, (param, rust)) in params.iter().zip(&rust).enumerate() {
                arguments.push(match (param.kind, &param.default) {
                    (Kind::VarPositional, _) => quote!(b.rest()),
                    (Kind::VarKeyword, _) => quote!(b.kwargs()),
                    (_, None) => conversion(param, rust, quote!(b.at(#slot)), &def, index)?,
                    _ => conversion(param, rust, quote!(b.get(#slot)), &def, index)?,
                });
                if !matches!(param.kind, Kind::VarPositional | Kind::VarKeyword) {
                    slot += 1;
                }
            }
            (quote!(b: &__rt::Bound), quote!(let result = <#owner>::#ident(#first #(#arguments),*);))
        }
    };
    let finish = if returns_value(function) { quote!(result) } else { quote!(__rt::ret(result)) };
    let call = match form {
        Form::Raw => quote!(Raw(#thunk)),
        Form::Bound => quote!(Bound(#thunk)),
        Form::Slice { min, max } => quote!(Slice { min: #min, max: #max, f: #thunk }),
        Form::Fixed => {
            let variant = format_ident!("F{}", params.len() + receivers);
            quote!(#variant(#thunk))
        }
    };
    let table = params.iter().map(|param| {
        let (name, kind, has_default) =
            (&param.name, Ident::new(&format!("{:?}", param.kind), Span::call_site()), param.default.is_some());
        quote!(__rt::ParamDef { name: #name, kind: __rt::ParamKind::#kind, has_default: #has_default })
    });
    let mut flags: u32 = 0;
    for effect in &attrs.effects {
        flags |= match effect.to_string().as_str() {
            "no_call" => 1,
            "no_alloc" => 2,
            "pure" => 4,
            _ => return Err(Error::new(effect.span(), "effects are no_call, no_alloc, pure")),
        };
    }
    if text_signature.is_empty() {
        flags |= 8;
    }
    let (cfgs, variant, doc) = (&attrs.cfgs, kind.variant(), &attrs.doc);
    let (module, class) = (place.module, place.class);
    let params = quote!(&[#(#table),*]);
    let items = quote! {
        #(#cfgs)*
        static #def: __rt::FnDef = __rt::FnDef {
            name: #name, class: #class, module: #module, doc: #doc, sig: #text_signature,
            params: #params, by_position: __rt::by_position(__rt::FnKind::#variant, #params),
            kind: __rt::FnKind::#variant, flags: #flags, call: __rt::NativeCall::#call,
        };
        #(#cfgs)*
        fn #thunk(#parameters) -> __rt::Result { #body #finish }
    };
    Ok(Emitted { items, reference: quote!(#(#cfgs)* &#def), text_signature })
}
