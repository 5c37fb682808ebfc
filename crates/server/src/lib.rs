//! The binary connect: HTTP, the socket, calls, media.

pub mod app;
pub mod calls;
pub mod chat;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod data_dir;
pub mod gateway;
pub mod http;
pub mod invites;
pub mod limits;
pub mod media;
pub mod metrics;
pub mod passwords;
pub mod people;
pub mod presence;
pub mod push;
pub mod serve;
pub mod setup;
pub mod sign_in;
