//! The op table: the single source for every op of the register machine. Holds names, operand
//! roles, extension words, effects and the meaning of each op as a register equation.
//! Must not know: values, objects, how an interpreter dispatches.
//!
//! # Encoding
//! An instruction is one 32-bit word `op | a << 8 | b << 16 | c << 24`, followed by one extension
//! word if its [`ExtKind`] is not `No`. A 16-bit operand sits in `b` (low byte) and `c` (high byte),
//! a 24-bit one in `a`, `b`, `c`. Jump offsets are signed, counted in words, relative to the first
//! word *after* the whole instruction (after its extension word).
//!
//! # Notation
//! `r[x]` register, `k[x]` constant, `n[x]` name, `cell` the cache cell of the extension word
//! (whose descriptor names a name or constant), `ns` the namespace mapping of a module or class
//! body, held in `r[0]` of such units, `E` the handled exception (`sys.exception()`).
//! Evaluation reads all operands before the destination is written, so `a` may equal `b` or `c`.
//!
//! How calls, exceptions, `finally`, `with` and generators are laid out: `docs/internals/bytecode.md`.

/// What an operand byte of an instruction means. `Hi` marks the high byte(s) of the operand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandKind {
    /// Unused, zero.
    No,
    /// Continues the previous operand.
    Hi,
    /// Register written.
    W,
    /// Register read.
    R,
    /// Register read, then written.
    RW,
    /// Two consecutive registers written.
    W2,
    /// Three consecutive registers written.
    W3,
    /// Two consecutive registers read.
    R2,
    /// Three consecutive registers read.
    R3,
    /// First of `c` consecutive registers read.
    RSeqC,
    /// First of `2 * c` consecutive registers read.
    RPairSeqC,
    /// First of `c` consecutive registers written.
    WSeqC,
    /// First of `n` consecutive registers written, `n` is the 16-bit operand in `b`, `c`.
    WSeq16,
    /// First of `n` consecutive registers read, the first of which is then written (`n` as above).
    RWSeq16,
    /// First of the consecutive registers written by `UNPACK_EX` (count from the extension word).
    WSeqExt,
    /// First of the consecutive registers read by an intrinsic (count from [`Intrinsic::arity`]).
    RIntrinsic,
    /// First of the registers read by `FORMAT_VALUE`/`BUILD_INTERPOLATION` (count depends on `c`).
    RFormat,
    /// Call base: reads `r[a]`, `r[a+4 .. a+4+b]`; writes `r[a]`; clobbers `r[a+1 ..]`.
    CallBase,
    /// Method call base: as `CallBase` with the self slot at `r[a+4]` and arguments from `r[a+5]`.
    MethodBase,
    /// Call with unpacked arguments: reads `r[a]`, `r[a+4]`, `r[a+5]`; writes `r[a]`; clobbers above.
    ExBase,
    /// Writes `r[a]` and `r[a+4]`.
    WMethod,
    /// 16-bit constant index.
    K16,
    /// 16-bit name index.
    N16,
    /// 16-bit index of a variable in `CodeUnit::variables()` (locals, cells, free).
    V16,
    /// 16-bit unsigned number.
    U16,
    /// 16-bit signed number.
    I16,
    /// 16-bit signed jump offset.
    J16,
    /// 24-bit signed jump offset.
    J24,
    /// 8-bit unsigned number.
    U8,
    /// 8-bit signed number.
    I8,
    /// A [`Special`] number.
    Special,
    /// An [`Intrinsic`] number.
    Intrinsic,
    /// A [`Common`] number.
    Common,
}

/// What the extension word of an instruction means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtKind {
    /// There is none.
    No,
    /// Signed jump offset in words.
    Jump,
    /// Index of a cache cell; the cell's kind must be the op's [`CacheKind`].
    Cache(CacheKind),
    /// Name index.
    Name,
    /// Constant index.
    Const,
    /// `MAKE_FUNCTION`: `flags | first_input_register << 8` ([`make_flags`]).
    Make,
    /// `UNPACK_EX`: `before | after << 16`.
    Counts,
    /// Number of items or a spill slot.
    Number,
}

impl ExtKind {
    /// Another number for each meaning.
    pub const fn number(self) -> u32 {
        match self {
            ExtKind::No => 0,
            ExtKind::Jump => 1,
            ExtKind::Name => 2,
            ExtKind::Const => 3,
            ExtKind::Make => 4,
            ExtKind::Counts => 5,
            ExtKind::Number => 6,
            ExtKind::Cache(kind) => 0x100 + kind as u32,
        }
    }
}

/// What a cache cell serves; the second half of its descriptor in the code unit depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum CacheKind {
    /// Global or builtin load; descriptor: name index.
    LoadGlobal = 0,
    /// Global store; descriptor: name index.
    StoreGlobal = 1,
    /// Namespace, global, builtin load; descriptor: name index.
    LoadName = 2,
    /// Namespace store; descriptor: name index.
    StoreName = 3,
    /// Attribute load; descriptor: name index.
    LoadAttr = 4,
    /// Attribute store; descriptor: name index.
    StoreAttr = 5,
    /// Method load; descriptor: name index.
    LoadMethod = 6,
    /// Attribute through `super`; descriptor: name index.
    Super = 7,
    /// Call; descriptor: 0.
    Call = 8,
    /// Call with keywords; descriptor: constant index of the tuple of keyword names.
    CallKw = 9,
}

