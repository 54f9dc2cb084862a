//! `_ssl._SSLSocket`: a TLS connection over a socket or a pair of memory queues. Must not know: how contexts are configured.

use crate::bio::MemoryBio;
use crate::ciphers;
use crate::config;
use crate::connection::{Failure, PIECE, Plain, Session};
use crate::context::SslContext;
use crate::errors;
use crate::peer::{self, SessionObject};
use crate::sessions::TicketStore;
use heap::{OwnedMutex, OwnedMutexGuard};
use native_macros::{Layout, native_class};
use objects::weakref::{WeakRef, new_plain_weakref, supports_weakrefs, weakref_target};
use objects::{
    Cast, Gc, GcVec, Header, R, Raised, Slot, Value, WritableBuf, call_method, exc, new_bytes, new_error, new_int, new_list,
    new_native, new_str, new_tuple, os_error, type_error, value_error,
};
use rustls::Connection;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

objects::no_references!(Session);

/// What moves the bytes.
pub enum Transport {
    Socket(Value),
    Bios(Gc<MemoryBio>, Gc<MemoryBio>),
}

struct Tickets(heap::Mutex<Arc<TicketStore>>);
struct HostName(Option<String>);
objects::no_references!(Tickets, HostName);

#[derive(Layout)]
#[repr(C)]
pub struct SslSocket {
    pub header: Header,
    context: Slot,
    /// The Python socket; empty between memory queues.
    socket: Slot,
    incoming: Option<Gc<MemoryBio>>,
    outgoing: Option<Gc<MemoryBio>>,
    /// A weak reference.
    owner: Slot,
    name: HostName,
    server_side: bool,
    session: heap::Mutex<Session>,
    tickets: Tickets,
    /// Held by who takes bytes from the transport, so that records stay in order.
    receiving: OwnedMutex,
    /// Held by who brings bytes to the transport.
    sending: OwnedMutex,
}

/// A lock that is held while Python code may run, a callback or a signal handler. That code cannot take it again, and hears so.
fn take(turn: &OwnedMutex) -> R<OwnedMutexGuard<'_>> {
    turn.lock().ok_or_else(|| objects::runtime_error!("reentrant call inside an SSL connection"))
}

/// How long an operation may wait for a socket.
#[derive(Clone, Copy)]
struct Patience {
    fd: i32,
    /// None waits for ever; `Some(None)` does not wait.
    deadline: Option<Option<Instant>>,
    what: &'static str,
}

/// The socket does not wait, and there is nothing to do yet.
struct WouldBlock;

impl Patience {
    fn is_impatient(&self) -> bool {
        self.deadline == Some(None)
    }
    #[cold]
    fn timed_out(&self) -> Raised {
        new_error(exc::TIMEOUT_ERROR.get(), &format!("The {} operation timed out", self.what))
    }
    /// Runs a system call that moves bytes, waiting as long as allowed.
    fn run(&self, events: i16, mut call: impl FnMut(i32) -> isize) -> R<Result<usize, WouldBlock>> {
        loop {
            if let Some(Some(deadline)) = self.deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                let milliseconds = left.as_micros().div_ceil(1000).min(i32::MAX as u128) as i32;
                let mut entry = libc::pollfd { fd: self.fd, events, revents: 0 };
                // SAFETY: one struct.
                let (count, number) = heap::blocking(|| (unsafe { libc::poll(&mut entry, 1, milliseconds) }, errno()));
                match count {
                    0 => return Err(self.timed_out()),
                    count if count > 0 => {}
                    _ if number == libc::EINTR => {
                        (objects::door::interpreter().poll)()?;
                        continue;
                    }
                    _ => return Err(os_error(number, None, None)),
                }
            }
            let (count, number) = heap::blocking(|| (call(self.fd), errno()));
            if count >= 0 {
                return Ok(Ok(count as usize));
            }
            match number {
                libc::EINTR => (objects::door::interpreter().poll)()?,
                libc::EAGAIN if matches!(self.deadline, Some(Some(_))) => {}
                libc::EAGAIN => return Ok(Err(WouldBlock)),
                number => return Err(os_error(number, None, None)),
            }
        }
    }
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

#[cold]
fn failed(failure: &Failure) -> Raised {
    match failure {
        Failure::Tls(error, refusal) => errors::tls_error(error, refusal.clone()),
        Failure::Reason("CALLBACK_FAILED") => errors::library_error("SSL", Some("CALLBACK_FAILED"), "callback failed"),
        Failure::Reason(reason) => errors::ssl_reason(reason),
    }
}

