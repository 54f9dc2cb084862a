//! The modules, one for each region. Must not know: how codecs work.

use crate::codec::{self, MultibyteCodec};
use crate::coders::{IncrementalDecoder, IncrementalEncoder, StreamReader, StreamWriter};
use native_macros::native_module;
use objects::native::ModuleDef;
use objects::{R, Value};

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] =
    &[MultibyteModule::MODULE, Cn::MODULE, Hk::MODULE, Iso2022Module::MODULE, Jp::MODULE, Kr::MODULE, Tw::MODULE];

pub struct MultibyteModule;

#[native_module(
    name = "_multibytecodec",
    classes = [IncrementalEncoder, IncrementalDecoder, StreamReader, StreamWriter]
)]
impl MultibyteModule {
    fn __exec__(_module: Value) -> R<()> {
        objects::class_new::native_class(MultibyteCodec::CLASS_DEF).map(drop)
    }
}

macro_rules! region {
    ($type:ident, $module:tt, $known:expr) => {
        pub struct $type;

        #[native_module(name = $module)]
        impl $type {
            fn getcodec(encoding: Value) -> R {
                objects::class_new::native_class(MultibyteCodec::CLASS_DEF)?;
                codec::get(encoding, &$known)
            }
        }
    };
}

region!(Cn, "_codecs_cn", ["gb2312", "gbk", "gb18030", "hz"]);
region!(Hk, "_codecs_hk", ["big5hkscs"]);
region!(
    Iso2022Module,
    "_codecs_iso2022",
    ["iso2022_kr", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext"]
);
region!(Jp, "_codecs_jp", ["shift_jis", "cp932", "euc_jp", "shift_jis_2004", "euc_jis_2004", "euc_jisx0213", "shift_jisx0213"]);
region!(Kr, "_codecs_kr", ["euc_kr", "cp949", "johab"]);
region!(Tw, "_codecs_tw", ["big5", "cp950"]);
