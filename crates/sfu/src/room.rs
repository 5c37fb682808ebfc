//! One call's media: who publishes, who receives, and what passes between them.
//!
//! Sockets and demultiplexing are [`crate::sfu`]'s, the engine's [`crate::peer`]'s. The room reacts to
//! packets as they come and looks after everything slower ten times a second.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use protocol::media::{Direction, ServerMediaMessage, Source};
use protocol::{CallId, PeerId};

use crate::AdmitError;
use crate::downlink::{Downlink, Offers, TrackId};
use crate::forward::Packet;
use crate::offer::{Line, LineKind};
use crate::peer::{Connection, Signal};
use crate::publication::Publication;
use crate::sfu::{Event, Queue};
use crate::speaker::Speakers;

/// Connections of one call beyond this many people are refused.
pub const PEERS_PER_ROOM_MAX: usize = 512;
/// How often a room looks after speakers, layers, announcements and the silent.
pub(crate) const TICK: Duration = Duration::from_millis(100);
/// A connection that says nothing for this long is lost; our own checks make a living one answer
/// at least every three seconds.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// The same for somebody who is watched closely, and silent on all their connections. Pages have
/// something to say at least that often while they send or are sent anything; one that has nothing
/// may be taken for lost until its next check.
const LOST_AFTER_WATCHED: Duration = Duration::from_secs(2);
/// A connection not established by then is given up.
const ESTABLISH_TIMEOUT: Duration = Duration::from_secs(30);
/// A lost connection can recover until then; its browser then has to open another.
const RECOVER_TIMEOUT: Duration = Duration::from_secs(60);

/// The media lines of an up connection, in this order.
const UP_LINES: [(Source, LineKind); 4] = [
    (Source::Microphone, LineKind::Audio),
    (Source::Camera, LineKind::Video),
    (Source::Screen, LineKind::Video),
    (Source::ScreenAudio, LineKind::Audio),
];

#[derive(Default)]
pub(crate) struct Room {
    members: BTreeMap<PeerId, Member>,
    speakers: Speakers,
    ranked: Vec<(TrackId, bool)>,
}

#[derive(Default)]
struct Member {
    up: Option<Uplink>,
    down: Option<Downlink>,
    /// Kept here so that it holds across reconnections.
    muted: BTreeSet<Source>,
    is_watched: bool,
}

struct Uplink {
    connection: Connection,
    publications: BTreeMap<Source, Publication>,
}

impl Room {
    pub(crate) fn check_admission(&self, peer: PeerId) -> Result<(), AdmitError> {
        let is_full = self.members.len() >= PEERS_PER_ROOM_MAX && !self.members.contains_key(&peer);
        if is_full {
            return Err(AdmitError::Full {
                limit: PEERS_PER_ROOM_MAX,
            });
        }
        Ok(())
    }

    pub(crate) fn connection(
        &mut self,
        peer: PeerId,
        direction: Direction,
    ) -> Option<&mut Connection> {
        let member = self.members.get_mut(&peer)?;
        match direction {
            Direction::Up => member.up.as_mut().map(|up| &mut up.connection),
            Direction::Down => member.down.as_mut().map(|down| &mut down.connection),
        }
    }

    pub(crate) fn last_heard(&self, peer: PeerId) -> Option<Instant> {
        self.members.get(&peer)?.last_heard()
    }

    pub(crate) fn peers(&self) -> impl Iterator<Item = PeerId> {
        self.members.keys().copied()
    }

    /// Puts a new connection in its place, and gives back the one that was there.
    pub(crate) fn install(&mut self, connection: Connection) -> Option<Connection> {
        let (peer, direction) = (connection.route.peer, connection.route.direction);
        let old = self.take(peer, direction);
        let member = self.members.entry(peer).or_default();
        match direction {
            Direction::Up => {
                member.up = Some(Uplink {
                    connection,
                    publications: BTreeMap::new(),
                });
            }
            Direction::Down => member.down = Some(Downlink::new(connection)),
        }
        old
    }

    /// Reads the lines of a connection anew after each offer.
    pub(crate) fn learn_lines(
        &mut self,
        peer: PeerId,
        direction: Direction,
        random: impl FnMut() -> u16,
    ) {
        let Some(member) = self.members.get_mut(&peer) else {
            return;
        };
        match (direction, &mut member.up, &mut member.down) {
            (Direction::Up, Some(up), _) => {
                let media = up
                    .connection
                    .lines
                    .iter()
                    .filter(|line| line.kind != LineKind::Data);
                for (line, (source, _)) in media.zip(UP_LINES) {
                    let layers = line.layers.len();
                    up.publications.entry(source).or_insert_with(|| {
                        let mut publication = Publication::new(layers);
                        publication.is_muted = member.muted.contains(&source);
                        publication
                    });
                }
            }
            (Direction::Down, _, Some(down)) => {
                down.learn_lines(random);
                self.ranked.clear();
            }
            (Direction::Up, None, _) | (Direction::Down, _, None) => {}
        }
    }

