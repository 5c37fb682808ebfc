//! The media core: rooms, forwarding, layers, speakers. Pure: it opens no socket and reads no clock.
//! The owner hands [`Sfu`] commands and datagrams with the time they came, takes its outputs until
//! there are none, and calls again at [`Sfu::poll_timeout`].
//!
//! # What a browser must offer
//!
//! Every participant has two connections to us and makes all offers. Candidates are not needed in
//! them. A track is told by the place of its media line, so the order is part of the protocol:
//!
//! * **Up**: microphone (audio), camera (video), screen (video), screen audio (audio), all `sendonly`,
//!   in this order; trailing ones may be left out and added by a later offer. The camera may be VP8
//!   simulcast with up to [`LAYERS_MAX`] layers, named from low to high in `a=simulcast:send`.
//! * **Down**: a data channel with the label [`protocol::media::SLOTS_CHANNEL`], and `recvonly` lines: one
//!   for each audio slot and each video slot. The n-th video line is slot n of a view. More slots are
//!   added by a later offer; what a slot carries changes without one.
//!
//! On the data channel the browser says what it shows, we say what the slots carry
//! ([`protocol::media`]).

mod bandwidth;
mod downlink;
mod egress;
mod forward;
mod keyframe;
mod offer;
mod peer;
mod publication;
mod room;
mod router;
mod sfu;
mod speaker;

pub use downlink::VIEW_SLOTS_MAX;
pub use offer::{LAYERS_MAX, MEDIA_LINES_MAX, SDP_BYTES_MAX};
pub use peer::{CHANNEL_MESSAGE_BYTES_MAX, Identity};
pub use room::PEERS_PER_ROOM_MAX;
pub use router::ADDRESSES_PER_CONNECTION_MAX;
pub use sfu::{Config, Counters, Event, Input, Occupancy, Output, ROOMS_MAX, Sfu};

/// Why an offer was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    #[error("the room is not open")]
    NoRoom,
    #[error("the room is full ({limit} people)")]
    Full { limit: usize },
    /// A newer page of the same peer is connected.
    #[error("a newer session of this peer is connected")]
    OldSession,
    #[error("the offer is too large")]
    TooLarge,
    #[error("the offer is malformed: {0}")]
    Malformed(&'static str),
    /// The WebRTC engine found fault with it.
    #[error("the offer was refused: {0}")]
    Refused(String),
}
