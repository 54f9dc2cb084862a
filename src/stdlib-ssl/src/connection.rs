//! One TLS connection without a transport: bytes of the peer go in record by record, bytes for the peer pile up in `output`.
//! Must not know: sockets, Python values.

use crate::errors::Refusal;
use crate::verify;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::{Accepted, Acceptor};
use rustls::{ClientConfig, ClientConnection, Connection, Error, HandshakeKind, ServerConfig};
use std::io::{Read, Write};
use std::sync::Arc;

const HEADER: usize = 5;
const LARGEST_RECORD: usize = 16384 + 2048;
/// Plaintext that goes into one record.
pub const PIECE: usize = 16384;

#[derive(Clone, Debug)]
pub enum Failure {
    Tls(Error, Option<Refusal>),
    /// A reason in OpenSSL's spelling.
    Reason(&'static str),
}

enum State {
    /// Nothing was sent or received yet.
    Fresh,
    /// A server that waits for the client's first message.
    Waiting(Box<Acceptor>),
    /// That message came; a configuration has to be chosen.
    Hello(Box<Accepted>),
    Running(Box<Connection>),
    Broken(Failure),
}

pub struct Session {
    state: State,
    /// The beginning of a record.
    input: Vec<u8>,
    pub output: Vec<u8>,
    /// Bytes that a write accepted without getting all of them on their way: it is to be repeated.
    pub unfinished_write: Option<usize>,
    pub close_sent: bool,
    /// The transport ended.
    pub ended: bool,
    pub verified_chain: Option<Vec<CertificateDer<'static>>>,
    /// What a client offered to this server.
    pub offered: Vec<u16>,
}

/// What a read of plaintext gives.
pub enum Plain {
    Data(usize),
    /// The peer said that it sends no more.
    Closed,
    Nothing,
}

impl Session {
    pub fn new() -> Session {
        Session {
            state: State::Fresh,
            input: Vec::new(),
            output: Vec::new(),
            unfinished_write: None,
            close_sent: false,
            ended: false,
            verified_chain: None,
            offered: Vec::new(),
        }
    }
    pub fn is_fresh(&self) -> bool {
        matches!(self.state, State::Fresh)
    }
    pub fn start_client(&mut self, config: Arc<ClientConfig>, name: ServerName<'static>) -> Result<(), Failure> {
        match ClientConnection::new(config, name) {
            Ok(connection) => {
                self.state = State::Running(Box::new(Connection::Client(connection)));
                self.gather();
                Ok(())
            }
            Err(error) => Err(self.break_with(Failure::Tls(error, None))),
        }
    }
    pub fn start_server(&mut self) {
        self.state = State::Waiting(Box::default());
    }
    pub fn is_at_hello(&self) -> bool {
        matches!(self.state, State::Hello(_))
    }
    pub fn server_name(&self) -> Option<String> {
        match &self.state {
            State::Hello(accepted) => accepted.client_hello().server_name().map(str::to_owned),
            _ => None,
        }
    }
    /// Goes on with the configuration chosen for the client.
    pub fn accept(&mut self, config: Arc<ServerConfig>) -> Result<(), Failure> {
        let State::Hello(accepted) = std::mem::replace(&mut self.state, State::Fresh) else { return Ok(()) };
        let hello = accepted.client_hello();
        self.offered = hello.cipher_suites().iter().map(|suite| u16::from(*suite)).collect();
        let offered: Option<Vec<&[u8]>> = hello.alpn().map(|names| names.collect());
        let agree = |offered: &Vec<&[u8]>| config.alpn_protocols.iter().any(|name| offered.contains(&name.as_slice()));
        let config = if offered.as_ref().is_some_and(|offered| !agree(offered)) {
            // No protocol in common: go on without one.
            let mut without = ServerConfig::clone(&config);
            without.alpn_protocols = Vec::new();
            Arc::new(without)
        } else {
            config
        };
        match accepted.into_connection(config) {
            Ok(connection) => {
                self.state = State::Running(Box::new(Connection::Server(connection)));
                self.process()
            }
            Err((error, mut alert)) => {
                let _ = alert.write_all(&mut self.output);
                Err(self.break_with(Failure::Tls(error, verify::take_findings().refusal)))
            }
        }
    }
    /// Refuses a client before anything was agreed on.
    pub fn reject(&mut self, alert: u8) -> Failure {
        self.output.extend_from_slice(&[21, 3, 3, 0, 2, 2, alert]);
        self.break_with(Failure::Reason("CALLBACK_FAILED"))
    }
    pub fn break_with(&mut self, failure: Failure) -> Failure {
        self.state = State::Broken(failure.clone());
        failure
    }

    pub fn connection(&self) -> Option<&Connection> {
        match &self.state {
            State::Running(connection) => Some(connection),
            _ => None,
        }
    }
    pub fn is_established(&self) -> bool {
        self.connection().is_some_and(|connection| !connection.is_handshaking())
    }
    pub fn failure(&self) -> Option<Failure> {
        match &self.state {
            State::Broken(failure) => Some(failure.clone()),
            _ => None,
        }
    }
    pub fn is_resumed(&self) -> bool {
        self.connection().and_then(|connection| connection.handshake_kind()) == Some(HandshakeKind::Resumed)
    }

