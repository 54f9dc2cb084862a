//! Where each section of tables.bin lies: (offset, length in bytes), and numbers that go with them.
//! Written by gen/make_tables.py; do not edit.

pub const TYPE_STAGE1: (usize, usize) = (0, 17408);
pub const TYPE_STAGE2: (usize, usize) = (17408, 76288);
pub const TYPE_RECORDS: (usize, usize) = (93696, 8160);
pub const SPECIAL_CASES: (usize, usize) = (101856, 1664);
pub const SPECIAL_CASE_POOL: (usize, usize) = (103520, 2157);
pub const DECOMPOSITION_STAGE1: (usize, usize) = (105680, 17408);
pub const DECOMPOSITION_STAGE2: (usize, usize) = (123088, 28416);
pub const DECOMPOSITION_POOL: (usize, usize) = (151504, 36807);
pub const COMPOSITION_PAIRS: (usize, usize) = (188312, 8649);
pub const OLD_CORRECTIONS: (usize, usize) = (196968, 30);
pub const DATABASE_STAGE1: (usize, usize) = (197000, 17408);
pub const DATABASE_STAGE2: (usize, usize) = (214408, 86528);
pub const DATABASE_RECORDS: (usize, usize) = (300936, 7656);
pub const OLD_STAGE1: (usize, usize) = (308592, 17408);
pub const OLD_STAGE2: (usize, usize) = (326000, 34688);
pub const OLD_RECORDS: (usize, usize) = (360688, 808);
pub const NUMERIC_VALUES: (usize, usize) = (361496, 1168);
pub const NAME_RANGES: (usize, usize) = (362664, 144);
pub const NAME_RUNS: (usize, usize) = (362808, 4302);
pub const ALIAS_TARGETS: (usize, usize) = (367112, 1431);
pub const SEQUENCE_TARGETS: (usize, usize) = (368544, 5532);
pub const LEXICON_TEXT: (usize, usize) = (374080, 62361);
pub const LEXICON_ENDS: (usize, usize) = (436448, 37878);
pub const NAME_WORDS: (usize, usize) = (474328, 143303);
pub const NAME_BLOCKS: (usize, usize) = (617632, 6579);
pub const NAME_ORDER: (usize, usize) = (624216, 70152);
pub const TYPE_RECORD_SIZE: usize = 24;
pub const FLAG_ALPHA: u32 = 1;
pub const FLAG_LOWER: u32 = 2;
pub const FLAG_UPPER: u32 = 4;
pub const FLAG_TITLE: u32 = 8;
pub const FLAG_DECIMAL: u32 = 16;
pub const FLAG_DIGIT: u32 = 32;
pub const FLAG_NUMERIC: u32 = 64;
pub const FLAG_SPACE: u32 = 128;
pub const FLAG_LINE_BREAK: u32 = 256;
pub const FLAG_PRINTABLE: u32 = 512;
pub const FLAG_XID_START: u32 = 1024;
pub const FLAG_XID_CONTINUE: u32 = 2048;
pub const FLAG_CASED: u32 = 4096;
pub const FLAG_CASE_IGNORABLE: u32 = 8192;
pub const FLAG_SPECIAL: u32 = 16384;
#[rustfmt::skip]
pub const DECOMPOSITION_PREFIXES: [&str; 17] = ["", "<noBreak>", "<compat>", "<super>", "<fraction>", "<sub>", "<font>", "<circle>", "<wide>", "<vertical>", "<square>", "<isolated>", "<final>", "<initial>", "<medial>", "<small>", "<narrow>"];
#[rustfmt::skip]
pub const CATEGORY_NAMES: [&str; 30] = ["Cn", "Lu", "Ll", "Lt", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Lm", "Lo", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"];
#[rustfmt::skip]
pub const BIDIRECTIONAL_NAMES: [&str; 24] = ["", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"];
#[rustfmt::skip]
pub const EAST_ASIAN_WIDTH_NAMES: [&str; 6] = ["F", "H", "W", "Na", "A", "N"];
#[rustfmt::skip]
pub const NAME_PREFIXES: [&str; 6] = ["CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "EGYPTIAN HIEROGLYPH-", "TANGUT IDEOGRAPH-", "KHITAN SMALL SCRIPT CHARACTER-", "NUSHU CHARACTER-"];
pub const CHARACTER_NAMES: usize = 34138;
pub const ALIASES: usize = 477;
pub const SEQUENCES: usize = 461;
pub const ONE_BYTE_WORDS: usize = 206;
pub const NAMES_PER_BLOCK: usize = 16;
pub const LONGEST_NAME: usize = 88;
