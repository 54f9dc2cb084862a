//! `_socket.socket`.

use super::address::{Address, from_python, plain_error};
use super::ancillary;
use super::transfer;
use super::waiting::{Deadline, Patience, Ready, check, errno, poll_signals};
use native_macros::{Layout, native_class};
use objects::{
    Args, Buf, Bytes, Class, Gc, Header, R, Value, WritableBuf, class_name, exc, int_view, new_bytes, new_int, new_object, new_tuple, os_error,
    overflow_error, type_error, value_error,
};
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::Duration;

#[derive(Layout)]
#[repr(C)]
pub struct Socket {
    header: Header,
    /// -1 when closed.
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    proto: AtomicI32,
    /// Nanoseconds; negative: none.
    timeout: AtomicI64,
}

/// What new sockets start with.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

pub fn default_timeout() -> Value {
    timeout_value(DEFAULT_TIMEOUT.load(Ordering::Relaxed))
}
pub fn set_default_timeout(timeout: Value) -> R<()> {
    DEFAULT_TIMEOUT.store(timeout_of(timeout)?, Ordering::Relaxed);
    Ok(())
}

fn timeout_value(nanoseconds: i64) -> Value {
    if nanoseconds < 0 { Value::none() } else { Value::float(nanoseconds as f64 / 1e9) }
}
/// Nanoseconds of a timeout, -1 for None.
fn timeout_of(value: Value) -> R<i64> {
    if value.is_none() {
        return Ok(-1);
    }
    let is_number = objects::float_value(value).is_some() || int_view(value).is_some() || objects::class_of(value).slots.index.get().is_some();
    if !is_number {
        return Err(type_error!("'{}' object cannot be interpreted as an integer or float", class_name(value)));
    }
    let seconds = objects::as_f64(value)?;
    if seconds.is_nan() {
        return Err(value_error!("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(value_error!("Timeout value out of range"));
    }
    let nanoseconds = (seconds * 1e9).ceil();
    if nanoseconds >= i64::MAX as f64 {
        return Err(overflow_error!("timeout doesn't fit into C timeval"));
    }
    Ok(nanoseconds as i64)
}

fn set_blocking(fd: i32, blocking: bool) -> R<()> {
    // SAFETY: plain system calls on a number.
    unsafe {
        let flags = check(libc::fcntl(fd, libc::F_GETFL))?;
        let wanted = if blocking { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        if wanted != flags {
            check(libc::fcntl(fd, libc::F_SETFL, wanted))?;
        }
    }
    Ok(())
}

impl Socket {
    pub fn fd(&self) -> i32 {
        self.fd.load(Ordering::Relaxed)
    }
    pub fn proto_number(&self) -> i32 {
        self.proto.load(Ordering::Relaxed)
    }
    fn family_number(&self) -> i32 {
        self.family.load(Ordering::Relaxed)
    }
    fn patience(&self) -> Patience {
        match self.timeout.load(Ordering::Relaxed) {
            0 => Patience::None,
            wait if wait < 0 => Patience::Forever,
            wait => Patience::UpTo(Duration::from_nanos(wait as u64)),
        }
    }
    pub fn deadline(&self) -> Deadline {
        Deadline::new(self.patience())
    }
    pub fn address(&self, value: Value, caller: &str) -> R<Address> {
        from_python(value, self.family_number(), caller)
    }
    /// Takes over a descriptor.
    fn adopt(&self, fd: i32, family: i32, kind: i32, proto: i32) -> R<()> {
        self.fd.store(fd, Ordering::Relaxed);
        self.family.store(family, Ordering::Relaxed);
        self.kind.store(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC), Ordering::Relaxed);
        self.proto.store(proto, Ordering::Relaxed);
        if kind & libc::SOCK_NONBLOCK != 0 {
            self.timeout.store(0, Ordering::Relaxed);
        } else {
            let timeout = DEFAULT_TIMEOUT.load(Ordering::Relaxed);
            self.timeout.store(timeout, Ordering::Relaxed);
            if timeout >= 0 {
                set_blocking(fd, false)?;
            }
        }
        Ok(())
    }
    fn local_address(&self) -> R<Address> {
        let mut address = Address::empty();
        // SAFETY: address and its size.
        check(unsafe { libc::getsockname(self.fd(), address.as_mut_ptr(), &mut address.len) })?;
        Ok(address)
    }
    /// The errno of a connection, 0 if it stands. A timeout is raised.
    fn start_connect(&self, address: &Address) -> R<i32> {
        let fd = self.fd();
        let (result, error) = heap::blocking(|| {
            // SAFETY: address and its size.
            let result = unsafe { libc::connect(fd, address.as_ptr(), address.len) };
            (result, errno())
        });
        if result == 0 {
            return Ok(0);
        }
        let patience = self.patience();
        let must_wait = match error {
            libc::EINTR => {
                poll_signals()?;
                patience != Patience::None
            }
            libc::EINPROGRESS => matches!(patience, Patience::UpTo(_)),
            _ => false,
        };
        if must_wait { self.deadline().finish_connect(fd) } else { Ok(error) }
    }
}

/// A descriptor's option that is one int.
fn int_option(fd: i32, level: i32, option: i32) -> R<i32> {
    let mut number: i32 = 0;
    let mut size = std::mem::size_of::<i32>() as libc::socklen_t;
    // SAFETY: an int and its size.
    check(unsafe { libc::getsockopt(fd, level, option, (&raw mut number).cast(), &mut size) })?;
    Ok(number)
}

/// A new socket object around a descriptor.
pub fn new_socket(fd: i32, family: i32, kind: i32, proto: i32) -> R<Gc<Socket>> {
    let socket = blank(Socket::CLASS_DEF.class());
    socket.adopt(fd, family, kind, proto)?;
    Ok(socket)
}
fn blank(class: Gc<Class>) -> Gc<Socket> {
    new_object(
        class,
        Socket {
            header: Header::blank(),
            fd: AtomicI32::new(-1),
            family: AtomicI32::new(0),
            kind: AtomicI32::new(0),
            proto: AtomicI32::new(0),
            timeout: AtomicI64::new(DEFAULT_TIMEOUT.load(Ordering::Relaxed)),
        },
    )
}

/// socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
/// socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object
///
/// Open a socket of the given type, or wrap the open descriptor fileno.
#[native_class(name = "_socket.socket", base = object)]
impl Socket {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(blank(cls).value())
    }
    #[sig("(family=-1, type=-1, proto=-1, fileno=None)")]
    fn __init__(this: Gc<Socket>, family: i32, type_: i32, proto: i32, fileno: Option<Value>) -> R<()> {
        let names = [this.value(), new_int(family.into()), new_int(type_.into()), new_int(proto.into())];
        objects::audit::audit("socket.__new__", &names)?;
        let Some(fileno) = fileno.filter(|fileno| !fileno.is_none()) else {
            let family = if family == -1 { libc::AF_INET } else { family };
            let kind = if type_ == -1 { libc::SOCK_STREAM } else { type_ };
            let proto = if proto == -1 { 0 } else { proto };
            // SAFETY: plain numbers.
            let fd = check(heap::blocking(|| unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) }))?;
            return this.adopt(fd, family, kind, proto);
        };
        if fileno.is_float() {
            return Err(type_error!("'float' object cannot be interpreted as an integer"));
        }
        let fd = i32::try_from(objects::index(fileno)?).map_err(|_| overflow_error!("Python int too large to convert to C int"))?;
        if fd < 0 {
            return Err(value_error!("negative file descriptor"));
        }
        let mut address = Address::empty();
        // SAFETY: address and its size.
        let result = unsafe { libc::getsockname(fd, address.as_mut_ptr(), &mut address.len) };
        if result < 0 && (family == -1 || matches!(errno(), libc::EBADF | libc::ENOTSOCK)) {
            return Err(os_error(errno(), None, None));
        }
        let family = if family == -1 { address.storage.ss_family as i32 } else { family };
        let kind = if type_ == -1 { int_option(fd, libc::SOL_SOCKET, libc::SO_TYPE)? } else { type_ };
        let proto = if proto == -1 { int_option(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL)? } else { proto };
        this.adopt(fd, family, kind, proto)
    }
    fn __repr__(this: Gc<Socket>) -> String {
        let (fd, family, kind, proto) = (this.fd(), this.family_number(), this.kind.load(Ordering::Relaxed), this.proto_number());
        format!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>")
    }
    fn __del__(this: Gc<Socket>) -> R<()> {
        if this.fd() < 0 {
            return Ok(());
        }
        let shown = objects::repr_lossy(this.value());
        if let Err(raised) = objects::warnings::warn(&exc::RESOURCE_WARNING, &format!("unclosed {shown}"), 1) {
            if raised.is(&exc::WARNING) {
                objects::error::unraisable(raised, this.value());
            } else {
                raised.clear();
            }
        }
        let fd = this.fd.swap(-1, Ordering::Relaxed);
        if fd >= 0 {
            // SAFETY: our own descriptor.
            heap::blocking(|| unsafe { libc::close(fd) });
        }
        Ok(())
    }
    /// the socket family
    #[getter]
    fn family(this: Gc<Socket>) -> i32 {
        this.family_number()
    }
    /// the socket type
    #[getter("type")]
    fn get_type(this: Gc<Socket>) -> i32 {
        this.kind.load(Ordering::Relaxed)
    }
    /// the socket protocol
    #[getter]
    fn proto(this: Gc<Socket>) -> i32 {
        this.proto_number()
    }
    /// the socket timeout
    #[getter("timeout")]
    fn get_timeout(this: Gc<Socket>) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }

    /// _accept() -> (integer, address info)
    ///
    /// Wait for a connection; return its descriptor and the client's address.
    fn _accept(this: Gc<Socket>) -> R {
        let fd = this.fd();
        let mut address = Address::empty();
        let accepted = this.deadline().call(fd, Ready::Read, || {
            address.len = std::mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            // SAFETY: address and its size.
            unsafe { libc::accept4(fd, address.as_mut_ptr(), &mut address.len, libc::SOCK_CLOEXEC) as isize }
        })?;
        let shown = address.to_python(this.proto_number())?;
        Ok(new_tuple(&[new_int(accepted as i64), shown]).value())
    }
    /// bind(address)
    ///
    /// Bind the socket to a local address.
    fn bind(this: Gc<Socket>, address: Value) -> R<()> {
        let target = this.address(address, "bind")?;
        objects::audit::audit("socket.bind", &[this.value(), address])?;
        let fd = this.fd();
        let (result, error) = heap::blocking(|| {
            // SAFETY: address and its size.
            let result = unsafe { libc::bind(fd, target.as_ptr(), target.len) };
            (result, errno())
        });
        if result < 0 { Err(os_error(error, None, None)) } else { Ok(()) }
    }
    /// connect(address)
    ///
    /// Connect the socket to a remote address.
    fn connect(this: Gc<Socket>, address: Value) -> R<()> {
        let target = this.address(address, "connect")?;
        objects::audit::audit("socket.connect", &[this.value(), address])?;
        match this.start_connect(&target)? {
            0 => Ok(()),
            error => Err(os_error(error, None, None)),
        }
    }
    /// connect_ex(address) -> errno
    ///
    /// Like connect(address), but return an error code instead of raising.
    fn connect_ex(this: Gc<Socket>, address: Value) -> R<i32> {
        let target = this.address(address, "connect_ex")?;
        objects::audit::audit("socket.connect", &[this.value(), address])?;
        match this.start_connect(&target) {
            Err(raised) if raised.is_class(timed_out_class()) => {
                raised.clear();
                Ok(libc::EWOULDBLOCK)
            }
            result => result,
        }
    }
    /// listen([backlog])
    ///
    /// Let a server accept connections.
    fn listen(this: Gc<Socket>, backlog: Option<i32>) -> R<()> {
        let backlog = backlog.unwrap_or(libc::SOMAXCONN.min(128)).max(0);
        // SAFETY: plain numbers.
        check(unsafe { libc::listen(this.fd(), backlog) }).map(|_| ())
    }
    /// getsockname() -> address info
    fn getsockname(this: Gc<Socket>) -> R {
        this.local_address()?.to_python(this.proto_number())
    }
    /// getpeername() -> address info
    fn getpeername(this: Gc<Socket>) -> R {
        let mut address = Address::empty();
        // SAFETY: address and its size.
        check(unsafe { libc::getpeername(this.fd(), address.as_mut_ptr(), &mut address.len) })?;
        address.to_python(this.proto_number())
    }
    /// getsockopt(level, option[, buffersize]) -> value
    ///
    /// Get a socket option: an integer, or bytes if buffersize is given.
    fn getsockopt(this: Gc<Socket>, level: i32, option: i32, buffersize: Option<i32>) -> R {
        match buffersize.unwrap_or(0) {
            0 => Ok(new_int(int_option(this.fd(), level, option)?.into())),
            size if !(1..=1024).contains(&size) => Err(plain_error("getsockopt buflen out of range")),
            size => {
                let mut buffer = vec![0u8; size as usize];
                let mut len = size as libc::socklen_t;
                // SAFETY: buffer and its size.
                check(unsafe { libc::getsockopt(this.fd(), level, option, buffer.as_mut_ptr().cast(), &mut len) })?;
                Ok(new_bytes(&buffer[..(len as usize).min(buffer.len())]))
            }
        }
    }
    /// setsockopt(level, option, value: int)
    /// setsockopt(level, option, value: buffer)
    /// setsockopt(level, option, None, optlen: int)
    fn setsockopt(this: Gc<Socket>, args: Args) -> R<()> {
        args.no_keywords("setsockopt")?;
        let (level, option, value, optlen) = match *args.positional() {
            [level, option, value] => (level, option, value, None),
            [level, option, value, optlen] => (level, option, value, Some(optlen)),
            _ => return Err(type_error!("setsockopt() takes exactly 3 arguments ({} given)", args.len())),
        };
        let int = |value: Value| {
            let number = objects::index(value)?;
            i32::try_from(number).or_else(|_| u32::try_from(number).map(|number| number as i32)).map_err(|_| overflow_error!("Python int too large to convert to C int"))
        };
        let (level, option) = (int(level)?, int(option)?);
        let fd = this.fd();
        if let Some(optlen) = optlen {
            if !value.is_none() {
                return Err(type_error!("socket option should be None, got {}", class_name(value)));
            }
            let len = objects::index(optlen)? as libc::socklen_t;
            // SAFETY: no data.
            return check(unsafe { libc::setsockopt(fd, level, option, std::ptr::null(), len) }).map(|_| ());
        }
        if int_view(value).is_some() {
            let number = int(value)?;
            // SAFETY: an int and its size.
            return check(unsafe { libc::setsockopt(fd, level, option, (&raw const number).cast(), 4) }).map(|_| ());
        }
        let data = Buf::new(value)?;
        // SAFETY: the buffer is pinned.
        check(unsafe { libc::setsockopt(fd, level, option, data.as_ptr().cast(), data.len() as libc::socklen_t) }).map(|_| ())
    }
    /// shutdown(flag)
    ///
    /// Shut down the reading side of the socket (SHUT_RD), the writing side, or both.
    fn shutdown(this: Gc<Socket>, flag: i32) -> R<()> {
        // SAFETY: plain numbers.
        check(heap::blocking(|| unsafe { libc::shutdown(this.fd(), flag) })).map(|_| ())
    }
    /// close()
    fn close(this: Gc<Socket>) -> R<()> {
        let fd = this.fd.swap(-1, Ordering::AcqRel);
        if fd < 0 {
            return Ok(());
        }
        let (result, error) = heap::blocking(|| {
            // SAFETY: our own descriptor.
            let result = unsafe { libc::close(fd) };
            (result, errno())
        });
        if result < 0 && error != libc::ECONNRESET { Err(os_error(error, None, None)) } else { Ok(()) }
    }
    /// detach()
    ///
    /// Close the socket object without closing the descriptor; return it.
    fn detach(this: Gc<Socket>) -> i32 {
        this.fd.swap(-1, Ordering::AcqRel)
    }
    /// fileno() -> integer
    fn fileno(this: Gc<Socket>) -> i32 {
        this.fd()
    }
    /// setblocking(flag)
    ///
    /// True is settimeout(None), False is settimeout(0.0).
    fn setblocking(this: Gc<Socket>, flag: bool) -> R<()> {
        this.timeout.store(if flag { -1 } else { 0 }, Ordering::Relaxed);
        set_blocking(this.fd(), flag)
    }
    /// getblocking()
    fn getblocking(this: Gc<Socket>) -> bool {
        this.timeout.load(Ordering::Relaxed) != 0
    }
    /// settimeout(timeout)
    ///
    /// Set a timeout in seconds for operations; None blocks, zero does not.
    fn settimeout(this: Gc<Socket>, timeout: Value) -> R<()> {
        let timeout = timeout_of(timeout)?;
        this.timeout.store(timeout, Ordering::Relaxed);
        set_blocking(this.fd(), timeout < 0)
    }
    /// gettimeout() -> timeout
    fn gettimeout(this: Gc<Socket>) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }

    /// recv(buffersize[, flags]) -> data
    fn recv(this: Gc<Socket>, buffersize: isize, flags: Option<i32>) -> R<Gc<Bytes>> {
        transfer::receive(this, buffersize, flags.unwrap_or(0))
    }
    /// recv_into(buffer, [nbytes[, flags]]) -> nbytes_read
    #[sig("(buffer, nbytes=0, flags=0)")]
    fn recv_into(this: Gc<Socket>, buffer: WritableBuf, nbytes: isize, flags: i32) -> R<isize> {
        transfer::receive_into(this, buffer, nbytes, flags)
    }
    /// recvfrom(buffersize[, flags]) -> (data, address info)
    fn recvfrom(this: Gc<Socket>, buffersize: isize, flags: Option<i32>) -> R {
        transfer::receive_from(this, buffersize, flags.unwrap_or(0))
    }
    /// recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)
    #[sig("(buffer, nbytes=0, flags=0)")]
    fn recvfrom_into(this: Gc<Socket>, buffer: WritableBuf, nbytes: isize, flags: i32) -> R {
        transfer::receive_from_into(this, buffer, nbytes, flags)
    }
    /// send(data[, flags]) -> count
    fn send(this: Gc<Socket>, data: Buf, flags: Option<i32>) -> R<isize> {
        transfer::send(this, &data, flags.unwrap_or(0))
    }
    /// sendall(data[, flags])
    fn sendall(this: Gc<Socket>, data: Buf, flags: Option<i32>) -> R<()> {
        transfer::send_all(this, &data, flags.unwrap_or(0))
    }
    /// sendto(data[, flags], address) -> count
    fn sendto(this: Gc<Socket>, args: Args) -> R<isize> {
        args.no_keywords("sendto")?;
        transfer::send_to(this, args.positional())
    }
    /// sendmsg(buffers[, ancdata[, flags[, address]]]) -> count
    fn sendmsg(this: Gc<Socket>, buffers: Value, ancdata: Option<Value>, flags: Option<i32>, address: Option<Value>) -> R<isize> {
        ancillary::send(this, buffers, ancdata, flags.unwrap_or(0), address.filter(|address| !address.is_none()))
    }
    /// recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)
    fn recvmsg(this: Gc<Socket>, bufsize: isize, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        ancillary::receive(this, bufsize, ancbufsize.unwrap_or(0), flags.unwrap_or(0))
    }
    /// recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)
    fn recvmsg_into(this: Gc<Socket>, buffers: Value, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        ancillary::receive_into(this, buffers, ancbufsize.unwrap_or(0), flags.unwrap_or(0))
    }
}

fn timed_out_class() -> Gc<Class> {
    exc::TIMEOUT_ERROR.get()
}
