//! One track somebody publishes: its layers, how high and heavy they are, and their key-frame brokers.

use std::time::{Duration, Instant};

use crate::bandwidth::allocate::LayerOffer;
use crate::forward::{Packet, Reading};
use crate::keyframe::KeyFrameBroker;

/// Without a packet for this long a layer is off. Browsers in the background send one frame a second.
const LAYER_SILENT: Duration = Duration::from_millis(2_500);
/// So many frames of the lowest layer without one of a higher layer: the publisher sends that no more.
/// All layers are made of the same frames, so receivers see within half a second what silence tells
/// after much longer. Fewer, and an encoder that skips frames to keep its rate would be taken for off.
const FRAMES_MISSED_MAX: u32 = 5;
/// The same, whatever the frame rate.
const MISSED_FOR: Duration = Duration::from_millis(250);
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
    last_timestamp: Option<u32>,
    /// Frames of the lowest layer since this one's last packet.
    frames_missed: u32,
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
        if let (0, Some((lowest, higher))) = (layer, self.layers.split_first_mut())
            && lowest.last_timestamp != Some(packet.timestamp)
        {
            for other in higher {
                other.frames_missed = other.frames_missed.saturating_add(1);
            }
        }
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
            last_timestamp: None,
            frames_missed: 0,
            highest_seq: None,
            key_frames: KeyFrameBroker::default(),
        }
    }

    pub(crate) fn height(&self) -> u16 {
        self.height.unwrap_or(self.assumed_height)
    }

    pub(crate) fn is_active(&self, now: Instant) -> bool {
        self.last_packet.is_some_and(|at| {
            let silent = now.saturating_duration_since(at);
            let is_missed = self.frames_missed > FRAMES_MISSED_MAX && silent >= MISSED_FOR;
            silent < LAYER_SILENT && !is_missed
        })
    }

    fn note(&mut self, packet: &Packet, reading: &Reading) -> bool {
        self.last_packet = Some(packet.arrived);
        self.last_timestamp = Some(packet.timestamp);
        self.frames_missed = 0;
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
            timestamp: u32::try_from(seq).unwrap() * 3_000,
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

    /// Which layers are active after that many frames of the lowest, so far apart, since the last of
    /// them that came in all.
    fn active_after(frames: u64, apart: Duration) -> Vec<bool> {
        #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
        let mut now = Instant::now();
        let mut publication = Publication::new(3);
        for layer in 0..3 {
            publication.note(layer, &packet(0, now), &Reading::default());
        }
        for seq in 1..=frames {
            now += apart;
            // A frame of two packets is one frame.
            for _ in 0..2 {
                publication.note(0, &packet(seq, now), &Reading::default());
            }
        }
        let offers = publication.offers(now);
        offers.iter().map(|offer| offer.is_active).collect()
    }

    #[test]
    fn a_layer_is_off_once_frames_come_without_it() {
        let frame = Duration::from_millis(33);
        assert_eq!(active_after(5, frame), [true, true, true], "skipped frames");
        assert_eq!(
            active_after(7, frame),
            [true, true, true],
            "too soon to tell"
        );
        assert_eq!(active_after(8, frame), [true, false, false]);
        // A page in the background sends as seldom in all layers.
        assert_eq!(active_after(2, Duration::from_secs(1)), [true, true, true]);
    }
}