    /// Takes a connection out. A peer with neither is gone.
    pub(crate) fn take(&mut self, peer: PeerId, direction: Direction) -> Option<Connection> {
        let member = self.members.get_mut(&peer)?;
        let connection = match direction {
            Direction::Up => {
                self.speakers.forget(peer);
                member.up.take().map(|up| up.connection)
            }
            Direction::Down => member.down.take().map(|down| down.connection),
        };
        if member.up.is_none() && member.down.is_none() && member.muted.is_empty() {
            self.members.remove(&peer);
        }
        connection
    }

    pub(crate) fn remove(&mut self, peer: PeerId) -> impl Iterator<Item = Connection> {
        self.speakers.forget(peer);
        let member = self.members.remove(&peer).unwrap_or_default();
        let up = member.up.map(|up| up.connection);
        up.into_iter()
            .chain(member.down.map(|down| down.connection))
    }

    pub(crate) fn set_muted(&mut self, peer: PeerId, source: Source, muted: bool) {
        if self.check_admission(peer).is_err() {
            return;
        }
        let member = self.members.entry(peer).or_default();
        if muted {
            member.muted.insert(source);
        } else {
            member.muted.remove(&source);
        }
        if let Some(publication) = member
            .up
            .as_mut()
            .and_then(|up| up.publications.get_mut(&source))
        {
            publication.is_muted = muted;
        }
        if source == Source::Microphone {
            self.speakers.forget(peer);
        }
    }

    pub(crate) fn watch(&mut self, peer: PeerId, closely: bool) {
        if let Some(member) = self.members.get_mut(&peer) {
            member.is_watched = closely;
        }
    }

    pub(crate) fn on_signal(
        &mut self,
        peer: PeerId,
        direction: Direction,
        signal: Signal,
        now: Instant,
        queue: &mut Queue,
    ) {
        match (direction, signal) {
            (_, Signal::Established) => {
                if let Some(connection) = self.connection(peer, direction) {
                    queue.event(Event::connected(connection.route));
                }
            }
            (
                Direction::Up,
                Signal::Media {
                    line,
                    layer,
                    packet,
                },
            ) => {
                self.on_packet(peer, line, layer, &packet, queue);
            }
            (Direction::Down, Signal::KeyFrameWanted { line }) => {
                let down = self
                    .members
                    .get(&peer)
                    .and_then(|member| member.down.as_ref());
                if let Some((track, layer)) = down.and_then(|down| down.key_frame_wanted(line)) {
                    self.want_key_frame(track, layer, now, queue);
                }
            }
            (Direction::Down, Signal::Estimate { bits_per_second }) => {
                if let Some(down) = self.down(peer) {
                    down.on_estimate(bits_per_second, now);
                }
            }
            (Direction::Down, Signal::ChannelOpen) => {
                if let Some(down) = self.down(peer) {
                    down.on_channel();
                }
            }
            (Direction::Down, Signal::Message(message)) => {
                let understood = self
                    .down(peer)
                    .is_some_and(|down| down.on_message(&message));
                if understood {
                    let offers = self.offers(now);
                    if let Some(down) = self.down(peer) {
                        down.allocate(&offers, now);
                    }
                    self.want_awaited(now, queue);
                } else {
                    queue.counters.messages_dropped += 1;
                }
            }
            (Direction::Up, Signal::Message(_)) => queue.counters.messages_dropped += 1,
            (Direction::Down, Signal::Media { .. })
            | (
                Direction::Up,
                Signal::KeyFrameWanted { .. } | Signal::Estimate { .. } | Signal::ChannelOpen,
            ) => {}
        }
    }

    fn down(&mut self, peer: PeerId) -> Option<&mut Downlink> {
        self.members.get_mut(&peer)?.down.as_mut()
    }

