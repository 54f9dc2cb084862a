//! `#[native_module]`: the tables of a module.

use crate::attrs::{self, Attrs, Options, Role, python_name};
use crate::function::{self, Kindness, Place};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Expr, ImplItem, ImplItemFn, ItemImpl, Result};

pub fn expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let (mut module, mut classes) = (None, Vec::new());
    for (key, value) in options.0 {
        match key.to_string().as_str() {
            "name" => module = Some(attrs::string(&value, key.span())?),
            "classes" => classes = attrs::list(value, key.span())?,
            _ => return Err(Error::new(key.span(), "options are name, classes")),
        }
    }
    let module = module.ok_or_else(|| Error::new(proc_macro2::Span::call_site(), "native_module needs name = \"...\""))?;
    let doc = attrs::doc(&block.attrs);
    let owner = (*block.self_ty).clone();
    let place = Place { owner: &owner, module: &module, class: "" };
    let (mut items, mut functions, mut constants, mut exec) = (Vec::new(), Vec::new(), Vec::new(), quote!(None));
    for item in &mut block.items {
        match item {
            ImplItem::Fn(function) => {
                let taken = attrs::take(&mut function.attrs)?;
                let ident = function.sig.ident.clone();
                match taken.role {
                    Role::Skip => {}
                    Role::Attr => constants.push(attribute_entry(&owner, &ident, &taken, quote!(()))),
                    Role::Plain if ident == "__exec__" => exec = quote!(Some(<#owner>::__exec__)),
                    Role::Plain if is_helper(function) => {}
                    Role::Plain => {
                        let emitted = function::emit(function, &taken, Kindness::Function, &place)?;
                        items.push(emitted.items);
                        functions.push(emitted.reference);
                    }
                    _ => {
                        return Err(Error::new(
                            ident.span(),
                            format!("`{ident}`: only classes have getters, setters, constructors and methods"),
                        ));
                    }
                }
            }
            ImplItem::Const(constant) => {
                let taken = attrs::take(&mut constant.attrs)?;
                if taken.role == Role::Attr {
                    constants.push(attribute_entry(&owner, &constant.ident, &taken, quote!()));
                }
            }
            _ => {}
        }
    }
    let classes = classes.iter().map(class_reference);
    Ok(quote! {
        #block
        #[allow(non_snake_case, non_upper_case_globals, clippy::all)]
        const _: () = {
            use ::objects::native::rt as __rt;
            #(#items)*
            static MODULE: __rt::ModuleDef = __rt::ModuleDef {
                name: #module, doc: #doc, functions: &[#(#functions),*], attrs: &[#(#constants),*], classes: &[#(#classes),*], exec: #exec,
            };
            impl #owner { pub const MODULE: &'static __rt::ModuleDef = &MODULE; }
        };
    })
}

/// Functions with a `self` receiver are Rust helpers, not natives.
pub fn is_helper(function: &ImplItemFn) -> bool {
    function.sig.receiver().is_some()
}

/// `<Type>::CLASS_DEF` of a class named by its Rust type.
pub fn class_reference(class: &Expr) -> TokenStream {
    quote!(<#class>::CLASS_DEF)
}

/// A constant (`call` empty) or a function that makes one (`call` is `()`).
pub fn attribute_entry(owner: &syn::Type, ident: &syn::Ident, attrs: &Attrs, call: TokenStream) -> TokenStream {
    let name = attrs.name.clone().unwrap_or_else(|| python_name(&format_ident!("{ident}")));
    let cfgs = &attrs.cfgs;
    quote!(#(#cfgs)* __rt::AttrDef { name: #name, make: || __rt::ret(<#owner>::#ident #call) })
}
