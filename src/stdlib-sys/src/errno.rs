//! The module `errno`.

use native_macros::native_module;
use objects::{Cast, Module, R, Value, dict, new_dict, new_str};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// Aliases first: the last name of a number is the one in `errorcode`.
static NUMBERS: &[(&str, i32)] = numbers!(
    EDEADLK EOPNOTSUPP EWOULDBLOCK E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG
    EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLOCK EDESTADDRREQ EDOM
    EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN
    EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG
    ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS
    ENOCSI ENODATA ENODEV ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR
    ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO EOVERFLOW EOWNERDEAD
    EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN
    ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EXDEV EXFULL
);

pub struct Errno;

/// The error numbers of the system by their symbols.
#[native_module(name = "errno")]
impl Errno {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let codes = new_dict();
        module.set("errorcode", codes.value())?;
        // Newer C libraries have numbers that crate libc does not name yet.
        let newer: &[(&str, i32)] = if cfg!(target_os = "linux") { &[("EFTYPE", 134)] } else { &[] };
        for (name, number) in NUMBERS.iter().chain(newer) {
            let number = Value::small(*number);
            module.set(name, number)?;
            dict::dict_set(codes, number, new_str(name))?;
        }
        Ok(())
    }
}
