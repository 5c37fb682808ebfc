//! Who has media: from what single connections do to what a participant has, and what calls were
//! told of it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{CallId, PeerId, media::Direction};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::MediaEvent;

type Participant = (CallId, PeerId);

/// All participants who have offered a connection and were not removed.
#[derive(Debug, Default)]
pub(super) struct Standings {
    participants: BTreeMap<Participant, Standing>,
    /// Those whose standing is another than was told.
    untold: BTreeSet<Participant>,
}

#[derive(Debug, Default)]
struct Standing {
    up: Option<Link>,
    down: Option<Link>,
    is_told_connected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Connecting,
    Connected,
    Lost,
}

impl Standings {
    /// A connection in the place of an older one has that one's standing until it has its own.
    pub(super) fn offered(&mut self, call: CallId, peer: PeerId, direction: Direction) {
        let standing = self.participants.entry((call, peer)).or_default();
        standing.link(direction).get_or_insert(Link::Connecting);
    }

    pub(super) fn connected(&mut self, call: CallId, peer: PeerId, direction: Direction) {
        self.set(call, peer, direction, Link::Connected);
    }

    pub(super) fn lost(&mut self, call: CallId, peer: PeerId, direction: Direction) {
        self.set(call, peer, direction, Link::Lost);
    }

    pub(super) fn removed(&mut self, call: CallId, peer: PeerId) {
        self.participants.remove(&(call, peer));
        self.untold.remove(&(call, peer));
    }

    pub(super) fn closed(&mut self, call: CallId) {
        self.participants.retain(|(of, _), _| *of != call);
        self.untold.retain(|(of, _)| *of != call);
    }

    /// Nobody is connected any more.
    pub(super) fn all_lost(&mut self) {
        for (participant, standing) in &mut self.participants {
            for link in [&mut standing.up, &mut standing.down].into_iter().flatten() {
                *link = Link::Lost;
            }
            if standing.is_told_connected {
                self.untold.insert(*participant);
            }
        }
    }

    /// Tells what is not told yet. False when some of it has to wait.
    pub(super) fn tell(&mut self, events: &mpsc::Sender<MediaEvent>) -> bool {
        while let Some(participant @ (call, peer)) = self.untold.first().copied() {
            if let Some(standing) = self.participants.get_mut(&participant)
                && let Some(is_connected) = standing.news()
            {
                let event = if is_connected {
                    MediaEvent::Connected { call, peer }
                } else {
                    MediaEvent::Lost { call, peer }
                };
                match events.try_send(event) {
                    Ok(()) | Err(TrySendError::Closed(_)) => {
                        standing.is_told_connected = is_connected;
                    }
                    Err(TrySendError::Full(_)) => return false,
                }
            }
            self.untold.pop_first();
        }
        true
    }

    /// Who was removed meanwhile stays away.
    fn set(&mut self, call: CallId, peer: PeerId, direction: Direction, link: Link) {
        let Some(standing) = self.participants.get_mut(&(call, peer)) else {
            return;
        };
        *standing.link(direction) = Some(link);
        if standing.news().is_some() {
            self.untold.insert((call, peer));
        }
    }
}

impl Standing {
    fn link(&mut self, direction: Direction) -> &mut Option<Link> {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    /// Whether it is connected, when that is another than was told. While a connection comes up
    /// beside one that carries media, nothing has changed.
    fn news(&self) -> Option<bool> {
        let links = [self.up, self.down];
        let any = |link| links.contains(&Some(link));
        let is_connected = if any(Link::Lost) {
            false
        } else if any(Link::Connected) && !any(Link::Connecting) {
            true
        } else {
            return None;
        };
        (is_connected != self.is_told_connected).then_some(is_connected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId::from_bytes([1; 16]);
    const PEER: PeerId = PeerId::from_bytes([2; 16]);

    fn connected() -> MediaEvent {
        MediaEvent::Connected {
            call: CALL,
            peer: PEER,
        }
    }

    fn lost() -> MediaEvent {
        MediaEvent::Lost {
            call: CALL,
            peer: PEER,
        }
    }

    #[test]
    fn a_participant_is_connected_once_both_connections_are() {
        let (events, mut told) = mpsc::channel(8);
        let mut standings = Standings::default();
        standings.offered(CALL, PEER, Direction::Up);
        standings.offered(CALL, PEER, Direction::Down);
        standings.connected(CALL, PEER, Direction::Up);
        assert!(standings.tell(&events));
        assert!(told.try_recv().is_err());
        standings.connected(CALL, PEER, Direction::Down);
        assert!(standings.tell(&events));
        assert_eq!(told.try_recv(), Ok(connected()));
        standings.lost(CALL, PEER, Direction::Up);
        standings.lost(CALL, PEER, Direction::Down);
        assert!(standings.tell(&events));
        assert_eq!(told.try_recv(), Ok(lost()));
        assert!(told.try_recv().is_err(), "a loss is told once");
    }

    #[test]
    fn what_could_not_be_told_is_told_as_it_is_later() {
        let (events, mut told) = mpsc::channel(1);
        let mut standings = Standings::default();
        standings.offered(CALL, PEER, Direction::Up);
        standings.connected(CALL, PEER, Direction::Up);
        assert!(standings.tell(&events));
        standings.lost(CALL, PEER, Direction::Up);
        assert!(!standings.tell(&events), "the channel is full");
        standings.connected(CALL, PEER, Direction::Up);
        assert!(standings.tell(&events), "there is nothing to tell any more");
        assert_eq!(told.try_recv(), Ok(connected()));
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn nothing_is_told_of_who_was_removed() {
        let (events, mut told) = mpsc::channel(8);
        let mut standings = Standings::default();
        standings.offered(CALL, PEER, Direction::Up);
        standings.connected(CALL, PEER, Direction::Up);
        standings.removed(CALL, PEER);
        standings.lost(CALL, PEER, Direction::Up);
        assert!(standings.tell(&events));
        assert!(told.try_recv().is_err());
        assert!(standings.participants.is_empty());
    }
}
