// Made from class.rs by `GOLDEN=write cargo test -p native-macros`.
/// Sample of a class.
impl Deque {
    fn new(cls: Gc<Class>, args: Args) -> R {
        make(cls, args)
    }
    fn __init__(
        this: Gc<Deque>,
        iterable: Option<Value>,
        maxlen: Option<isize>,
    ) -> R<()> {
        Ok(())
    }
    /// Put an item at the right end.
    fn append(this: Gc<Deque>, item: Value) -> R<()> {
        Ok(())
    }
    fn rotate(this: Gc<Deque>, n: Option<isize>) -> R<()> {
        Ok(())
    }
    fn index(this: Gc<Deque>, value: Value, start: i64) -> R<usize> {
        Ok(0)
    }
    /// Maximum size.
    fn maxlen(this: Gc<Deque>) -> R {
        Ok(Value::none())
    }
    fn set_maxlen(this: Gc<Deque>, value: isize) -> R<()> {
        Ok(())
    }
    fn from_keys(cls: Gc<Class>, keys: Value) -> R {
        Ok(keys)
    }
    fn make_trans(x: Value, y: Option<Value>) -> R {
        Ok(x)
    }
    fn __len__(this: Gc<Deque>) -> usize {
        0
    }
    fn __getitem__(this: Gc<Deque>, index: isize) -> R {
        Ok(Value::none())
    }
    fn __add__(this: Gc<Deque>, other: Gc<Deque>) -> R<Gc<Deque>> {
        Ok(this)
    }
    fn __eq__(this: Gc<Deque>, other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __next__(this: Gc<Deque>) -> R<Option<Value>> {
        Ok(None)
    }
    fn __setitem__(this: Gc<Deque>, index: isize, value: Value) -> R<()> {
        Ok(())
    }
    fn __hash__(this: Gc<Deque>) -> R<i64> {
        Ok(1)
    }
    fn __call__(this: Gc<Deque>, key: Value, default: Option<Value>) -> R {
        Ok(key)
    }
}
#[allow(non_snake_case, non_upper_case_globals, clippy::all)]
const _: () = {
    use ::objects::native::rt as __rt;
    fn s_new(first: __rt::Gc<__rt::Class>, args: __rt::Args) -> __rt::Result {
        let result = <Deque>::new(first.into(), args);
        result
    }
    static D___init__: __rt::FnDef = __rt::FnDef {
        name: "__init__",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "($self, /, iterable=(), maxlen=None)",
        params: &[
            __rt::ParamDef {
                name: "iterable",
                kind: __rt::ParamKind::PositionalOrKeyword,
                has_default: true,
            },
            __rt::ParamDef {
                name: "maxlen",
                kind: __rt::ParamKind::PositionalOrKeyword,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Init,
            &[
                __rt::ParamDef {
                    name: "iterable",
                    kind: __rt::ParamKind::PositionalOrKeyword,
                    has_default: true,
                },
                __rt::ParamDef {
                    name: "maxlen",
                    kind: __rt::ParamKind::PositionalOrKeyword,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::Init,
        flags: 0u32,
        call: __rt::NativeCall::Bound(t___init__),
    };
    fn t___init__(b: &__rt::Bound) -> __rt::Result {
        let result = <Deque>::__init__(
            __rt::trust(b.at(0)),
            b.get(1usize),
            __rt::opt_none(b.get(2usize), &D___init__, 1u8)?,
        );
        __rt::ret(result)
    }
    fn s___init__(first: __rt::Value, args: __rt::Args) -> __rt::Result<()> {
        __rt::call_def_with(&D___init__, first, args).map(|_| ())
    }
    static D_append: __rt::FnDef = __rt::FnDef {
        name: "append",
        class: "deque",
        module: "sample",
        doc: "Put an item at the right end.",
        sig: "($self, item, /)",
        params: &[
            __rt::ParamDef {
                name: "item",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Method,
            &[
                __rt::ParamDef {
                    name: "item",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
            ],
        ),
        kind: __rt::FnKind::Method,
        flags: 0u32,
        call: __rt::NativeCall::F2(t_append),
    };
    fn t_append(a0: __rt::Value, a1: __rt::Value) -> __rt::Result {
        let result = <Deque>::append(__rt::this(a0, &CLASS, "append")?, a1);
        __rt::ret(result)
    }
    static D_rotate: __rt::FnDef = __rt::FnDef {
        name: "rotate",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "($self, n=None, /)",
        params: &[
            __rt::ParamDef {
                name: "n",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Method,
            &[
                __rt::ParamDef {
                    name: "n",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::Method,
        flags: 0u32,
        call: __rt::NativeCall::Slice {
            min: 1u32,
            max: 2u32,
            f: t_rotate,
        },
    };
    fn t_rotate(args: &[__rt::Value]) -> __rt::Result {
        let result = <Deque>::rotate(
            __rt::this(args[0], &CLASS, "rotate")?,
            __rt::opt_none(args.get(1usize).copied(), &D_rotate, 0u8)?,
        );
        __rt::ret(result)
    }
    static D_index: __rt::FnDef = __rt::FnDef {
        name: "index",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "($self, value, /, start=0)",
        params: &[
            __rt::ParamDef {
                name: "value",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
            __rt::ParamDef {
                name: "start",
                kind: __rt::ParamKind::PositionalOrKeyword,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Method,
            &[
                __rt::ParamDef {
                    name: "value",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "start",
                    kind: __rt::ParamKind::PositionalOrKeyword,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::Method,
        flags: 0u32,
        call: __rt::NativeCall::Bound(t_index),
    };
    fn t_index(b: &__rt::Bound) -> __rt::Result {
        let result = <Deque>::index(
            __rt::this(b.at(0), &CLASS, "index")?,
            b.at(1usize),
            __rt::or(b.get(2usize), &D_index, 1u8, || 0)?,
        );
        __rt::ret(result)
    }
    fn get_maxlen(this: __rt::Value) -> __rt::Result {
        let result = <Deque>::maxlen(__rt::this(this, &CLASS, "maxlen")?);
        result
    }
    fn set_maxlen(this: __rt::Value, value: Option<__rt::Value>) -> __rt::Result<()> {
        let result = <Deque>::set_maxlen(
            __rt::this(this, &CLASS, "maxlen")?,
            __rt::plain(__rt::not_deletable(value, &CLASS, "maxlen")?, "maxlen")?,
        );
        __rt::plain_ret::<()>(result)
    }
    static D_from_keys: __rt::FnDef = __rt::FnDef {
        name: "from_keys",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "($type, keys, /)",
        params: &[
            __rt::ParamDef {
                name: "keys",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::ClassMethod,
            &[
                __rt::ParamDef {
                    name: "keys",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
            ],
        ),
        kind: __rt::FnKind::ClassMethod,
        flags: 0u32,
        call: __rt::NativeCall::F2(t_from_keys),
    };
    fn t_from_keys(a0: __rt::Value, a1: __rt::Value) -> __rt::Result {
        let result = <Deque>::from_keys(__rt::cls(a0), a1);
        result
    }
    static D_make_trans: __rt::FnDef = __rt::FnDef {
        name: "make_trans",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "(x, y=<unrepresentable>, /)",
        params: &[
            __rt::ParamDef {
                name: "x",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: false,
            },
            __rt::ParamDef {
                name: "y",
                kind: __rt::ParamKind::PositionalOnly,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::StaticMethod,
            &[
                __rt::ParamDef {
                    name: "x",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "y",
                    kind: __rt::ParamKind::PositionalOnly,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::StaticMethod,
        flags: 0u32,
        call: __rt::NativeCall::Slice {
            min: 1u32,
            max: 2u32,
            f: t_make_trans,
        },
    };
    fn t_make_trans(args: &[__rt::Value]) -> __rt::Result {
        let result = <Deque>::make_trans(args[0usize], args.get(1usize).copied());
        result
    }
    fn s___len__(a0: __rt::Value) -> __rt::Result<usize> {
        let result = <Deque>::__len__(__rt::trust(a0));
        __rt::plain_ret(result)
    }
    fn s___getitem__(a0: __rt::Value, a1: __rt::Value) -> __rt::Result {
        let result = <Deque>::__getitem__(
            __rt::trust(a0),
            __rt::plain(a1, "__getitem__")?,
        );
        result
    }
    fn s___add__(a0: __rt::Value, a1: __rt::Value) -> __rt::Result {
        let Some(a1) = __rt::operand(a1) else {
            return Ok(__rt::Value::not_implemented())
        };
        let result = <Deque>::__add__(__rt::trust(a0), a1);
        __rt::ret(result)
    }
    fn s___eq__(a0: __rt::Value, a1: __rt::Value) -> __rt::Result {
        let result = <Deque>::__eq__(__rt::trust(a0), a1);
        result
    }
    fn s___next__(a0: __rt::Value) -> __rt::Result<Option<__rt::Value>> {
        let result = <Deque>::__next__(__rt::trust(a0));
        __rt::next_ret(result)
    }
    fn s___setitem__(
        a0: __rt::Value,
        a1: __rt::Value,
        a2: __rt::Value,
    ) -> __rt::Result<()> {
        let result = <Deque>::__setitem__(
            __rt::trust(a0),
            __rt::plain(a1, "__setitem__")?,
            a2,
        );
        __rt::plain_ret(result)
    }
    fn s___hash__(a0: __rt::Value) -> __rt::Result<i64> {
        let result = <Deque>::__hash__(__rt::trust(a0));
        __rt::plain_ret(result)
    }
    static D___call__: __rt::FnDef = __rt::FnDef {
        name: "__call__",
        class: "deque",
        module: "sample",
        doc: "",
        sig: "($self, /, key, *, default=None)",
        params: &[
            __rt::ParamDef {
                name: "key",
                kind: __rt::ParamKind::PositionalOrKeyword,
                has_default: false,
            },
            __rt::ParamDef {
                name: "default",
                kind: __rt::ParamKind::KeywordOnly,
                has_default: true,
            },
        ],
        by_position: __rt::by_position(
            __rt::FnKind::Slot,
            &[
                __rt::ParamDef {
                    name: "key",
                    kind: __rt::ParamKind::PositionalOrKeyword,
                    has_default: false,
                },
                __rt::ParamDef {
                    name: "default",
                    kind: __rt::ParamKind::KeywordOnly,
                    has_default: true,
                },
            ],
        ),
        kind: __rt::FnKind::Slot,
        flags: 0u32,
        call: __rt::NativeCall::Bound(t___call__),
    };
    fn t___call__(b: &__rt::Bound) -> __rt::Result {
        let result = <Deque>::__call__(
            __rt::trust(b.at(0)),
            b.at(1usize),
            b.get(2usize),
        );
        result
    }
    fn s___call__(first: __rt::Value, args: __rt::Args) -> __rt::Result {
        __rt::call_def_with(&D___call__, first, args)
    }
    static CLASS: __rt::ClassDef = __rt::ClassDef {
        name: "deque",
        module: "sample",
        doc: "Sample of a class.",
        sig: "(iterable=(), maxlen=None)",
        layout: <Deque as __rt::Layout>::DESC,
        bases: &[::objects::classes::object],
        metaclass: None,
        flags: __rt::class::BASE_TYPE | __rt::class::IMMUTABLE | __rt::class::SEQUENCE
            | __rt::class::HAS_WEAKREF,
        methods: &[&D_append, &D_rotate, &D_index, &D_from_keys, &D_make_trans],
        slots: &[
            __rt::SlotDef {
                name: "__new__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::New(s_new),
            },
            __rt::SlotDef {
                name: "__init__",
                doc: "",
                sig: "($self, /, iterable=(), maxlen=None)",
                slot: __rt::SlotFn::Init(s___init__),
            },
            __rt::SlotDef {
                name: "__len__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Len(s___len__),
            },
            __rt::SlotDef {
                name: "__getitem__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Binary(s___getitem__),
            },
            __rt::SlotDef {
                name: "__add__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Binary(s___add__),
            },
            __rt::SlotDef {
                name: "__eq__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Binary(s___eq__),
            },
            __rt::SlotDef {
                name: "__next__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Next(s___next__),
            },
            __rt::SlotDef {
                name: "__setitem__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::SetItem(s___setitem__),
            },
            __rt::SlotDef {
                name: "__hash__",
                doc: "",
                sig: "",
                slot: __rt::SlotFn::Hash(s___hash__),
            },
            __rt::SlotDef {
                name: "__call__",
                doc: "",
                sig: "($self, /, key, *, default=None)",
                slot: __rt::SlotFn::Call(s___call__),
            },
        ],
        getset: &[
            __rt::GetSetDef {
                name: "maxlen",
                doc: "Maximum size.",
                get: Some(get_maxlen),
                set: Some(set_maxlen),
            },
        ],
        attrs: &[],
        cell: __rt::ClassCell::new(),
        making: __rt::Making::new(),
    };
    impl Deque {
        pub const CLASS_DEF: &'static __rt::ClassDef = &CLASS;
    }
};
