//! The one table of context members: id, name, and the kind of each argument and result. Everything that mirrors the context
//! is generated from it: the C struct, the universal context, the debug and trace contexts, the list that the tests compare with
//! the published header.
//!
//! Must not know: what any function does.
//!
//! # How to use it
//!
//! Call `for_each_member!(mine)` (or `for_each_member!(mine some tokens)`) with a macro of yours. It is expanded once, with groups
//! in order of the ids:
//!
//! ```text
//! mine! { [some tokens]
//!     handles   { 0 h_None; 1 h_True; ... }
//!     functions { 77 ctx_Dup(h: In) -> Own; 78 ctx_Close(h: Take) -> Unit; ... }
//!     handles { ... }  functions { ... }  handles { ... }  functions { ... }
//! }
//! ```
//!
//! So a macro that is interested in functions matches
//!
//! ```text
//! ([$($tokens:tt)*] $(
//!     handles { $($hid:literal $handle:ident;)* }
//!     functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
//! )*) => { $($( ... )*)* }
//! ```
//!
//! Each kind is one identifier: it is a type alias in [`kind`] (so `kind::In` *is* the C type in a signature), and a token that a
//! helper macro can match to wrap it. Every function takes the context first; the table does not repeat it. What a wrapper must know:
//!
//! | kind | meaning |
//! | --- | --- |
//! | `In` | a borrowed handle, may be NULL where the function allows it |
//! | `InArray` | borrowed handles; the next argument is their number (`Ssize` or `Size`; keyword values of `ctx_Call` and `ctx_CallMethod` come on top, one for each item of `kwnames`) |
//! | `Take` | a handle that the function closes |
//! | `OutHandle` | where an owned handle is written |
//! | `Own` (result) | an owned handle, or NULL with an exception set (or by the function's contract) |
//! | `BoundChars` (result) | text that lives as long as the handle it was taken from |
//! | `Chars` | a C string, may be NULL where allowed |
//! | `SpecParams` | an array that holds handles, ended by kind 0 |
//! | `ListBuilder` `TupleBuilder` `Tracker` `Field` `Global` `ThreadState` | one-word structs by value |
//! | `FieldRef` `GlobalRef` | their address in C memory |
//! | `Data` `DataOut` | untyped pointers |
//! | the rest | plain numbers |

