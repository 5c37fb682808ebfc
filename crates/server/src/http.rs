//! The HTTP interface, `/api/v1`, and everything else on the web's port.

pub mod error;
pub mod listener;
