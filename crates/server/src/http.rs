//! The HTTP interface, `/api/v1`, and everything else on the web's port.

pub mod account;
pub mod admin;
pub mod assets;
pub mod call_export;
pub mod calls;
pub mod conversations;
pub mod error;
pub mod extract;
pub mod guard;
pub mod health;
pub mod invites;
pub mod listener;
pub mod people;
pub mod pictures;
pub mod push;
pub mod router;
pub mod timeline;
