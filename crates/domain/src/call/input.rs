//! What can happen to a call.

use std::time::Duration;

use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallMedia, HostAct, MediaMode, ParticipantChange},
    conversation::ConversationKind,
};

/// A press on "call".
#[derive(Debug, Clone)]
pub struct StartInput {
    pub call_id: CallId,
    pub conversation_id: ConversationId,
    pub kind: ConversationKind,
    /// Members of the conversation, the starter among them.
    pub member_count: usize,
    pub media: CallMedia,
    pub starter: JoinInput,
    /// Who is rung. Nobody of a channel is.
    pub ring: Vec<RingTarget>,
    pub ring_timeout: Duration,
}

/// A person coming in with a device.
#[derive(Debug, Clone)]
pub struct JoinInput {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub device_name: String,
    /// The tab's own word, kept over its reloads.
    pub tab: String,
    /// Fresh for each joining, but for whoever has prepared: what they prepared as.
    pub peer_id: PeerId,
    pub state: ParticipantChange,
    /// Whether the person's other devices leave once this one's media is up.
    pub move_here: bool,
}

/// A page of somebody who is rung, which brings up its connection before the answer.
#[derive(Debug, Clone)]
pub struct PrepareInput {
    pub user_id: UserId,
    pub device_id: DeviceId,
    /// The tab's own word, kept over its reloads.
    pub tab: String,
    /// Fresh: the participant it will be if it answers.
    pub peer_id: PeerId,
}

/// A person to ring.
#[derive(Debug, Clone)]
pub struct RingTarget {
    pub user_id: UserId,
    /// Those connected now.
    pub devices: Vec<DeviceId>,
    pub reach: Reach,
    /// Whether the person has muted the conversation: their devices show the ring and make no
    /// sound, and the caller is told nothing of it.
    pub muted: bool,
}

/// What stands between a person and a ring, as the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Free,
    /// In another call: their devices show the ring and make no sound.
    Busy,
    /// Outside their working hours: the same, and only where a page is open.
    OffHours,
    /// Called over and over: as with `Busy`.
    Quiet,
    /// Their devices are left alone; the call waits among the missed ones.
    DoNotDisturb,
}

/// What can happen to a call.
#[derive(Debug, Clone)]
pub enum Input {
    /// Comes in, comes back, or answers the ring.
    Join(JoinInput),
    Leave {
        peer_id: PeerId,
    },
    EndForAll,
    /// Somebody who may acts as its host.
    Host {
        by: UserId,
        act: HostAct,
    },
    /// Somebody in it asks these people in.
    Ring {
        by: UserId,
        targets: Vec<RingTarget>,
        timeout: Duration,
    },
    StopRinging {
        by: UserId,
        user_id: UserId,
    },
    /// People were added to a direct message's call: it goes on in their group.
    GoOnIn {
        by: UserId,
        conversation_id: ConversationId,
    },
    /// Whoever is alone says that they stay.
    Stay {
        peer_id: PeerId,
    },
    /// No longer a member, or signed out on this device: goes at once.
    Remove {
        user_id: UserId,
        /// None: with every device.
        device_id: Option<DeviceId>,
    },
    Change {
        peer_id: PeerId,
        change: ParticipantChange,
    },
    MediaState {
        peer_id: PeerId,
        epoch: u32,
        connected: bool,
    },
    SocketLost {
        peer_id: PeerId,
        /// When the socket was last heard.
        evidence_at: Timestamp,
    },
    SocketBack {
        peer_id: PeerId,
    },
    /// Heard by way of media while the socket is lost.
    Evidence {
        peer_id: PeerId,
        at: Timestamp,
    },
    /// The page says that it closes; a reload says the same.
    PageClosing {
        peer_id: PeerId,
    },
    /// Whoever vouched for the participants restarted: each has one lease to come back.
    Restarted,
    RingAcknowledged {
        user_id: UserId,
        device_id: DeviceId,
    },
    RingDeclined {
        user_id: UserId,
        device_id: DeviceId,
    },
    /// A device comes online: a ring still going is offered to it.
    DeviceConnected {
        user_id: UserId,
        device_id: DeviceId,
    },
    Prepare(PrepareInput),
    /// Carries the media another way from the next epoch on.
    MoveTo(MediaMode),
    /// Something may be due.
    Timeout,
}
