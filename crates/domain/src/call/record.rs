//! A call as it is kept: plain data, everything the rules need and nothing that can be worked out.

use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{
        CallLock, CallMedia, Connection, EndReason, MediaSession, RingStatus, RingStopReason,
        Toggle,
    },
    conversation::ConversationKind,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    pub id: CallId,
    pub conversation_id: ConversationId,
    pub kind: ConversationKind,
    pub media: CallMedia,
    pub started_by: UserId,
    pub started_at: Timestamp,
    /// When a second person came in.
    pub answered_at: Option<Timestamp>,
    pub ended: Option<Ended>,
    pub version: u64,
    pub session: MediaSession,
    /// The number of its card in the timeline, once it has one.
    pub card_seq: Option<u64>,
    /// Every stay in it, in the order of joining; those over are kept for the log.
    pub legs: Vec<Leg>,
    pub rings: Vec<PersonRing>,
    pub lock: Option<CallLock>,
    /// Taken out by a host, the latest last.
    pub removed: Vec<UserId>,
    /// Let in by a host, although the call is locked.
    pub let_in: Vec<UserId>,
    /// Since when one person is alone in it, or has said that they stay.
    pub alone_since: Option<Timestamp>,
    /// Since when two browsers that should carry it between them do not, although both are there.
    pub path_down_since: Option<Timestamp>,
    /// Where it was before people were added.
    pub moved: Option<MovedFrom>,
    /// When the rules must look at it again without an input. None once it has ended.
    pub due: Option<Timestamp>,
}

/// The direct message a call was in until people were added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedFrom {
    pub conversation_id: ConversationId,
    /// Its card there.
    pub card_seq: Option<u64>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub at: Timestamp,
    pub reason: EndReason,
}

/// One stay of one person on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub peer_id: PeerId,
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub device_name: String,
    pub tab: String,
    pub joined_at: Timestamp,
    pub left: Option<Left>,
    pub microphone: Toggle,
    pub camera: Toggle,
    pub screen: Toggle,
    pub hand_raised_at: Option<Timestamp>,
    pub connection: Connection,
    /// Whether its media is up, by its own word or the media node's.
    pub media: bool,
    /// Since when media of which epoch has come to it. An epoch that has been left counts for
    /// nothing, yet goes on carrying until its successor does.
    pub carried: Option<Carried>,
    /// The last sign of life as of the last writing; while a socket vouches, that is older than the
    /// truth.
    pub evidence_at: Timestamp,
    /// Since when no socket vouches for it.
    pub socket_lost_at: Option<Timestamp>,
    /// Until when it may come back without being counted as gone. None while a socket vouches.
    pub lease_until: Option<Timestamp>,
    /// Its page said that it closes; until then a reload may bring it back.
    pub reload_until: Option<Timestamp>,
    /// Whether the person's other devices leave once everybody else's media is up as well as its own.
    pub takes_over: bool,
}

/// Media of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    pub epoch: u32,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// For a lost one, its last sign of life.
    pub at: Timestamp,
    pub lost: bool,
}

/// The ring of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRing {
    pub user_id: UserId,
    /// Who rings them. None: whoever started the call.
    pub from: Option<UserId>,
    pub status: RingStatus,
    /// Since when it has this status.
    pub since: Timestamp,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    /// None while it goes on.
    pub ended_at: Option<Timestamp>,
    /// Whether devices make no sound.
    pub silent: bool,
    /// Whether devices without a page are told of it.
    pub pushed: bool,
    /// Whether, when it stopped, a device had said that it rang.
    pub heard: bool,
    pub devices: Vec<DeviceRing>,
    /// Pages that bring up their connection before the answer. Empty once it is over.
    pub prepared: Vec<Prepared>,
}

/// A page that has prepared to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub device_id: DeviceId,
    pub tab: String,
    /// The participant it will be.
    pub peer_id: PeerId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRing {
    pub device_id: DeviceId,
    pub state: DeviceRingState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRingState {
    Offered,
    /// It has said that it rings.
    Acknowledged,
    Answered,
    Declined,
    Stopped(RingStopReason),
}
