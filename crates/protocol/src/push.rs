//! What devices hear through their browser's push service, and how they ask for it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    CallId, ConversationId, Timestamp,
    call::{CallMedia, RingStopReason},
};

/// What one push says, as JSON, to the device's service worker. Everything about one call replaces
/// what was said about it before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum PushMessage {
    /// A call rings.
    Ring {
        call_id: CallId,
        conversation_id: ConversationId,
        media: CallMedia,
        /// Name of the caller.
        from: String,
        /// Name of the group; null in a direct message and in a group without one.
        place: Option<String>,
        /// The device stops by itself at this time of the server's clock.
        expires_at: Timestamp,
        /// Whether to make no sound: the person is in another call.
        silent: bool,
    },
    /// It rang, and the person did not come.
    Missed {
        call_id: CallId,
        conversation_id: ConversationId,
        media: CallMedia,
        from: String,
        place: Option<String>,
        started_at: Timestamp,
    },
    /// It rings no more, and there is nothing to be done about it.
    Stop {
        call_id: CallId,
        conversation_id: ConversationId,
        from: String,
        reason: RingStopReason,
    },
    /// Pushes arrive.
    Test,
}

/// `GET /push`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PushStatus {
    /// What browsers call `applicationServerKey`, in base64url.
    pub public_key: String,
    /// Where this device gets its pushes. Null: nowhere.
    pub endpoint: Option<String>,
}

/// `PUT /push/subscription`: what a browser's subscription is as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PushSubscriptionRequest {
    pub endpoint: String,
    pub keys: PushKeys,
}

/// In base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PushKeys {
    pub p256dh: String,
    pub auth: String,
}

/// `POST /calls/{call}/acknowledge`: whether the call still rings this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RingStanding {
    pub rings: bool,
}
