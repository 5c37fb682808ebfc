//! One receiver: its slots, what they carry, and what it is told about them.
//!
//! Which voices and pictures there are comes from the room; how packets look on the wire is
//! [`crate::egress`]'s.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use protocol::PeerId;
use protocol::media::{
    AudioSlot, ClientMediaMessage, LimitReason, ServerMediaMessage, SlotView, Source, VideoSlot,
};

use crate::bandwidth::allocate::{Demand, LayerOffer, allocate};
use crate::bandwidth::estimate::Estimate;
use crate::egress;
use crate::forward::rewrite::Rewriter;
use crate::forward::select::{Selector, Verdict};
use crate::forward::{Codec, Packet, Reading, audio};
use crate::offer::LineKind;
use crate::peer::{Connection, INITIAL_BITS_PER_SECOND};

/// Entries of one view. A message with more is dropped.
pub const VIEW_SLOTS_MAX: usize = 64;
/// What one voice takes with its headers; reserved before any picture.
const AUDIO_BITS_PER_SECOND: u64 = 50_000;
/// Probes aim at this much at least while anything is shown. The engine takes a probe's rate for the
/// link's even when the probe was small, so small ones would talk it down.
const PROBE_BITS_PER_SECOND: u64 = 2_500_000;
/// Pictures go out as they come where the link bears this much of them, in percent. On a narrower one
/// the engine paces them, or voices would wait behind them in the link. Its pacer trusts the newest
/// estimate, though, and after one that was too low keeps pictures for up to a second.
const WIDE_PERCENT: u64 = 150;
/// Slots are announced no oftener; the last state is always announced.
const ANNOUNCE_INTERVAL: Duration = Duration::from_millis(100);

/// A track in a room.
pub(crate) type TrackId = (PeerId, Source);
/// The layers of every track that is live.
pub(crate) type Offers = BTreeMap<TrackId, Vec<LayerOffer>>;

pub(crate) struct Downlink {
    pub(crate) connection: Connection,
    audio: Vec<Slot>,
    video: Vec<Slot>,
    estimate: Estimate,
    rates: (u64, u64),
    /// Something changed that the next allocation or announcement must show.
    pub(crate) is_stale: bool,
    announced: Option<ServerMediaMessage>,
    announce_at: Option<Instant>,
}

/// One receive line.
struct Slot {
    line: usize,
    mid: String,
    track: Option<TrackId>,
    view: Option<SlotView>,
    selector: Selector,
    rewriter: Rewriter,
    height: Option<u16>,
    reason: Option<LimitReason>,
}

impl Slot {
    fn carry(&mut self, track: Option<TrackId>) {
        if self.track != track {
            self.track = track;
            self.selector.reset();
            self.height = None;
        }
    }

    /// Answers whether that is news.
    fn show(&mut self, height: Option<u16>, reason: Option<LimitReason>) -> bool {
        let is_news = (self.height, self.reason) != (height, reason);
        (self.height, self.reason) = (height, reason);
        is_news
    }
}

