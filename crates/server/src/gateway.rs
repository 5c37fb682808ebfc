//! The socket: one for each tab, for everything that happens.

mod bucket;
pub mod hub;
mod order;
pub mod outbox;
