//! The module `syslog`: messages to the system's log. Must not know: other modules.

use native_macros::native_module;
use objects::convert::utf8;
use objects::{Args, Cast, List, Module, R, Str, Value, class_name, index, new_int, new_str, type_error, value_error};
use std::ffi::CString;
use std::sync::{Mutex, MutexGuard};

/// Whether the log is open, and the name that the C library keeps a pointer to.
struct Log {
    is_open: bool,
    ident: Option<CString>,
}
static LOG: Mutex<Log> = Mutex::new(Log { is_open: false, ident: None });

/// Only inside of `heap::blocking`: who waits for it holds up nobody.
fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn c_text(text: &str) -> R<CString> {
    CString::new(text).map_err(|_| value_error!("embedded null character"))
}

fn text_argument(value: Value, place: usize) -> R<(CString, Value)> {
    match value.cast::<Str>() {
        Some(text) => Ok((c_text(utf8(text)?)?, value)),
        None => Err(type_error!("syslog() argument {place} must be str, not {}", class_name(value))),
    }
}

/// The name of the program, without its folder.
fn program() -> Option<String> {
    let first = objects::system::sys_attr("argv")?.cast::<List>().and_then(|argv| objects::list::list_get(argv, 0))?;
    let path = first.cast::<Str>()?.to_string_lossy();
    let name = path.rsplit('/').next().unwrap_or("").to_owned();
    (!name.is_empty()).then_some(name)
}

fn open(ident: Option<String>, options: i32, facility: i32) -> R<()> {
    let ident = ident.or_else(program);
    let shown = ident.as_deref().map_or(Value::none(), new_str);
    objects::audit::audit("syslog.openlog", &[shown, new_int(options.into()), new_int(facility.into())])?;
    let ident = ident.as_deref().map(c_text).transpose()?;
    heap::blocking(|| {
        let mut log = log();
        let name = ident.as_ref().map_or(std::ptr::null(), |ident| ident.as_ptr());
        // SAFETY: the name lives as long as the log is open with it; the one before is dropped after this.
        unsafe { libc::openlog(name, options, facility) };
        log.ident = ident;
        log.is_open = true;
    });
    Ok(())
}

pub struct Syslog;

#[native_module(name = "syslog")]
impl Syslog {
    /// Send a message to the log, with the priority LOG_INFO if none is given.
    fn syslog(args: Args) -> R<()> {
        args.no_keywords("syslog.syslog")?;
        let (priority, (message, shown)) = match args.positional() {
            [message] => (libc::LOG_INFO, text_argument(*message, 1)?),
            [priority, message] => {
                let priority = i32::try_from(index(*priority)?)
                    .map_err(|_| objects::overflow_error!("signed integer is greater than maximum"))?;
                (priority, text_argument(*message, 2)?)
            }
            _ => return Err(type_error!("syslog.syslog requires 1 to 2 arguments")),
        };
        objects::audit::audit("syslog.syslog", &[new_int(priority.into()), shown])?;
        if !heap::blocking(|| log().is_open) {
            open(None, 0, libc::LOG_USER)?;
        }
        heap::blocking(|| {
            let _log = log();
            // SAFETY: the format takes one string, which is there.
            unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) };
        });
        Ok(())
    }
    /// Set what later messages are logged with: a name in front of them, options, a facility.
    #[sig("($module, /, ident=<unrepresentable>, logoption=0, facility=LOG_USER)", hidden)]
    fn openlog(ident: Option<Value>, logoption: Option<i32>, facility: Option<i32>) -> R<()> {
        let ident = match ident {
            None => None,
            Some(value) => match value.cast::<Str>() {
                Some(text) => Some(utf8(text)?.to_owned()),
                None => return Err(type_error!("openlog() argument 'ident' must be str, not {}", class_name(value))),
            },
        };
        open(ident, logoption.unwrap_or(0), facility.unwrap_or(libc::LOG_USER))
    }
    /// Close the log, and forget what openlog() has set.
    fn closelog() -> R<()> {
        objects::audit::audit("syslog.closelog", &[])?;
        heap::blocking(|| {
            let mut log = log();
            if log.is_open {
                // SAFETY: plain libc call.
                unsafe { libc::closelog() };
                *log = Log { is_open: false, ident: None };
            }
        });
        Ok(())
    }
    /// Set which priorities are logged; gives the mask before. 0 changes nothing.
    #[sig("($module, maskpri, /)")]
    fn setlogmask(maskpri: i32) -> R<i32> {
        objects::audit::audit("syslog.setlogmask", &[new_int(maskpri.into())])?;
        // SAFETY: plain libc call.
        Ok(heap::blocking(|| unsafe { libc::setlogmask(maskpri) }))
    }
    /// The mask for one priority.
    #[name("LOG_MASK")]
    #[sig("($module, pri, /)")]
    fn log_mask(pri: i32) -> i32 {
        1i32.wrapping_shl(pri as u32)
    }
    /// The mask for a priority and all that are more urgent.
    #[name("LOG_UPTO")]
    #[sig("($module, pri, /)")]
    fn log_upto(pri: i32) -> i32 {
        1i32.wrapping_shl((pri as u32).wrapping_add(1)).wrapping_sub(1)
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for (name, value) in [
            ("LOG_EMERG", libc::LOG_EMERG),
            ("LOG_ALERT", libc::LOG_ALERT),
            ("LOG_CRIT", libc::LOG_CRIT),
            ("LOG_ERR", libc::LOG_ERR),
            ("LOG_WARNING", libc::LOG_WARNING),
            ("LOG_NOTICE", libc::LOG_NOTICE),
            ("LOG_INFO", libc::LOG_INFO),
            ("LOG_DEBUG", libc::LOG_DEBUG),
            ("LOG_PID", libc::LOG_PID),
            ("LOG_CONS", libc::LOG_CONS),
            ("LOG_NDELAY", libc::LOG_NDELAY),
            ("LOG_ODELAY", libc::LOG_ODELAY),
            ("LOG_NOWAIT", libc::LOG_NOWAIT),
            ("LOG_PERROR", libc::LOG_PERROR),
            ("LOG_KERN", libc::LOG_KERN),
            ("LOG_USER", libc::LOG_USER),
            ("LOG_MAIL", libc::LOG_MAIL),
            ("LOG_DAEMON", libc::LOG_DAEMON),
            ("LOG_AUTH", libc::LOG_AUTH),
            ("LOG_AUTHPRIV", libc::LOG_AUTHPRIV),
            ("LOG_LPR", libc::LOG_LPR),
            ("LOG_NEWS", libc::LOG_NEWS),
            ("LOG_UUCP", libc::LOG_UUCP),
            ("LOG_CRON", libc::LOG_CRON),
            ("LOG_FTP", libc::LOG_FTP),
            ("LOG_SYSLOG", libc::LOG_SYSLOG),
            ("LOG_LOCAL0", libc::LOG_LOCAL0),
            ("LOG_LOCAL1", libc::LOG_LOCAL1),
            ("LOG_LOCAL2", libc::LOG_LOCAL2),
            ("LOG_LOCAL3", libc::LOG_LOCAL3),
            ("LOG_LOCAL4", libc::LOG_LOCAL4),
            ("LOG_LOCAL5", libc::LOG_LOCAL5),
            ("LOG_LOCAL6", libc::LOG_LOCAL6),
            ("LOG_LOCAL7", libc::LOG_LOCAL7),
        ] {
            module.set(name, new_int(value.into()))?;
        }
        Ok(())
    }
}
