//! The rules of Connect, pure: no clock, no randomness, no input or output. Time comes in as an
//! argument and effects leave as values, so that a test is a loop with a made-up clock.
//!
//! `access` alone says who may; the other modules say what a thing may look like and what follows
//! from it. Nothing here is serialisable: what travels is in `protocol`, what is kept is `store`'s.

pub mod access;
pub mod account;
pub mod call;
pub mod call_log;
pub mod conversation;
pub mod message;
pub mod presence;
mod text;
pub mod unread;
pub mod working_hours;

pub use text::TextError;
