//! The binary connect: HTTP, the socket, calls, media.

pub mod clock;
pub mod config;
pub mod data_dir;
pub mod gateway;
pub mod http;
pub mod limits;
pub mod passwords;
