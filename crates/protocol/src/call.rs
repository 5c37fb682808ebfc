//! Calls as clients see them: live state, rings, and what is remembered.
//!
//! The live state of a call has a `version` that rises by one with every change. A client that sees a
//! version more than one ahead asks for the whole state (`call_get`).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallMedia {
    Voice,
    Video,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MediaMode {
    /// Two browsers, peer to peer.
    Direct,
    /// Through a media node.
    Forwarded,
}

/// Where a call's media flows. Moving it makes the next epoch; messages of an older one are
/// refused with `stale_epoch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct MediaSession {
    pub epoch: u32,
    pub mode: MediaMode,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallPhase {
    /// Nobody has answered yet.
    Ringing,
    Active,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallState {
    pub id: CallId,
    pub conversation_id: ConversationId,
    pub media: CallMedia,
    pub phase: CallPhase,
    pub version: u64,
    pub session: MediaSession,
    pub started_by: UserId,
    pub started_at: Timestamp,
    /// When a second person came in: the talk's start. Null while ringing.
    pub answered_at: Option<Timestamp>,
    pub participants: Vec<Participant>,
    /// For each person rung, what is known of it.
    pub rings: Vec<RingState>,
    /// Set while the call takes in nobody new.
    pub lock: Option<CallLock>,
    /// Those a host has taken out, who come in again only when a host lets them in.
    pub removed: Vec<UserId>,
    /// Set while one person is in it and nobody is rung.
    pub alone: Option<Alone>,
    /// The direct message it was in until people were added to it.
    pub moved_from: Option<ConversationId>,
}

/// When whoever is alone in a call is reminded of it. `call_stay` begins it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct Alone {
    /// The client says that nobody else is here.
    pub hint_at: Timestamp,
    /// It asks whether the person stays.
    pub prompt_at: Timestamp,
    /// The server ends the call.
    pub ends_at: Timestamp,
}

/// Who has locked a call, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct CallLock {
    pub by: UserId,
    pub since: Timestamp,
}

/// A person on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Participant {
    pub peer_id: PeerId,
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub device_name: String,
    pub joined_at: Timestamp,
    pub microphone: Toggle,
    pub camera: Toggle,
    pub screen: Toggle,
    /// Null: lowered.
    pub hand_raised_at: Option<Timestamp>,
    pub connection: Connection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Toggle {
    pub on: bool,
    pub since: Timestamp,
    /// The host who has turned it off. Null: it is as its participant wants it.
    pub by: Option<UserId>,
}

/// What a host does to others in a call. Nothing here turns anybody's device on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum HostAct {
    /// Closes a microphone. Only its owner opens it again.
    Mute {
        peer_id: PeerId,
    },
    /// Closes every microphone but the host's own.
    MuteOthers,
    StopScreen {
        peer_id: PeerId,
    },
    LowerHand {
        peer_id: PeerId,
    },
    /// Takes a person out with every device, and keeps them out.
    Remove {
        user_id: UserId,
    },
    /// Lets in again who was removed, or somebody new while the call is locked.
    LetIn {
        user_id: UserId,
    },
    /// Keeps out whoever has not been in the call and is not being rung.
    Lock,
    Unlock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum Connection {
    /// Joined; no media yet.
    Connecting,
    Connected,
    /// No sign of life since then. The place is kept until the lease has run out.
    Reconnecting {
        since: Timestamp,
    },
}

/// What a client wants to come in with, or changes. Null leaves a part as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy, Default)]
pub struct ParticipantChange {
    pub microphone: Option<bool>,
    pub camera: Option<bool>,
    pub screen: Option<bool>,
    pub hand: Option<bool>,
}

/// What the caller is told about one person rung: only what a device or the server confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct RingState {
    pub user_id: UserId,
    pub status: RingStatus,
    /// Devices that have said they ring.
    pub devices: u32,
    pub since: Timestamp,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RingStatus {
    /// Offered to devices; none has said it rings.
    Calling,
    /// At least one device rings.
    Ringing,
    /// No device has said it rings within 3 s: it may be asleep.
    Notified,
    /// Nobody of theirs is connected.
    Offline,
    /// They are in another call. Their devices show it silently.
    Busy,
    /// It is outside their working hours. Their devices show it silently.
    OffHours,
    /// The same person has called twice just now without an answer. Devices show it silently.
    Quiet,
    DoNotDisturb,
    Answered,
    Declined,
    NoAnswer,
}

