//! What every bus and every wire promises, whatever carries them.

mod bus;
mod wire;
