//! The structs and words that cross the border to extensions: HPy universal ABI 0, as C sees it.
//!
//! Must not know: what the words mean to this runtime. Field order and sizes are those of the published headers.

use std::ffi::{c_char, c_int, c_ulong, c_void};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, Debug)]
        #[repr(transparent)]
        pub struct $name(pub u64);

        impl $name {
            pub const NULL: $name = $name(0);
            #[inline(always)]
            pub const fn is_null(self) -> bool {
                self.0 == 0
            }
        }
    )* };
}

words! {
    /// `HPy`: a reference to an object, as an extension holds it.
    Handle;
    /// `HPyField`: a reference inside the C struct of an object.
    Field;
    /// `HPyGlobal`: a reference in a C variable.
    Global;
    ListBuilder;
    TupleBuilder;
    Tracker;
    ThreadState;
}

pub const ABI_MAJOR: u32 = 0;
pub const ABI_MINOR: u32 = 0;

// Kinds of `Def`.
pub const DEF_SLOT: c_int = 1;
pub const DEF_METH: c_int = 2;
pub const DEF_MEMBER: c_int = 3;
pub const DEF_GETSET: c_int = 4;

// Signatures of methods.
pub const SIG_VARARGS: c_int = 1;
pub const SIG_KEYWORDS: c_int = 2;
pub const SIG_NOARGS: c_int = 3;
pub const SIG_O: c_int = 4;

// Kinds of type parameters; the list ends at zero.
pub const PARAM_BASE: c_int = 1;
pub const PARAM_BASES_TUPLE: c_int = 2;
pub const PARAM_METACLASS: c_int = 3;

// What a type's struct extends.
pub const SHAPE_LEGACY: c_int = -1;
pub const SHAPE_OBJECT: c_int = 0;
pub const SHAPE_TYPE: c_int = 1;
pub const SHAPE_LONG: c_int = 2;
pub const SHAPE_FLOAT: c_int = 3;
pub const SHAPE_UNICODE: c_int = 4;
pub const SHAPE_TUPLE: c_int = 5;
pub const SHAPE_LIST: c_int = 6;
pub const SHAPE_DICT: c_int = 7;

// Type flags.
pub const TPFLAGS_BASETYPE: c_ulong = 1 << 10;
pub const TPFLAGS_HAVE_GC: c_ulong = 1 << 14;

// Slots that are not dunders of the slot table.
pub const SLOT_DESTROY: c_int = 1000;
pub const SLOT_MOD_CREATE: c_int = 2000;
pub const SLOT_MOD_EXEC: c_int = 2001;

#[derive(Copy, Clone)]
#[repr(C)]
pub struct SlotDef {
    pub slot: c_int,
    pub function: *const c_void,
    pub trampoline: *const c_void,
}

#[derive(Copy, Clone)]
#[repr(C)]
pub struct MethDef {
    pub name: *const c_char,
    pub function: *const c_void,
    pub trampoline: *const c_void,
    pub signature: c_int,
    pub doc: *const c_char,
}

#[derive(Copy, Clone)]
#[repr(C)]
pub struct MemberDef {
    pub name: *const c_char,
    pub kind: c_int,
    pub offset: isize,
    pub readonly: c_int,
    pub doc: *const c_char,
}

#[derive(Copy, Clone)]
#[repr(C)]
pub struct GetSetDef {
    pub name: *const c_char,
    pub getter: *const c_void,
    pub setter: *const c_void,
    pub getter_trampoline: *const c_void,
    pub setter_trampoline: *const c_void,
    pub doc: *const c_char,
    pub closure: *mut c_void,
}

#[derive(Copy, Clone)]
#[repr(C)]
pub union DefBody {
    pub slot: SlotDef,
    pub meth: MethDef,
    pub member: MemberDef,
    pub getset: GetSetDef,
}

/// `HPyDef`. Extensions own these and may keep them in read-only memory: they are never written to.
#[repr(C)]
pub struct Def {
    pub kind: c_int,
    pub body: DefBody,
}

/// `HPyModuleDef`.
#[repr(C)]
pub struct ModuleDef {
    pub doc: *const c_char,
    pub size: isize,
    pub legacy_methods: *const c_void,
    pub defines: *const *const Def,
    pub globals: *const *mut Global,
}

/// `HPyType_Spec`.
#[repr(C)]
pub struct TypeSpec {
    pub name: *const c_char,
    pub basicsize: c_int,
    pub itemsize: c_int,
    pub flags: c_ulong,
    pub shape: c_int,
    pub legacy_slots: *const c_void,
    pub defines: *const *const Def,
    pub doc: *const c_char,
}

/// `HPyType_SpecParam`.
#[repr(C)]
pub struct TypeSpecParam {
    pub kind: c_int,
    pub object: Handle,
}

/// `HPyCallFunction`.
#[repr(C)]
pub struct CallFunction {
    pub trampoline: *const c_void,
    pub function: *const c_void,
}

/// `HPyCapsule_Destructor`.
#[repr(C)]
pub struct CapsuleDestructor {
    pub trampoline: *const c_void,
    pub function: *const c_void,
}

/// `HPy_buffer`.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Buffer {
    pub buf: *mut c_void,
    pub obj: Handle,
    pub len: isize,
    pub itemsize: isize,
    pub readonly: c_int,
    pub ndim: c_int,
    pub format: *mut c_char,
    pub shape: *mut isize,
    pub strides: *mut isize,
    pub suboffsets: *mut isize,
    pub internal: *mut c_void,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    #[test]
    fn sizes_are_those_of_the_abi() {
        assert_eq!(size_of::<Def>(), 64);
        assert_eq!(offset_of!(Def, body), 8);
        assert_eq!(size_of::<SlotDef>(), 24);
        assert_eq!(size_of::<MethDef>(), 40);
        assert_eq!(size_of::<MemberDef>(), 40);
        assert_eq!(size_of::<GetSetDef>(), 56);
        assert_eq!(size_of::<ModuleDef>(), 40);
        assert_eq!(size_of::<TypeSpec>(), 56);
        assert_eq!(offset_of!(TypeSpec, flags), 16);
        assert_eq!(offset_of!(TypeSpec, legacy_slots), 32);
        assert_eq!(size_of::<TypeSpecParam>(), 16);
        assert_eq!(size_of::<CallFunction>(), 16);
        assert_eq!(size_of::<CapsuleDestructor>(), 16);
        assert_eq!(size_of::<Buffer>(), 80);
    }
}
