//! The binary `connect`.
fn main() {}