/// A weak reference; an object that allows none is held itself.
fn weak(owner: Value) -> Value {
    if supports_weakrefs(owner) { new_plain_weakref(owner) } else { owner }
}
fn strong(reference: Value) -> Option<Value> {
    if reference.cast::<WeakRef>().is_some() { weakref_target(reference) } else { Some(reference) }
}

impl SslSocket {
    pub fn make(
        context: Gc<SslContext>,
        transport: Transport,
        server_side: bool,
        name: Option<String>,
        owner: Option<Value>,
        session: Option<Value>,
    ) -> R {
        let protocol = context.settings.lock().protocol;
        if server_side && protocol == config::PROTOCOL_TLS_CLIENT {
            return Err(errors::plain_error("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context"));
        }
        if !server_side && protocol == config::PROTOCOL_TLS_SERVER {
            return Err(errors::plain_error("Cannot create a client socket with a PROTOCOL_TLS_SERVER context"));
        }
        let (socket, incoming, outgoing) = match transport {
            Transport::Socket(socket) => (Some(socket), None, None),
            Transport::Bios(incoming, outgoing) => (None, Some(incoming), Some(outgoing)),
        };
        let made = new_native(SslSocket {
            header: Header::blank(),
            context: Slot::new(context.value()),
            socket: Slot::new_opt(socket),
            incoming,
            outgoing,
            owner: Slot::new_opt(owner.map(weak)),
            name: HostName(name),
            server_side,
            session: heap::Mutex::new(Session::new()),
            tickets: Tickets(heap::Mutex::new(Arc::new(TicketStore::new()))),
            receiving: OwnedMutex::new(),
            sending: OwnedMutex::new(),
        });
        if let Some(session) = session {
            made.use_session(session)?;
        }
        Ok(made.value())
    }
    fn settings_owner(&self) -> Gc<SslContext> {
        // SAFETY: the slot is set at creation and holds contexts only.
        unsafe { self.context.get().unwrap_or(Value::none()).cast_unchecked() }
    }
    fn use_session(&self, session: Value) -> R<()> {
        let Some(session) = session.cast::<SessionObject>() else {
            return Err(type_error!("Value is not a SSLSession."));
        };
        if session.context.get() != self.context.get() {
            return Err(value_error!("Session refers to a different SSLContext."));
        }
        if self.server_side {
            return Err(value_error!("Cannot set session for server-side SSLSocket."));
        }
        if !self.session.lock().is_fresh() {
            return Err(value_error!("Cannot set session after handshake."));
        }
        *self.tickets.0.lock() = session.tickets();
        Ok(())
    }

