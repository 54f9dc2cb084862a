//! Golden tests: each `golden/<sample>.rs` expands to `golden/<sample>.expanded.rs`. Remake the expected files with
//! `GOLDEN=write cargo test -p native-macros`, then read the difference.

use proc_macro2::TokenStream;
use quote::quote;
use std::path::PathBuf;
use syn::{Item, Meta};

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// Expands the sample as the compiler would: the `native_*` attribute taken off, the rest passed on.
fn expand(sample: &str) -> TokenStream {
    match syn::parse_str::<Item>(sample).expect("sample parses") {
        Item::Impl(mut block) => {
            let at =
                block.attrs.iter().position(|attribute| !attribute.path().is_ident("doc")).expect("sample has our attribute");
            let attribute = block.attrs.remove(at);
            let Meta::List(list) = &attribute.meta else { panic!("attribute has options") };
            let item = quote!(#block);
            if attribute.path().is_ident("native_module") {
                crate::module::expand(list.tokens.clone(), item).expect("module expands")
            } else {
                crate::class::expand(list.tokens.clone(), item).expect("class expands")
            }
        }
        item => crate::layout::expand(quote!(#item)).expect("layout expands"),
    }
}

fn check(sample: &str) {
    let source = std::fs::read_to_string(golden(&format!("{sample}.rs"))).expect("sample is there");
    let file = syn::parse2(expand(&source)).expect("expansion is Rust");
    let actual =
        format!("// Made from {sample}.rs by `GOLDEN=write cargo test -p native-macros`.\n{}", prettyplease::unparse(&file));
    let path = golden(&format!("{sample}.expanded.rs"));
    if std::env::var_os("GOLDEN").is_some() {
        std::fs::write(&path, actual).expect("golden file is writable");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "expansion of {sample} differs from {}; it is now:\n{actual}", path.display());
}

#[test]
fn module_expansion() {
    check("module");
}
#[test]
fn class_expansion() {
    check("class");
}
#[test]
fn layout_expansion() {
    check("layout");
}

fn class_error(body: &str) -> String {
    let block: TokenStream = format!("impl A {{ {body} }}").parse().expect("tokens");
    crate::class::expand(quote!(name = "m.A"), block).expect_err("is refused").to_string()
}

#[test]
fn mistakes_name_the_function() {
    assert!(class_error("fn f(x: Value) -> R {}").starts_with("`f`: a method's first parameter is `this"));
    assert!(class_error("fn f<T>(this: Value, x: T) -> R {}").starts_with("`f`: a native function is not generic"));
    assert!(class_error("#[sig(\"(x)\")] fn f(this: Value) -> R {}").contains("1 parameters, the function 0"));
    assert!(class_error("#[sig(\"(*x)\")] fn f(this: Value, x: Value) -> R {}").contains("does not fit"));
    assert!(class_error("#[sig(\"(x=())\")] fn f(this: Value, x: i64) -> R {}").contains("use Option<T> or #[default(expr)]"));
    assert!(class_error("fn __len__(this: Value, x: Value) -> R {}").contains("takes 1 parameters"));
}

#[test]
fn text_signatures() {
    use crate::signature::{parse, render};
    let show = |text: &str, receiver: &str| {
        render(&parse(&syn::LitStr::new(text, proc_macro2::Span::call_site())).expect("parses"), receiver)
    };
    assert_eq!(show("($self, x, /, y=',', *, key=None)", "$self"), "($self, x, /, y=',', *, key=None)");
    assert_eq!(show("(file, mode='r')", "$module"), "($module, /, file, mode='r')");
    assert_eq!(show("(*args, sep=' ', **rest)", "$module"), "($module, /, *args, sep=' ', **rest)");
    assert_eq!(show("()", "$self"), "($self, /)");
    assert_eq!(show("(x=(1, 2), /)", ""), "(x=(1, 2), /)");
}
