//! Whole calls with virtual browsers; no sockets, no sleeps.

mod browser;
mod calls;