/// Expands `$layer! { [$tokens] handles {...} functions {...} ... }`; see the head of this file.
#[macro_export]
macro_rules! for_each_member {
    ($layer:ident $($tokens:tt)*) => { $layer! { [$($tokens)*]
        handles {
            0 h_None;
            1 h_True;
            2 h_False;
            3 h_NotImplemented;
            4 h_Ellipsis;
            5 h_BaseException;
            6 h_Exception;
            7 h_StopAsyncIteration;
            8 h_StopIteration;
            9 h_GeneratorExit;
            10 h_ArithmeticError;
            11 h_LookupError;
            12 h_AssertionError;
            13 h_AttributeError;
            14 h_BufferError;
            15 h_EOFError;
            16 h_FloatingPointError;
            17 h_OSError;
            18 h_ImportError;
            19 h_ModuleNotFoundError;
            20 h_IndexError;
            21 h_KeyError;
            22 h_KeyboardInterrupt;
            23 h_MemoryError;
            24 h_NameError;
            25 h_OverflowError;
            26 h_RuntimeError;
            27 h_RecursionError;
            28 h_NotImplementedError;
            29 h_SyntaxError;
            30 h_IndentationError;
            31 h_TabError;
            32 h_ReferenceError;
            33 h_SystemError;
            34 h_SystemExit;
            35 h_TypeError;
            36 h_UnboundLocalError;
            37 h_UnicodeError;
            38 h_UnicodeEncodeError;
            39 h_UnicodeDecodeError;
            40 h_UnicodeTranslateError;
            41 h_ValueError;
            42 h_ZeroDivisionError;
            43 h_BlockingIOError;
            44 h_BrokenPipeError;
            45 h_ChildProcessError;
            46 h_ConnectionError;
            47 h_ConnectionAbortedError;
            48 h_ConnectionRefusedError;
            49 h_ConnectionResetError;
            50 h_FileExistsError;
            51 h_FileNotFoundError;
            52 h_InterruptedError;
            53 h_IsADirectoryError;
            54 h_NotADirectoryError;
            55 h_PermissionError;
            56 h_ProcessLookupError;
            57 h_TimeoutError;
            58 h_Warning;
            59 h_UserWarning;
            60 h_DeprecationWarning;
            61 h_PendingDeprecationWarning;
            62 h_SyntaxWarning;
            63 h_RuntimeWarning;
            64 h_FutureWarning;
            65 h_ImportWarning;
            66 h_UnicodeWarning;
            67 h_BytesWarning;
            68 h_ResourceWarning;
            69 h_BaseObjectType;
            70 h_TypeType;
            71 h_BoolType;
            72 h_LongType;
            73 h_FloatType;
            74 h_UnicodeType;
            75 h_TupleType;
            76 h_ListType;
        }
        functions {
            77 ctx_Dup(h: In) -> Own;
            78 ctx_Close(h: Take) -> Unit;
            79 ctx_Long_FromInt32_t(value: Int32) -> Own;
            80 ctx_Long_FromUInt32_t(value: UInt32) -> Own;
            81 ctx_Long_FromInt64_t(v: Int64) -> Own;
            82 ctx_Long_FromUInt64_t(v: UInt64) -> Own;
            83 ctx_Long_FromSize_t(value: Size) -> Own;
            84 ctx_Long_FromSsize_t(value: Ssize) -> Own;
            85 ctx_Long_AsInt32_t(h: In) -> Int32;
            86 ctx_Long_AsUInt32_t(h: In) -> UInt32;
            87 ctx_Long_AsUInt32_tMask(h: In) -> UInt32;
            88 ctx_Long_AsInt64_t(h: In) -> Int64;
            89 ctx_Long_AsUInt64_t(h: In) -> UInt64;
            90 ctx_Long_AsUInt64_tMask(h: In) -> UInt64;
            91 ctx_Long_AsSize_t(h: In) -> Size;
            92 ctx_Long_AsSsize_t(h: In) -> Ssize;
            93 ctx_Long_AsVoidPtr(h: In) -> Data;
            94 ctx_Long_AsDouble(h: In) -> Double;
            95 ctx_Float_FromDouble(v: Double) -> Own;
            96 ctx_Float_AsDouble(h: In) -> Double;
            97 ctx_Bool_FromBool(v: Bool) -> Own;
            98 ctx_Length(h: In) -> Ssize;
            99 ctx_Number_Check(h: In) -> Int;
            100 ctx_Add(h1: In, h2: In) -> Own;
            101 ctx_Subtract(h1: In, h2: In) -> Own;
            102 ctx_Multiply(h1: In, h2: In) -> Own;
            103 ctx_MatrixMultiply(h1: In, h2: In) -> Own;
            104 ctx_FloorDivide(h1: In, h2: In) -> Own;
            105 ctx_TrueDivide(h1: In, h2: In) -> Own;
            106 ctx_Remainder(h1: In, h2: In) -> Own;
            107 ctx_Divmod(h1: In, h2: In) -> Own;
            108 ctx_Power(h1: In, h2: In, h3: In) -> Own;
            109 ctx_Negative(h1: In) -> Own;
            110 ctx_Positive(h1: In) -> Own;
            111 ctx_Absolute(h1: In) -> Own;
            112 ctx_Invert(h1: In) -> Own;
            113 ctx_Lshift(h1: In, h2: In) -> Own;
            114 ctx_Rshift(h1: In, h2: In) -> Own;
            115 ctx_And(h1: In, h2: In) -> Own;
            116 ctx_Xor(h1: In, h2: In) -> Own;
            117 ctx_Or(h1: In, h2: In) -> Own;
            118 ctx_Index(h1: In) -> Own;
            119 ctx_Long(h1: In) -> Own;
            120 ctx_Float(h1: In) -> Own;
            121 ctx_InPlaceAdd(h1: In, h2: In) -> Own;
            122 ctx_InPlaceSubtract(h1: In, h2: In) -> Own;
            123 ctx_InPlaceMultiply(h1: In, h2: In) -> Own;
            124 ctx_InPlaceMatrixMultiply(h1: In, h2: In) -> Own;
            125 ctx_InPlaceFloorDivide(h1: In, h2: In) -> Own;
            126 ctx_InPlaceTrueDivide(h1: In, h2: In) -> Own;
            127 ctx_InPlaceRemainder(h1: In, h2: In) -> Own;
            128 ctx_InPlacePower(h1: In, h2: In, h3: In) -> Own;
            129 ctx_InPlaceLshift(h1: In, h2: In) -> Own;
            130 ctx_InPlaceRshift(h1: In, h2: In) -> Own;
            131 ctx_InPlaceAnd(h1: In, h2: In) -> Own;
            132 ctx_InPlaceXor(h1: In, h2: In) -> Own;
            133 ctx_InPlaceOr(h1: In, h2: In) -> Own;
            134 ctx_Callable_Check(h: In) -> Int;
            135 ctx_CallTupleDict(callable: In, args: In, kw: In) -> Own;
            136 ctx_FatalError(message: Chars) -> Unit;
            137 ctx_Err_SetString(class: In, message: Chars) -> Unit;
            138 ctx_Err_SetObject(class: In, value: In) -> Unit;
            139 ctx_Err_SetFromErrnoWithFilename(class: In, filename_fsencoded: Chars) -> Own;
            140 ctx_Err_SetFromErrnoWithFilenameObjects(class: In, filename1: In, filename2: In) -> Unit;
            141 ctx_Err_Occurred() -> Int;
            142 ctx_Err_ExceptionMatches(exc: In) -> Int;
            143 ctx_Err_NoMemory() -> Unit;
            144 ctx_Err_Clear() -> Unit;
            145 ctx_Err_NewException(name: Chars, base: In, dict: In) -> Own;
            146 ctx_Err_NewExceptionWithDoc(name: Chars, doc: Chars, base: In, dict: In) -> Own;
            147 ctx_Err_WarnEx(category: In, message: Chars, stack_level: Ssize) -> Int;
            148 ctx_Err_WriteUnraisable(obj: In) -> Unit;
            149 ctx_IsTrue(h: In) -> Int;
            150 ctx_Type_FromSpec(spec: SpecRef, params: SpecParams) -> Own;
            151 ctx_Type_GenericNew(class: In, args: InArray, nargs: Ssize, kw: In) -> Own;
            152 ctx_GetAttr(obj: In, name: In) -> Own;
            153 ctx_GetAttr_s(obj: In, name: Chars) -> Own;
            154 ctx_HasAttr(obj: In, name: In) -> Int;
            155 ctx_HasAttr_s(obj: In, name: Chars) -> Int;
            156 ctx_SetAttr(obj: In, name: In, value: In) -> Int;
            157 ctx_SetAttr_s(obj: In, name: Chars, value: In) -> Int;
            158 ctx_GetItem(obj: In, key: In) -> Own;
            159 ctx_GetItem_i(obj: In, idx: Ssize) -> Own;
            160 ctx_GetItem_s(obj: In, key: Chars) -> Own;
            161 ctx_Contains(container: In, key: In) -> Int;
            162 ctx_SetItem(obj: In, key: In, value: In) -> Int;
            163 ctx_SetItem_i(obj: In, idx: Ssize, value: In) -> Int;
            164 ctx_SetItem_s(obj: In, key: Chars, value: In) -> Int;
            165 ctx_Type(obj: In) -> Own;
            166 ctx_TypeCheck(obj: In, class: In) -> Int;
            167 ctx_Is(obj: In, other: In) -> Int;
            168 ctx_AsStruct_Object(h: In) -> Data;
            169 ctx_AsStruct_Legacy(h: In) -> Data;
            170 ctx_New(class: In, data: DataOut) -> Own;
            171 ctx_Repr(obj: In) -> Own;
            172 ctx_Str(obj: In) -> Own;
            173 ctx_ASCII(obj: In) -> Own;
            174 ctx_Bytes(obj: In) -> Own;
            175 ctx_RichCompare(v: In, w: In, op: Int) -> Own;
            176 ctx_RichCompareBool(v: In, w: In, op: Int) -> Int;
            177 ctx_Hash(obj: In) -> Ssize;
            178 ctx_Bytes_Check(h: In) -> Int;
            179 ctx_Bytes_Size(h: In) -> Ssize;
            180 ctx_Bytes_GET_SIZE(h: In) -> Ssize;
            181 ctx_Bytes_AsString(h: In) -> BoundChars;
            182 ctx_Bytes_AS_STRING(h: In) -> BoundChars;
            183 ctx_Bytes_FromString(bytes: Chars) -> Own;
            184 ctx_Bytes_FromStringAndSize(bytes: Chars, len: Ssize) -> Own;
            185 ctx_Unicode_FromString(utf8: Chars) -> Own;
            186 ctx_Unicode_Check(h: In) -> Int;
            187 ctx_Unicode_AsASCIIString(h: In) -> Own;
            188 ctx_Unicode_AsLatin1String(h: In) -> Own;
            189 ctx_Unicode_AsUTF8String(h: In) -> Own;
            190 ctx_Unicode_AsUTF8AndSize(h: In, size: SsizeOut) -> BoundChars;
            191 ctx_Unicode_FromWideChar(w: WideChars, size: Ssize) -> Own;
            192 ctx_Unicode_DecodeFSDefault(v: Chars) -> Own;
            193 ctx_Unicode_DecodeFSDefaultAndSize(v: Chars, size: Ssize) -> Own;
            194 ctx_Unicode_EncodeFSDefault(h: In) -> Own;
            195 ctx_Unicode_ReadChar(h: In, index: Ssize) -> UInt32;
            196 ctx_Unicode_DecodeASCII(chars: Chars, size: Ssize, errors: Chars) -> Own;
            197 ctx_Unicode_DecodeLatin1(chars: Chars, size: Ssize, errors: Chars) -> Own;
            198 ctx_List_Check(h: In) -> Int;
            199 ctx_List_New(len: Ssize) -> Own;
            200 ctx_List_Append(list: In, item: In) -> Int;
            201 ctx_Dict_Check(h: In) -> Int;
            202 ctx_Dict_New() -> Own;
            203 ctx_Tuple_Check(h: In) -> Int;
            204 ctx_Tuple_FromArray(items: InArray, n: Ssize) -> Own;
            205 ctx_Import_ImportModule(name: Chars) -> Own;
            206 ctx_FromPyObject(obj: Data) -> Own;
            207 ctx_AsPyObject(h: In) -> Data;
            208 ctx_CallRealFunctionFromTrampoline(sig: Int, func: Data, args: Data) -> Unit;
            209 ctx_ListBuilder_New(size: Ssize) -> ListBuilder;
            210 ctx_ListBuilder_Set(builder: ListBuilder, index: Ssize, item: In) -> Unit;
            211 ctx_ListBuilder_Build(builder: ListBuilder) -> Own;
            212 ctx_ListBuilder_Cancel(builder: ListBuilder) -> Unit;
            213 ctx_TupleBuilder_New(size: Ssize) -> TupleBuilder;
            214 ctx_TupleBuilder_Set(builder: TupleBuilder, index: Ssize, item: In) -> Unit;
            215 ctx_TupleBuilder_Build(builder: TupleBuilder) -> Own;
            216 ctx_TupleBuilder_Cancel(builder: TupleBuilder) -> Unit;
            217 ctx_Tracker_New(size: Ssize) -> Tracker;
            218 ctx_Tracker_Add(tracker: Tracker, h: In) -> Int;
            219 ctx_Tracker_ForgetAll(tracker: Tracker) -> Unit;
            220 ctx_Tracker_Close(tracker: Tracker) -> Unit;
            221 ctx_Field_Store(target_object: In, target_field: FieldRef, h: In) -> Unit;
            222 ctx_Field_Load(source_object: In, source_field: Field) -> Own;
            223 ctx_ReenterPythonExecution(state: ThreadState) -> Unit;
            224 ctx_LeavePythonExecution() -> ThreadState;
            225 ctx_Global_Store(global: GlobalRef, h: In) -> Unit;
            226 ctx_Global_Load(global: Global) -> Own;
            227 ctx_Dump(h: In) -> Unit;
            228 ctx_AsStruct_Type(h: In) -> Data;
            229 ctx_AsStruct_Long(h: In) -> Data;
            230 ctx_AsStruct_Float(h: In) -> Data;
            231 ctx_AsStruct_Unicode(h: In) -> Data;
            232 ctx_AsStruct_Tuple(h: In) -> Data;
            233 ctx_AsStruct_List(h: In) -> Data;
            234 ctx_Type_GetBuiltinShape(class: In) -> Int;
            235 ctx_DelItem(obj: In, key: In) -> Int;
            236 ctx_DelItem_i(obj: In, idx: Ssize) -> Int;
            237 ctx_DelItem_s(obj: In, key: Chars) -> Int;
        }
        handles {
            238 h_ComplexType;
            239 h_BytesType;
            240 h_MemoryViewType;
            241 h_CapsuleType;
            242 h_SliceType;
            243 h_Builtins;
        }
        functions {
            244 ctx_Capsule_New(pointer: Data, name: Chars, destructor: DestructorRef) -> Own;
            245 ctx_Capsule_Get(capsule: In, key: Int, name: Chars) -> Data;
            246 ctx_Capsule_IsValid(capsule: In, name: Chars) -> Int;
            247 ctx_Capsule_Set(capsule: In, key: Int, value: Data) -> Int;
            248 ctx_Compile_s(source: Chars, filename: Chars, kind: Int) -> Own;
            249 ctx_EvalCode(code: In, globals: In, locals: In) -> Own;
            250 ctx_ContextVar_New(name: Chars, default_value: In) -> Own;
            251 ctx_ContextVar_Get(context_var: In, default_value: In, result: OutHandle) -> Int32;
            252 ctx_ContextVar_Set(context_var: In, value: In) -> Own;
            253 ctx_Type_GetName(class: In) -> BoundChars;
            254 ctx_Type_IsSubtype(sub: In, class: In) -> Int;
            255 ctx_Unicode_FromEncodedObject(obj: In, encoding: Chars, errors: Chars) -> Own;
            256 ctx_Unicode_Substring(text: In, start: Ssize, end: Ssize) -> Own;
            257 ctx_Dict_Keys(h: In) -> Own;
            258 ctx_Dict_Copy(h: In) -> Own;
            259 ctx_Slice_Unpack(slice: In, start: SsizeOut, stop: SsizeOut, step: SsizeOut) -> Int;
            260 ctx_SetCallFunction(h: In, func: CallFunctionRef) -> Int;
            261 ctx_Call(callable: In, args: InArray, nargs: Size, kwnames: In) -> Own;
            262 ctx_CallMethod(name: In, args: InArray, nargs: Size, kwnames: In) -> Own;
        }
        handles {
            263 h_DictType;
        }
        functions {
            264 ctx_AsStruct_Dict(h: In) -> Data;
            265 ctx_List_Insert(list: In, index: Ssize, item: In) -> Int;
            266 ctx_GetSlice(obj: In, start: Ssize, end: Ssize) -> Own;
            267 ctx_SetSlice(obj: In, start: Ssize, end: Ssize, value: In) -> Int;
            268 ctx_DelSlice(obj: In, start: Ssize, end: Ssize) -> Int;
            269 ctx_GetIter(obj: In) -> Own;
            270 ctx_Iter_Next(obj: In) -> Own;
            271 ctx_Iter_Check(obj: In) -> Int;
            272 ctx_Slice_New(start: In, stop: In, step: In) -> Own;
        }
    } };
}