impl CacheKind {
    pub const ALL: [CacheKind; 10] = [
        CacheKind::LoadGlobal,
        CacheKind::StoreGlobal,
        CacheKind::LoadName,
        CacheKind::StoreName,
        CacheKind::LoadAttr,
        CacheKind::StoreAttr,
        CacheKind::LoadMethod,
        CacheKind::Super,
        CacheKind::Call,
        CacheKind::CallKw,
    ];

    pub fn from_u8(number: u8) -> Option<CacheKind> {
        CacheKind::ALL.get(number as usize).copied()
    }

    /// Whether the descriptor's index is a name index.
    pub fn has_name(self) -> bool {
        !matches!(self, CacheKind::Call | CacheKind::CallKw)
    }
}

/// Effects of an op (bit set).
pub mod effects {
    /// May raise.
    pub const RAISES: u8 = 1;
    /// May run arbitrary Python code (and so change anything reachable, run a collection, switch threads).
    pub const CALLS: u8 = 2;
    /// May allocate.
    pub const ALLOCATES: u8 = 4;
    /// Control may go elsewhere than to the next instruction.
    pub const JUMPS: u8 = 8;
    /// Control never reaches the next instruction.
    pub const ENDS: u8 = 16;
    /// Suspends the frame.
    pub const SUSPENDS: u8 = 32;
    /// A call that enters a Python callee without recursing the native stack.
    pub const ENTERS: u8 = 64;
}

/// `MAKE_FUNCTION` flags: which inputs follow each other from the first input register, in this order.
pub mod make_flags {
    /// Tuple of defaults.
    pub const DEFAULTS: u8 = 1;
    /// Dict of keyword-only defaults.
    pub const KW_DEFAULTS: u8 = 2;
    /// Tuple `(name, text, name, text, ...)`: annotations under `from __future__ import annotations`.
    pub const ANNOTATIONS: u8 = 4;
    /// The `__annotate__` function.
    pub const ANNOTATE: u8 = 8;
    /// As many cells as the code has free variables, consecutive, last of the inputs.
    pub const CLOSURE: u8 = 16;
    /// One tuple of cells instead (very large closures), last of the inputs.
    pub const CLOSURE_TUPLE: u8 = 32;
    pub const ALL: u8 = 63;
}

/// Special methods looked up on the type by `LOAD_SPECIAL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Special {
    Enter = 0,
    Exit = 1,
    AsyncEnter = 2,
    AsyncExit = 3,
}

impl Special {
    pub const ALL: [Special; 4] = [Special::Enter, Special::Exit, Special::AsyncEnter, Special::AsyncExit];

    pub fn from_u8(number: u8) -> Option<Special> {
        Special::ALL.get(number as usize).copied()
    }

    pub fn name(self) -> &'static str {
        match self {
            Special::Enter => "__enter__",
            Special::Exit => "__exit__",
            Special::AsyncEnter => "__aenter__",
            Special::AsyncExit => "__aexit__",
        }
    }
}

/// Objects that `LOAD_COMMON` fetches regardless of what the program did to the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Common {
    AssertionError = 0,
    NotImplementedError = 1,
    /// `builtins.__build_class__` (NameError "__build_class__ not found" if deleted).
    BuildClass = 2,
    /// The unbound sentinel, to unset a register.
    Unbound = 3,
    /// The null sentinel (no self, no keyword mapping).
    Null = 4,
    /// The builtin functions and classes, whatever the names mean now.
    Any = 5,
    All = 6,
    Tuple = 7,
    List = 8,
    Set = 9,
}

impl Common {
    pub const EACH: [Common; 10] = [
        Common::AssertionError,
        Common::NotImplementedError,
        Common::BuildClass,
        Common::Unbound,
        Common::Null,
        Common::Any,
        Common::All,
        Common::Tuple,
        Common::List,
        Common::Set,
    ];

    pub fn from_u8(number: u8) -> Option<Common> {
        Common::EACH.get(number as usize).copied()
    }

    pub fn name(self) -> &'static str {
        match self {
            Common::AssertionError => "AssertionError",
            Common::NotImplementedError => "NotImplementedError",
            Common::BuildClass => "__build_class__",
            Common::Unbound => "<unbound>",
            Common::Null => "<null>",
            Common::Any => "any",
            Common::All => "all",
            Common::Tuple => "tuple",
            Common::List => "list",
            Common::Set => "set",
        }
    }
}

