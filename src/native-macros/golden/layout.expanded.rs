// Made from layout.rs by `GOLDEN=write cargo test -p native-macros`.
#[allow(clippy::all, unused_variables)]
const _: () = {
    use ::objects::native::rt as __rt;
    unsafe fn trace(object: *mut __rt::Header, tracer: &mut __rt::Tracer) {
        (<BaseException as __rt::Layout>::DESC.trace)(object, tracer);
        let this = &*(object as *const OsErrorObject);
        __rt::Trace::trace(&this.filename, tracer);
        __rt::Trace::trace(&this.written, tracer);
    }
    unsafe fn drop_fields(object: *mut __rt::Header) {
        ::core::ptr::drop_in_place(object as *mut OsErrorObject);
    }
    static DESC: __rt::LayoutDesc = __rt::LayoutDesc {
        name: "OSError",
        size: ::core::mem::size_of::<OsErrorObject>(),
        parent: Some(<BaseException as __rt::Layout>::DESC),
        trace,
        drop: if ::core::mem::needs_drop::<OsErrorObject>() {
            Some(drop_fields)
        } else {
            None
        },
        drops_late: false,
        guarded: false,
        tail_end: None,
        class: __rt::ClassCell::new(),
    };
    unsafe impl __rt::Layout for OsErrorObject {
        const DESC: &'static __rt::LayoutDesc = &DESC;
    }
};