/// A ring on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Ring {
    pub call_id: CallId,
    pub conversation_id: ConversationId,
    pub from: UserId,
    pub media: CallMedia,
    pub started_at: Timestamp,
    /// The device stops by itself at this time of the server's clock.
    pub expires_at: Timestamp,
    /// Whether to make no sound: the person is in another call, has been called over and over, has
    /// muted the conversation, or it is outside their working hours.
    pub silent: bool,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RingStopReason {
    AnsweredElsewhere,
    DeclinedElsewhere,
    /// Answered or declined on this device, perhaps in another tab.
    Handled,
    Cancelled,
    Expired,
    Ended,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The people in it left.
    Left,
    /// Its starter or an admin ended it for all.
    EndedForAll,
    /// The caller hung up before an answer.
    Cancelled,
    Declined,
    NoAnswer,
    /// The other side was in another call.
    Busy,
    /// Everybody in it was lost.
    ConnectionLost,
    /// One person was alone in it for too long.
    Alone,
    /// It has not ended: people were added, and it goes on in their group. Only in the card of the
    /// direct message it was in.
    Moved,
}

/// How a call went for one person.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// Started it, and somebody came.
    Started,
    /// Came in.
    Joined,
    /// Was rung and did not come.
    Missed,
    /// Was rung and said no.
    Declined,
    /// Was in another call.
    Busy,
    /// Started it, and nobody came.
    NoAnswer,
    /// Started it and hung up before anybody came.
    Cancelled,
    /// Could have come in (a member), was not rung and did not.
    NotJoined,
}

/// A call as a card in a timeline and a row in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallSummary {
    pub id: CallId,
    pub conversation_id: ConversationId,
    /// The card's number in the conversation's timeline.
    pub seq: u64,
    pub media: CallMedia,
    pub started_by: UserId,
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// Null while it is live.
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<EndReason>,
    /// Everybody who was in it, in order of coming, at most 100. Nobody once it is older than the
    /// workspace keeps the call log: the card stays, and names only who started it.
    pub people: Vec<UserId>,
    /// Everybody who was rung, with how it went; forgotten with `people`.
    pub rung: Vec<PersonOutcome>,
    /// Messages written in its panel.
    pub message_count: u32,
    /// Whether it was cancelled so soon that nobody it rang can have noticed: only its starter is
    /// shown the card.
    pub slip: bool,
    /// Where it goes on, with the reason `moved`.
    pub moved_to: Option<ConversationId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct PersonOutcome {
    pub user_id: UserId,
    pub outcome: CallOutcome,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallLogFilter {
    All,
    Missed,
    Incoming,
    Outgoing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallLogEntry {
    pub call: CallSummary,
    /// How it went for the person whose log this is.
    pub outcome: CallOutcome,
    /// Whether a missed one still waits to be looked at.
    pub unseen: bool,
    /// What its caller wrote first with a missed one, cut to 200 characters; null without, and for
    /// who is no member of the conversation any more.
    pub words: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallLogPage {
    /// Fewer than asked for, even none, when few of those looked through are wanted.
    pub calls: Vec<CallLogEntry>,
    /// Give it as `before` for the next page; null at the end.
    pub next: Option<CallId>,
}

/// `POST /calls/seen`: missed calls that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallsSeenRequest {
    /// At most 100; null for all of them.
    pub calls: Option<Vec<CallId>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallDetails {
    pub call: CallSummary,
    pub legs: Vec<CallLeg>,
}

/// One stay of one person on one device in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallLeg {
    pub user_id: UserId,
    pub device_name: String,
    pub joined_at: Timestamp,
    pub left_at: Option<Timestamp>,
    /// Whether it ended by losing the connection.
    pub lost: bool,
}
