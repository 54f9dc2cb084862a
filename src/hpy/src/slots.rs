//! HPy slots as special methods: for each slot the dunders that it defines, and how C is entered for them.
//!
//! Must not know: classes.

use crate::abi;
use crate::enter as e;
use crate::layer::Layer;
use objects::native::ExternCall;

/// How a C function is entered: without a layer in between, or with one.
#[derive(Clone, Copy)]
pub struct Enter {
    plain: ExternCall,
    layered: ExternCall,
}
impl Enter {
    pub fn through(self, layer: &Layer) -> ExternCall {
        if layer.plain { self.plain } else { self.layered }
    }
}
/// Both ways into a function of `enter`.
macro_rules! both {
    ($name:ident) => {
        Enter { plain: e::$name::<true>, layered: e::$name::<false> }
    };
}

/// What a slot defines: dunder, how C is entered for it.
pub struct SlotRow {
    pub slot: i32,
    pub dunders: &'static [(&'static str, Enter)],
}

/// How a method of that signature is entered.
pub fn method_enter(signature: std::ffi::c_int) -> objects::R<Enter> {
    Ok(match signature {
        abi::SIG_VARARGS => both!(var_args),
        abi::SIG_KEYWORDS => both!(keywords),
        abi::SIG_NOARGS => both!(no_args),
        abi::SIG_O => both!(one_arg),
        _ => return Err(objects::value_error!("Unsupported HPyMeth signature")),
    })
}

/// `__call__` of types that place the call function themselves.
pub const CALL: Enter = both!(slot_call);

macro_rules! rows {
    ($($slot:literal $(($dunder:literal $enter:ident))*;)*) => {
        /// In order of precedence: where two slots define one dunder, the first counts.
        pub static SLOTS: &[SlotRow] = &[$(SlotRow { slot: $slot, dunders: &[$(($dunder, both!($enter))),*] }),*];
    };
}

rows! {
    // numbers
    6 ("__abs__" slot_unary);
    7 ("__add__" slot_binary) ("__radd__" slot_reflected);
    8 ("__and__" slot_binary) ("__rand__" slot_reflected);
    9 ("__bool__" slot_bool);
    10 ("__divmod__" slot_binary) ("__rdivmod__" slot_reflected);
    11 ("__float__" slot_unary);
    12 ("__floordiv__" slot_binary) ("__rfloordiv__" slot_reflected);
    13 ("__index__" slot_unary);
    14 ("__iadd__" slot_binary);
    15 ("__iand__" slot_binary);
    16 ("__ifloordiv__" slot_binary);
    17 ("__ilshift__" slot_binary);
    18 ("__imul__" slot_binary);
    19 ("__ior__" slot_binary);
    20 ("__ipow__" slot_power);
    21 ("__imod__" slot_binary);
    22 ("__irshift__" slot_binary);
    23 ("__isub__" slot_binary);
    24 ("__itruediv__" slot_binary);
    25 ("__ixor__" slot_binary);
    26 ("__int__" slot_unary);
    27 ("__invert__" slot_unary);
    28 ("__lshift__" slot_binary) ("__rlshift__" slot_reflected);
    29 ("__mul__" slot_binary) ("__rmul__" slot_reflected);
    30 ("__neg__" slot_unary);
    31 ("__or__" slot_binary) ("__ror__" slot_reflected);
    32 ("__pos__" slot_unary);
    33 ("__pow__" slot_power) ("__rpow__" slot_reflected_power);
    34 ("__mod__" slot_binary) ("__rmod__" slot_reflected);
    35 ("__rshift__" slot_binary) ("__rrshift__" slot_reflected);
    36 ("__sub__" slot_binary) ("__rsub__" slot_reflected);
    37 ("__truediv__" slot_binary) ("__rtruediv__" slot_reflected);
    38 ("__xor__" slot_binary) ("__rxor__" slot_reflected);
    75 ("__matmul__" slot_binary) ("__rmatmul__" slot_reflected);
    76 ("__imatmul__" slot_binary);
    // mappings
    4 ("__len__" slot_len);
    5 ("__getitem__" slot_binary);
    3 ("__setitem__" slot_set_key) ("__delitem__" slot_del_key);
    // sequences
    45 ("__len__" slot_len);
    40 ("__add__" slot_binary);
    46 ("__mul__" slot_repeat) ("__rmul__" slot_repeat);
    44 ("__getitem__" slot_item);
    39 ("__setitem__" slot_set_item) ("__delitem__" slot_del_item);
    41 ("__contains__" slot_contains);
    42 ("__iadd__" slot_binary);
    43 ("__imul__" slot_repeat);
    // objects
    50 ("__call__" slot_call);
    54 ("__get__" slot_descr_get);
    59 ("__hash__" slot_hash);
    60 ("__init__" slot_init);
    65 ("__new__" slot_new);
    66 ("__repr__" slot_unary);
    67 ("__lt__" slot_compare) ("__le__" slot_compare) ("__eq__" slot_compare) ("__ne__" slot_compare) ("__gt__" slot_compare) ("__ge__" slot_compare);
    70 ("__str__" slot_unary);
    80 ("__del__" slot_finalize);
    1 ("__buffer__" slot_get_buffer);
    2 ("__release_buffer__" slot_release_buffer);
    // not methods: the layout has them
    71;
    1000;
}

/// Slots that begin `SLOTS`' numbers, with their meaning outside of it.
pub const GETBUFFER: i32 = 1;
pub const RELEASEBUFFER: i32 = 2;
pub const TP_CALL: i32 = 50;
pub const TP_HASH: i32 = 59;
pub const TP_NEW: i32 = 65;
pub const TP_RICHCOMPARE: i32 = 67;
pub const TP_TRAVERSE: i32 = 71;

/// The number that C gets for a comparison.
pub fn compare_code(dunder: &str) -> usize {
    ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"].iter().position(|name| *name == dunder).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_sixty_one_slots_of_types_and_modules() {
        assert_eq!(SLOTS.len() + 2, 61);
        let mut numbers: Vec<i32> = SLOTS.iter().map(|row| row.slot).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), SLOTS.len(), "each slot once");
        for (dunder, _) in SLOTS.iter().flat_map(|row| row.dunders) {
            assert!(objects::slots::slot_by_name(dunder).is_some(), "{dunder}");
        }
    }
}
