//! People, their sign-ins, and how they come in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{DeviceId, InviteId, Timestamp, UserId, presence::Availability};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Invites, changes roles, ends calls and archives everywhere.
    Admin,
    Member,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Workspace {
    pub name: String,
    pub call_log: CallLogRetention,
    /// Whether people may let their devices connect to whoever calls while they still ring.
    pub instant_answer: bool,
}

/// How long calls stay in people's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum CallLogRetention {
    Forever,
    /// Counted from a call's end; from 1 to 3650.
    Days {
        days: u16,
    },
}

/// A person as every other person of the workspace sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// Changes whenever the picture does; null without one. The picture is at
    /// `/api/v1/users/{id}/picture?v={picture}`.
    pub picture: Option<String>,
    /// The hue, in degrees, of the person's colour for life.
    pub hue: u16,
    /// A disabled person cannot sign in; what they wrote stays theirs.
    pub disabled: bool,
}

/// The person signed in, with what only they see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Me {
    pub user: User,
    pub email: String,
    pub availability: Availability,
    /// Whether the person's devices may connect to whoever calls while they still ring, which shows
    /// the caller their network address before the answer.
    pub instant_answer: bool,
    /// Null: calls ring at any time.
    pub working_hours: Option<WorkingHours>,
    pub device_id: DeviceId,
    pub workspace: Workspace,
}

/// When a person works, by the clock on their wall. At other times calls are shown without a sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct WorkingHours {
    /// On which days they begin, Monday first.
    pub days: [bool; 7],
    /// The minute of the day they begin.
    pub from: u16,
    /// The minute they end: of the next day, unless it is later than `from`.
    pub to: u16,
    /// As the IANA names it: `Europe/Berlin`.
    pub time_zone: String,
}

/// One sign-in of the person who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Device {
    pub id: DeviceId,
    /// Such as "Firefox on Linux".
    pub name: String,
    pub signed_in_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Whether this is the device asking.
    pub current: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Invite {
    pub id: InviteId,
    pub created_by: UserId,
    pub created_at: Timestamp,
    /// Null: never.
    pub expires_at: Option<Timestamp>,
    /// Null: any number.
    pub uses_max: Option<u32>,
    pub uses: u32,
    pub revoked_at: Option<Timestamp>,
}

/// An invitation just made: the only time its link is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct InviteCreated {
    pub invite: Invite,
    /// Path to append to the public address: `/invite/…`.
    pub path: String,
    pub url: String,
}

/// What a person with a link sees before they have an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct InvitePreview {
    pub workspace_name: String,
    pub invited_by: String,
    pub expires_at: Option<Timestamp>,
}
