//! The store's promises, each held on both databases.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]
#![expect(
    clippy::print_stdout,
    reason = "a seed to run again, and what one process tells another"
)]

mod accounts;
mod calls;
mod conversations;
mod forgotten_calls;
mod harness;
mod push_subscriptions;
mod queue;
mod timeline;
mod unread;
