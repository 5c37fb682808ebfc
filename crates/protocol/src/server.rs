//! Server to browser, on the socket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    CallId, ConversationId, DeviceId, ErrorBody, PeerId, Timestamp, UserId,
    account::{Me, User},
    call::{CallState, CallSummary, HostAct, Participant, Ring, RingState, RingStopReason},
    conversation::{MyConversation, ReadState},
    media::{DirectSignal, MediaSetup},
    presence::{Availability, Presence},
    timeline::Entry,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum ServerMessage {
    /// The client's frame `id` was done.
    Reply {
        id: u32,
        reply: Reply,
    },
    /// The client's frame `id` was refused and changed nothing.
    Failed {
        id: u32,
        error: ErrorBody,
    },
    /// Every 5 s. The time corrects the client's clock.
    Ping {
        server_time: Timestamp,
    },
    /// Everything a client draws before it opens a conversation.
    Snapshot {
        snapshot: Box<Snapshot>,
    },
    /// What a resumed conversation has had since. With `complete` false the client reads pages.
    Resumed {
        conversation_id: ConversationId,
        entries: Vec<Entry>,
        complete: bool,
    },
    /// This socket fell behind and pushes were dropped: reconnect and resume.
    Resync,
    /// The server is going away: come back after this many milliseconds.
    GoingAway {
        retry_after_ms: u64,
    },
    /// The sign-in was revoked or has expired.
    SignedOut,

    /// A new entry of a timeline.
    Entry {
        entry: Entry,
    },
    /// A conversation is new to this person or has changed.
    Conversation {
        conversation: MyConversation,
    },
    /// A conversation is no longer this person's.
    ConversationGone {
        conversation_id: ConversationId,
    },
    /// Read on another device. New messages send none: clients count those themselves.
    Read {
        conversation_id: ConversationId,
        read: ReadState,
    },
    Typing {
        conversation_id: ConversationId,
        user_id: UserId,
    },
    /// A person is new or has changed.
    User {
        user: User,
    },
    Me {
        me: Box<Me>,
    },
    Presence {
        user_id: UserId,
        presence: Presence,
    },
    Availability {
        availability: Availability,
    },

    /// A call is new or has changed as a whole.
    Call {
        call: CallState,
    },
    /// One participant came, or changed.
    CallParticipant {
        call_id: CallId,
        version: u64,
        participant: Participant,
    },
    CallParticipantLeft {
        call_id: CallId,
        version: u64,
        peer_id: PeerId,
    },
    /// What is known of a ring changed.
    CallRing {
        call_id: CallId,
        version: u64,
        ring: RingState,
    },
    /// A host has done something to others, which the call's state has too. Whose microphone or
    /// screen it is closes it at once.
    CallHosted {
        call_id: CallId,
        by: UserId,
        act: HostAct,
    },
    CallEnded {
        call: CallSummary,
    },
    /// Who talks in a forwarded call, for those who look at it from outside. At most once a
    /// second.
    CallSpeaking {
        call_id: CallId,
        user_ids: Vec<UserId>,
    },
    /// This device should ring.
    Ring {
        ring: Ring,
    },
    /// And stop.
    RingStopped {
        call_id: CallId,
        reason: RingStopReason,
    },
    /// Missed calls not yet looked at.
    MissedCalls {
        unseen: u32,
    },
    /// From the other browser of a direct call.
    CallSignal {
        call_id: CallId,
        from: PeerId,
        epoch: u32,
        signal: DirectSignal,
    },
    /// The own participant is out of the call: replaced by another tab, or its lease ran out.
    CallDetached {
        call_id: CallId,
        peer_id: PeerId,
        reason: DetachReason,
    },
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DetachReason {
    /// The same device joined again from elsewhere.
    Replaced,
    /// Too long without a sign of life.
    Lost,
    Ended,
    /// The person has moved the call to another device.
    Moved,
    /// A host has taken the person out. They come in again only when a host lets them in.
    Removed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum Reply {
    /// Nothing to tell.
    Done,
    Welcome {
        welcome: Box<Welcome>,
    },
    Sent {
        entry: Entry,
    },
    Joined {
        joined: Box<Joined>,
    },
    Call {
        call: CallState,
    },
    Prepared {
        prepared: Prepared,
    },
    MediaAnswer {
        epoch: u32,
        session: u32,
        sdp: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Welcome {
    pub protocol: u16,
    pub server_version: String,
    pub server_time: Timestamp,
    pub device_id: DeviceId,
    pub heartbeat_ms: u64,
    pub dead_ms: u64,
    pub resume_window_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Snapshot {
    pub me: Me,
    pub users: Vec<User>,
    /// Everybody not named is offline.
    pub presence: Vec<UserPresence>,
    pub conversations: Vec<MyConversation>,
    /// Live calls in them.
    pub calls: Vec<CallState>,
    /// Rings still going for this person.
    pub rings: Vec<Ring>,
    pub missed_calls: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct UserPresence {
    pub user_id: UserId,
    pub presence: Presence,
}

/// What a device that rings needs to make ready for the answer. It offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Prepared {
    /// The participant this device will be if it answers in this tab, for as long as the ring goes on.
    pub peer_id: PeerId,
    /// Whoever calls.
    pub caller: PeerId,
    pub epoch: u32,
    pub media: MediaSetup,
    /// Whether to connect before the answer. Where the person or the workspace forbids that, nothing
    /// that shows a network address leaves before it.
    pub connects: bool,
}

/// The join confirmation: everything needed to draw the call and to bring up its media.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Joined {
    /// The own participant among `call.participants`.
    pub peer_id: PeerId,
    pub call: CallState,
    pub media: MediaSetup,
    pub server_time: Timestamp,
}
