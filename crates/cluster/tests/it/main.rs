//! What every bus and every wire promises, whatever carries them.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

mod bus;
mod wire;
