#[layout(parent = BaseException, name = "OSError")]
#[repr(C)]
pub struct OsErrorObject {
    pub base: BaseException,
    pub filename: Slot,
    #[layout(skip)]
    pub raw: *mut u8,
    pub written: AtomicI64,
}
