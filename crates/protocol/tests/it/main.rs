//! What holds for the wire as a whole.

mod ids;
mod typescript;
