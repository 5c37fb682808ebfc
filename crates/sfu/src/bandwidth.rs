//! How much a receiver's connection carries and who gets how much of it.

pub(crate) mod allocate;
pub(crate) mod estimate;