macro_rules! intrinsics {
    ($($(#[doc = $doc:literal])+ $name:ident $arity:literal $text:literal;)*) => {
        /// Rare operations of `INTRINSIC`: arguments in consecutive registers from `r[b]`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Intrinsic { $($(#[doc = $doc])+ $name),* }

        impl Intrinsic {
            pub const ALL: &'static [Intrinsic] = &[$(Intrinsic::$name),*];

            pub fn from_u8(number: u8) -> Option<Intrinsic> {
                Intrinsic::ALL.get(number as usize).copied()
            }

            /// How many argument registers it reads.
            pub fn arity(self) -> u8 {
                match self { $(Intrinsic::$name => $arity),* }
            }

            pub fn name(self) -> &'static str {
                match self { $(Intrinsic::$name => $text),* }
            }

            pub fn doc(self) -> &'static str {
                match self { $(Intrinsic::$name => concat!($($doc, "\n"),+)),* }
            }
        }
    };
}

intrinsics! {
    /// `TypeVar(name)` with `infer_variance`; args: name.
    TypeVar 1 "TYPEVAR";
    /// args: name, evaluate-bound function (called with a format, lazily).
    TypeVarWithBound 2 "TYPEVAR_WITH_BOUND";
    /// args: name, evaluate-constraints function (gives a tuple, lazily).
    TypeVarWithConstraints 2 "TYPEVAR_WITH_CONSTRAINTS";
    /// args: name.
    ParamSpec 1 "PARAMSPEC";
    /// args: name.
    TypeVarTuple 1 "TYPEVARTUPLE";
    /// args: type parameter, evaluate-default function; gives the type parameter.
    SetTypeParamDefault 2 "SET_TYPEPARAM_DEFAULT";
    /// args: function, tuple of type parameters; sets `__type_params__`, gives the function.
    SetFunctionTypeParams 2 "SET_FUNCTION_TYPE_PARAMS";
    /// args: tuple of type parameters; gives `Generic[*params]` (TypeVarTuples unpacked).
    SubscriptGeneric 1 "SUBSCRIPT_GENERIC";
    /// args: name, tuple of type parameters or None, evaluate-value function; gives a `TypeAliasType`.
    TypeAlias 3 "TYPEALIAS";
    /// args: original exception, list of exceptions raised or left over; gives the exception to raise or None.
    PrepReraiseStar 2 "PREP_RERAISE_STAR";
    /// args: namespace mapping (r[0]); ensures it has `__annotations__`, gives None.
    SetupAnnotations 1 "SETUP_ANNOTATIONS";
    /// args: value; calls `sys.displayhook(value)` (RuntimeError "lost sys.displayhook"), gives None.
    PrintExpr 1 "PRINT_EXPR";
    /// args: module, namespace mapping; `from module import *`, gives None.
    ImportStar 2 "IMPORT_STAR";
}

