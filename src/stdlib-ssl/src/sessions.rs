//! The tickets by which a client continues a session. Must not know: Python values.

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::sync::Mutex;

const KEPT_TICKETS: usize = 8;

/// One session: what the server gave to continue it.
#[derive(Debug)]
pub struct TicketStore {
    /// Tells sessions apart in Python.
    pub id: [u8; 32],
    /// Seconds since 1970.
    pub time: i64,
    data: Mutex<Tickets>,
}

#[derive(Debug, Default)]
struct Tickets {
    hint: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
}

impl TicketStore {
    pub fn new() -> TicketStore {
        let mut id = [0u8; 32];
        // Only uniqueness counts, so a failure does no harm.
        let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut id);
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        TicketStore { id, time: time.map_or(0, |time| time.as_secs() as i64), data: Mutex::default() }
    }
    fn data(&self) -> std::sync::MutexGuard<'_, Tickets> {
        self.data.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    pub fn has_ticket(&self) -> bool {
        let data = self.data();
        data.tls12.is_some() || !data.tls13.is_empty()
    }
}

impl ClientSessionStore for TicketStore {
    fn set_kx_hint(&self, _server_name: ServerName<'static>, group: NamedGroup) {
        self.data().hint = Some(group);
    }
    fn kx_hint(&self, _server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.data().hint
    }
    fn set_tls12_session(&self, _server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.data().tls12 = Some(value);
    }
    fn tls12_session(&self, _server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.data().tls12.clone()
    }
    fn remove_tls12_session(&self, _server_name: &ServerName<'static>) {
        self.data().tls12 = None;
    }
    fn insert_tls13_ticket(&self, _server_name: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut data = self.data();
        if data.tls13.len() >= KEPT_TICKETS {
            data.tls13.pop_front();
        }
        data.tls13.push_back(value);
    }
    fn take_tls13_ticket(&self, _server_name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.data().tls13.pop_back()
    }
}
