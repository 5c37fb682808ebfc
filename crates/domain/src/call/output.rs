//! What follows from what happens to a call.

use protocol::{
    DeviceId, PeerId, UserId,
    call::{CallState, EndReason, HostAct, Participant, Ring, RingState, RingStopReason},
    media::Source,
    server::DetachReason,
};

/// What the owner of a call carries out, in this order, after the record is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Ring {
        user_id: UserId,
        device_id: DeviceId,
        ring: Ring,
    },
    RingStopped {
        user_id: UserId,
        device_id: DeviceId,
        reason: RingStopReason,
    },
    /// To everybody who sees the conversation.
    Tell(Change),
    /// To everybody who sees the conversation: what a host has done.
    Hosted {
        by: UserId,
        act: HostAct,
    },
    /// To the device whose participant is out of the call without having asked.
    Detached {
        user_id: UserId,
        device_id: DeviceId,
        peer_id: PeerId,
        reason: DetachReason,
    },
    /// To the media node, for this epoch.
    OpenRoom {
        epoch: u32,
    },
    RemovePeer {
        peer_id: PeerId,
    },
    /// To the media node: passes on nothing of this source, whatever the participant's client
    /// sends, or passes it on again.
    SetMuted {
        peer_id: PeerId,
        source: Source,
        muted: bool,
    },
    CloseRoom,
    /// Always the last.
    Ended {
        reason: EndReason,
        /// Those in whose log it now waits as missed.
        missed: Vec<UserId>,
    },
}

/// One change of the live state, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// More than one part changed at once.
    Call(CallState),
    Participant {
        version: u64,
        participant: Participant,
    },
    ParticipantLeft {
        version: u64,
        peer_id: PeerId,
    },
    Ring {
        version: u64,
        ring: RingState,
    },
}