/// Calls `$with! { rows }` with the whole table. A row is:
/// doc lines, `Variant snake_name (a, b, c) ext [effects];`
#[macro_export]
macro_rules! for_each_op {
    ($with:ident) => {
        $with! {
            // ---- moves and constants -------------------------------------------------------------
            /// Nothing.
            Nop nop (No, No, No) No [];
            /// r[a] = r[b]
            Move mov (W, R, No) No [];
            /// r[a] = k[bc]
            LoadConst load_const (W, K16, Hi) No [];
            /// r[a] = k[ext]
            LoadConstWide load_const_wide (W, No, No) Const [];
            /// r[a] = the small int bc (signed)
            LoadInt load_int (W, I16, Hi) No [];
            /// r[a] = None
            LoadNone load_none (W, No, No) No [];
            /// r[a] = True
            LoadTrue load_true (W, No, No) No [];
            /// r[a] = False
            LoadFalse load_false (W, No, No) No [];
            /// r[a] = the common object c (see `Common`; only `BuildClass` can raise)
            LoadCommon load_common (W, No, Common) No [RAISES];

            // ---- local variables -----------------------------------------------------------------
            /// r[a], ..., r[a+bc-1] = unbound. Emitted once at function entry for the locals that are not parameters.
            UnbindLocals unbind_locals (WSeq16, U16, Hi) No [];
            /// If r[a] is unbound: UnboundLocalError for variable bc ("cannot access local variable '{}' where it is not associated with a value").
            CheckLocal check_local (R, V16, Hi) No [RAISES];
            /// CHECK_LOCAL, then r[a] = unbound (`del x`).
            DeleteLocal delete_local (RW, V16, Hi) No [RAISES];
            /// Function entry of a unit with a spill array: r[a] = new array of max(bc, unit.spill.slots) slots holding r[a], ..., r[a+bc-1], rest unbound.
            SpillInit spill_init (RWSeq16, U16, Hi) No [ALLOCATES];
            /// r[a] = (spill array r[b])[ext]
            LoadSpill load_spill (W, R, No) Number [];
            /// (spill array r[b])[ext] = r[a]
            StoreSpill store_spill (R, R, No) Number [];

            // ---- cells ---------------------------------------------------------------------------
            /// r[a] = new cell holding r[b] (which may be unbound; often a = b, or b is an unbound register)
            MakeCell make_cell (W, R, No) No [ALLOCATES];
            /// r[a] = content of cell r[b]; empty: UnboundLocalError for a cell variable, NameError for a free one. The variable has index ext.
            LoadCell load_cell (W, R, No) Number [RAISES];
            /// content of cell r[a] = r[b]
            StoreCell store_cell (R, R, No) No [];
            /// empty the cell r[a]; if empty already, raise as LOAD_CELL. The variable has index ext.
            DeleteCell delete_cell (R, No, No) Number [RAISES];
            /// r[a] = r[b][name of variable ext] if the mapping r[b] has it, else as LOAD_CELL of r[c] (class bodies, annotation scopes)
            LoadDictOrCell load_dict_or_cell (W, R, R) Number [RAISES CALLS];

            // ---- globals and names -----------------------------------------------------------------
            /// r[a] = globals[cell.name], else builtins, else NameError
            LoadGlobal load_global (W, No, No) Cache(LoadGlobal) [RAISES CALLS];
            /// globals[cell.name] = r[a]
            StoreGlobal store_global (R, No, No) Cache(StoreGlobal) [RAISES];
            /// del globals[n[ext]]; missing: NameError
            DeleteGlobal delete_global (No, No, No) Name [RAISES];
            /// r[a] = ns[cell.name], else globals, else builtins, else NameError (ns = r[0])
            LoadName load_name (W, No, No) Cache(LoadName) [RAISES CALLS];
            /// ns[cell.name] = r[a]
            StoreName store_name (R, No, No) Cache(StoreName) [RAISES CALLS];
            /// del ns[n[ext]]; missing: NameError
            DeleteName delete_name (No, No, No) Name [RAISES CALLS];
            /// r[a] = r[b][cell.name] if the mapping r[b] has it, else as LOAD_GLOBAL (annotation scopes in classes)
            LoadDictOrGlobal load_dict_or_global (W, R, No) Cache(LoadGlobal) [RAISES CALLS];

            // ---- attributes and items --------------------------------------------------------------
            /// r[a] = r[b].name
            LoadAttr load_attr (W, R, No) Cache(LoadAttr) [RAISES CALLS];
            /// r[a].name = r[b]
            StoreAttr store_attr (R, R, No) Cache(StoreAttr) [RAISES CALLS];
            /// del r[a].n[ext]
            DeleteAttr delete_attr (R, No, No) Name [RAISES CALLS];
            /// Method found on the type: r[a] = function, r[a+4] = r[b]. Otherwise r[a] = r[b].name, r[a+4] = null. Followed by CALL_METHOD with the same a.
            LoadMethod load_method (WMethod, R, No) Cache(LoadMethod) [RAISES CALLS];
            /// r[b] = value of the name `super`, r[b+1] = class, r[b+2] = self. If r[b] is the builtin: r[a] = super(class, self).name without making the
            /// super object. Otherwise r[a] = (c bit 0: r[b](r[b+1], r[b+2]), else r[b]()).name
            LoadSuperAttr load_super_attr (W, R3, U8) Cache(Super) [RAISES CALLS];
            /// As LOAD_SUPER_ATTR, result as LOAD_METHOD in r[a], r[a+4]
            LoadSuperMethod load_super_method (WMethod, R3, U8) Cache(Super) [RAISES CALLS];
            /// r[a] = type(r[b]).special(c) bound: method: r[a] = function, r[a+1] = r[b]; other: r[a] = bound value, r[a+1] = null. Missing: TypeError of the context manager protocol.
            LoadSpecial load_special (W2, R, Special) No [RAISES CALLS];
            /// r[a] = r[b][r[c]]
            GetItem get_item (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b][c] with c a signed byte
            GetItemInt get_item_int (W, R, I8) No [RAISES CALLS];
            /// r[a][r[b]] = r[c]
            SetItem set_item (R, R, R) No [RAISES CALLS];
            /// del r[a][r[b]]
            DelItem del_item (R, R, No) No [RAISES CALLS];
            /// r[a] = r[b][r[c]:r[c+1]]
            GetSlice get_slice (W, R, R2) No [RAISES CALLS];
            /// r[a] = r[b][r[c]:r[c+1]:r[c+2]]
            GetSliceStep get_slice_step (W, R, R3) No [RAISES CALLS];
            /// r[a][r[b]:r[b+1]] = r[c]
            SetSlice set_slice (R, R2, R) No [RAISES CALLS];

            // ---- binary operators ------------------------------------------------------------------
            /// r[a] = r[b] + r[c]
            Add add (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] - r[c]
            Sub sub (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] * r[c]
            Mul mul (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] @ r[c]
            MatMul mat_mul (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] / r[c]
            TrueDiv true_div (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] // r[c]
            FloorDiv floor_div (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] % r[c]
            Mod modulo (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] ** r[c]
            Pow pow (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] << r[c]
            LShift l_shift (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] >> r[c]
            RShift r_shift (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] & r[c]
            BitAnd bit_and (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] | r[c]
            BitOr bit_or (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] ^ r[c]
            BitXor bit_xor (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] += r[c] (the in-place operator's result; a is often b)
            IAdd i_add (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] -= r[c]
            ISub i_sub (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] *= r[c]
            IMul i_mul (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] @= r[c]
            IMatMul i_mat_mul (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] /= r[c]
            ITrueDiv i_true_div (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] //= r[c]
            IFloorDiv i_floor_div (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] %= r[c]
            IMod i_mod (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] **= r[c]
            IPow i_pow (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] <<= r[c]
            ILShift i_l_shift (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] >>= r[c]
            IRShift i_r_shift (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] &= r[c]
            IBitAnd i_bit_and (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] |= r[c]
            IBitOr i_bit_or (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] ^= r[c]
            IBitXor i_bit_xor (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] + c with c a signed byte
            AddInt add_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] - c with c a signed byte
            SubInt sub_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] += c with c a signed byte (in-place: a class may define `__iadd__`)
            IAddInt i_add_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] -= c with c a signed byte
            ISubInt i_sub_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] * c with c a signed byte
            MulInt mul_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] // c with c a signed byte, not 0
            FloorDivInt floor_div_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] % c with c a signed byte, not 0
            ModInt mod_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] & c with c a signed byte
            BitAndInt bit_and_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] << c with c in 0..=63
            LShiftInt l_shift_int (W, R, I8) No [RAISES CALLS];
            /// r[a] = r[b] >> c with c in 0..=63
            RShiftInt r_shift_int (W, R, I8) No [RAISES CALLS];

            // ---- unary operators -------------------------------------------------------------------
            /// r[a] = -r[b]
            Neg neg (W, R, No) No [RAISES CALLS];
            /// r[a] = +r[b]
            Pos pos (W, R, No) No [RAISES CALLS];
            /// r[a] = ~r[b]
            Invert invert (W, R, No) No [RAISES CALLS];
            /// r[a] = not r[b]
            Not not (W, R, No) No [RAISES CALLS];
            /// r[a] = bool(truth of r[b])
            ToBool to_bool (W, R, No) No [RAISES CALLS];

            // ---- comparisons (the value is whatever the method returns) ----------------------------
            /// r[a] = r[b] < r[c]
            Lt lt (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] <= r[c]
            Le le (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] == r[c]
            Eq eq (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] != r[c]
            Ne ne (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] > r[c]
            Gt gt (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] >= r[c]
            Ge ge (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] is r[c]
            Is is (W, R, R) No [];
            /// r[a] = r[b] is not r[c]
            IsNot is_not (W, R, R) No [];
            /// r[a] = r[b] in r[c]
            In contains (W, R, R) No [RAISES CALLS];
            /// r[a] = r[b] not in r[c]
            NotIn not_contains (W, R, R) No [RAISES CALLS];

            // ---- jumps. A jump that is taken with a negative offset is a back edge: it polls the safepoint. ----
            /// pc += abc (forward)
            Jump jump (J24, Hi, Hi) No [JUMPS ENDS];
            /// poll the safepoint; pc += abc (backward)
            Loop loop_back (J24, Hi, Hi) No [RAISES CALLS JUMPS ENDS];
            /// if truth of r[a]: pc += bc
            JumpIfTrue jump_if_true (R, J16, Hi) No [RAISES CALLS JUMPS];
            /// if not truth of r[a]: pc += bc
            JumpIfFalse jump_if_false (R, J16, Hi) No [RAISES CALLS JUMPS];
            /// if r[a] is None: pc += bc
            JumpIfNone jump_if_none (R, J16, Hi) No [JUMPS];
            /// if r[a] is not None: pc += bc
            JumpIfNotNone jump_if_not_none (R, J16, Hi) No [JUMPS];
            /// if truth of (r[a] < r[b]): pc += ext
            JumpIfLt jump_if_lt (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] <= r[b]): pc += ext
            JumpIfLe jump_if_le (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] == r[b]): pc += ext
            JumpIfEq jump_if_eq (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] != r[b]): pc += ext
            JumpIfNe jump_if_ne (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] > r[b]): pc += ext
            JumpIfGt jump_if_gt (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] >= r[b]): pc += ext
            JumpIfGe jump_if_ge (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] < r[b]): pc += ext
            JumpIfNotLt jump_if_not_lt (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] <= r[b]): pc += ext
            JumpIfNotLe jump_if_not_le (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] == r[b]): pc += ext
            JumpIfNotEq jump_if_not_eq (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] != r[b]): pc += ext
            JumpIfNotNe jump_if_not_ne (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] > r[b]): pc += ext
            JumpIfNotGt jump_if_not_gt (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] >= r[b]): pc += ext
            JumpIfNotGe jump_if_not_ge (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] < bc), bc a signed int: pc += ext
            JumpIfLtInt jump_if_lt_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] <= bc): pc += ext
            JumpIfLeInt jump_if_le_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] == bc): pc += ext
            JumpIfEqInt jump_if_eq_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] != bc): pc += ext
            JumpIfNeInt jump_if_ne_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] > bc): pc += ext
            JumpIfGtInt jump_if_gt_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if truth of (r[a] >= bc): pc += ext
            JumpIfGeInt jump_if_ge_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] < bc): pc += ext
            JumpIfNotLtInt jump_if_not_lt_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] <= bc): pc += ext
            JumpIfNotLeInt jump_if_not_le_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] == bc): pc += ext
            JumpIfNotEqInt jump_if_not_eq_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] != bc): pc += ext
            JumpIfNotNeInt jump_if_not_ne_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] > bc): pc += ext
            JumpIfNotGtInt jump_if_not_gt_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if not truth of (r[a] >= bc): pc += ext
            JumpIfNotGeInt jump_if_not_ge_int (R, I16, Hi) Jump [RAISES CALLS JUMPS];
            /// if r[a] is r[b]: pc += ext
            JumpIfIs jump_if_is (R, R, No) Jump [JUMPS];
            /// if r[a] is not r[b]: pc += ext
            JumpIfIsNot jump_if_is_not (R, R, No) Jump [JUMPS];
            /// if r[a] in r[b]: pc += ext
            JumpIfIn jump_if_in (R, R, No) Jump [RAISES CALLS JUMPS];
            /// if r[a] not in r[b]: pc += ext
            JumpIfNotIn jump_if_not_in (R, R, No) Jump [RAISES CALLS JUMPS];

            // ---- iteration -------------------------------------------------------------------------
            /// r[a] = iter(r[b])
            GetIter get_iter (W, R, No) No [RAISES CALLS];
            /// If the iterator r[b] has a next item: r[a] = item; pc += ext (to the body, mostly a back edge). Otherwise r[a] is unchanged, fall through (StopIteration swallowed).
            ForIter for_iter (W, R, No) Jump [RAISES CALLS JUMPS];
            /// r[a] = aiter(r[b]) checked
            GetAIter get_a_iter (W, R, No) No [RAISES CALLS];
            /// r[a] = awaitable of r[b].__anext__()
            GetANext get_a_next (W, R, No) No [RAISES CALLS];
            /// r[a] = awaitable iterator of r[b]; c: 0 `await`, 1 result of `__aenter__`, 2 result of `__aexit__` (for the message)
            GetAwaitable get_awaitable (W, R, U8) No [RAISES CALLS];
            /// r[a] = iterator for `yield from` r[b]: itself if generator (coroutine only inside a coroutine, TypeError "cannot 'yield from' a coroutine object in a non-coroutine generator"), else iter(r[b])
            GetYieldFromIter get_yield_from_iter (W, R, No) No [RAISES CALLS];
            /// If the exception r[a] is a StopAsyncIteration: drop it and go on, else reraise it
            EndAsyncFor end_async_for (R, No, No) No [RAISES];

            // ---- calls -----------------------------------------------------------------------------
            /// r[a] = r[a](r[a+4], ..., r[a+3+b]); r[a+1 ..] are clobbered
            Call call (CallBase, U8, No) Cache(Call) [RAISES CALLS ENTERS];
            /// r[a] = r[a](r[a+4] unless null, r[a+5], ..., r[a+4+b]); b does not count the self slot
            CallMethod call_method (MethodBase, U8, No) Cache(Call) [RAISES CALLS ENTERS];
            /// As CALL; b counts positional and keyword arguments, the last len(names) are keyword values, names = k[cell.const]
            CallKw call_kw (CallBase, U8, No) Cache(CallKw) [RAISES CALLS ENTERS];
            /// As CALL_METHOD with keywords as CALL_KW
            CallMethodKw call_method_kw (MethodBase, U8, No) Cache(CallKw) [RAISES CALLS ENTERS];
            /// r[a] = r[a](*r[a+4], **r[a+5]); r[a+4] any iterable (TypeError "{func} argument after * must be an iterable, not {type}"), r[a+5] a dict or null
            CallEx call_ex (ExBase, No, No) Cache(Call) [RAISES CALLS ENTERS];
            /// Return r[a] to the caller (into its r[call base])
            Return ret (R, No, No) No [JUMPS ENDS];
            /// Return None
            ReturnNone ret_none (No, No, No) No [JUMPS ENDS];

            // ---- generators and coroutines ---------------------------------------------------------
            /// Make the generator, coroutine or async generator (by co_flags) that owns a copy of this frame and return it to the caller. The first resume goes on with the next instruction.
            GeneratorStart generator_start (No, No, No) No [RAISES ALLOCATES JUMPS SUSPENDS];
            /// Suspend, giving r[b] to the resumer (generators). Resumed by send: r[a] = the value sent. Resumed by throw: raise here. c: registers below it are kept (0: all)
            Yield yield_value (W, R, U8) No [RAISES CALLS SUSPENDS];
            /// As YIELD in an async generator: the value goes out wrapped as an asynchronous item
            YieldAsync yield_async (W, R, U8) No [RAISES CALLS SUSPENDS];
            /// Delegate to the iterator r[b] (`yield from`, `await`); r[a] holds the value to send (None at first). If r[b] yields v: suspend giving v as it is, pc stays at this
            /// instruction; on send(x): r[a] = x and execute it again; on throw: handed to r[b] (docs). When r[b] finishes with value v: r[a] = v, go on. c as YIELD's.
            YieldFrom yield_from (RW, R, U8) No [RAISES CALLS SUSPENDS];

            // ---- building --------------------------------------------------------------------------
            /// r[a] = (r[b], ..., r[b+c-1])
            BuildTuple build_tuple (W, RSeqC, U8) No [ALLOCATES];
            /// r[a] = [r[b], ..., r[b+c-1]]
            BuildList build_list (W, RSeqC, U8) No [ALLOCATES];
            /// r[a] = [], with room for what the iterator r[b] surely gives
            BuildListFor build_list_for (W, R, No) No [RAISES ALLOCATES];
            /// r[a] = {r[b], ..., r[b+c-1]}
            BuildSet build_set (W, RSeqC, U8) No [RAISES CALLS ALLOCATES];
            /// r[a] = {r[b]: r[b+1], ...} with c pairs
            BuildMap build_map (W, RPairSeqC, U8) No [RAISES CALLS ALLOCATES];
            /// r[a] = the strings r[b], ..., r[b+c-1] joined
            BuildString build_string (W, RSeqC, U8) No [RAISES ALLOCATES];
            /// r[a] = slice(r[b], r[b+1], r[b+2])
            BuildSlice build_slice (W, R3, No) No [ALLOCATES];
            /// append r[b] to the list r[a]
            ListAppend list_append (R, R, No) No [ALLOCATES];
            /// extend the list r[a] with the iterable r[b]; not iterable: TypeError "Value after * must be an iterable, not {type}"
            ListExtend list_extend (R, R, No) No [RAISES CALLS];
            /// r[a] = tuple(list r[b])
            ListToTuple list_to_tuple (W, R, No) No [ALLOCATES];
            /// add r[b] to the set r[a]
            SetAdd set_add (R, R, No) No [RAISES CALLS];
            /// update the set r[a] with the iterable r[b]
            SetUpdate set_update (R, R, No) No [RAISES CALLS];
            /// (dict r[a])[r[b]] = r[c] (displays and comprehensions)
            MapAdd map_add (R, R, R) No [RAISES CALLS];
            /// update the dict r[a] with the mapping r[b] (`{**m}`); no mapping: TypeError "'{type}' object is not a mapping"
            DictUpdate dict_update (R, R, No) No [RAISES CALLS];
            /// as DICT_UPDATE for call keywords of the callable r[c]: TypeError on a duplicate or non-string key or no mapping, with the callable's name
            DictMerge dict_merge (R, R, R) No [RAISES CALLS];
            /// r[a] = the keywords of `r[c](**r[b])`: r[b] itself if it is a plain dict of strings, else a dict made as by DICT_MERGE
            KeywordDict keyword_dict (W, R, R) No [RAISES CALLS ALLOCATES];
            /// r[a] = format(conversion(r[b]), spec); c bits 0-1: 0 none, 1 str, 2 repr, 3 ascii; c bit 2: spec in r[b+1], else empty
            FormatValue format_value (W, RFormat, U8) No [RAISES CALLS];
            /// r[a] = Interpolation(value r[b], expression text r[b+1], conversion, spec); c as in FORMAT_VALUE, spec in r[b+2] if bit 2
            BuildInterpolation build_interpolation (W, RFormat, U8) No [ALLOCATES];
            /// r[a] = Template(strings tuple r[b], interpolations tuple r[b+1])
            BuildTemplate build_template (W, R2, No) No [ALLOCATES];
            /// r[a], ..., r[a+c-1] = r[b]; wrong number: ValueError as CPython's
            UnpackSequence unpack_sequence (WSeqC, R, U8) No [RAISES CALLS];
            /// r[a], r[b] = r[c] (exactly two items)
            UnpackPair unpack_pair (W, W, R) No [RAISES CALLS];
            /// with before | after << 16 = ext: r[a..] = first `before` items, list of the middle, last `after` items of r[b]
            UnpackEx unpack_ex (WSeqExt, R, No) Counts [RAISES CALLS];
            /// r[a] = list of exactly ext items of r[b], errors as UNPACK_SEQUENCE (targets too many for registers)
            UnpackList unpack_list (W, R, No) Number [RAISES CALLS];
            /// r[a] = list of before + 1 + after items of r[b] (as UNPACK_EX, ext the same)
            UnpackExList unpack_ex_list (W, R, No) Counts [RAISES CALLS];

            // ---- functions and classes -------------------------------------------------------------
            /// r[a] = function of code k[bc], globals of this frame; ext = flags | first input register << 8 (see `make_flags`)
            MakeFunction make_function (W, K16, Hi) Make [ALLOCATES];
            /// r[a] = intrinsic c of r[b], ... (see `Intrinsic`)
            Intrinsic intrinsic (W, RIntrinsic, Intrinsic) No [RAISES CALLS];

            // ---- imports ---------------------------------------------------------------------------
            /// r[a] = __import__(n[ext], globals, ns or None, fromlist r[b], level r[b+1])
            ImportName import_name (W, R2, No) Name [RAISES CALLS];
            /// r[a] = attribute n[ext] of module r[b], else sys.modules entry, else ImportError
            ImportFrom import_from (W, R, No) Name [RAISES CALLS];

            // ---- exceptions ------------------------------------------------------------------------
            /// raise r[a] (class or instance)
            Raise raise (R, No, No) No [RAISES CALLS ENDS];
            /// raise r[a] from r[b]
            RaiseFrom raise_from (R, R, No) No [RAISES CALLS ENDS];
            /// bare `raise`: raise E again; none: RuntimeError "No active exception to reraise"
            RaiseCurrent raise_current (No, No, No) No [RAISES ENDS];
            /// raise the exception r[a] again: no new traceback entry for this frame, no context is set; b = 1: after cleanup that has no line of its own
            Reraise reraise (R, U8, No) No [RAISES ENDS];
            /// r[a] = E (or None); E = r[b]
            PushExc push_exc (W, R, No) No [];
            /// E = r[a] (as PUSH_EXC saved it)
            PopExc pop_exc (R, No, No) No [];
            /// r[a] = does exception r[b] match the class or tuple r[c]; TypeError "catching classes that do not inherit from BaseException is not allowed"
            CheckExcMatch check_exc_match (W, R, R) No [RAISES CALLS];
            /// `except*`: splits r[b] (exception group, naked exception or None) by r[c]: r[a] = rest or None, r[a+1] = match (a group) or None
            CheckEgMatch check_eg_match (W2, R, R) No [RAISES CALLS];
            /// r[a] = type(r[b]), r[a+1] = r[b], r[a+2] = r[b].__traceback__ or None (arguments for `__exit__`)
            ExcInfo exc_info (W3, R, No) No [];

            // ---- match statement -------------------------------------------------------------------
            /// r[a] = is r[b] a sequence for patterns
            MatchSequence match_sequence (W, R, No) No [];
            /// r[a] = is r[b] a mapping for patterns
            MatchMapping match_mapping (W, R, No) No [];
            /// r[a] = tuple of the values of mapping r[b] for the keys tuple r[c], or None if one is missing
            MatchKeys match_keys (W, R, R) No [RAISES CALLS];
            /// r[b] subject, r[b+1] class, r[b+2] tuple of keyword attribute names, c positional patterns: r[a] = tuple of attributes or None
            MatchClass match_class (W, R3, U8) No [RAISES CALLS];
            /// r[a] = len(r[b])
            GetLen get_len (W, R, No) No [RAISES CALLS];
        }
    };
}

