//! One track somebody publishes: its layers, how high and heavy they are, and their key-frame brokers.

use std::time::{Duration, Instant};

use crate::bandwidth::allocate::LayerOffer;
use crate::forward::{Packet, Reading};
use crate::keyframe::KeyFrameBroker;

/// Without a packet for this long a layer is off. Browsers in the background send one frame a second.
const LAYER_SILENT: Duration = Duration::from_millis(2_500);
/// The rate is measured over this long, then smoothed.
const RATE_WINDOW: Duration = Duration::from_millis(500);
/// What an old measurement weighs against a new one, in quarters.
const RATE_OLD_QUARTERS: u64 = 3;
/// Assumed of layers not seen yet, from low to high.
const ASSUMED_HEIGHTS: [u16; 4] = [180, 360, 720, 1080];

#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) layers: Vec<Layer>,
    /// Switched off by command: nothing of it is forwarded.
    pub(crate) is_muted: bool,
}

#[derive(Debug)]
pub(crate) struct Layer {
    height: Option<u16>,
    assumed_height: u16,
    rate: Rate,
    last_packet: Option<Instant>,
    highest_seq: Option<u64>,
    pub(crate) key_frames: KeyFrameBroker,
}

impl Publication {
    /// `layers` is 1 without simulcast.
    pub(crate) fn new(layers: usize) -> Self {
        let count = layers.max(1);
        // A single stream is taken for the best a tile can want.
        let heights = if count == 1 {
            &[720][..]
        } else {
            &ASSUMED_HEIGHTS
        };
        Self {
            layers: heights
                .iter()
                .take(count)
                .map(|height| Layer::new(*height))
                .collect(),
            is_muted: false,
        }
    }

    /// Notes a packet. Answers whether it came in the order it was sent in.
    pub(crate) fn note(&mut self, layer: usize, packet: &Packet, reading: &Reading) -> bool {
        self.layers
            .get_mut(layer)
            .is_some_and(|layer| layer.note(packet, reading))
    }

    pub(crate) fn is_live(&self, now: Instant) -> bool {
        !self.is_muted && self.layers.iter().any(|layer| layer.is_active(now))
    }

    pub(crate) fn offers(&self, now: Instant) -> Vec<LayerOffer> {
        self.layers
            .iter()
            .map(|layer| LayerOffer {
                height: layer.height(),
                bits_per_second: layer.rate.bits_per_second(layer.height()),
                is_active: !self.is_muted && layer.is_active(now),
            })
            .collect()
    }
}

impl Layer {
    fn new(assumed_height: u16) -> Self {
        Self {
            height: None,
            assumed_height,
            rate: Rate::default(),
            last_packet: None,
            highest_seq: None,
            key_frames: KeyFrameBroker::default(),
        }
    }

    pub(crate) fn height(&self) -> u16 {
        self.height.unwrap_or(self.assumed_height)
    }

    pub(crate) fn is_active(&self, now: Instant) -> bool {
        self.last_packet
            .is_some_and(|at| now.saturating_duration_since(at) < LAYER_SILENT)
    }

    fn note(&mut self, packet: &Packet, reading: &Reading) -> bool {
        self.last_packet = Some(packet.arrived);
        self.rate.note(packet.payload.len(), packet.arrived);
        if reading.key_frame {
            self.key_frames.arrived();
            self.height = reading.height.or(self.height);
        }
        let in_order = self.highest_seq.is_none_or(|highest| packet.seq > highest);
        if in_order {
            self.highest_seq = Some(packet.seq);
        }
        in_order
    }
}

#[derive(Debug, Default)]
struct Rate {
    bytes: u64,
    since: Option<Instant>,
    smoothed: Option<u64>,
}

impl Rate {
    fn note(&mut self, bytes: usize, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= RATE_WINDOW {
            // A window that spans a pause says nothing about the stream.
            if elapsed < RATE_WINDOW * 4 {
                let measured = self.bytes * 8_000_000 / elapsed.as_micros().max(1) as u64;
                self.smoothed = Some(self.smoothed.map_or(measured, |old| {
                    (old * RATE_OLD_QUARTERS + measured) / (RATE_OLD_QUARTERS + 1)
                }));
            }
            self.bytes = 0;
            self.since = Some(now);
        }
        self.bytes += bytes as u64;
    }

    /// Measured, or what pictures of that height usually take.
    fn bits_per_second(&self, height: u16) -> u64 {
        self.smoothed.unwrap_or(match height {
            0..=200 => 150_000,
            201..=400 => 500_000,
            401..=800 => 1_500_000,
            801.. => 2_500_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::Codec;

    fn packet(seq: u64, arrived: Instant) -> Packet {
        Packet {
            codec: Codec::Vp8,
            seq,
            timestamp: 0,
            marker: true,
            arrived,
            payload: vec![0; 1_000].into(),
            audio_level: None,
            has_voice: None,
            rotation: None,
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
    fn rate_height_and_silence_are_measured() {
        let mut now = Instant::now();
        let mut publication = Publication::new(3);
        assert_eq!(
            publication.offers(now)[1].height,
            360,
            "assumed until a key frame tells"
        );
        for seq in 0..200 {
            now += Duration::from_millis(20);
            let reading = Reading {
                height: (seq == 0).then_some(270),
                key_frame: seq == 0,
                ..Reading::default()
            };
            assert!(publication.note(1, &packet(seq, now), &reading));
        }
        let offer = publication.offers(now)[1];
        assert_eq!(offer.height, 270);
        assert!(
            (390_000..=410_000).contains(&offer.bits_per_second),
            "{offer:?}"
        );
        assert!(offer.is_active);
        assert!(
            !publication.note(1, &packet(3, now), &Reading::default()),
            "late"
        );
        assert!(!publication.is_live(now + LAYER_SILENT));
    }
}