impl Downlink {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            audio: Vec::new(),
            video: Vec::new(),
            estimate: Estimate::new(INITIAL_BITS_PER_SECOND),
            rates: (0, 0),
            is_stale: true,
            announced: None,
            announce_at: None,
        }
    }

    /// Makes slots of the lines that are new since the last offer.
    pub(crate) fn learn_lines(&mut self, mut random: impl FnMut() -> u16) {
        let known = self.audio.len() + self.video.len();
        let media = self.connection.lines.iter().enumerate();
        for (index, line) in media
            .filter(|(_, line)| line.kind != LineKind::Data)
            .skip(known)
        {
            let (slots, clock_rate) = match line.kind {
                LineKind::Audio => (&mut self.audio, Codec::Opus.clock_rate()),
                LineKind::Video | LineKind::Data => (&mut self.video, Codec::Vp8.clock_rate()),
            };
            slots.push(Slot {
                line: index,
                mid: line.name.clone(),
                track: None,
                view: None,
                selector: Selector::default(),
                rewriter: Rewriter::new(clock_rate, random()),
                height: None,
                reason: None,
            });
        }
        self.is_stale = true;
    }

    /// Reads a message from the browser; false for one that is not understood.
    pub(crate) fn on_message(&mut self, message: &[u8]) -> bool {
        match serde_json::from_slice(message) {
            Ok(ClientMediaMessage::View { slots }) => self.set_view(&slots),
            Err(_) => false,
        }
    }

    fn set_view(&mut self, views: &[SlotView]) -> bool {
        let own = self.connection.route.peer;
        let shows_video = |view: &SlotView| match view.source {
            Source::Camera | Source::Screen => view.peer_id != own,
            Source::Microphone | Source::ScreenAudio => false,
        };
        let is_sound = views.len() <= VIEW_SLOTS_MAX
            && views
                .iter()
                .all(|view| usize::from(view.slot) < self.video.len() && shows_video(view));
        if !is_sound {
            return false;
        }
        for (index, slot) in self.video.iter_mut().enumerate() {
            slot.view = views
                .iter()
                .find(|view| usize::from(view.slot) == index)
                .copied();
            slot.carry(slot.view.map(|view| (view.peer_id, view.source)));
        }
        self.is_stale = true;
        true
    }

    pub(crate) fn on_estimate(&mut self, bits_per_second: u64, now: Instant) {
        self.estimate.update(bits_per_second, now);
    }

    /// Gives the audio slots to the loudest of `ranked`, never to the receiver itself.
    pub(crate) fn assign_audio(&mut self, ranked: &[(TrackId, bool)]) {
        let own = self.connection.route.peer;
        let others: Vec<_> = ranked
            .iter()
            .filter(|((peer, _), _)| *peer != own)
            .copied()
            .collect();
        let mut tracks: Vec<_> = self.audio.iter().map(|slot| slot.track).collect();
        if audio::assign(&mut tracks, &others) {
            for (slot, track) in self.audio.iter_mut().zip(tracks) {
                slot.carry(track);
                slot.selector.aim(track.map(|_| 0));
            }
            self.is_stale = true;
        }
    }

    /// Decides anew which layer every video slot gets.
    pub(crate) fn allocate(&mut self, offers: &Offers, now: Instant) {
        let mut demands = Vec::new();
        let mut shown = Vec::new();
        for (index, slot) in self.video.iter_mut().enumerate() {
            let Some(view) = slot.view else {
                continue;
            };
            let Some(layers) = offers.get(&(view.peer_id, view.source)) else {
                slot.selector.aim(None);
                self.is_stale |= slot.show(None, Some(LimitReason::Off));
                continue;
            };
            shown.push(index);
            demands.push(Demand {
                height: view.height_px,
                is_first: view.pinned || view.source == Source::Screen,
                layers: layers.clone(),
                current: slot.selector.target(),
            });
        }
        let reserved = self
            .audio
            .iter()
            .filter(|slot| slot.track.is_some())
            .count() as u64
            * AUDIO_BITS_PER_SECOND;
        let allocation = allocate(&demands, self.estimate.budget(now).without(reserved));
        for (place, index) in shown.iter().enumerate() {
            let (slot, demand) = (&mut self.video[*index], &demands[place]);
            slot.selector.aim(allocation.layers[place]);
            let height = slot
                .selector
                .current()
                .map(|layer| demand.layers[layer].height);
            let reason = if allocation.limited[place] {
                Some(LimitReason::YourConnection)
            } else if slot.selector.awaits().is_some() {
                Some(LimitReason::Switching)
            } else if demand.is_short() {
                Some(LimitReason::TheirUpload)
            } else {
                None
            };
            self.is_stale |= slot.show(height, reason);
        }
        // What goes out until a key frame of the new layer comes is as heavy as the old one.
        let carried = |slot: &Slot, demand: &Demand| {
            let layer = slot.selector.current().max(slot.selector.target());
            layer.map_or(0, |layer| demand.layers[layer].bits_per_second)
        };
        let heaviest: u64 = demands
            .iter()
            .zip(&shown)
            .map(|(demand, index)| carried(&self.video[*index], demand))
            .sum();
        // A link is wide once it has been for long, and narrow once it has for a while: a probe may
        // find too much, and a late packet too little.
        let enough = (heaviest + reserved) * WIDE_PERCENT / 100;
        let is_wide = if self.connection.is_paced() {
            self.estimate.budget(now).proven >= enough
        } else {
            self.estimate.lately(now) >= enough
        };
        self.connection.set_paced(!is_wide);
        // Padding is for finding room for a next step, not for keeping the link full.
        let next = if allocation.next_step > allocation.spent {
            allocation.next_step + reserved
        } else {
            0
        };
        let desired = if demands.is_empty() {
            0
        } else {
            ((allocation.desired + reserved) * 5 / 4).max(PROBE_BITS_PER_SECOND)
        };
        if self.rates != (next, desired) {
            self.rates = (next, desired);
            self.connection.set_rates(next, desired);
        }
    }

    /// Hands on one packet to every slot that carries its track and layer. Answers whether anything
    /// was queued.
    pub(crate) fn forward(
        &mut self,
        track: TrackId,
        layer: usize,
        packet: &Packet,
        reading: &Reading,
        in_order: bool,
    ) -> bool {
        let slots = match packet.codec {
            Codec::Opus => &mut self.audio,
            Codec::Vp8 | Codec::H264 => &mut self.video,
        };
        let mut wrote = false;
        for slot in slots.iter_mut().filter(|slot| slot.track == Some(track)) {
            let numbers = packet.numbers(reading);
            match slot.selector.consider(layer, reading.key_frame, in_order) {
                Verdict::Drop => continue,
                Verdict::Switch => {
                    slot.rewriter.switch(&numbers);
                    self.is_stale = true;
                }
                Verdict::Forward => {}
            }
            if let Some(outgoing) = slot.rewriter.forward(&numbers) {
                wrote |= egress::write(&mut self.connection, slot.line, packet, &outgoing);
            }
        }
        wrote
    }

    /// Leaves a packet without payload out of every stream it would belong to.
    pub(crate) fn skip(&mut self, track: TrackId, layer: usize, seq: u64) {
        let slots = self.audio.iter_mut().chain(&mut self.video);
        for slot in slots.filter(|slot| slot.track == Some(track)) {
            if slot.selector.current() == Some(layer) {
                slot.rewriter.skip(seq);
            }
        }
    }

    /// The layer a receiver's own request for a key frame is about.
    pub(crate) fn key_frame_wanted(&self, line: usize) -> Option<(TrackId, usize)> {
        let slot = self.video.iter().find(|slot| slot.line == line)?;
        Some((
            slot.track?,
            slot.selector.awaits().or(slot.selector.current())?,
        ))
    }

    /// The layers whose key frames slots wait for.
    pub(crate) fn awaited(&self) -> impl Iterator<Item = (TrackId, usize)> {
        self.video
            .iter()
            .filter_map(|slot| Some((slot.track?, slot.selector.awaits()?)))
    }

    /// Tells the browser what its slots carry, if that changed.
    pub(crate) fn announce(&mut self, now: Instant) {
        let is_due = self.announce_at.is_none_or(|at| at <= now);
        if !self.is_stale || !is_due || !self.connection.has_channel() {
            return;
        }
        let message = self.slots();
        if self.announced.as_ref() != Some(&message) {
            if !self.tell(&message) {
                return;
            }
            self.announced = Some(message);
            self.announce_at = Some(now + ANNOUNCE_INTERVAL);
        }
        self.is_stale = false;
    }

    /// Sends a message that may be lost when the browser takes none.
    pub(crate) fn tell(&mut self, message: &ServerMediaMessage) -> bool {
        let text = serde_json::to_string(message).expect("messages are plain data");
        self.connection.send(&text)
    }

    /// A new channel has been told nothing yet.
    pub(crate) fn on_channel(&mut self) {
        self.announced = None;
        self.is_stale = true;
    }

    fn slots(&self) -> ServerMediaMessage {
        let audio = self.audio.iter().map(|slot| AudioSlot {
            mid: slot.mid.clone(),
            peer_id: slot.track.map(|(peer, _)| peer),
            source: slot.track.map_or(Source::Microphone, |(_, source)| source),
        });
        let video = self.video.iter().filter_map(|slot| {
            let view = slot.view?;
            Some(VideoSlot {
                slot: view.slot,
                mid: slot.mid.clone(),
                peer_id: view.peer_id,
                source: view.source,
                height_px: slot.height,
                reason: slot.reason,
            })
        });
        ServerMediaMessage::Slots {
            audio: audio.collect(),
            video: video.collect(),
        }
    }
}
