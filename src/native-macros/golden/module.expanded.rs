// Made from module.rs by `GOLDEN=write cargo test -p native-macros`.
/// Sample of a module.
///
/// With a second paragraph.
impl Sample {
    const PI: f64 = 3.14;
    fn constants() -> R<Value> {
        make_constants()
    }
    /// Return the square root of x.
    fn sqrt(x: f64) -> R<f64> {
        Ok(x.sqrt())
    }
    /// Optional and variable arguments, positional only.
    fn log(x: Value, base: Option<f64>, rest: &[Value]) -> R {
        helper(x, base, rest)
    }
    fn prod(iterable: Value, start: Option<Value>, reverse: bool, extra: Kwargs) -> R {
        Ok(iterable)
    }
    fn print_all(args: &[Value], sep: &str, end: String) {}
    #[cfg(unix)]
    fn raw(args: Args) -> R {
        Ok(Value::none())
    }
    fn helper_one(count: usize) -> usize {
        count
    }
    fn __exec__(module: Value) -> R<()> {
        Ok(())
    }
}
#[allow(non_snake_case, non_upper_case_globals, clippy::all)]
const _: () = {
    use ::objects::native::rt as __rt;
    static D_sqrt: __rt::FnDef = __rt::FnDef {
        name: "sqrt",
        class: "",
        module: "sample",
        doc: "Return the square root of x.",
        sig: "($module, x, /)",
        params: &[
            __rt::ParamDef {
                name: "x",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Function,
            &[
                __rt::ParamDef {
                    name: "x",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
            ],
        ),
        kind: __rt::FnKind::Function,
        flags: 7u32,
        call: __rt::NativeCall::F1(t_sqrt),
    };
    fn t_sqrt(a0: __rt::Value) -> __rt::Result {
        let result = <Sample>::sqrt(__rt::arg(a0, &D_sqrt, 0u8)?);
        __rt::ret(result)
    }
    static D_log: __rt::FnDef = __rt::FnDef {
        name: "log",
        class: "",
        module: "sample",
        doc: "Optional and variable arguments, positional only.",
        sig: "($module, x, base=None, /, *rest)",
        params: &[
            __rt::ParamDef {
                name: "x",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
            __rt::ParamDef {
                name: "base",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: true,
            },
            __rt::ParamDef {
                name: "rest",
                kind: __rt::ParamKind::VarPositional,
                has_default: false,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Function,
            &[
                __rt::ParamDef {
                    name: "x",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "base",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: true,
                },
                __rt::ParamDef {
                    name: "rest",
                    kind: __rt::ParamKind::VarPositional,
                    has_default: false,
                },
            ],
        ),
        kind: __rt::FnKind::Function,
        flags: 0u32,
        call: __rt::NativeCall::Slice {
            min: 1u32,
            max: 4294967295u32,
            f: t_log,
        },
    };
    fn t_log(args: &[__rt::Value]) -> __rt::Result {
        let result = <Sample>::log(
            args[0usize],
            __rt::opt_none(args.get(1usize).copied(), &D_log, 1u8)?,
            args.get(2usize..).unwrap_or_default(),
        );
        result
    }
    static D_prod: __rt::FnDef = __rt::FnDef {
        name: "prod",
        class: "",
        module: "sample",
        doc: "",
        sig: "($module, iterable, /, *, start=1, reverse=False, **extra)",
        params: &[
            __rt::ParamDef {
                name: "iterable",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
            __rt::ParamDef {
                name: "start",
                kind: __rt::ParamKind::KeywordOnly,
                has_default: true,
            },
            __rt::ParamDef {
                name: "reverse",
                kind: __rt::ParamKind::KeywordOnly,
                has_default: true,
            },
            __rt::ParamDef {
                name: "extra",
                kind: __rt::ParamKind::VarKeyword,
                has_default: false,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Function,
            &[
                __rt::ParamDef {
                    name: "iterable",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "start",
                    kind: __rt::ParamKind::KeywordOnly,
                    has_default: true,
                },
                __rt::ParamDef {
                    name: "reverse",
                    kind: __rt::ParamKind::KeywordOnly,
                    has_default: true,
                },
                __rt::ParamDef {
                    name: "extra",
                    kind: __rt::ParamKind::VarKeyword,
                    has_default: false,
                },
            ],
        ),
        kind: __rt::FnKind::Function,
        flags: 0u32,
        call: __rt::NativeCall::Bound(t_prod),
    };
    fn t_prod(b: &__rt::Bound) -> __rt::Result {
        let result = <Sample>::prod(
            b.at(0usize),
            b.get(1usize),
            __rt::or(b.get(2usize), &D_prod, 2u8, || false)?,
            b.kwargs(),
        );
        result
    }
    static D_print_all: __rt::FnDef = __rt::FnDef {
        name: "print",
        class: "",
        module: "sample",
        doc: "",
        sig: "($module, /, *args, sep=' ', end=None)",
        params: &[
            __rt::ParamDef {
                name: "args",
                kind: __rt::ParamKind::VarPositional,
                has_default: false,
            },
            __rt::ParamDef {
                name: "sep",
                kind: __rt::ParamKind::KeywordOnly,
                has_default: true,
            },
            __rt::ParamDef {
                name: "end",
                kind: __rt::ParamKind::KeywordOnly,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Function,
            &[
                __rt::ParamDef {
                    name: "args",
                    kind: __rt::ParamKind::VarPositional,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "sep",
                    kind: __rt::ParamKind::KeywordOnly,
                    has_default: true,
                },
                __rt::ParamDef {
                    name: "end",
                    kind: __rt::ParamKind::KeywordOnly,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::Function,
        flags: 0u32,
        call: __rt::NativeCall::Bound(t_print_all),
    };
    fn t_print_all(b: &__rt::Bound) -> __rt::Result {
        let result = <Sample>::print_all(
            b.rest(),
            __rt::or(b.get(0usize), &D_print_all, 1u8, || " ")?,
            __rt::or(b.get(1usize), &D_print_all, 2u8, || make_end())?,
        );
        __rt::ret(result)
    }
    #[cfg(unix)]
    static D_raw: __rt::FnDef = __rt::FnDef {
        name: "raw",
        class: "",
        module: "sample",
        doc: "",
        sig: "",
        params: &[],
        by_position: __rt::by_position(__rt::FnKind::Function, &[]),
        kind: __rt::FnKind::Function,
        flags: 8u32,
        call: __rt::NativeCall::Raw(t_raw),
    };
    #[cfg(unix)]
    fn t_raw(args: __rt::Args) -> __rt::Result {
        let result = <Sample>::raw(args);
        result
    }
    static MODULE: __rt::ModuleDef = __rt::ModuleDef {
        name: "sample",
        doc: "Sample of a module.\n\nWith a second paragraph.",
        functions: &[&D_sqrt, &D_log, &D_prod, &D_print_all, #[cfg(unix)] &D_raw],
        attrs: &[
            __rt::AttrDef {
                name: "pi",
                make: || __rt::ret(<Sample>::PI),
            },
            __rt::AttrDef {
                name: "constants",
                make: || __rt::ret(<Sample>::constants()),
            },
        ],
        classes: &[<Deque>::CLASS_DEF],
        exec: Some(<Sample>::__exec__),
    };
    impl Sample {
        pub const MODULE: &'static __rt::ModuleDef = &MODULE;
    }
};
