//! The store's promises, each held on both databases.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod accounts;
mod calls;
mod conversations;
mod harness;
mod queue;
mod timeline;
mod unread;
