//! The numbers of the code arrays that the library's `re._compiler` writes (format 20230612).

pub const MAGIC: u32 = 20230612;
pub const MAX_REPEAT: u32 = u32::MAX;
pub const MAX_GROUPS: u32 = 0x3fff_ffff;

macro_rules! numbered {
    ($($name:ident)*) => { numbered!(@ 0u32, $($name)*); };
    (@ $number:expr, $name:ident $($rest:ident)*) => {
        #[allow(dead_code)] // some are only counted
        pub const $name: u32 = $number;
        numbered!(@ $number + 1, $($rest)*);
    };
    (@ $number:expr,) => {};
}

pub mod op {
    numbered! {
        FAILURE SUCCESS ANY ANY_ALL ASSERT ASSERT_NOT AT BRANCH CATEGORY CHARSET BIGCHARSET GROUPREF GROUPREF_EXISTS IN INFO JUMP
        LITERAL MARK MAX_UNTIL MIN_UNTIL NOT_LITERAL NEGATE RANGE REPEAT REPEAT_ONE SUBPATTERN MIN_REPEAT_ONE ATOMIC_GROUP
        POSSESSIVE_REPEAT POSSESSIVE_REPEAT_ONE
        GROUPREF_IGNORE IN_IGNORE LITERAL_IGNORE NOT_LITERAL_IGNORE
        GROUPREF_LOC_IGNORE IN_LOC_IGNORE LITERAL_LOC_IGNORE NOT_LITERAL_LOC_IGNORE
        GROUPREF_UNI_IGNORE IN_UNI_IGNORE LITERAL_UNI_IGNORE NOT_LITERAL_UNI_IGNORE RANGE_UNI_IGNORE
    }
}

pub mod at {
    numbered! {
        BEGINNING BEGINNING_LINE BEGINNING_STRING BOUNDARY NON_BOUNDARY END END_LINE END_STRING LOC_BOUNDARY LOC_NON_BOUNDARY
        UNI_BOUNDARY UNI_NON_BOUNDARY
    }
}

pub mod category {
    numbered! {
        DIGIT NOT_DIGIT SPACE NOT_SPACE WORD NOT_WORD LINEBREAK NOT_LINEBREAK LOC_WORD LOC_NOT_WORD UNI_DIGIT UNI_NOT_DIGIT UNI_SPACE
        UNI_NOT_SPACE UNI_WORD UNI_NOT_WORD UNI_LINEBREAK UNI_NOT_LINEBREAK
    }
}

pub mod info {
    pub const PREFIX: u32 = 1;
    pub const LITERAL: u32 = 2;
    pub const CHARSET: u32 = 4;
}

pub mod flag {
    pub const LOCALE: u32 = 4;
    pub const UNICODE: u32 = 32;
    pub const ASCII: u32 = 256;
    pub const DEBUG: u32 = 128;
}
