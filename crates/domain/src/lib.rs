//! The rules of Connect, pure: no clock, no input or output.
