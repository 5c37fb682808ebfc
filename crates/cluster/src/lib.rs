//! How nodes talk: the bus that carries what happened to whoever holds the sockets of the people
//! it concerns. What may be lost on the way is recovered from the store by sequence numbers.

mod bus;

pub use bus::{Audience, Bus, LocalBus, Notice, Weight};
