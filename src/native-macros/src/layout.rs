//! `#[derive(Layout)]`: a `LayoutDesc` with generated tracing for a `repr(C)` struct.
//!
//! `#[layout(name = "..", parent = Type, guarded = bool, drops_late = bool, tail_end = path, trace_tail = path)]` on the struct, `#[layout(skip)]` on
//! fields without references,
//! `#[layout(uncounted)]` on those that repeat a reference which another object or field has for the program (`sys.getrefcount`).

use crate::attrs::{self, Options};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

pub fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let ident = &input.ident;
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().collect::<Vec<_>>(),
            _ => return Err(Error::new(ident.span(), "a layout has named fields")),
        },
        _ => return Err(Error::new(ident.span(), "a layout is a struct")),
    };
    let is_repr_c = input
        .attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("repr") && attribute.parse_args::<syn::Ident>().is_ok_and(|repr| repr == "C"));
    if !is_repr_c {
        return Err(Error::new(ident.span(), "a layout is #[repr(C)]"));
    }
    let mut name = ident.to_string();
    let mut is_guarded = false;
    let (mut parent, mut tail_end, mut trace_tail, mut guarded) = (None, quote!(None), quote!(), quote!(false));
    let mut drops_late = quote!(false);
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("layout")) {
        for (key, value) in attribute.parse_args::<Options>()?.0 {
            match key.to_string().as_str() {
                "name" => name = attrs::string(&value, key.span())?,
                "parent" => parent = value,
                "tail_end" => tail_end = quote!(Some(#value)),
                "guarded" => {
                    is_guarded = true;
                    guarded = quote!(#value)
                }
                "drops_late" => drops_late = quote!(#value),
                "trace_tail" => trace_tail = quote!(#value(object, tracer);),
                _ => return Err(Error::new(key.span(), "options are name, parent, guarded, drops_late, tail_end, trace_tail")),
            }
        }
    }
    let Some((first, rest)) = fields.split_first() else {
        return Err(Error::new(ident.span(), "a layout begins with `header: Header`"));
    };
    let first_name = first.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let first_type = &first.ty;
    let (parent_desc, trace_parent) = match (first_name.as_str(), &parent) {
        ("header", None) => (quote!(None), quote!()),
        ("base", parent) => {
            let parent = parent.as_ref().map(|parent| quote!(#parent)).unwrap_or(quote!(#first_type));
            (quote!(Some(<#parent as __rt::Layout>::DESC)), quote!((<#first_type as __rt::Layout>::DESC.trace)(object, tracer);))
        }
        ("header", Some(parent)) => (quote!(Some(<#parent as __rt::Layout>::DESC)), quote!()),
        _ => return Err(Error::new(ident.span(), "the first field is `header: Header` or `base: ParentLayout`")),
    };
    let mut traces = Vec::new();
    for field in rest {
        let says = |wanted: &str| {
            let mut words = field.attrs.iter().filter(|attribute| attribute.path().is_ident("layout"));
            words.any(|attribute| attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == wanted))
        };
        if is_guarded && matches!(&field.ty, syn::Type::Path(path) if path.path.is_ident("Slot")) {
            return Err(Error::new_spanned(&field.ty, "references of a guarded layout are `GuardedSlot`s"));
        }
        let ident = &field.ident;
        if says("uncounted") {
            traces.push(quote!(if !tracer.is_counting() { __rt::Trace::trace(&this.#ident, tracer); }));
        } else if !says("skip") {
            traces.push(quote!(__rt::Trace::trace(&this.#ident, tracer);));
        }
    }
    let bind_this = if traces.is_empty() { quote!() } else { quote!(let this = &*(object as *const #ident);) };
    Ok(quote! {
        #[allow(clippy::all, unused_variables)]
        const _: () = {
            use ::objects::native::rt as __rt;
            unsafe fn trace(object: *mut __rt::Header, tracer: &mut __rt::Tracer) {
                #trace_parent
                #bind_this
                #(#traces)*
                #trace_tail
            }
            unsafe fn drop_fields(object: *mut __rt::Header) {
                ::core::ptr::drop_in_place(object as *mut #ident);
            }
            static DESC: __rt::LayoutDesc = __rt::LayoutDesc {
                name: #name,
                size: ::core::mem::size_of::<#ident>(),
                parent: #parent_desc,
                trace,
                drop: if ::core::mem::needs_drop::<#ident>() { Some(drop_fields) } else { None },
                drops_late: #drops_late,
                guarded: #guarded,
                tail_end: #tail_end,
                class: __rt::ClassCell::new(),
            };
            // SAFETY: repr(C) with a header or the parent layout first, checked by the derive; every other field is traced.
            unsafe impl __rt::Layout for #ident { const DESC: &'static __rt::LayoutDesc = &DESC; }
        };
    })
}
