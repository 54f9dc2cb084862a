//! The module `termios`: terminal settings.

use native_macros::native_module;
use objects::list::List;
use objects::path::{FileNo, retry_call};
use objects::{Bytes, Cast, Module, R, Value, new_bytes, new_int, new_list, new_str, type_error};

static ERROR: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

fn failed(errno: i32) -> objects::Raised {
    let args = [Value::small(errno), new_str(&objects::error::strerror_text(errno))];
    match ERROR.get().map(|class| objects::call(class, &args)) {
        Some(Ok(exception)) => objects::raise(exception),
        Some(Err(raised)) => raised,
        None => objects::os_error(errno, None, None),
    }
}
fn check(result: R<Result<i64, i32>>) -> R<i64> {
    result?.map_err(failed)
}

pub struct Termios;

/// This module provides an interface to the Posix calls for tty I/O control.
///
/// For a complete description of these calls, see the Posix or Unix manual
/// pages. It is only available for those Unix versions that support Posix
/// termios style tty I/O control (and then only if configured at installation
/// time).
///
/// All functions in this module take a file descriptor fd as their first
/// argument. This can be an integer file descriptor, such as returned by
/// sys.stdin.fileno(), or a file object, such as sys.stdin itself.
#[native_module(name = "termios")]
impl Termios {
    /// The attributes of the terminal fd.
    ///
    /// Returns a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc]. cc is the
    /// list of the special characters, bytes of length 1, but ints at the indexes
    /// VMIN and VTIME where these count. The constants of this module are the
    /// flags, the speeds and the indexes into cc.
    #[sig("(fd, /)")]
    fn tcgetattr(fd: FileNo) -> R {
        let mut mode: libc::termios = unsafe { std::mem::zeroed() };
        let pointer = &raw mut mode as usize;
        // SAFETY: plain data (as everywhere in this file).
        check(retry_call(|| unsafe { libc::tcgetattr(fd.0, pointer as *mut _) } as i64))?;
        let (input, output) = unsafe { (libc::cfgetispeed(&mode), libc::cfgetospeed(&mode)) };
        let raw = mode.c_lflag & libc::ICANON == 0;
        let characters = new_list(&[]);
        for (place, byte) in mode.c_cc.iter().enumerate() {
            let is_number = raw && (place == libc::VMIN || place == libc::VTIME);
            objects::list::list_push(characters, if is_number { new_int(*byte as i64) } else { new_bytes(&[*byte]) });
        }
        let number = |value: u32| new_int(value as i64);
        Ok(new_list(&[
            number(mode.c_iflag),
            number(mode.c_oflag),
            number(mode.c_cflag),
            number(mode.c_lflag),
            number(input),
            number(output),
            characters.value(),
        ])
        .value())
    }
    /// Set the attributes of the terminal fd.
    ///
    /// attributes is a list as tcgetattr() returns it. when says when they take
    /// effect: TCSANOW at once, TCSADRAIN after all output is transmitted,
    /// TCSAFLUSH after that too, and with input that is waiting thrown away.
    #[sig("(fd, when, attributes, /)")]
    fn tcsetattr(fd: FileNo, when: i32, attributes: Value) -> R<()> {
        let bad = || type_error!("tcsetattr, arg 3: must be 7 element list");
        let Some(list) = attributes.cast::<List>().filter(|list| list.len() == 7) else { return Err(bad()) };
        let items = objects::list::list_snapshot(list);
        let mut mode: libc::termios = unsafe { std::mem::zeroed() };
        let pointer = &raw mut mode as usize;
        check(retry_call(|| unsafe { libc::tcgetattr(fd.0, pointer as *mut _) } as i64))?;
        let number = |value: Value| -> R<u32> {
            if !objects::is_int(value) {
                return Err(type_error!("tcsetattr: elements of attributes must be integers"));
            }
            Ok(objects::index(value)? as u32)
        };
        mode.c_iflag = number(items[0])?;
        mode.c_oflag = number(items[1])?;
        mode.c_cflag = number(items[2])?;
        mode.c_lflag = number(items[3])?;
        let (input, output) = (number(items[4])?, number(items[5])?);
        let Some(characters) = items[6].cast::<List>().filter(|list| list.len() == mode.c_cc.len()) else {
            return Err(type_error!("tcsetattr: attributes[6] must be {} element list", mode.c_cc.len()));
        };
        let characters = objects::list::list_snapshot(characters);
        for (place, value) in mode.c_cc.iter_mut().zip(characters.iter()) {
            *place = match value.cast::<Bytes>() {
                Some(bytes) if bytes.len() == 1 => bytes.as_slice()[0],
                _ if objects::is_int(*value) => objects::index(*value)? as u8,
                _ => return Err(type_error!("tcsetattr: elements of attributes must be characters or integers")),
            };
        }
        unsafe {
            if libc::cfsetispeed(&mut mode, input) == -1 || libc::cfsetospeed(&mut mode, output) == -1 {
                return Err(failed(std::io::Error::last_os_error().raw_os_error().unwrap_or(0)));
            }
        }
        let pointer = &raw const mode as usize;
        check(retry_call(|| unsafe { libc::tcsetattr(fd.0, when, pointer as *const _) } as i64)).map(|_| ())
    }
    /// Send a break on the terminal fd.
    ///
    /// It lasts 0.25 to 0.5 seconds if duration is 0; what else it means is up to
    /// the system.
    #[sig("(fd, duration, /)")]
    fn tcsendbreak(fd: FileNo, duration: i32) -> R<()> {
        check(retry_call(|| unsafe { libc::tcsendbreak(fd.0, duration) } as i64)).map(|_| ())
    }
    /// Wait until all output to the terminal fd is transmitted.
    #[sig("(fd, /)")]
    fn tcdrain(fd: FileNo) -> R<()> {
        check(retry_call(|| unsafe { libc::tcdrain(fd.0) } as i64)).map(|_| ())
    }
    /// Throw away what waits on the terminal fd.
    ///
    /// queue says what: TCIFLUSH the input, TCOFLUSH the output, TCIOFLUSH both.
    #[sig("(fd, queue, /)")]
    fn tcflush(fd: FileNo, queue: i32) -> R<()> {
        check(retry_call(|| unsafe { libc::tcflush(fd.0, queue) } as i64)).map(|_| ())
    }
    /// Stop the transmission on the terminal fd, or go on.
    ///
    /// action is TCOOFF or TCOON for the output, TCIOFF or TCION for the input.
    #[sig("(fd, action, /)")]
    fn tcflow(fd: FileNo, action: i32) -> R<()> {
        check(retry_call(|| unsafe { libc::tcflow(fd.0, action) } as i64)).map(|_| ())
    }
    /// The size of the terminal fd in characters, (ws_row, ws_col).
    #[sig("(fd, /)")]
    fn tcgetwinsize(fd: FileNo) -> R<(i64, i64)> {
        let mut size: libc::winsize = unsafe { std::mem::zeroed() };
        let pointer = &raw mut size as usize;
        check(retry_call(|| unsafe { libc::ioctl(fd.0, libc::TIOCGWINSZ, pointer as *mut libc::winsize) } as i64))?;
        Ok((size.ws_row as i64, size.ws_col as i64))
    }
    /// Set the size of the terminal fd.
    ///
    /// winsize is a tuple (ws_row, ws_col), as tcgetwinsize() returns it.
    #[sig("(fd, winsize, /)")]
    fn tcsetwinsize(fd: FileNo, winsize: Value) -> R<()> {
        if !objects::lookup::type_has(winsize, objects::interned!("__getitem__")) || objects::len(winsize)? != 2 {
            return Err(type_error!("tcsetwinsize, arg 2: must be a two-item sequence"));
        }
        let items = objects::to_vec(winsize)?;
        let mut size: libc::winsize = unsafe { std::mem::zeroed() };
        let pointer = &raw mut size as usize;
        check(retry_call(|| unsafe { libc::ioctl(fd.0, libc::TIOCGWINSZ, pointer as *mut libc::winsize) } as i64))?;
        let number = |value: Value| -> R<u16> {
            u16::try_from(objects::index(value)?).map_err(|_| objects::overflow_error!("winsize value(s) out of range."))
        };
        size.ws_row = number(items[0])?;
        size.ws_col = number(items[1])?;
        let pointer = &raw const size as usize;
        check(retry_call(|| unsafe { libc::ioctl(fd.0, libc::TIOCSWINSZ, pointer as *const libc::winsize) } as i64)).map(|_| ())
    }
    fn __exec__(module: Value) -> R<()> {
        crate::util::set_ints(module, CONSTANTS)?;
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let base = objects::exc::EXCEPTION.get();
        let metaclass = objects::class_of(base.value());
        let namespace = objects::new_dict();
        objects::dict::dict_set_str(namespace, objects::interned!("__module__"), new_str("termios"))?;
        let bases = objects::new_tuple(&[base.value()]);
        let class = objects::call(metaclass.value(), &[new_str("error"), bases.value(), namespace.value()])?;
        ERROR.set(class);
        module.set("error", class)
    }
}