    /// Hands a published packet to everyone who receives its layer.
    fn on_packet(
        &mut self,
        from: PeerId,
        line: usize,
        layer: usize,
        packet: &Packet,
        queue: &mut Queue,
    ) {
        let Some(up) = self
            .members
            .get_mut(&from)
            .and_then(|member| member.up.as_mut())
        else {
            return;
        };
        let Some(source) = up.source(line) else {
            return;
        };
        let Some(publication) = up.publications.get_mut(&source) else {
            return;
        };
        if publication.is_muted || layer >= publication.layers.len() {
            queue.counters.packets_dropped += 1;
            return;
        }
        let track = (from, source);
        if packet.payload.is_empty() {
            for down in self
                .members
                .values_mut()
                .filter_map(|member| member.down.as_mut())
            {
                down.skip(track, layer, packet.seq);
            }
            return;
        }
        let Some(reading) = packet.read() else {
            queue.counters.packets_dropped += 1;
            return;
        };
        let in_order = publication.note(layer, packet, &reading);
        if let (Source::Microphone, Some(level)) = (source, packet.audio_level) {
            self.speakers.hear(from, level, packet.arrived);
        }
        queue.counters.packets_received += 1;
        for (peer, member) in &mut self.members {
            let Some(down) = member.down.as_mut().filter(|_| *peer != from) else {
                continue;
            };
            if down.forward(track, layer, packet, &reading, in_order) {
                queue.counters.packets_forwarded += 1;
                queue.wake(&mut down.connection);
            }
        }
    }

    fn want_key_frame(
        &mut self,
        (peer, source): TrackId,
        layer: usize,
        now: Instant,
        queue: &mut Queue,
    ) {
        let Some(up) = self
            .members
            .get_mut(&peer)
            .and_then(|member| member.up.as_mut())
        else {
            return;
        };
        let wanted = up
            .publications
            .get_mut(&source)
            .and_then(|publication| publication.layers.get_mut(layer));
        if let Some(wanted) = wanted {
            wanted.key_frames.want();
            up.request_key_frames(now, queue);
        }
    }

    /// Asks for the key frames that slots wait for; the brokers see to it that it is not too often.
    fn want_awaited(&mut self, now: Instant, queue: &mut Queue) {
        let downs = self
            .members
            .values()
            .filter_map(|member| member.down.as_ref());
        let awaited: BTreeSet<_> = downs.flat_map(Downlink::awaited).collect();
        for (track, layer) in awaited {
            self.want_key_frame(track, layer, now, queue);
        }
    }

    fn offers(&self, now: Instant) -> Offers {
        let mut offers = Offers::new();
        for (peer, member) in &self.members {
            let publications = member.up.iter().flat_map(|up| &up.publications);
            for (source, publication) in publications {
                if publication.is_live(now) {
                    offers.insert((*peer, *source), publication.offers(now));
                }
            }
        }
        offers
    }

    /// Looks after everything that is not a packet.
    pub(crate) fn tick(&mut self, call: CallId, now: Instant, queue: &mut Queue) {
        let offers = self.offers(now);
        self.rank_voices(&offers, now);
        let announcement = self.speakers.announce(now);
        for down in self
            .members
            .values_mut()
            .filter_map(|member| member.down.as_mut())
        {
            down.allocate(&offers, now);
            down.announce(now);
            if let Some(peers) = &announcement {
                // Lost when the browser takes no more: the next change follows soon.
                down.tell(&ServerMediaMessage::Speakers {
                    peers: peers.clone(),
                });
            }
            // The engine sees new rates and messages only when driven.
            queue.wake(&mut down.connection);
        }
        if let Some(peers) = announcement {
            queue.event(Event::Speaking { call, peers });
        }
        self.want_awaited(now, queue);
        for up in self
            .members
            .values_mut()
            .filter_map(|member| member.up.as_mut())
        {
            up.request_key_frames(now, queue);
        }
    }

    /// Orders all voices, screens' sound first, then who speaks, the loudest first.
    fn rank_voices(&mut self, offers: &Offers, now: Instant) {
        let speaking = self.speakers.current(now);
        let rank = |(peer, source): &TrackId| match source {
            Source::ScreenAudio => 0,
            Source::Microphone | Source::Camera | Source::Screen => {
                1 + speaking
                    .iter()
                    .position(|other| other == peer)
                    .unwrap_or(speaking.len())
            }
        };
        let mut ranked: Vec<_> = offers
            .keys()
            .filter(|(_, source)| matches!(source, Source::Microphone | Source::ScreenAudio))
            .map(|track| (*track, rank(track) <= speaking.len()))
            .collect();
        ranked.sort_by_key(|(track, _)| rank(track));
        if ranked == self.ranked {
            return;
        }
        for down in self
            .members
            .values_mut()
            .filter_map(|member| member.down.as_mut())
        {
            down.assign_audio(&ranked);
        }
        self.ranked = ranked;
    }

