//! The attributes that declare native modules, classes, functions and layouts. See docs/internals/natives.md.
//!
//! Expands to plain static tables (`objects::native`) and thunks of a line or two; knows nothing of the runtime but the names
//! in `objects::native::rt`. One file per idea: `attrs` reads our attributes off items, `signature` parses text signatures,
//! `function` makes the definition and thunk of one function, `slots` those of a dunder, `module`, `class` and `layout` whole items.

mod attrs;
mod class;
mod function;
mod layout;
mod module;
mod signature;
mod slots;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// On an impl block: makes its functions a Python module, reachable as `<Type>::MODULE`.
#[proc_macro_attribute]
pub fn native_module(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(module::expand(attribute.into(), item.into()))
}

/// On an impl block: makes its functions the methods of a Python class, reachable as `<Type>::CLASS_DEF`.
#[proc_macro_attribute]
pub fn native_class(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(class::expand(attribute.into(), item.into()))
}

/// On a `repr(C)` struct that begins with a `Header` or its parent layout: describes it to the heap.
#[proc_macro_derive(Layout, attributes(layout))]
pub fn derive_layout(item: TokenStream) -> TokenStream {
    finish(layout::expand(item.into()))
}
