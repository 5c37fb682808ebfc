//! How nodes talk: the bus that carries what happened to whoever holds the sockets of the people
//! it concerns. What may be lost on the way is recovered from the store by sequence numbers.
//!
//! A [`Bus`] carries notices to this node's sockets. A [`Wire`] carries bytes by subject, the form in
//! which notices and requests will leave this process.

mod bus;
mod subject;
mod wire;

pub use bus::{Audience, Bus, LocalBus, Notice, Weight};
pub use subject::{Pattern, Subject};
pub use wire::{Delivery, LocalWire, QUEUE_MAX, Received, Reply, RequestError, Subscription, Wire};
