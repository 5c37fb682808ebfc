//! Web Push: what a person's devices hear of calls while no page of theirs is looked at.

pub mod encryption;
pub mod endpoint;
pub mod lanes;
pub mod transport;
pub mod vapid;
