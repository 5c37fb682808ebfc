//! What holds for the wire as a whole.

mod document;
mod ids;
mod typescript;