/// The C types that the table's argument and result kinds stand for.
pub mod kind {
    use crate::abi;
    use std::ffi::{c_char, c_int, c_void};

    pub type In = abi::Handle;
    pub type Take = abi::Handle;
    pub type Own = abi::Handle;
    pub type InArray = *const abi::Handle;
    pub type OutHandle = *mut abi::Handle;
    pub type Unit = ();
    pub type Int = c_int;
    pub type Int32 = i32;
    pub type UInt32 = u32;
    pub type Int64 = i64;
    pub type UInt64 = u64;
    pub type Size = usize;
    pub type Ssize = isize;
    pub type Double = f64;
    pub type Bool = bool;
    pub type Chars = *const c_char;
    pub type BoundChars = *const c_char;
    pub type WideChars = *const libc::wchar_t;
    pub type Data = *mut c_void;
    pub type DataOut = *mut *mut c_void;
    pub type SsizeOut = *mut isize;
    pub type ListBuilder = abi::ListBuilder;
    pub type TupleBuilder = abi::TupleBuilder;
    pub type Tracker = abi::Tracker;
    pub type ThreadState = abi::ThreadState;
    pub type Field = abi::Field;
    pub type FieldRef = *mut abi::Field;
    pub type Global = abi::Global;
    pub type GlobalRef = *mut abi::Global;
    pub type SpecRef = *const abi::TypeSpec;
    pub type SpecParams = *const abi::TypeSpecParam;
    pub type CallFunctionRef = *const abi::CallFunction;
    pub type DestructorRef = *const abi::CapsuleDestructor;
}

