//! What travels on a wire: ids, messages, error codes and limits. Nothing here decides anything.
//!
//! These are the only serialisable types of Connect. The client's TypeScript is generated from
//! them, and `docs/protocol.md` names every message; tests fail when either is stale.
//!
//! The wire only grows: a field or a variant may be added, never renamed, removed or given another
//! meaning. A receiver ignores fields it does not know and pushes whose `kind` it does not know.

pub mod account;
pub mod call;
pub mod client;
pub mod conversation;
pub mod error;
mod id;
pub mod limits;
pub mod media;
pub mod presence;
pub mod push;
pub mod rest;
pub mod server;
mod time;
pub mod timeline;
pub mod typescript;

pub use error::{ErrorBody, ErrorCode};
pub use id::{CallId, ConversationId, DeviceId, IdError, InviteId, MessageId, PeerId, UserId};
pub use time::Timestamp;

/// Version of the socket's messages. A server answers a client that speaks none of its versions
/// with [`ErrorCode::UnsupportedProtocol`].
pub const PROTOCOL_VERSION: u16 = 1;
