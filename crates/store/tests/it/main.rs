//! The store's promises, each held on both databases.

mod accounts;
mod calls;
mod conversations;
mod harness;
mod queue;
mod timeline;
mod unread;
