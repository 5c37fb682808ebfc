//! The server as its users meet it: over real sockets, on free ports, on a store of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    unreachable_pub,
    reason = "nothing of a test program is reached from outside"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a story looks for one message among all"
)]

mod access;
mod accounts;
mod calls;
mod chat;
mod conversations;
mod first_run;
mod harness;
mod hostile;
mod kill;
mod media;
mod postgres;
mod push;
mod resume;
mod web;
