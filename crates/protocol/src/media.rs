//! Media's control: whose session descriptions go where, and the two data channel languages.
//!
//! A client in a forwarded call has two connections, one up and one down, and makes every offer. The
//! down connection has the data channel `slots`, on which the client says what it shows and the media
//! node says what each receive slot carries.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{PeerId, call::CallMedia};

/// Label of the data channel on the down connection.
pub const SLOTS_CHANNEL: &str = "slots";

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the browser: media lines in the order microphone, camera, screen, screen audio.
    Up,
    /// To the browser: the data channel, audio slots, video slots.
    Down,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Microphone,
    Camera,
    Screen,
    ScreenAudio,
}

/// An `RTCIceServer` of the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct IceServer {
    pub urls: Vec<String>,
    pub username: Option<String>,
    pub credential: Option<String>,
}

/// What one browser tells the other in a direct call, carried by the server unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum DirectSignal {
    Offer {
        sdp: String,
    },
    Answer {
        sdp: String,
    },
    Candidate {
        candidate: String,
        sdp_mid: Option<String>,
        sdp_m_line_index: Option<u16>,
    },
}

/// Browser to media node, on the data channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum ClientMediaMessage {
    /// What is on the screen, whole each time. A slot not named is free.
    View { slots: Vec<SlotView> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct SlotView {
    /// Index among the video lines of the down connection.
    pub slot: u8,
    pub peer_id: PeerId,
    /// `camera` or `screen`.
    pub source: Source,
    /// Height of the tile in physical pixels: more is not sent.
    pub height_px: u16,
    pub pinned: bool,
}

/// Media node to browser, on the data channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum ServerMediaMessage {
    /// What the slots carry, whole each time.
    Slots {
        audio: Vec<AudioSlot>,
        video: Vec<VideoSlot>,
    },
    /// Who talks, loudest first; empty when nobody does. At most five a second.
    Speakers { peers: Vec<PeerId> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AudioSlot {
    pub mid: String,
    pub peer_id: Option<PeerId>,
    pub source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VideoSlot {
    pub slot: u8,
    pub mid: String,
    pub peer_id: PeerId,
    pub source: Source,
    /// Null while nothing is forwarded.
    pub height_px: Option<u16>,
    /// Why it is less than was asked for; null when it is not.
    pub reason: Option<LimitReason>,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitReason {
    /// The receiver's own connection carries no more.
    YourConnection,
    /// The sender's connection or device gives no more.
    TheirUpload,
    /// A key frame of the wanted layer has not come yet.
    Switching,
    /// The sender's camera or screen is off.
    Off,
}

/// What a client needs to bring up media, given when it joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MediaSetup {
    pub ice_servers: Vec<IceServer>,
    /// Audio slots the down connection should have.
    pub audio_slots: u8,
    /// Video slots it may have at most.
    pub video_slots_max: u8,
    /// What the call was started as: whether a camera is expected.
    pub media: CallMedia,
}
