//! The module `resource`: limits and use of resources.

use native_macros::native_module;
use objects::path::quick_call;
use objects::structseq::StructSeqDef;
use objects::{Cast, Module, R, Value, exc, new_int, os_error, value_error};

pub static STRUCT_RUSAGE: StructSeqDef = StructSeqDef::new(
    "resource",
    "struct_rusage",
    "struct_rusage: What getrusage returns.\n\nA named tuple of\n  (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n  nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw);\nthe names of the attributes begin with ru_.",
    &[
        "ru_utime",
        "ru_stime",
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ],
    16,
);

/// A `struct_rusage`.
pub fn rusage(data: &libc::rusage) -> R {
    let seconds = |time: libc::timeval| Value::float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    STRUCT_RUSAGE.make(&[
        seconds(data.ru_utime),
        seconds(data.ru_stime),
        new_int(data.ru_maxrss),
        new_int(data.ru_ixrss),
        new_int(data.ru_idrss),
        new_int(data.ru_isrss),
        new_int(data.ru_minflt),
        new_int(data.ru_majflt),
        new_int(data.ru_nswap),
        new_int(data.ru_inblock),
        new_int(data.ru_oublock),
        new_int(data.ru_msgsnd),
        new_int(data.ru_msgrcv),
        new_int(data.ru_nsignals),
        new_int(data.ru_nvcsw),
        new_int(data.ru_nivcsw),
    ])
}

fn check_resource(resource: i32) -> R<()> {
    if (0..16).contains(&resource) { Ok(()) } else { Err(value_error!("invalid resource specified")) }
}
fn limit(value: Value) -> R<u64> {
    let number = objects::index_object(value)?;
    let Some(view) = objects::int_view(number) else { return Err(value_error!("invalid limit")) };
    match (view.to_i64(), view.to_u64()) {
        (Some(-1), _) => Ok(u64::MAX),
        _ if view.is_negative() => Err(value_error!("Cannot convert negative int")),
        (_, Some(number)) => Ok(number),
        _ => Err(objects::overflow_error!("Python int too large to convert to C rlim_t")),
    }
}
fn limits(value: Value) -> R<libc::rlimit64> {
    let items = objects::to_vec(value)?;
    let [current, maximum] = items.as_slice() else { return Err(value_error!("expected a tuple of 2 integers")) };
    Ok(libc::rlimit64 { rlim_cur: limit(*current)?, rlim_max: limit(*maximum)? })
}
fn pair(data: libc::rlimit64) -> Value {
    let number = |value: u64| if value == u64::MAX { new_int(-1) } else { objects::new_int_u64(value) };
    objects::new_tuple(&[number(data.rlim_cur), number(data.rlim_max)]).value()
}
fn set_error(errno: i32) -> objects::Raised {
    match errno {
        libc::EINVAL => value_error!("current limit exceeds maximum limit"),
        libc::EPERM => value_error!("not allowed to raise maximum limit"),
        errno => os_error(errno, None, None),
    }
}

pub struct Resource;

#[native_module(name = "resource")]
impl Resource {
    #[sig("(who, /)")]
    fn getrusage(who: i32) -> R {
        let mut data: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: plain data.
        match quick_call(unsafe { libc::getrusage(who, &mut data) } as i64) {
            Ok(_) => rusage(&data),
            Err(libc::EINVAL) => Err(value_error!("invalid who parameter")),
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
    #[sig("(resource, /)")]
    fn getrlimit(resource: i32) -> R {
        check_resource(resource)?;
        let mut data: libc::rlimit64 = unsafe { std::mem::zeroed() };
        // SAFETY: plain data.
        quick_call(unsafe { libc::getrlimit64(resource as _, &mut data) } as i64).map_err(|errno| os_error(errno, None, None))?;
        Ok(pair(data))
    }
    #[sig("(resource, limits, /)")]
    fn setrlimit(resource: i32, given: Value) -> R<()> {
        check_resource(resource)?;
        let data = limits(given)?;
        // SAFETY: plain data.
        quick_call(unsafe { libc::setrlimit64(resource as _, &data) } as i64).map(|_| ()).map_err(set_error)
    }
    #[sig("(pid, resource, limits=None, /)")]
    fn prlimit(pid: i32, resource: i32, given: Option<Value>) -> R {
        check_resource(resource)?;
        let new = given.filter(|given| !given.is_none()).map(limits).transpose()?;
        let mut old: libc::rlimit64 = unsafe { std::mem::zeroed() };
        let pointer = new.as_ref().map_or(std::ptr::null(), |new| new as *const libc::rlimit64);
        // SAFETY: plain data.
        match quick_call(unsafe { libc::prlimit64(pid, resource as _, pointer, &mut old) } as i64) {
            Ok(_) => Ok(pair(old)),
            Err(libc::EINVAL) => Err(value_error!("current limit exceeds maximum limit")),
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
    fn getpagesize() -> i64 {
        // SAFETY: plain call.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
    }
    fn __exec__(module: Value) -> R<()> {
        crate::util::set_ints(
            module,
            &[
                ("RLIMIT_CPU", 0),
                ("RLIMIT_FSIZE", 1),
                ("RLIMIT_DATA", 2),
                ("RLIMIT_STACK", 3),
                ("RLIMIT_CORE", 4),
                ("RLIMIT_RSS", 5),
                ("RLIMIT_NPROC", 6),
                ("RLIMIT_NOFILE", 7),
                ("RLIMIT_OFILE", 7),
                ("RLIMIT_MEMLOCK", 8),
                ("RLIMIT_AS", 9),
                ("RLIMIT_SIGPENDING", 11),
                ("RLIMIT_MSGQUEUE", 12),
                ("RLIMIT_NICE", 13),
                ("RLIMIT_RTPRIO", 14),
                ("RLIMIT_RTTIME", 15),
                ("RLIM_INFINITY", -1),
                ("RUSAGE_SELF", 0),
                ("RUSAGE_CHILDREN", -1),
                ("RUSAGE_THREAD", 1),
            ],
        )?;
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("error", exc::OS_ERROR.get().value())?;
        module.set("struct_rusage", STRUCT_RUSAGE.class()?.value())
    }
}