    /// Finds connections that fell silent, and says which are to be given up.
    pub(crate) fn check_silence(
        &mut self,
        now: Instant,
        queue: &mut Queue,
    ) -> Vec<(PeerId, Direction)> {
        let mut dead = Vec::new();
        for (peer, member) in &mut self.members {
            let heard = member.last_heard();
            let is_missed =
                member.is_watched && heard.is_some_and(|at| silence(at, now) >= LOST_AFTER_WATCHED);
            let up = member.up.as_mut().map(|up| &mut up.connection);
            let down = member.down.as_mut().map(|down| &mut down.connection);
            for connection in up.into_iter().chain(down) {
                let silent = silence(connection.last_heard.unwrap_or(connection.opened_at), now);
                let is_silent = is_missed || silent >= LOST_AFTER;
                if connection.is_established && !connection.is_lost && is_silent {
                    connection.is_lost = true;
                    queue.event(Event::lost(connection.route));
                }
                let limit = if connection.is_established {
                    RECOVER_TIMEOUT
                } else {
                    ESTABLISH_TIMEOUT
                };
                if silent >= limit || !connection.is_alive() {
                    dead.push((*peer, connection.route.direction));
                }
            }
        }
        dead
    }
}

impl Member {
    fn last_heard(&self) -> Option<Instant> {
        let up = self.up.as_ref().and_then(|up| up.connection.last_heard);
        let down = self.down.as_ref();
        up.max(down.and_then(|down| down.connection.last_heard))
    }
}

fn silence(at: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(at)
}

impl Uplink {
    fn source(&self, line: usize) -> Option<Source> {
        let before = self.connection.lines.get(..line)?;
        let place = before
            .iter()
            .filter(|line| line.kind != LineKind::Data)
            .count();
        UP_LINES.get(place).map(|(source, _)| *source)
    }

    fn line(&self, source: Source) -> Option<usize> {
        let media = self
            .connection
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.kind != LineKind::Data);
        media
            .zip(UP_LINES)
            .find(|(_, (other, _))| *other == source)
            .map(|((index, _), _)| index)
    }

    fn request_key_frames(&mut self, now: Instant, queue: &mut Queue) {
        let mut due = Vec::new();
        for (source, publication) in &mut self.publications {
            for (index, layer) in publication.layers.iter_mut().enumerate() {
                if layer.key_frames.poll(now) {
                    due.push((*source, index));
                }
            }
        }
        for (source, layer) in due {
            if let Some(line) = self.line(source) {
                self.connection.request_key_frame(line, layer);
                queue.counters.key_frames_requested += 1;
                queue.wake(&mut self.connection);
            }
        }
    }
}

/// Whether an offer's lines are what its direction needs.
pub(crate) fn check_lines(direction: Direction, lines: &[Line]) -> Result<(), AdmitError> {
    let media = || lines.iter().filter(|line| line.kind != LineKind::Data);
    match direction {
        Direction::Up => {
            let in_order = media().count() <= UP_LINES.len()
                && media()
                    .zip(UP_LINES)
                    .all(|(line, (_, kind))| line.kind == kind);
            if !in_order {
                return Err(AdmitError::Malformed(
                    "an up offer has microphone, camera, screen, screen audio, in this order",
                ));
            }
        }
        Direction::Down => {
            if media().any(|line| !line.rids.is_empty()) {
                return Err(AdmitError::Malformed("a down offer publishes nothing"));
            }
        }
    }
    if lines.is_empty() {
        return Err(AdmitError::Malformed("an offer has media lines"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: usize) -> PeerId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        PeerId::from_bytes(bytes)
    }

    #[test]
    fn a_full_room_admits_only_who_is_in_it() {
        let mut room = Room::default();
        for number in 0..PEERS_PER_ROOM_MAX {
            assert_eq!(room.check_admission(peer(number)), Ok(()));
            room.members.entry(peer(number)).or_default();
        }
        let full = Err(AdmitError::Full {
            limit: PEERS_PER_ROOM_MAX,
        });
        assert_eq!(room.check_admission(peer(PEERS_PER_ROOM_MAX)), full);
        assert_eq!(room.check_admission(peer(0)), Ok(()));
        room.set_muted(peer(PEERS_PER_ROOM_MAX), Source::Camera, true);
        assert_eq!(room.members.len(), PEERS_PER_ROOM_MAX);
    }
}
