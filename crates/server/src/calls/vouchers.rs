//! Which socket vouches for which participants, and when it was last heard. A heartbeat costs a
//! write here, in memory, and none in the store.

use std::collections::HashMap;

use protocol::{CallId, PeerId, Timestamp};

use crate::gateway::hub::SocketId;

#[derive(Debug, Default)]
pub(super) struct Vouchers {
    /// Sockets that hold a participant. The others are not kept.
    sockets: HashMap<SocketId, Held>,
    /// The one socket that vouches for a participant: a newer one takes over from an older.
    by_peer: HashMap<PeerId, SocketId>,
}

#[derive(Debug)]
struct Held {
    heard_at: Timestamp,
    participants: Vec<(CallId, PeerId)>,
}

impl Vouchers {
    /// From now on this socket vouches for that participant.
    pub(super) fn vouch(
        &mut self,
        socket: SocketId,
        call_id: CallId,
        peer_id: PeerId,
        now: Timestamp,
    ) {
        self.release(peer_id);
        self.by_peer.insert(peer_id, socket);
        let held = self.sockets.entry(socket).or_insert_with(|| Held {
            heard_at: now,
            participants: Vec::new(),
        });
        held.participants.push((call_id, peer_id));
    }

    /// The same, said by the participant's own page; whether that is news.
    pub(super) fn claim(
        &mut self,
        socket: SocketId,
        call_id: CallId,
        peer_id: PeerId,
        now: Timestamp,
    ) -> bool {
        let new = self.by_peer.get(&peer_id) != Some(&socket);
        if new {
            self.vouch(socket, call_id, peer_id, now);
        }
        new
    }

    /// The participant is not in the call.
    pub(super) fn release(&mut self, peer_id: PeerId) {
        let Some(socket) = self.by_peer.remove(&peer_id) else {
            return;
        };
        if let Some(held) = self.sockets.get_mut(&socket) {
            held.participants.retain(|(_, other)| *other != peer_id);
            if held.participants.is_empty() {
                self.sockets.remove(&socket);
            }
        }
    }

    pub(super) fn heard(&mut self, socket: SocketId, now: Timestamp) {
        if let Some(held) = self.sockets.get_mut(&socket) {
            held.heard_at = now;
        }
    }

    /// The participants this socket vouches for.
    pub(super) fn held(&self, socket: SocketId) -> Vec<(CallId, PeerId)> {
        self.sockets
            .get(&socket)
            .map_or_else(Vec::new, |held| held.participants.clone())
    }

    /// The socket is gone: those it still vouched for, with its last sign of life.
    pub(super) fn close(&mut self, socket: SocketId) -> Vec<(CallId, PeerId, Timestamp)> {
        let Some(held) = self.sockets.remove(&socket) else {
            return Vec::new();
        };
        let lost: Vec<_> = held
            .participants
            .into_iter()
            .map(|(call_id, peer_id)| (call_id, peer_id, held.heard_at))
            .collect();
        for (_, peer_id, _) in &lost {
            self.by_peer.remove(peer_id);
        }
        lost
    }

    /// When the participant was last heard by the socket that vouches for it, if one does.
    pub(super) fn heard_at(&self, peer_id: PeerId) -> Option<Timestamp> {
        let socket = self.by_peer.get(&peer_id)?;
        self.sockets.get(socket).map(|held| held.heard_at)
    }
}

#[cfg(test)]
mod tests {
    use cluster::Bus;

    use super::*;
    use crate::gateway::hub::Hub;

    const CALL: CallId = CallId::from_bytes([1; 16]);
    const PEER: PeerId = PeerId::from_bytes([2; 16]);

    fn sockets() -> (SocketId, SocketId) {
        let hub = Hub::new(Bus::local());
        (hub.next_id(), hub.next_id())
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_closed_socket_gives_up_its_participants_with_its_last_word() {
        let (socket, _) = sockets();
        let mut vouchers = Vouchers::default();
        vouchers.vouch(socket, CALL, PEER, at(1));
        vouchers.heard(socket, at(5));
        assert_eq!(vouchers.heard_at(PEER), Some(at(5)));
        assert_eq!(vouchers.close(socket), [(CALL, PEER, at(5))]);
        assert_eq!(vouchers.close(socket), []);
        assert_eq!(vouchers.heard_at(PEER), None);
    }

    #[test]
    fn an_old_socket_that_closes_late_takes_nobody_with_it() {
        let (old, new) = sockets();
        let mut vouchers = Vouchers::default();
        vouchers.vouch(old, CALL, PEER, at(1));
        vouchers.vouch(new, CALL, PEER, at(2));
        assert_eq!(vouchers.close(old), []);
        assert_eq!(vouchers.held(new), [(CALL, PEER)]);
    }

    #[test]
    fn a_page_that_speaks_on_a_new_socket_is_vouched_for_by_that() {
        let (old, new) = sockets();
        let mut vouchers = Vouchers::default();
        vouchers.vouch(old, CALL, PEER, at(1));
        assert!(!vouchers.claim(old, CALL, PEER, at(2)));
        assert!(vouchers.claim(new, CALL, PEER, at(3)));
        assert_eq!(vouchers.held(old), []);
        assert_eq!(vouchers.held(new), [(CALL, PEER)]);
    }

    #[test]
    fn a_participant_that_left_is_vouched_for_by_nobody() {
        let (socket, _) = sockets();
        let mut vouchers = Vouchers::default();
        vouchers.vouch(socket, CALL, PEER, at(1));
        vouchers.release(PEER);
        assert_eq!(vouchers.close(socket), []);
    }
}