#[rustfmt::skip]
const CONSTANTS: &[(&str, i64)] = &[
    ("B0", 0), ("B1000000", 1000000), ("B110", 110), ("B115200", 115200), ("B1152000", 1152000), ("B1200", 1200), ("B134", 134),
    ("B14400", 14400), ("B150", 150), ("B1500000", 1500000), ("B1800", 1800), ("B19200", 19200), ("B200", 200), ("B2000000", 2000000),
    ("B230400", 230400), ("B2400", 2400), ("B2500000", 2500000), ("B28800", 28800), ("B300", 300), ("B3000000", 3000000),
    ("B3500000", 3500000), ("B38400", 38400), ("B4000000", 4000000), ("B460800", 460800), ("B4800", 4800), ("B50", 50), ("B500000", 500000),
    ("B57600", 57600), ("B576000", 576000), ("B600", 600), ("B7200", 7200), ("B75", 75), ("B76800", 76800), ("B921600", 921600),
    ("B9600", 9600), ("BRKINT", 2), ("BS0", 0), ("BS1", 8192), ("BSDLY", 8192), ("CBAUD", 4111), ("CBAUDEX", 4096), ("CDSUSP", 25),
    ("CEOF", 4), ("CEOL", 0), ("CEOT", 4), ("CERASE", 127), ("CFLUSH", 15), ("CIBAUD", 269418496), ("CINTR", 3), ("CKILL", 21),
    ("CLNEXT", 22), ("CLOCAL", 2048), ("CQUIT", 28), ("CR0", 0), ("CR1", 512), ("CR2", 1024), ("CR3", 1536), ("CRDLY", 1536),
    ("CREAD", 128), ("CRPRNT", 18), ("CRTSCTS", 2147483648), ("CS5", 0), ("CS6", 16), ("CS7", 32), ("CS8", 48), ("CSIZE", 48),
    ("CSTART", 17), ("CSTOP", 19), ("CSTOPB", 64), ("CSUSP", 26), ("CWERASE", 23), ("ECHO", 8), ("ECHOCTL", 512), ("ECHOE", 16),
    ("ECHOK", 32), ("ECHOKE", 2048), ("ECHONL", 64), ("ECHOPRT", 1024), ("EXTA", 19200), ("EXTB", 38400), ("EXTPROC", 65536), ("FF0", 0),
    ("FF1", 32768), ("FFDLY", 32768), ("FIOASYNC", 21586), ("FIOCLEX", 21585), ("FIONBIO", 21537), ("FIONCLEX", 21584), ("FIONREAD", 21531),
    ("FLUSHO", 4096), ("HUPCL", 1024), ("IBSHIFT", 16), ("ICANON", 2), ("ICRNL", 256), ("IEXTEN", 32768), ("IGNBRK", 1), ("IGNCR", 128),
    ("IGNPAR", 4), ("IMAXBEL", 8192), ("INLCR", 64), ("INPCK", 16), ("IOCSIZE_MASK", 1073676288), ("IOCSIZE_SHIFT", 16), ("ISIG", 1),
    ("ISTRIP", 32), ("IUCLC", 512), ("IUTF8", 16384), ("IXANY", 2048), ("IXOFF", 4096), ("IXON", 1024), ("NCCS", 32), ("NL0", 0),
    ("NL1", 256), ("NLDLY", 256), ("NOFLSH", 128), ("N_MOUSE", 2), ("N_PPP", 3), ("N_SLIP", 1), ("N_STRIP", 4), ("N_TTY", 0), ("OCRNL", 8),
    ("OFDEL", 128), ("OFILL", 64), ("OLCUC", 2), ("ONLCR", 4), ("ONLRET", 32), ("ONOCR", 16), ("OPOST", 1), ("PARENB", 256), ("PARMRK", 8),
    ("PARODD", 512), ("PENDIN", 16384), ("TAB0", 0), ("TAB1", 2048), ("TAB2", 4096), ("TAB3", 6144), ("TABDLY", 6144), ("TCFLSH", 21515),
    ("TCGETS", 21505), ("TCIFLUSH", 0), ("TCIOFF", 2), ("TCIOFLUSH", 2), ("TCION", 3), ("TCOFLUSH", 1), ("TCOOFF", 0), ("TCOON", 1),
    ("TCSADRAIN", 1), ("TCSAFLUSH", 2), ("TCSANOW", 0), ("TCSBRK", 21513), ("TCSBRKP", 21541), ("TCSETS", 21506), ("TCSETSF", 21508),
    ("TCSETSW", 21507), ("TCXONC", 21514), ("TIOCCONS", 21533), ("TIOCEXCL", 21516), ("TIOCGETD", 21540), ("TIOCGICOUNT", 21597),
    ("TIOCGLCKTRMIOS", 21590), ("TIOCGPGRP", 21519), ("TIOCGSERIAL", 21534), ("TIOCGSOFTCAR", 21529), ("TIOCGWINSZ", 21523),
    ("TIOCINQ", 21531), ("TIOCLINUX", 21532), ("TIOCMBIC", 21527), ("TIOCMBIS", 21526), ("TIOCMGET", 21525), ("TIOCMIWAIT", 21596),
    ("TIOCMSET", 21528), ("TIOCM_CAR", 64), ("TIOCM_CD", 64), ("TIOCM_CTS", 32), ("TIOCM_DSR", 256), ("TIOCM_DTR", 2), ("TIOCM_LE", 1),
    ("TIOCM_RI", 128), ("TIOCM_RNG", 128), ("TIOCM_RTS", 4), ("TIOCM_SR", 16), ("TIOCM_ST", 8), ("TIOCNOTTY", 21538), ("TIOCNXCL", 21517),
    ("TIOCOUTQ", 21521), ("TIOCPKT", 21536), ("TIOCPKT_DATA", 0), ("TIOCPKT_DOSTOP", 32), ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2), ("TIOCPKT_NOSTOP", 16), ("TIOCPKT_START", 8), ("TIOCPKT_STOP", 4), ("TIOCSCTTY", 21518),
    ("TIOCSERCONFIG", 21587), ("TIOCSERGETLSR", 21593), ("TIOCSERGETMULTI", 21594), ("TIOCSERGSTRUCT", 21592), ("TIOCSERGWILD", 21588),
    ("TIOCSERSETMULTI", 21595), ("TIOCSERSWILD", 21589), ("TIOCSER_TEMT", 1), ("TIOCSETD", 21539), ("TIOCSLCKTRMIOS", 21591),
    ("TIOCSPGRP", 21520), ("TIOCSSERIAL", 21535), ("TIOCSSOFTCAR", 21530), ("TIOCSTI", 21522), ("TIOCSWINSZ", 21524), ("TOSTOP", 256),
    ("VDISCARD", 13), ("VEOF", 4), ("VEOL", 11), ("VEOL2", 16), ("VERASE", 2), ("VINTR", 0), ("VKILL", 3), ("VLNEXT", 15), ("VMIN", 6),
    ("VQUIT", 1), ("VREPRINT", 12), ("VSTART", 8), ("VSTOP", 9), ("VSUSP", 10), ("VSWTC", 7), ("VSWTCH", 7), ("VT0", 0), ("VT1", 16384),
    ("VTDLY", 16384), ("VTIME", 5), ("VWERASE", 14), ("XCASE", 4), ("XTABS", 6144), ("_POSIX_VDISABLE", 0),
];
