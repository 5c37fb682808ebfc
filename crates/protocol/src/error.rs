//! Errors as clients see them: a stable code to act on, a sentence to show.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// One English sentence saying what happened and what to do.
    pub message: String,
    /// The field of the request that is wrong, where one is.
    pub field: Option<String>,
    /// When trying again can succeed, in milliseconds from now.
    pub retry_after_ms: Option<u64>,
}

/// Stable words a client may match on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request cannot be read or breaks a rule its sender could check.
    Invalid,
    /// Larger than a limit of this protocol.
    TooLarge,
    /// Nobody is signed in on this connection.
    Unauthenticated,
    /// E-mail and password do not belong together, or the account is disabled.
    WrongCredentials,
    /// Signed in, but not allowed.
    Forbidden,
    /// There is no such thing, or the asker may not know of it.
    NotFound,
    /// Somebody or something already has this name, address or place.
    AlreadyExists,
    /// The thing is not in a state in which this is possible.
    Conflict,
    /// An invitation or setup link that is used up, revoked, expired or was never given out.
    LinkInvalid,
    /// The conversation is archived: nothing can be added.
    Archived,
    /// Too many requests; `retry_after_ms` says when to come back.
    RateLimited,
    /// The call is over.
    CallEnded,
    /// The call has as many people as it can hold.
    CallFull,
    /// The call is locked: nobody new comes in until a host lets them in or unlocks it.
    CallLocked,
    /// A host has taken the person out of this call.
    CallRemoved,
    /// The ring would reach more than eight people: ask first, then say `ring_many`.
    RingsMany,
    /// The sender is not in this call with this connection.
    NotInCall,
    /// The message belongs to a media session that has been replaced.
    StaleEpoch,
    /// The offered session description cannot be answered.
    MediaRefused,
    /// The client speaks no version of the protocol this server speaks.
    UnsupportedProtocol,
    /// The server cannot do this for a moment; trying again is right.
    Unavailable,
    /// A fault of the server. It is logged there.
    Internal,
}
