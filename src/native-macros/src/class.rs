//! `#[native_class]`: the tables of a class.

use crate::attrs::{self, Attrs, Options, Role, python_name};
use crate::function::{self, Kindness, Place};
use crate::{module, slots};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, Expr, Ident, ImplItem, ImplItemFn, ItemImpl, Result};

#[derive(Default)]
struct Tables {
    items: Vec<TokenStream>,
    methods: Vec<TokenStream>,
    slots: Vec<TokenStream>,
    properties: Vec<Property>,
    constants: Vec<TokenStream>,
    signature: String,
}

/// A getter and setter pair under construction.
struct Property {
    name: String,
    doc: String,
    cfgs: Vec<syn::Attribute>,
    get: Option<Ident>,
    set: Option<Ident>,
}

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let (mut full_name, mut layout, mut bases, mut metaclass, mut flags) =
        (None, None, Vec::new(), quote!(None), quote!(__rt::class::BASE_TYPE | __rt::class::IMMUTABLE));
    for (key, value) in options.0 {
        match key.to_string().as_str() {
            "name" => full_name = Some(attrs::string(&value, key.span())?),
            "layout" => layout = value,
            "base" | "bases" => bases = attrs::list(value, key.span())?,
            "metaclass" => {
                let class = attrs::list(value, key.span())?.iter().map(class_function).collect::<Vec<_>>();
                metaclass = quote!(Some(#(#class)*));
            }
            "flags" => flags = class_flags(&attrs::string(&value, key.span())?, key.span())?,
            _ => return Err(Error::new(key.span(), "options are name, layout, base, bases, metaclass, flags")),
        }
    }
    let full_name = full_name.ok_or_else(|| Error::new(Span::call_site(), "native_class needs name = \"module.name\""))?;
    let (module, class) = full_name.rsplit_once('.').unwrap_or(("builtins", &full_name));
    let doc = attrs::doc(&block.attrs);
    let owner = (*block.self_ty).clone();
    let layout = match layout {
        Some(layout) => quote!(#layout),
        None => quote!(#owner),
    };
    let place = Place { owner: &owner, module, class };
    let mut tables = Tables::default();
    for item in &mut block.items {
        match item {
            ImplItem::Fn(function) => {
                let taken = attrs::take(&mut function.attrs)?;
                tables.add_function(function, &taken, &place)?;
            }
            ImplItem::Const(constant) => {
                let taken = attrs::take(&mut constant.attrs)?;
                if taken.role == Role::Attr {
                    tables.constants.push(module::attribute_entry(&owner, &constant.ident, &taken, quote!()));
                }
            }
            _ => {}
        }
    }
    let bases = bases.iter().map(class_function);
    let Tables { items, methods, slots, properties, constants, signature } = &tables;
    let properties = properties.iter().map(Property::entry);
    Ok(quote! {
        #block
        #[allow(non_snake_case, non_upper_case_globals, clippy::all)]
        const _: () = {
            use ::objects::native::rt as __rt;
            #(#items)*
            static CLASS: __rt::ClassDef = __rt::ClassDef {
                name: #class, module: #module, doc: #doc, sig: #signature,
                layout: <#layout as __rt::Layout>::DESC, bases: &[#(#bases),*], metaclass: #metaclass, flags: #flags,
                methods: &[#(#methods),*], slots: &[#(#slots),*], getset: &[#(#properties),*], attrs: &[#(#constants),*],
                cell: __rt::ClassCell::new(), making: __rt::Making::new(),
            };
            impl #owner { pub const CLASS_DEF: &'static __rt::ClassDef = &CLASS; }
        };
    })
}

/// A function that gives a class: of a Rust type with `#[native_class]` (`Deque`), of a built-in type (`object`), of a `ClassCell`
/// (`exc::OS_ERROR`), or the path of such a function.
fn class_function(class: &Expr) -> TokenStream {
    if let Expr::Path(path) = class
        && let Some(last) = path.path.segments.last()
    {
        let name = last.ident.to_string();
        if name == "BaseException" {
            return quote!(::objects::classes::BaseException);
        }
        if name.starts_with(|c: char| c.is_ascii_uppercase()) && name.contains(|c: char| c.is_ascii_lowercase()) {
            return quote!(|| __rt::class_of_def(<#class>::CLASS_DEF));
        }
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            return quote!(|| #class.get());
        }
        if path.path.segments.len() == 1 {
            return quote!(::objects::classes::#class);
        }
    }
    quote!(#class)
}

fn class_flags(text: &str, at: Span) -> Result<TokenStream> {
    let mut names = vec![format_ident!("BASE_TYPE"), format_ident!("IMMUTABLE")];
    for word in text.split_whitespace() {
        let add = match word {
            "final" => {
                names.retain(|name| name != "BASE_TYPE");
                continue;
            }
            "mutable" => {
                names.retain(|name| name != "IMMUTABLE");
                continue;
            }
            "no_new" => "NO_NEW",
            "sequence" => "SEQUENCE",
            "sequence_ops" => "SEQUENCE_OPS",
            "mapping" => "MAPPING",
            "no_items" => "NO_ITEMS",
            "match_self" => "MATCH_SELF",
            "dict" => "HAS_DICT",
            "weakref" => "HAS_WEAKREF",
            "method_descriptor" => "METHOD_DESCRIPTOR",
            "exception" => "IS_EXCEPTION",
            _ => {
                return Err(Error::new(
                    at,
                    format!(
                        "unknown flag `{word}` (final, mutable, no_new, sequence, sequence_ops, mapping, no_items, match_self, dict, weakref, method_descriptor, exception)"
                    ),
                ));
            }
        };
        names.push(format_ident!("{add}"));
    }
    Ok(if names.is_empty() { quote!(0) } else { quote!(#(__rt::class::#names)|*) })
}

impl Tables {
    fn add_function(&mut self, function: &mut ImplItemFn, attrs: &Attrs, place: &Place) -> Result<()> {
        let ident = function.sig.ident.clone();
        let name = attrs.name.clone().unwrap_or_else(|| python_name(&ident));
        match attrs.role {
            Role::Skip => Ok(()),
            Role::Attr => {
                self.constants.push(module::attribute_entry(place.owner, &ident, attrs, quote!(())));
                Ok(())
            }
            Role::Getter => self.add_getter(function, attrs, name, place),
            Role::Setter => self.add_setter(function, attrs, name, place),
            Role::ClassMethod => self.add_method(function, attrs, Kindness::ClassMethod, place),
            Role::StaticMethod => self.add_method(function, attrs, Kindness::StaticMethod, place),
            Role::New => self.add_slot(function, attrs, "__new__", place),
            Role::Plain if module::is_helper(function) => Ok(()),
            Role::Plain if name == "__new__" => self.add_slot(function, attrs, &name, place),
            Role::Plain => {
                let receiver = function.sig.inputs.first().and_then(|argument| match argument {
                    syn::FnArg::Typed(typed) => match &*typed.pat {
                        syn::Pat::Ident(pat) => Some(pat.ident.to_string()),
                        _ => None,
                    },
                    _ => None,
                });
                if !receiver.is_some_and(|receiver| receiver == "this" || receiver == "_this") {
                    return Err(Error::new(
                        ident.span(),
                        format!(
                            "`{ident}`: a method's first parameter is `this: Gc<T>` or `this: Value`; else say #[classmethod], #[staticmethod], #[new], #[attr] or #[py(skip)]"
                        ),
                    ));
                }
                match slots::kind_of(&name) {
                    Some(_) => self.add_slot(function, attrs, &name, place),
                    None => self.add_method(function, attrs, Kindness::Method, place),
                }
            }
        }
    }

    fn add_method(&mut self, function: &mut ImplItemFn, attrs: &Attrs, kind: Kindness, place: &Place) -> Result<()> {
        let emitted = function::emit(function, attrs, kind, place)?;
        self.items.push(emitted.items);
        self.methods.push(emitted.reference);
        Ok(())
    }

    fn add_slot(&mut self, function: &mut ImplItemFn, attrs: &Attrs, name: &str, place: &Place) -> Result<()> {
        let Some(kind) = slots::kind_of(name) else { return Err(Error::new(function.sig.ident.span(), "not a slot")) };
        let emitted = slots::emit(function, attrs, name, kind, place)?;
        if matches!(kind, "New" | "Init") && attrs.sig.is_some() && !emitted.text_signature.is_empty() {
            self.signature = class_signature(&emitted.text_signature);
        }
        self.items.push(emitted.items);
        self.slots.push(emitted.entry);
        Ok(())
    }

    fn property(&mut self, name: String) -> &mut Property {
        let index = self.properties.iter().position(|property| property.name == name).unwrap_or_else(|| {
            self.properties.push(Property { name, doc: String::new(), cfgs: Vec::new(), get: None, set: None });
            self.properties.len() - 1
        });
        &mut self.properties[index]
    }

    fn add_getter(&mut self, function: &mut ImplItemFn, attrs: &Attrs, name: String, place: &Place) -> Result<()> {
        let params = function::rust_params(function)?;
        let (ident, owner, cfgs) = (&function.sig.ident, place.owner, &attrs.cfgs);
        if params.len() != 1 {
            return Err(Error::new(ident.span(), "a getter takes `this` alone"));
        }
        let thunk = format_ident!("get_{}", name);
        let finish = if function::returns_value(function) { quote!(result) } else { quote!(__rt::ret(result)) };
        self.items.push(quote! {
            #(#cfgs)*
            fn #thunk(this: __rt::Value) -> __rt::Result { let result = <#owner>::#ident(__rt::this(this, &CLASS, #name)?); #finish }
        });
        let property = self.property(name);
        property.get = Some(thunk);
        property.doc = attrs.doc.clone();
        property.cfgs = attrs.cfgs.clone();
        Ok(())
    }

    fn add_setter(&mut self, function: &mut ImplItemFn, attrs: &Attrs, name: String, place: &Place) -> Result<()> {
        let params = function::rust_params(function)?;
        let (ident, owner, cfgs) = (&function.sig.ident, place.owner, &attrs.cfgs);
        if params.len() != 2 {
            return Err(Error::new(ident.span(), "a setter takes `this` and the new value (`Option<Value>`, None to delete)"));
        }
        let name = if attrs.name.is_some() { name } else { name.strip_prefix("set_").unwrap_or(&name).to_owned() };
        let thunk = format_ident!("set_{}", name);
        let value = match params[1].class {
            function::TypeClass::OptionValue => quote!(value),
            function::TypeClass::Value => quote!(__rt::not_deletable(value, &CLASS, #name)?),
            _ => quote!(__rt::plain(__rt::not_deletable(value, &CLASS, #name)?, #name)?),
        };
        self.items.push(quote! {
            #(#cfgs)*
            fn #thunk(this: __rt::Value, value: Option<__rt::Value>) -> __rt::Result<()> {
                let result = <#owner>::#ident(__rt::this(this, &CLASS, #name)?, #value);
                __rt::plain_ret::<()>(result)
            }
        });
        self.property(name).set = Some(thunk);
        Ok(())
    }
}

/// The class's own text signature: the constructor's without its receiver.
fn class_signature(text: &str) -> String {
    for prefix in ["($self, /, ", "($type, /, ", "($self, ", "($type, "] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return if rest == "/)" { "()".to_owned() } else { format!("({rest}") };
        }
    }
    text.to_owned()
}

impl Property {
    fn entry(&self) -> TokenStream {
        let Property { name, doc, cfgs, get, set } = self;
        let option = |thunk: &Option<Ident>| match thunk {
            Some(thunk) => quote!(Some(#thunk)),
            None => quote!(None),
        };
        let (get, set) = (option(get), option(set));
        quote!(#(#cfgs)* __rt::GetSetDef { name: #name, doc: #doc, get: #get, set: #set })
    }
}
