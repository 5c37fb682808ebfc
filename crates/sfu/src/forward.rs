//! What happens to a packet between its publisher and one receive slot: chosen, renumbered, handed on.

pub(crate) mod audio;
pub(crate) mod h264;
pub(crate) mod rewrite;
pub(crate) mod select;
pub(crate) mod vp8;

use std::sync::Arc;
use std::time::Instant;

/// What a packet's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Codec {
    Opus,
    Vp8,
    H264,
}

impl Codec {
    pub(crate) fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::Vp8 | Self::H264 => 90_000,
        }
    }
}

/// One media packet as its publisher sent it, decrypted.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) codec: Codec,
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) arrived: Instant,
    pub(crate) payload: Arc<[u8]>,
    /// RFC 6464: 0 is loudest, 127 silent.
    pub(crate) audio_level: Option<u8>,
    /// The bit beside it: whether the sender takes it for a voice.
    pub(crate) has_voice: Option<bool>,
    /// How the camera is held, in the two bits of 3GPP TS 26.114.
    pub(crate) rotation: Option<u8>,
}

/// What the payload says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reading {
    pub(crate) picture_id: Option<u16>,
    pub(crate) base_layer_index: Option<u8>,
    /// The first packet of a key frame; audio can always be started.
    pub(crate) key_frame: bool,
    /// Known from VP8's key frames only.
    pub(crate) height: Option<u16>,
}

impl Packet {
    /// Reads what forwarding needs; `None` when the payload is not what its codec says.
    pub(crate) fn read(&self) -> Option<Reading> {
        match self.codec {
            Codec::Opus => Some(Reading {
                key_frame: true,
                ..Reading::default()
            }),
            Codec::Vp8 => {
                let descriptor = vp8::parse(&self.payload)?;
                Some(Reading {
                    picture_id: descriptor.picture_id,
                    base_layer_index: descriptor.base_layer_index,
                    key_frame: descriptor.key_frame_height.is_some(),
                    height: descriptor.key_frame_height,
                })
            }
            Codec::H264 => Some(Reading {
                key_frame: h264::begins_key_frame(&self.payload),
                ..Reading::default()
            }),
        }
    }

    pub(crate) fn numbers(&self, reading: &Reading) -> rewrite::Incoming {
        rewrite::Incoming {
            seq: self.seq,
            timestamp: self.timestamp,
            marker: self.marker,
            arrived: self.arrived,
            picture_id: reading.picture_id,
            base_layer_index: reading.base_layer_index,
        }
    }
}
