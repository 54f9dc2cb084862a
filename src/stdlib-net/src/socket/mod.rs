//! `_socket`: sockets of the system, as the library's `socket` wraps them.

mod address;
mod ancillary;
mod constants;
mod module;
mod object;
mod resolve;
mod transfer;
mod waiting;

pub use module::SocketModule;
