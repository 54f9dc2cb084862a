//! Link options of the programs. Must not know: what they do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // Linked at a fixed address: 45,000 places are filled in by the linker instead of at each start (decision 6).
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
