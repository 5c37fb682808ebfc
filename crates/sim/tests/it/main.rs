//! Stories and random lives on the virtual clock.

mod lives;
mod stories;
