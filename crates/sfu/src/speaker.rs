//! Who is talking, from the audio levels publishers put on their packets (RFC 6464).
//!
//! Somebody speaks after a few loud packets, not one, so that a cough does not flicker; and stays a
//! speaker through the pauses between words.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use protocol::PeerId;

/// Loudness above silence (127 less the level, in dB) that counts as voice.
const VOICE_LOUDNESS: f32 = 77.0;
/// What one packet of 20 ms weighs: a voice is one after about 60 ms.
const SMOOTHING: f32 = 0.3;
/// Longer than the pauses between words.
const HOLD: Duration = Duration::from_millis(800);
/// At most five announcements a second.
const ANNOUNCE_INTERVAL: Duration = Duration::from_millis(200);
/// More are not announced: who talks over eight others is not heard anyway.
const SPEAKERS_MAX: usize = 8;

#[derive(Debug, Clone, Copy)]
struct Voice {
    loudness: f32,
    /// Set while speaking; moves on with every loud packet.
    speaks_until: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Speakers {
    voices: BTreeMap<PeerId, Voice>,
    announced: Vec<PeerId>,
    announced_at: Option<Instant>,
}

impl Speakers {
    /// One packet's level: 0 is loudest, 127 silent.
    pub(crate) fn hear(&mut self, peer: PeerId, level: u8, now: Instant) {
        let voice = self.voices.entry(peer).or_insert(Voice {
            loudness: 0.0,
            speaks_until: None,
        });
        let loudness = 127.0 - f32::from(level.min(127));
        voice.loudness += SMOOTHING * (loudness - voice.loudness);
        if voice.loudness >= VOICE_LOUDNESS {
            voice.speaks_until = Some(now + HOLD);
        }
    }

    pub(crate) fn forget(&mut self, peer: PeerId) {
        self.voices.remove(&peer);
    }

    /// Who speaks, loudest first.
    pub(crate) fn current(&self, now: Instant) -> Vec<PeerId> {
        let mut speaking: Vec<_> = self
            .voices
            .iter()
            .filter(|(_, voice)| voice.speaks_until.is_some_and(|until| until > now))
            .collect();
        speaking.sort_by(|(_, one), (_, other)| other.loudness.total_cmp(&one.loudness));
        speaking.truncate(SPEAKERS_MAX);
        speaking.into_iter().map(|(peer, _)| *peer).collect()
    }

    /// The list, when it is worth telling: somebody began, ended or became the loudest.
    pub(crate) fn announce(&mut self, now: Instant) -> Option<Vec<PeerId>> {
        let too_soon = self
            .announced_at
            .is_some_and(|at| now.saturating_duration_since(at) < ANNOUNCE_INTERVAL);
        if too_soon {
            return None;
        }
        let current = self.current(now);
        let same_people = current.len() == self.announced.len()
            && current.iter().all(|peer| self.announced.contains(peer));
        if same_people && current.first() == self.announced.first() {
            return None;
        }
        self.announced.clone_from(&current);
        self.announced_at = Some(now);
        Some(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    fn peer(number: u8) -> PeerId {
        PeerId::from_bytes([number; 16])
    }

    #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
    fn epoch() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_cough_is_not_speech_but_a_word_is() {
        let mut speakers = Speakers::default();
        let mut now = epoch();
        speakers.hear(peer(1), 20, now);
        assert_eq!(speakers.current(now), []);
        for _ in 0..5 {
            now += PACKET;
            speakers.hear(peer(1), 20, now);
        }
        assert_eq!(speakers.current(now), [peer(1)]);
    }

    #[test]
    fn a_pause_between_words_is_no_end() {
        let mut speakers = Speakers::default();
        let mut now = epoch();
        for _ in 0..10 {
            now += PACKET;
            speakers.hear(peer(1), 20, now);
        }
        assert_eq!(speakers.announce(now), Some(vec![peer(1)]));
        for _ in 0..25 {
            now += PACKET;
            speakers.hear(peer(1), 127, now);
        }
        assert_eq!(speakers.announce(now), None);
        assert_eq!(speakers.announce(now + HOLD), Some(vec![]));
    }

    #[test]
    fn announcements_come_at_most_five_times_a_second() {
        let mut speakers = Speakers::default();
        let start = epoch();
        let mut now = start;
        let mut announced = 0;
        while now < start + Duration::from_secs(10) {
            now += PACKET;
            // Two people take turns at being the loudest as fast as levels allow.
            let turn = (now.duration_since(start).as_millis() / 60).is_multiple_of(2);
            speakers.hear(peer(1), if turn { 5 } else { 45 }, now);
            speakers.hear(peer(2), if turn { 45 } else { 5 }, now);
            announced += usize::from(speakers.announce(now).is_some());
        }
        assert!(announced <= 50, "{announced} in ten seconds");
    }
}