    /// The descriptor and the timeout of the socket.
    fn patience(&self, what: &'static str) -> R<Option<Patience>> {
        let Some(socket) = self.socket.get() else { return Ok(None) };
        let fd = objects::index(call_method(socket, objects::intern("fileno"), &[])?)? as i32;
        if fd < 0 {
            return Err(os_error(libc::EBADF, None, None));
        }
        let timeout = call_method(socket, objects::intern("gettimeout"), &[])?;
        let deadline = if timeout.is_none() {
            None
        } else {
            let seconds = objects::as_f64(timeout)?;
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO);
            if wait.is_zero() { Some(None) } else { Some(Instant::now().checked_add(wait)) }
        };
        Ok(Some(Patience { fd, deadline, what }))
    }

    /// Sends what waits to be sent.
    fn flush(&self, patience: Option<Patience>) -> R<()> {
        let _sending = take(&self.sending)?;
        let output = std::mem::take(&mut self.session.lock().output);
        if output.is_empty() {
            return Ok(());
        }
        let Some(patience) = patience else {
            if let Some(outgoing) = self.outgoing {
                outgoing.append(&output);
            }
            return Ok(());
        };
        let mut done = 0;
        let mut result = Ok(());
        while done < output.len() {
            let rest = &output[done..];
            // SAFETY: a buffer of ours with its length.
            let sent =
                patience.run(libc::POLLOUT, |fd| unsafe { libc::send(fd, rest.as_ptr().cast(), rest.len(), libc::MSG_NOSIGNAL) });
            match sent {
                Ok(Ok(count)) => done += count,
                Ok(Err(_)) => {
                    result = Err(errors::WANT_WRITE.raise());
                    break;
                }
                Err(raised) => {
                    result = Err(raised);
                    break;
                }
            }
        }
        if done < output.len() {
            let mut session = self.session.lock();
            let mut rest = output[done..].to_vec();
            rest.append(&mut session.output);
            session.output = rest;
        }
        result
    }

    /// Takes more bytes from the transport. False at its end. The caller holds `receiving`.
    fn fill(&self, patience: Option<Patience>) -> R<bool> {
        let wanted = self.session.lock().wanted();
        let mut buffer = vec![0u8; wanted];
        match patience {
            None => {
                let Some(incoming) = self.incoming else { return Ok(false) };
                buffer = incoming.take(wanted);
                if buffer.is_empty() {
                    return if incoming.is_ended() { Ok(false) } else { Err(errors::WANT_READ.raise()) };
                }
            }
            Some(patience) => {
                // SAFETY: a buffer of ours with its length.
                let got = patience.run(libc::POLLIN, |fd| unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), wanted, 0) })?;
                match got {
                    Ok(0) => return Ok(false),
                    Ok(count) => buffer.truncate(count),
                    Err(_) => return Err(errors::WANT_READ.raise()),
                }
            }
        }
        let result = {
            let mut session = self.session.lock();
            if session.is_established() {
                session.feed(&buffer)
            } else {
                // Key exchange and verification take a while.
                heap::blocking(|| session.feed(&buffer))
            }
        };
        match result {
            Ok(()) => Ok(true),
            Err(failure) => Err(self.give_up(failure, patience)),
        }
    }
    /// Tells the peer, as far as that is possible, and raises.
    #[cold]
    fn give_up(&self, failure: Failure, patience: Option<Patience>) -> Raised {
        if let Err(raised) = self.flush(patience) {
            raised.clear();
        }
        failed(&failure)
    }

    fn start(&self) -> R<()> {
        let context = self.settings_owner();
        if self.server_side {
            context.accepts.fetch_add(1, Ordering::Relaxed);
            self.session.lock().start_server();
            return Ok(());
        }
        context.connects.fetch_add(1, Ordering::Relaxed);
        let Some(config) = context.settings.lock().client_config() else {
            return Err(errors::ssl_reason("NO_PROTOCOLS_AVAILABLE"));
        };
        let (name, send_name) = match &self.name.0 {
            Some(name) => match ServerName::try_from(name.clone()) {
                Ok(name) => (name, true),
                Err(_) => return Err(value_error!("invalid server name {:?}", name)),
            },
            None => (ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()), false),
        };
        let tickets = self.tickets.0.lock().clone();
        let config = config::with_tickets(&config, &tickets, send_name);
        self.session.lock().start_client(config, name).map_err(|failure| failed(&failure))
    }

    /// Chooses the configuration for a client whose first message came.
    fn answer_hello(&self) -> R<()> {
        let context = self.settings_owner();
        if let Some(callback) = context.sni_callback.get() {
            let name = self.session.lock().server_name();
            let owner = match self.owner.get() {
                Some(reference) => strong(reference),
                None => self.socket.get(),
            };
            let Some(owner) = owner else {
                let failure = self.session.lock().reject(40);
                return Err(failed(&failure));
            };
            let name = name.map_or(Value::none(), |name| new_str(&name));
            let alert = match objects::call(callback, &[owner, name, context.value()]) {
                Ok(answer) if answer.is_none() => None,
                Ok(answer) => match objects::index(answer) {
                    Ok(number) => Some(number as u8),
                    Err(raised) => {
                        objects::unraisable(raised, callback);
                        Some(80)
                    }
                },
                Err(raised) => {
                    objects::unraisable(raised, callback);
                    Some(40)
                }
            };
            if let Some(alert) = alert {
                let failure = self.session.lock().reject(alert);
                return Err(failed(&failure));
            }
        }
        // The callback may have given another context.
        let Some(config) = self.settings_owner().settings.lock().server_config() else {
            let mut session = self.session.lock();
            let _ = session.reject(70);
            let failure = session.break_with(Failure::Reason("NO_PROTOCOLS_AVAILABLE"));
            drop(session);
            return Err(failed(&failure));
        };
        let result = {
            let mut session = self.session.lock();
            heap::blocking(|| session.accept(config))
        };
        result.map_err(|failure| failed(&failure))
    }

    /// Runs the handshake to its end. The caller holds `receiving`.
    fn handshake(&self, patience: Option<Patience>) -> R<()> {
        if self.session.lock().is_fresh() {
            self.start()?;
        }
        loop {
            let (at_hello, established, failure) = {
                let session = self.session.lock();
                (session.is_at_hello(), session.is_established(), session.failure())
            };
            if let Some(failure) = failure {
                return Err(failed(&failure));
            }
            if at_hello {
                if let Err(raised) = self.answer_hello() {
                    let exception = raised.take();
                    if let Err(raised) = self.flush(patience) {
                        raised.clear();
                    }
                    return Err(objects::restore(exception));
                }
                continue;
            }
            self.flush(patience)?;
            if established {
                break;
            }
            if !self.fill(patience)? {
                return Err(errors::unexpected_eof());
            }
        }
        let context = self.settings_owner();
        let good = if self.server_side { &context.good_accepts } else { &context.good_connects };
        good.fetch_add(1, Ordering::Relaxed);
        if self.session.lock().is_resumed() {
            context.hits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Decrypted bytes, at most as many as fit; 0 once the peer has closed.
    fn receive(&self, buffer: &mut [u8]) -> R<usize> {
        let patience = self.patience("read")?;
        let _receiving = take(&self.receiving)?;
        if !self.session.lock().is_established() {
            self.handshake(patience)?;
        }
        loop {
            let (plain, ended, close_sent, failure) = {
                let mut session = self.session.lock();
                (session.read(buffer), session.ended, session.close_sent, session.failure())
            };
            match plain {
                Plain::Data(count) => return Ok(count),
                Plain::Closed if close_sent => return Err(errors::ZERO_RETURN.raise()),
                Plain::Closed => return Ok(0),
                Plain::Nothing => {}
            }
            if let Some(failure) = failure {
                return Err(failed(&failure));
            }
            self.flush(patience)?;
            if ended || !self.fill(patience)? {
                self.session.lock().ended = true;
                if self.settings_owner().settings.lock().options & config::OP_IGNORE_UNEXPECTED_EOF != 0 {
                    return Ok(0);
                }
                return Err(errors::unexpected_eof());
            }
        }
    }

    fn send(&self, data: &[u8]) -> R<usize> {
        let patience = self.patience("write")?;
        if !self.session.lock().is_established() {
            let _receiving = take(&self.receiving)?;
            self.handshake(patience)?;
        }
        {
            let session = self.session.lock();
            if let Some(failure) = session.failure() {
                drop(session);
                return Err(failed(&failure));
            }
            if session.ended {
                drop(session);
                return Err(errors::unexpected_eof());
            }
            if session.close_sent {
                drop(session);
                return Err(errors::ssl_reason("PROTOCOL_IS_SHUTDOWN"));
            }
        }
        if patience.is_some_and(|patience| patience.is_impatient()) {
            // What could not be sent at once is kept, and the caller comes again with the same data.
            let unfinished = self.session.lock().unfinished_write;
            self.flush(patience)?;
            let count = match unfinished {
                Some(count) => count,
                None => {
                    let mut session = self.session.lock();
                    let count = session.write(data);
                    session.unfinished_write = Some(count);
                    drop(session);
                    self.flush(patience)?;
                    count
                }
            };
            self.session.lock().unfinished_write = None;
            return Ok(count.min(data.len()));
        }
        let mut done = 0;
        while done < data.len() {
            // A few records at a time, so that two threads that write do not wait long for each other.
            let end = data.len().min(done + 4 * PIECE);
            {
                let mut session = self.session.lock();
                while done < end {
                    match session.write(&data[done..end]) {
                        0 => break,
                        count => done += count,
                    }
                }
            }
            self.flush(patience)?;
            if let Some(failure) = self.session.lock().failure() {
                return Err(failed(&failure));
            }
        }
        Ok(done)
    }

    fn peer_certificates(&self) -> Option<Vec<Vec<u8>>> {
        let session = self.session.lock();
        let certificates = session.connection()?.peer_certificates()?;
        Some(certificates.iter().map(|der| der.to_vec()).collect())
    }
}

fn certificate_list(ders: &[Vec<u8>]) -> Value {
    let certificates: GcVec = ders.iter().map(|der| peer::new_certificate(der)).collect();
    new_list(&certificates).value()
}

fn suite_value(code: u16) -> Value {
    match ciphers::by_code(code) {
        Some(suite) => new_tuple(&[new_str(suite.name), new_str(suite.protocol()), new_int(suite.bits)]).value(),
        None => Value::none(),
    }
}

/// A TLS connection.
#[native_class(name = "_ssl._SSLSocket", base = object, flags = "final no_new")]
impl SslSocket {
    fn do_handshake(this: Gc<SslSocket>) -> R<()> {
        let patience = this.patience("handshake")?;
        let _receiving = take(&this.receiving)?;
        let (established, has_output, ended) = {
            let session = this.session.lock();
            (session.is_established(), !session.output.is_empty(), session.ended)
        };
        if ended {
            return Err(errors::unexpected_eof());
        }
        if established && !has_output { Ok(()) } else { this.handshake(patience) }
    }
    /// read(size, [buffer])
    ///
    /// Read at most size bytes, into the buffer if one is given.
    #[sig("($self, size, buffer=None, /)", hidden)]
    fn read(this: Gc<SslSocket>, size: i64, buffer: Option<Value>) -> R {
        match buffer {
            None => {
                let Ok(size) = usize::try_from(size) else { return Err(value_error!("size should not be negative")) };
                if size == 0 {
                    return Ok(new_bytes(&[]));
                }
                let mut data = vec![0u8; size.min(PIECE)];
                let count = this.receive(&mut data)?;
                Ok(new_bytes(&data[..count]))
            }
            Some(buffer) => {
                let target = WritableBuf::new(buffer)?;
                let available = target.len();
                let wanted = match usize::try_from(size) {
                    Ok(size) if size > 0 => size.min(available),
                    _ => available,
                };
                if wanted == 0 {
                    return Ok(new_int(0));
                }
                let mut data = vec![0u8; wanted.min(PIECE)];
                let count = this.receive(&mut data)?;
                // SAFETY: the buffer is pinned and has room for `wanted` bytes, which `count` does not exceed.
                unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), target.as_mut_ptr(), count) };
                Ok(new_int(count as i64))
            }
        }
    }
    /// Write a bytes-like object and return how many bytes of it were written.
    #[sig("($self, b, /)")]
    fn write(this: Gc<SslSocket>, b: objects::Buf) -> R<usize> {
        this.send(&b)
    }
    /// How many decrypted bytes can be read without waiting for the connection.
    fn pending(this: Gc<SslSocket>) -> usize {
        this.session.lock().pending()
    }
    /// End the SSL connection, in agreement with the other end.
    fn shutdown(this: Gc<SslSocket>) -> R {
        let patience = this.patience("read")?;
        let _receiving = take(&this.receiving)?;
        if !this.session.lock().is_established() {
            return Err(errors::ssl_reason("SHUTDOWN_WHILE_IN_INIT"));
        }
        this.session.lock().send_close();
        this.flush(patience)?;
        loop {
            let mut session = this.session.lock();
            if session.pending() > 0 {
                drop(session);
                return Err(errors::ssl_reason("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"));
            }
            if session.peer_has_closed() {
                break;
            }
            let ended = session.ended;
            drop(session);
            if ended || !this.fill(patience)? {
                this.session.lock().ended = true;
                return Err(errors::unexpected_eof());
            }
        }
        Ok(this.socket.get().unwrap_or(Value::none()))
    }
    /// The certificate of the other end, or None if it has sent none.
    ///
    /// It is a dict, which is empty if the certificate was not validated. If the
    /// argument is True, it is the certificate itself in DER, validated or not.
    #[sig("($self, der=False, /)")]
    fn getpeercert(this: Gc<SslSocket>, der: bool) -> R {
        if !this.session.lock().is_established() {
            return Err(value_error!("handshake not done yet"));
        }
        let certificates = this.peer_certificates().unwrap_or_default();
        let Some(first) = certificates.first() else { return Ok(Value::none()) };
        if der {
            return Ok(new_bytes(first));
        }
        if this.settings_owner().settings.lock().verify_mode == config::CERT_NONE {
            return Ok(objects::new_dict().value());
        }
        peer::certificate_dict(first)
    }
    fn get_verified_chain(this: Gc<SslSocket>) -> Value {
        let chain: Option<Vec<Vec<u8>>> = {
            let session = this.session.lock();
            session.verified_chain.as_ref().map(|chain| chain.iter().map(|der| der.to_vec()).collect())
        };
        match chain.or_else(|| this.peer_certificates()) {
            Some(chain) => certificate_list(&chain),
            None => Value::none(),
        }
    }
    fn get_unverified_chain(this: Gc<SslSocket>) -> Value {
        this.peer_certificates().map_or(Value::none(), |chain| certificate_list(&chain))
    }
    fn selected_alpn_protocol(this: Gc<SslSocket>) -> Option<String> {
        let session = this.session.lock();
        session.connection()?.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned())
    }
    fn cipher(this: Gc<SslSocket>) -> Value {
        let suite = this.session.lock().connection().and_then(|connection| connection.negotiated_cipher_suite());
        suite.map_or(Value::none(), |suite| suite_value(u16::from(suite.suite())))
    }
    fn shared_ciphers(this: Gc<SslSocket>) -> Value {
        if !this.server_side {
            return Value::none();
        }
        let offered = this.session.lock().offered.clone();
        if offered.is_empty() {
            return Value::none();
        }
        let ours = this.settings_owner().settings.lock().suites.clone();
        let shared = offered.iter().filter(|code| ours.iter().any(|suite| suite.code() == **code));
        let values: GcVec = shared.map(|code| suite_value(*code)).collect();
        new_list(&values).value()
    }
    fn compression(this: Gc<SslSocket>) {
        let _ = this;
    }
    fn version(this: Gc<SslSocket>) -> Option<&'static str> {
        let session = this.session.lock();
        if !session.is_established() {
            return None;
        }
        match session.connection()?.protocol_version()? {
            rustls::ProtocolVersion::TLSv1_2 => Some("TLSv1.2"),
            rustls::ProtocolVersion::TLSv1_3 => Some("TLSv1.3"),
            _ => None,
        }
    }
    /// The channel binding data of the connection as bytes.
    ///
    /// None while there is none, as before the handshake. The only `cb_type` is
    /// 'tls-unique' of RFC 5929; any other raises ValueError.
    #[sig("($self, cb_type='tls-unique')")]
    fn get_channel_binding(this: Gc<SslSocket>, cb_type: &str) -> R<()> {
        if cb_type != "tls-unique" {
            return Err(value_error!("'{cb_type}' channel binding type not implemented"));
        }
        if this.session.lock().is_established() { Err(errors::unsupported("channel binding (tls-unique)")) } else { Ok(()) }
    }
    /// Ask the client of TLS 1.3 for its certificate after the handshake
    fn verify_client_post_handshake(this: Gc<SslSocket>) -> R<()> {
        let _ = this;
        Err(errors::unsupported("post-handshake authentication"))
    }

    /// The SSLContext of the socket.
    ///
    /// A callback of sni_callback can set another one, in order to offer the
    /// certificate of another server before the handshake goes on.
    #[getter]
    fn context(this: Gc<SslSocket>) -> Option<Value> {
        this.context.get()
    }
    #[setter(context)]
    fn set_context(this: Gc<SslSocket>, value: Value) -> R<()> {
        if value.cast::<SslContext>().is_none() {
            return Err(type_error!("The value must be a SSLContext"));
        }
        this.context.set(value);
        Ok(())
    }
    /// Whether this end is the server.
    #[getter]
    fn server_side(this: Gc<SslSocket>) -> bool {
        this.server_side
    }
    /// The name of the server (for SNI).
    #[getter]
    fn server_hostname(this: Gc<SslSocket>) -> Option<String> {
        this.name.0.clone()
    }
    /// The object in Python that holds this one, which the callback for server
    /// names gets.
    #[getter]
    fn owner(this: Gc<SslSocket>) -> Option<Value> {
        strong(this.owner.get()?)
    }
    #[setter(owner)]
    fn set_owner(this: Gc<SslSocket>, value: Value) {
        this.owner.set(weak(value));
    }
    /// The underlying SSLSession object.
    #[getter]
    fn session(this: Gc<SslSocket>) -> Value {
        let is_13 = {
            let session = this.session.lock();
            let Some(connection) = session.connection().filter(|_| session.is_established()) else {
                return Value::none();
            };
            if matches!(connection, Connection::Server(_)) {
                return Value::none();
            }
            connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3)
        };
        let tickets = this.tickets.0.lock().clone();
        peer::new_session(tickets, this.settings_owner().value(), is_13)
    }
    #[setter(session)]
    fn set_session(this: Gc<SslSocket>, value: Value) -> R<()> {
        this.use_session(value)
    }
    /// Whether the handshake has resumed an earlier session.
    #[getter]
    fn session_reused(this: Gc<SslSocket>) -> bool {
        this.session.lock().is_resumed()
    }
}
