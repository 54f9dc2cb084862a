//! `_socket.socket`: one descriptor with its family, type, protocol and timeout.

use super::address::{self, Address};
use crate::select::{Timeout, wait_with};
use base::memory::zeros;
use native_macros::{Layout, native_class};
use objects::buffer::WritableBuf;
use objects::{
    Args, Buf, BufList, Bytes, Class, Gc, GcVec, Header, R, Value, class_of, exc, new_bytes, new_error, new_int, new_object,
    new_tuple, os_error, type_error, value_error,
};
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::{Duration, Instant};

#[derive(Layout)]
#[repr(C)]
pub struct Socket {
    pub header: Header,
    /// -1 once closed.
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    protocol: AtomicI32,
    /// Nanoseconds; -1 waits without limit, 0 does not wait.
    timeout: AtomicI64,
}

/// What `setdefaulttimeout` says, in the same form.
pub static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

impl Drop for Socket {
    fn drop(&mut self) {
        let fd = self.fd.swap(-1, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: owned by this object, closed once.
            unsafe { libc::close(fd) };
        }
    }
}

/// Seconds, or None, as stored nanoseconds.
pub fn timeout_nanoseconds(value: Value) -> R<i64> {
    if value.is_none() {
        return Ok(-1);
    }
    if objects::float_value(value).is_none() && !objects::is_int(value) && class_of(value).slots.index.get().is_none() {
        return Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(value)));
    }
    let seconds = objects::as_f64(value)?;
    if seconds.is_nan() {
        return Err(value_error!("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(value_error!("Timeout value out of range"));
    }
    if seconds > 9.2e9 {
        return Err(objects::overflow_error!("timeout doesn't fit into C timeval"));
    }
    Ok((seconds * 1e9).ceil() as i64)
}
pub fn timeout_value(nanoseconds: i64) -> Value {
    if nanoseconds < 0 { Value::none() } else { Value::float(nanoseconds as f64 / 1e9) }
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

impl Socket {
    fn number(&self) -> i32 {
        self.fd.load(Ordering::Acquire)
    }
    fn is_nonblocking_fd(&self) -> bool {
        self.timeout.load(Ordering::Relaxed) >= 0
    }
    fn deadline(&self) -> Option<Instant> {
        let timeout = self.timeout.load(Ordering::Relaxed);
        if timeout > 0 { Instant::now().checked_add(Duration::from_nanos(timeout as u64)) } else { None }
    }

    /// Waits until the descriptor is ready; TimeoutError if that takes too long.
    fn wait(&self, events: i16, deadline: Option<Instant>) -> R<()> {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let mut entry = libc::pollfd { fd: self.number(), events, revents: 0 };
        // SAFETY: one struct.
        let count = wait_with(Timeout(left), |milliseconds| unsafe { libc::poll(&mut entry, 1, milliseconds) })?;
        if count == 0 && deadline.is_some() {
            return Err(new_error(exc::TIMEOUT_ERROR.get(), "timed out"));
        }
        Ok(())
    }

    /// Runs a system call: blocking, with a timeout, or without waiting; again after signals.
    fn call(&self, events: i16, deadline: Option<Instant>, mut work: impl FnMut(i32) -> isize) -> R<isize> {
        let timed = self.timeout.load(Ordering::Relaxed) > 0;
        loop {
            if timed {
                self.wait(events, deadline)?;
            }
            let fd = self.number();
            let (result, errno) = heap::blocking(|| {
                let result = work(fd);
                (result, errno())
            });
            if result >= 0 {
                return Ok(result);
            }
            match errno {
                libc::EINTR => (objects::door::interpreter().poll)()?,
                libc::EAGAIN if timed => {}
                errno => return Err(os_error(errno, None, None)),
            }
        }
    }

    fn apply_blocking(&self) -> R<()> {
        let fd = self.number();
        // SAFETY: plain calls.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFL);
            if flags < 0 {
                return Err(objects::last_os_error(None));
            }
            let wanted = if self.is_nonblocking_fd() { flags | libc::O_NONBLOCK } else { flags & !libc::O_NONBLOCK };
            if wanted != flags && libc::fcntl(fd, libc::F_SETFL, wanted) < 0 {
                return Err(objects::last_os_error(None));
            }
        }
        Ok(())
    }

    fn option(&self, level: i32, name: i32) -> Result<i32, i32> {
        let mut value = 0i32;
        let mut length = 4 as libc::socklen_t;
        // SAFETY: room for one int.
        if unsafe { libc::getsockopt(self.number(), level, name, (&raw mut value).cast(), &mut length) } != 0 {
            return Err(errno());
        }
        Ok(value)
    }

    fn connect_to(&self, address: &Address) -> R<i32> {
        let deadline = self.deadline();
        let (result, code) = heap::blocking(|| {
            // SAFETY: an address with its length.
            let result = unsafe { libc::connect(self.number(), address.as_ptr(), address.length) };
            (result, errno())
        });
        if result == 0 {
            return Ok(0);
        }
        let waits = match code {
            libc::EINTR => self.timeout.load(Ordering::Relaxed) != 0,
            libc::EINPROGRESS => self.timeout.load(Ordering::Relaxed) > 0,
            _ => false,
        };
        if !waits {
            return Ok(code);
        }
        if code == libc::EINTR {
            (objects::door::interpreter().poll)()?;
        }
        self.wait(libc::POLLOUT, deadline)?;
        match self.option(libc::SOL_SOCKET, libc::SO_ERROR) {
            Ok(code) => Ok(code),
            Err(code) => Ok(code),
        }
    }
}

/// What was received; with MSG_TRUNC the count is that of the whole message.
fn received(buffer: &[u8], count: usize) -> &[u8] {
    &buffer[..count.min(buffer.len())]
}

/// Receives into a fresh buffer by `receive`.
fn receive_bytes(length: isize, mut receive: impl FnMut(*mut u8, usize) -> R<isize>) -> R<Gc<Bytes>> {
    let Ok(length) = usize::try_from(length) else { return Err(value_error!("negative buffersize in recv")) };
    let mut buffer: Vec<u8> = zeros(length);
    let count = receive(buffer.as_mut_ptr(), buffer.len())?;
    Ok(Bytes::new(received(&buffer, count as usize)))
}

/// Bytes of a writable buffer that a call may fill.
fn wanted_length(available: usize, length: isize, function: &str) -> R<usize> {
    if length < 0 {
        return Err(value_error!("negative buffersize in {function}"));
    }
    if length == 0 {
        return Ok(available);
    }
    if length as usize > available {
        return Err(value_error!("buffer too small for requested bytes"));
    }
    Ok(length as usize)
}

/// socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
/// socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object
///
/// A socket. family is that of its addresses, type SOCK_STREAM for a stream or
/// SOCK_DGRAM for datagrams, among others, and proto the protocol, 0 for the
/// usual one. With fileno it is the socket of that file descriptor, which knows
/// the three itself; they can be given nonetheless.
#[native_class(name = "_socket.socket", base = object, flags = "mutable")]
impl Socket {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(
            cls,
            Socket {
                header: Header::blank(),
                fd: AtomicI32::new(-1),
                family: AtomicI32::new(0),
                kind: AtomicI32::new(0),
                protocol: AtomicI32::new(0),
                timeout: AtomicI64::new(-1),
            },
        )
        .value())
    }
    #[sig("($self, family=-1, type=-1, proto=-1, fileno=None)")]
    fn __init__(this: Gc<Socket>, family: i32, kind: i32, proto: i32, fileno: Option<Value>) -> R<()> {
        let (mut family, mut kind, mut proto) = (family, kind, proto);
        let fd = match fileno.filter(|fileno| !fileno.is_none()) {
            Some(fileno) => {
                if objects::float_value(fileno).is_some() {
                    return Err(type_error!("integer argument expected, got float"));
                }
                let fd = objects::path::fd_number(fileno)?;
                if fd < 0 {
                    return Err(value_error!("negative file descriptor"));
                }
                let mut address = Address::empty();
                // SAFETY: storage with its length.
                if unsafe { libc::getsockname(fd, address.as_mut_ptr(), &mut address.length) } != 0 {
                    let code = errno();
                    if family == -1 || code == libc::EBADF || code == libc::ENOTSOCK {
                        return Err(os_error(code, None, None));
                    }
                } else if family == -1 {
                    family = address.storage.ss_family as i32;
                }
                this.fd.store(fd, Ordering::Release);
                if kind == -1 {
                    kind = this.option(libc::SOL_SOCKET, libc::SO_TYPE).map_err(|code| os_error(code, None, None))?;
                }
                if proto == -1 {
                    proto = this.option(libc::SOL_SOCKET, libc::SO_PROTOCOL).unwrap_or(0);
                }
                fd
            }
            None => {
                family = if family == -1 { libc::AF_INET } else { family };
                kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
                proto = proto.max(0);
                // SAFETY: plain call.
                let fd = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) };
                if fd < 0 {
                    return Err(objects::last_os_error(None));
                }
                fd
            }
        };
        this.fd.store(fd, Ordering::Release);
        this.family.store(family, Ordering::Relaxed);
        this.kind.store(kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK), Ordering::Relaxed);
        this.protocol.store(proto, Ordering::Relaxed);
        let timeout = if kind & libc::SOCK_NONBLOCK != 0 { 0 } else { DEFAULT_TIMEOUT.load(Ordering::Relaxed) };
        this.timeout.store(timeout, Ordering::Relaxed);
        if timeout >= 0 { this.apply_blocking() } else { Ok(()) }
    }
    fn __repr__(this: Gc<Socket>) -> String {
        format!(
            "<socket object, fd={}, family={}, type={}, proto={}>",
            this.number(),
            this.family.load(Ordering::Relaxed),
            this.kind.load(Ordering::Relaxed),
            this.protocol.load(Ordering::Relaxed)
        )
    }
    fn __del__(this: Gc<Socket>) -> R {
        if this.number() >= 0 {
            let text = format!("unclosed {}", objects::protocol::repr_lossy(this.value()));
            let warned = objects::warnings::resource(&text, this.value());
            let fd = this.fd.swap(-1, Ordering::AcqRel);
            if fd >= 0 {
                // SAFETY: owned by this object, closed once.
                unsafe { libc::close(fd) };
            }
            warned?;
        }
        Ok(Value::none())
    }
    /// the socket family
    #[getter]
    fn family(this: Gc<Socket>) -> i32 {
        this.family.load(Ordering::Relaxed)
    }
    /// the socket type
    #[getter("type")]
    fn kind(this: Gc<Socket>) -> i32 {
        this.kind.load(Ordering::Relaxed)
    }
    /// the socket protocol
    #[getter]
    fn proto(this: Gc<Socket>) -> i32 {
        this.protocol.load(Ordering::Relaxed)
    }
    /// the socket timeout
    #[getter]
    fn timeout(this: Gc<Socket>) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }
    /// _accept() -> (integer, address info)
    ///
    /// Wait until somebody connects. The integer is the file descriptor of the new
    /// socket, the address that of the client.
    fn _accept(this: Gc<Socket>) -> R {
        let mut address = Address::empty();
        let deadline = this.deadline();
        let fd = this.call(libc::POLLIN, deadline, |fd| {
            address.length = std::mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            // SAFETY: storage with its length.
            unsafe { libc::accept4(fd, address.as_mut_ptr(), &mut address.length, libc::SOCK_CLOEXEC) as isize }
        })?;
        Ok(new_tuple(&[new_int(fd as i64), address::format(&address)?]).value())
    }
    /// Give the socket a local address.
    fn bind(this: Gc<Socket>, address: Value) -> R<()> {
        let address = address::parse(address, this.family.load(Ordering::Relaxed), "bind")?;
        // SAFETY: an address with its length.
        if unsafe { libc::bind(this.number(), address.as_ptr(), address.length) } != 0 {
            return Err(objects::last_os_error(None));
        }
        Ok(())
    }
    /// Close the file descriptor of the socket.
    fn close(this: Gc<Socket>) -> R<()> {
        let fd = this.fd.swap(-1, Ordering::AcqRel);
        if fd < 0 {
            return Ok(());
        }
        // SAFETY: owned by this object, closed once.
        let (result, code) = heap::blocking(|| (unsafe { libc::close(fd) }, errno()));
        if result < 0 && code != libc::ECONNRESET && code != libc::EINTR { Err(os_error(code, None, None)) } else { Ok(()) }
    }
    /// Connect to a remote address.
    fn connect(this: Gc<Socket>, address: Value) -> R<()> {
        let address = address::parse(address, this.family.load(Ordering::Relaxed), "connect")?;
        match this.connect_to(&address)? {
            0 => Ok(()),
            code => Err(os_error(code, None, None)),
        }
    }
    /// Like connect(address), but return the errno value of an error, or 0, instead
    /// of raising an exception.
    fn connect_ex(this: Gc<Socket>, address: Value) -> R<i32> {
        let address = address::parse(address, this.family.load(Ordering::Relaxed), "connect_ex")?;
        match this.connect_to(&address) {
            Err(raised) if raised.is(&exc::TIMEOUT_ERROR) => {
                raised.clear();
                Ok(libc::EAGAIN)
            }
            result => result,
        }
    }
    /// Give up the file descriptor and return it.
    ///
    /// It stays open and can be used elsewhere; the socket object is closed.
    fn detach(this: Gc<Socket>) -> i32 {
        this.fd.swap(-1, Ordering::AcqRel)
    }
    /// The file descriptor, an int.
    fn fileno(this: Gc<Socket>) -> i32 {
        this.number()
    }
    /// The address of the other end.
    fn getpeername(this: Gc<Socket>) -> R {
        let mut address = Address::empty();
        // SAFETY: storage with its length.
        if unsafe { libc::getpeername(this.number(), address.as_mut_ptr(), &mut address.length) } != 0 {
            return Err(objects::last_os_error(None));
        }
        address::format(&address)
    }
    /// The address of this end.
    fn getsockname(this: Gc<Socket>) -> R {
        let mut address = Address::empty();
        // SAFETY: storage with its length.
        if unsafe { libc::getsockname(this.number(), address.as_mut_ptr(), &mut address.length) } != 0 {
            return Err(objects::last_os_error(None));
        }
        address::format(&address)
    }
    /// Get a socket option.
    #[sig("($self, level, option, buffersize=0, /)")]
    fn getsockopt(this: Gc<Socket>, level: i32, option: i32, buffersize: i32) -> R {
        if buffersize == 0 {
            return match this.option(level, option) {
                Ok(value) => Ok(new_int(value as i64)),
                Err(code) => Err(os_error(code, None, None)),
            };
        }
        if !(1..=1024).contains(&buffersize) {
            return Err(new_error(exc::OS_ERROR.get(), "getsockopt buflen out of range"));
        }
        let mut buffer = vec![0u8; buffersize as usize];
        let mut length = buffersize as libc::socklen_t;
        // SAFETY: a buffer with its length.
        if unsafe { libc::getsockopt(this.number(), level, option, buffer.as_mut_ptr().cast(), &mut length) } != 0 {
            return Err(objects::last_os_error(None));
        }
        Ok(new_bytes(&buffer[..length as usize]))
    }
    /// Set a socket option.
    #[sig("($self, level, option, value, optlen=None, /)", hidden)]
    fn setsockopt(this: Gc<Socket>, level: i32, option: i32, value: Value, optlen: Option<u32>) -> R<()> {
        let result = if value.is_none() {
            let Some(length) = optlen else {
                return Err(type_error!("socket option should be integer, bytes-like object or None"));
            };
            // SAFETY: no data is read.
            unsafe { libc::setsockopt(this.number(), level, option, std::ptr::null(), length) }
        } else if objects::is_int(value) {
            let number = objects::index(value)? as i32;
            // SAFETY: one int.
            unsafe { libc::setsockopt(this.number(), level, option, (&raw const number).cast(), 4) }
        } else {
            let data = Buf::new(value)?;
            // SAFETY: a pinned buffer with its length.
            unsafe {
                libc::setsockopt(this.number(), level, option, data.as_ptr().cast(), data.as_slice().len() as libc::socklen_t)
            }
        };
        if result != 0 { Err(objects::last_os_error(None)) } else { Ok(()) }
    }
    /// Let others connect to the socket.
    #[sig("($self, backlog=128, /)", hidden)]
    fn listen(this: Gc<Socket>, backlog: Option<i32>) -> R<()> {
        // SAFETY: plain call.
        if unsafe { libc::listen(this.number(), backlog.unwrap_or(128).max(0)) } != 0 {
            return Err(objects::last_os_error(None));
        }
        Ok(())
    }
    /// Receive at most buffersize bytes.
    #[sig("($self, buffersize, flags=0, /)")]
    fn recv(this: Gc<Socket>, buffersize: isize, flags: i32) -> R<Gc<Bytes>> {
        let deadline = this.deadline();
        receive_bytes(buffersize, |pointer, length| {
            // SAFETY: the buffer has room for that many bytes.
            this.call(libc::POLLIN, deadline, |fd| unsafe { libc::recv(fd, pointer.cast(), length, flags) })
        })
    }
    /// Like recv(), but receive into a buffer and return the number of bytes.
    #[sig("($self, buffer, nbytes=0, flags=0)")]
    fn recv_into(this: Gc<Socket>, buffer: Value, nbytes: isize, flags: i32) -> R<i64> {
        let target = WritableBuf::new(buffer)?;
        let length = wanted_length(target.len(), nbytes, "recv_into")?;
        let (pointer, deadline) = (target.as_mut_ptr(), this.deadline());
        // SAFETY: the buffer is pinned and has room for that many bytes.
        let count = this.call(libc::POLLIN, deadline, |fd| unsafe { libc::recv(fd, pointer.cast(), length, flags) })?;
        Ok(count as i64)
    }
    /// Like recv(buffersize, flags), but return (data, address of the sender).
    #[sig("($self, buffersize, flags=0, /)")]
    fn recvfrom(this: Gc<Socket>, buffersize: isize, flags: i32) -> R {
        let mut address = Address::empty();
        let deadline = this.deadline();
        let data = receive_bytes(buffersize, |pointer, length| {
            this.call(libc::POLLIN, deadline, |fd| {
                address.length = std::mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
                // SAFETY: a buffer and storage with their lengths.
                unsafe { libc::recvfrom(fd, pointer.cast(), length, flags, address.as_mut_ptr(), &mut address.length) }
            })
        })?;
        Ok(new_tuple(&[data.value(), address::format(&address)?]).value())
    }
    /// Like recv_into(buffer[, nbytes[, flags]]), but return (number of bytes,
    /// address of the sender).
    #[sig("($self, buffer, nbytes=0, flags=0)")]
    fn recvfrom_into(this: Gc<Socket>, buffer: Value, nbytes: isize, flags: i32) -> R {
        let target = WritableBuf::new(buffer)?;
        let length = wanted_length(target.len(), nbytes, "recvfrom_into")?;
        let (pointer, deadline) = (target.as_mut_ptr(), this.deadline());
        let mut address = Address::empty();
        let count = this.call(libc::POLLIN, deadline, |fd| {
            address.length = std::mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            // SAFETY: a pinned buffer and storage with their lengths.
            unsafe { libc::recvfrom(fd, pointer.cast(), length, flags, address.as_mut_ptr(), &mut address.length) }
        })?;
        Ok(new_tuple(&[new_int(count as i64), address::format(&address)?]).value())
    }
    /// Send data and return how many bytes of it were sent.
    #[sig("($self, data, flags=0, /)")]
    fn send(this: Gc<Socket>, data: Buf, flags: i32) -> R<i64> {
        let (pointer, length) = (data.as_ptr(), data.as_slice().len());
        // SAFETY: a pinned buffer with its length.
        let count = this.call(libc::POLLOUT, this.deadline(), |fd| unsafe {
            libc::send(fd, pointer.cast(), length, flags | libc::MSG_NOSIGNAL)
        })?;
        Ok(count as i64)
    }
    /// Send data, all of it, by as many send() calls as it takes.
    #[sig("($self, data, flags=0, /)")]
    fn sendall(this: Gc<Socket>, data: Buf, flags: i32) -> R<()> {
        let deadline = this.deadline();
        let (pointer, total) = (data.as_ptr(), data.as_slice().len());
        let mut done = 0;
        loop {
            // SAFETY: a pinned buffer; the rest lies within it.
            done += this.call(libc::POLLOUT, deadline, |fd| unsafe {
                libc::send(fd, pointer.add(done).cast(), total - done, flags | libc::MSG_NOSIGNAL)
            })? as usize;
            if done >= total {
                return Ok(());
            }
            (objects::door::interpreter().poll)()?;
        }
    }
    /// sendto(data[, flags], address) -> count
    ///
    /// Like send(data, flags), but to that address.
    fn sendto(this: Gc<Socket>, args: &[Value]) -> R<i64> {
        let (data, flags, target) = match args {
            [data, target] => (*data, 0, *target),
            [data, flags, target] => (*data, objects::index(*flags)? as i32, *target),
            _ => return Err(type_error!("sendto() takes 2 or 3 arguments ({} given)", args.len())),
        };
        let data = Buf::new(data)?;
        let address = address::parse(target, this.family.load(Ordering::Relaxed), "sendto")?;
        let (pointer, length) = (data.as_ptr(), data.as_slice().len());
        let count = this.call(libc::POLLOUT, this.deadline(), |fd| {
            // SAFETY: a pinned buffer and an address with their lengths.
            unsafe { libc::sendto(fd, pointer.cast(), length, flags | libc::MSG_NOSIGNAL, address.as_ptr(), address.length) }
        })?;
        Ok(count as i64)
    }
    /// Receive data and ancillary data.
    #[sig("($self, bufsize, ancbufsize=0, flags=0, /)", hidden)]
    fn recvmsg(this: Gc<Socket>, bufsize: isize, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        let Ok(bufsize) = usize::try_from(bufsize) else { return Err(value_error!("negative buffer size in recvmsg()")) };
        let mut buffer: Vec<u8> = zeros(bufsize);
        let vector = [libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() }];
        let (count, rest) = super::message::receive(&vector, ancbufsize.unwrap_or(0), flags.unwrap_or(0), |message, flags| {
            // SAFETY: the message describes live buffers.
            this.call(libc::POLLIN, this.deadline(), |fd| unsafe { libc::recvmsg(fd, message, flags) })
        })?;
        let mut items = GcVec::from_slice(&[new_bytes(received(&buffer, count))]);
        items.extend_from_slice(&rest);
        Ok(new_tuple(&items).value())
    }
    /// Receive data and ancillary data, the data into a series of buffers.
    #[sig("($self, buffers, ancbufsize=0, flags=0, /)", hidden)]
    fn recvmsg_into(this: Gc<Socket>, buffers: Value, ancbufsize: Option<isize>, flags: Option<i32>) -> R {
        let wrong = |raised: objects::Raised, what: &str| {
            if !raised.is(&objects::exc::TYPE_ERROR) && !raised.is(&objects::exc::BUFFER_ERROR) {
                return raised;
            }
            raised.clear();
            type_error!("recvmsg_into() argument 1 must be an iterable{what}")
        };
        let buffers = objects::iter(buffers).map_err(|raised| wrong(raised, ""))?;
        let mut pinned = BufList::new();
        for buffer in objects::to_vec(buffers)?.iter() {
            pinned.push_writable(*buffer).map_err(|raised| wrong(raised, " of single-segment read-write buffers"))?;
        }
        let vector = super::message::parts(&pinned);
        let (count, rest) = super::message::receive(&vector, ancbufsize.unwrap_or(0), flags.unwrap_or(0), |message, flags| {
            // SAFETY: the message describes live buffers.
            this.call(libc::POLLIN, this.deadline(), |fd| unsafe { libc::recvmsg(fd, message, flags) })
        })?;
        let mut items = GcVec::from_slice(&[new_int(count as i64)]);
        items.extend_from_slice(&rest);
        Ok(new_tuple(&items).value())
    }
    /// Send data and ancillary data.
    ///
    /// The data are the contents of several buffers, sent as one message.
    #[sig("($self, buffers, ancdata=(), flags=0, address=None, /)", hidden)]
    fn sendmsg(this: Gc<Socket>, buffers: Value, ancdata: Option<Value>, flags: Option<i32>, address: Option<Value>) -> R<i64> {
        let target = match address.filter(|address| !address.is_none()) {
            Some(address) => Some(address::parse(address, this.family.load(Ordering::Relaxed), "sendmsg")?),
            None => None,
        };
        let count = super::message::send(buffers, ancdata, target.as_ref(), |message| {
            // SAFETY: the message describes live buffers.
            this.call(libc::POLLOUT, this.deadline(), |fd| unsafe {
                libc::sendmsg(fd, message, flags.unwrap_or(0) | libc::MSG_NOSIGNAL)
            })
        })?;
        Ok(count as i64)
    }
    /// Make the socket blocking or, if flag is false, non-blocking.
    fn setblocking(this: Gc<Socket>, flag: bool) -> R<()> {
        this.timeout.store(if flag { -1 } else { 0 }, Ordering::Relaxed);
        this.apply_blocking()
    }
    /// Whether the socket is blocking.
    fn getblocking(this: Gc<Socket>) -> bool {
        this.timeout.load(Ordering::Relaxed) != 0
    }
    /// Set how long operations may wait, in seconds, or None.
    fn settimeout(this: Gc<Socket>, timeout: Value) -> R<()> {
        this.timeout.store(timeout_nanoseconds(timeout)?, Ordering::Relaxed);
        this.apply_blocking()
    }
    /// How long operations may wait, in seconds, or None.
    fn gettimeout(this: Gc<Socket>) -> Value {
        timeout_value(this.timeout.load(Ordering::Relaxed))
    }
    /// Shut down one direction (flag is SHUT_RD or SHUT_WR) or both (SHUT_RDWR).
    fn shutdown(this: Gc<Socket>, flag: i32) -> R<()> {
        // SAFETY: plain call.
        if unsafe { libc::shutdown(this.number(), flag) } != 0 {
            return Err(objects::last_os_error(None));
        }
        Ok(())
    }
}