macro_rules! fx {
    ($($name:ident)*) => { 0 $(| effects::$name)* };
}
macro_rules! ext {
    (Cache($kind:ident)) => {
        ExtKind::Cache(CacheKind::$kind)
    };
    ($kind:ident) => {
        ExtKind::$kind
    };
}

macro_rules! define_ops {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident $snake:ident ($a:ident, $b:ident, $c:ident) $ext:ident $(($cache:ident))? [$($fx:ident)*];
    )*) => {
        /// An op; its number is its row in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Op { $($(#[doc = $doc])+ $variant),* }

        /// The table as data, indexed by op number.
        pub static OPS: &[OpInfo] = &[$(OpInfo {
            op: Op::$variant,
            name: stringify!($variant),
            handler: stringify!($snake),
            doc: concat!($($doc),+),
            operands: [OperandKind::$a, OperandKind::$b, OperandKind::$c],
            ext: ext!($ext $(($cache))?),
            effects: fx!($($fx)*),
        }),*];
    };
}

for_each_op!(define_ops);

/// One row of the table.
#[derive(Debug)]
pub struct OpInfo {
    pub op: Op,
    /// Variant name, `LoadAttr`.
    pub name: &'static str,
    /// Handler name, `load_attr`.
    pub handler: &'static str,
    pub doc: &'static str,
    pub operands: [OperandKind; 3],
    pub ext: ExtKind,
    pub effects: u8,
}

/// Op numbers from here on are never emitted: the interpreter may use them for quickened forms.
pub const FIRST_PRIVATE_OP: u8 = 208;

/// Free registers that a call needs between the callable and its first argument.
pub const CALL_HEADER: u8 = 4;

impl Op {
    pub const COUNT: usize = OPS.len();

    #[inline]
    pub fn from_u8(number: u8) -> Option<Op> {
        OPS.get(number as usize).map(|info| info.op)
    }

    #[inline]
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }

    /// Words that an instruction of this op takes.
    #[inline]
    pub fn words(self) -> usize {
        1 + usize::from(self.info().ext != ExtKind::No)
    }

    pub fn has_effect(self, effect: u8) -> bool {
        self.info().effects & effect != 0
    }

    /// The name that `dis` prints: `LOAD_ATTR`.
    pub fn mnemonic(self) -> String {
        let mut text = String::new();
        for (index, ch) in self.info().name.char_indices() {
            if ch.is_ascii_uppercase() && index > 0 {
                text.push('_');
            }
            text.push(ch.to_ascii_uppercase());
        }
        text
    }
}

const _: () = assert!(OPS.len() <= FIRST_PRIVATE_OP as usize);