/// One member, for tests and for those who work by name or id.
pub struct Member {
    pub id: usize,
    pub name: &'static str,
    /// Kinds of arguments and of the result; None for handles.
    pub signature: Option<(&'static [&'static str], &'static str)>,
}

macro_rules! context {
    ([] $(
        handles { $($hid:literal $handle:ident;)* }
        functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
    )*) => {
        /// `HPyContext`: what extensions call through.
        #[allow(non_snake_case)]
        #[repr(C)]
        pub struct Context {
            pub name: *const std::ffi::c_char,
            pub private: *mut std::ffi::c_void,
            pub abi_version: std::ffi::c_int,
            $(
                $(pub $handle: $crate::abi::Handle,)*
                $(pub $name: unsafe extern "C" fn(*mut Context $(, kind::$kind)*) -> kind::$ret,)*
            )*
        }

        /// All members in order of their ids.
        pub static MEMBERS: &[Member] = &[$(
            $(Member { id: $hid, name: stringify!($handle), signature: None },)*
            $(Member {
                id: $fid,
                name: stringify!($name),
                signature: Some((&[$(stringify!($kind)),*], stringify!($ret))),
            },)*
        )*];

        /// Byte offset of each member in the struct.
        pub static OFFSETS: &[usize] = &[$(
            $(std::mem::offset_of!(Context, $handle),)*
            $(std::mem::offset_of!(Context, $name),)*
        )*];
    };
}
for_each_member!(context);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_lie_where_the_abi_has_them() {
        assert_eq!(MEMBERS.len(), 273);
        assert_eq!(std::mem::size_of::<Context>(), 2208);
        for (index, member) in MEMBERS.iter().enumerate() {
            assert_eq!(member.id, index, "{}", member.name);
            assert_eq!(OFFSETS[index], 24 + 8 * index, "{}", member.name);
        }
        let functions = MEMBERS.iter().filter(|member| member.signature.is_some()).count();
        assert_eq!(functions, 189);
    }

    /// The C type of a kind, as the published header spells it.
    fn c_type(kind: &str) -> &[&str] {
        match kind {
            "In" | "Take" | "Own" => &["HPy"],
            "InArray" => &["const HPy *", "HPy []", "const HPy []"],
            "OutHandle" => &["HPy *"],
            "Unit" => &["void"],
            "Int" => &["int", "_HPyCapsule_key", "HPy_SourceKind", "HPyFunc_Signature", "HPyType_BuiltinShape"],
            "Int32" => &["int32_t"],
            "UInt32" => &["uint32_t", "HPy_UCS4"],
            "Int64" => &["int64_t"],
            "UInt64" => &["uint64_t"],
            "Size" => &["size_t"],
            "Ssize" => &["HPy_ssize_t", "HPy_hash_t"],
            "Double" => &["double"],
            "Bool" => &["bool"],
            "Chars" | "BoundChars" => &["const char *"],
            "WideChars" => &["const wchar_t *"],
            "Data" => &["void *", "HPyCFunction", "cpy_PyObject *"],
            "DataOut" => &["void **"],
            "SsizeOut" => &["HPy_ssize_t *"],
            "ListBuilder" => &["HPyListBuilder"],
            "TupleBuilder" => &["HPyTupleBuilder"],
            "Tracker" => &["HPyTracker"],
            "ThreadState" => &["HPyThreadState"],
            "Field" => &["HPyField"],
            "FieldRef" => &["HPyField *"],
            "Global" => &["HPyGlobal"],
            "GlobalRef" => &["HPyGlobal *"],
            "SpecRef" => &["HPyType_Spec *"],
            "SpecParams" => &["HPyType_SpecParam *"],
            "CallFunctionRef" => &["HPyCallFunction *"],
            "DestructorRef" => &["HPyCapsule_Destructor *"],
            _ => &[],
        }
    }

    /// `const HPy *args` -> `const HPy *`; `HPy items[]` -> `HPy []`.
    fn without_name(argument: &str) -> String {
        let (argument, suffix) = match argument.strip_suffix("[]") {
            Some(rest) => (rest, "[]"),
            None => (argument, ""),
        };
        let kept = argument.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
        if suffix.is_empty() { kept.trim_end().to_owned() } else { format!("{kept}{suffix}") }
    }

    /// With `HPY_CONTEXT_HEADER` naming a copy of HPy's `autogen_ctx.h`, its members are compared one by one.
    #[test]
    fn members_are_those_of_the_published_header() {
        let Ok(path) = std::env::var("HPY_CONTEXT_HEADER") else { return };
        let text = std::fs::read_to_string(path).expect("the header can be read");
        let body = text.split_once("int abi_version;").expect("the header has a context").1;
        let lines = body.lines().map(str::trim).filter(|line| line.ends_with(';') && !line.starts_with('}'));
        let mut count = 0;
        for (line, member) in lines.zip(MEMBERS) {
            count += 1;
            match (line.strip_prefix("HPy h_"), member.signature) {
                (Some(name), None) => assert_eq!(format!("h_{}", name.trim_end_matches(';')), member.name),
                (None, Some((kinds, ret))) => {
                    let (c_ret, rest) = line.split_once("(*").expect("a function pointer");
                    let (name, rest) = rest.split_once(")(").expect("its arguments");
                    assert_eq!(name, member.name);
                    assert!(c_type(ret).contains(&c_ret.trim()), "{name}: {c_ret}");
                    let arguments: Vec<&str> = rest.trim_end_matches(");").split(", ").skip(1).collect();
                    assert_eq!(arguments.len(), kinds.len(), "{name}");
                    for (argument, kind) in arguments.iter().zip(kinds) {
                        assert!(c_type(kind).contains(&without_name(argument).as_str()), "{name}: {argument} is no {kind}");
                    }
                }
                _ => panic!("{line} against {}", member.name),
            }
        }
        assert!(count == 263 || count == 273, "{count} members");
    }
}
