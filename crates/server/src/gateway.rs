//! The socket: one for each tab, for everything that happens.

mod bucket;
mod dispatch;
mod greeting;
pub mod hub;
mod order;
pub mod outbox;
pub mod push;
pub mod registry;
pub mod socket;