    /// Bytes that are missing until the next record is whole.
    pub fn wanted(&self) -> usize {
        match self.record_length() {
            None => HEADER - self.input.len(),
            Some(length) => length - self.input.len(),
        }
    }
    fn record_length(&self) -> Option<usize> {
        match self.input.as_slice() {
            [_, _, _, high, low, ..] => Some(HEADER + ((*high as usize) << 8 | *low as usize)),
            _ => None,
        }
    }
    /// Takes at most `wanted` bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let had_header = self.input.len() >= HEADER;
        self.input.extend_from_slice(bytes);
        if self.input.len() < HEADER {
            return Ok(());
        }
        if !had_header && let Some(reason) = self.wrong_header() {
            if matches!(self.state, State::Waiting(_)) && reason == "WRONG_VERSION_NUMBER" {
                self.output.extend_from_slice(&[21, 3, 3, 0, 2, 2, 70]);
            }
            return Err(self.break_with(Failure::Reason(reason)));
        }
        if self.wanted() > 0 {
            return Ok(());
        }
        let record = std::mem::take(&mut self.input);
        self.take_record(&record)
    }
    /// Why these five bytes do not begin a record.
    fn wrong_header(&self) -> Option<&'static str> {
        let length = self.record_length().unwrap_or(0);
        match &self.input[..HEADER] {
            [b'G', b'E', b'T', b' ', _]
            | [b'P', b'O', b'S', b'T', b' ']
            | [b'H', b'E', b'A', b'D', b' ']
            | [b'P', b'U', b'T', b' ', _]
                if matches!(self.state, State::Waiting(_)) =>
            {
                Some("HTTP_REQUEST")
            }
            [20..=23, 3, 0..=4, _, _] if length <= HEADER + LARGEST_RECORD => None,
            [20..=23, 3, 0..=4, _, _] => Some("PACKET_LENGTH_TOO_LONG"),
            _ if self.is_established() => Some("RECORD_LAYER_FAILURE"),
            _ => Some("WRONG_VERSION_NUMBER"),
        }
    }
    fn take_record(&mut self, record: &[u8]) -> Result<(), Failure> {
        let mut rest = record;
        while !rest.is_empty() {
            let read = match &mut self.state {
                State::Waiting(acceptor) => acceptor.read_tls(&mut rest),
                State::Running(connection) => connection.read_tls(&mut rest),
                State::Broken(failure) => return Err(failure.clone()),
                State::Fresh | State::Hello(_) => return Ok(()),
            };
            match read {
                Ok(0) => break,
                Ok(_) => self.process()?,
                // The buffer of plaintext is full; the caller reads before it feeds, so this is the end.
                Err(_) => return Err(self.break_with(Failure::Reason("INTERNAL_ERROR"))),
            }
        }
        Ok(())
    }
    fn process(&mut self) -> Result<(), Failure> {
        match &mut self.state {
            State::Waiting(acceptor) => match acceptor.accept() {
                Ok(None) => Ok(()),
                Ok(Some(accepted)) => {
                    self.state = State::Hello(Box::new(accepted));
                    Ok(())
                }
                Err((error, mut alert)) => {
                    let _ = alert.write_all(&mut self.output);
                    Err(self.break_with(Failure::Tls(error, None)))
                }
            },
            State::Running(connection) => {
                let result = connection.process_new_packets();
                self.gather();
                let findings = verify::take_findings();
                if findings.chain.is_some() {
                    self.verified_chain = findings.chain;
                }
                match result {
                    Ok(_) => Ok(()),
                    Err(error) => Err(self.break_with(Failure::Tls(error, findings.refusal))),
                }
            }
            State::Broken(failure) => Err(failure.clone()),
            State::Fresh | State::Hello(_) => Ok(()),
        }
    }
    /// Moves what is to be sent into `output`.
    fn gather(&mut self) {
        if let State::Running(connection) = &mut self.state {
            while connection.wants_write() {
                match connection.write_tls(&mut self.output) {
                    Ok(count) if count > 0 => {}
                    _ => break,
                }
            }
        }
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> Plain {
        let State::Running(connection) = &mut self.state else { return Plain::Nothing };
        match connection.reader().read(buffer) {
            Ok(0) => Plain::Closed,
            Ok(count) => Plain::Data(count),
            Err(_) => Plain::Nothing,
        }
    }
    /// Encrypts at most `PIECE` bytes; gives how many.
    pub fn write(&mut self, data: &[u8]) -> usize {
        let State::Running(connection) = &mut self.state else { return 0 };
        let piece = &data[..data.len().min(PIECE)];
        let count = connection.writer().write(piece).unwrap_or(0);
        self.gather();
        count
    }
    pub fn pending(&mut self) -> usize {
        match &mut self.state {
            State::Running(connection) => connection.process_new_packets().map_or(0, |state| state.plaintext_bytes_to_read()),
            _ => 0,
        }
    }
    pub fn peer_has_closed(&mut self) -> bool {
        match &mut self.state {
            State::Running(connection) => connection.process_new_packets().is_ok_and(|state| state.peer_has_closed()),
            _ => false,
        }
    }
    pub fn send_close(&mut self) {
        if let State::Running(connection) = &mut self.state
            && !self.close_sent
        {
            self.close_sent = true;
            connection.send_close_notify();
            self.gather();
        }
    }
}
