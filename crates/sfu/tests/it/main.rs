//! Whole calls with virtual browsers; no sockets, no sleeps.
#![expect(clippy::unwrap_used, reason = "the harness is part of the tests")]

mod bounds;
mod browser;
mod calls;
mod connections;
mod quality;
