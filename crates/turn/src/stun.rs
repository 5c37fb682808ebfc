//! STUN (RFC 8489).

pub mod server;
