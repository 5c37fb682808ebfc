//! How long a silent participant is held.
//!
//! A socket vouches for its participant, so while there is one nothing is due. When it is lost the
//! participant keeps its place until the last sign of life is [`PARTICIPANT_LEASE`] old.

use std::time::Duration;

use protocol::{
    PeerId, Timestamp,
    call::{Connection, MediaMode},
    limits::{PARTICIPANT_LEASE, RELOAD_GRACE},
    server::DetachReason,
};

use super::{Call, CallError, Carried, Changed, Leg, Output};

/// Media alone holds a place this long after the socket: a participant who cannot be told anything
/// is not in the call.
const MEDIA_ALONE: Duration = Duration::from_secs(60);

impl Leg {
    /// Whether no socket vouches for it, or its page said that it closes.
    pub fn is_away(&self) -> bool {
        self.socket_lost_at.is_some() || self.reload_until.is_some()
    }

    pub(super) fn heard(&mut self, now: Timestamp) {
        self.evidence_at = self.evidence_at.max(now);
        self.socket_lost_at = None;
        self.lease_until = None;
        self.reload_until = None;
    }

    fn renew_lease(&mut self) {
        self.lease_until = self
            .socket_lost_at
            .map(|lost_at| (self.evidence_at + PARTICIPANT_LEASE).min(lost_at + MEDIA_ALONE));
    }

    /// Works out how it looks from outside; whether that is new.
    fn show(&mut self, mode: MediaMode, now: Timestamp) -> bool {
        let carried = mode == MediaMode::Forwarded && self.media;
        let silent = self.reload_until.is_some() || (self.socket_lost_at.is_some() && !carried);
        let before = self.connection;
        self.connection = match (silent, self.media, before) {
            (false, true, _) => Connection::Connected,
            (false, false, Connection::Connecting) => Connection::Connecting,
            (_, _, Connection::Reconnecting { since }) => Connection::Reconnecting { since },
            (true, _, Connection::Connecting | Connection::Connected)
            | (false, false, Connection::Connected) => Connection::Reconnecting { since: now },
        };
        self.connection != before
    }
}

impl Call {
    pub(super) fn media_state(
        &mut self,
        peer_id: PeerId,
        epoch: u32,
        connected: bool,
        now: Timestamp,
    ) -> Result<(), CallError> {
        self.check_epoch(epoch)?;
        let leg = self.live_mut(peer_id)?;
        leg.media = connected;
        let since = leg.carried.filter(|carried| carried.epoch == epoch);
        let since = since.map_or(now, |carried| carried.since);
        leg.carried = connected.then_some(Carried { epoch, since });
        self.show(peer_id, now);
        Ok(())
    }

    pub(super) fn socket_lost(&mut self, peer_id: PeerId, evidence_at: Timestamp, now: Timestamp) {
        if let Ok(leg) = self.live_mut(peer_id) {
            leg.evidence_at = leg.evidence_at.max(evidence_at.min(now));
            leg.socket_lost_at.get_or_insert(now);
            leg.renew_lease();
            self.show(peer_id, now);
        }
    }

    pub(super) fn socket_back(&mut self, peer_id: PeerId, now: Timestamp) -> Result<(), CallError> {
        let leg = self.live_mut(peer_id)?;
        let away = leg.is_away();
        leg.heard(now);
        if away && !leg.media && leg.connection != Connection::Connecting {
            leg.connection = Connection::Connecting;
            self.changed.push(Changed::Participant(peer_id));
        }
        self.show(peer_id, now);
        Ok(())
    }

    pub(super) fn note_evidence(&mut self, peer_id: PeerId, at: Timestamp, now: Timestamp) {
        if let Ok(leg) = self.live_mut(peer_id) {
            leg.evidence_at = leg.evidence_at.max(at.min(now));
            leg.renew_lease();
        }
    }

    /// Whoever vouched for them does not any more, and what they were heard by is gone too.
    pub(super) fn renew_leases(&mut self, now: Timestamp) {
        for leg in self.record.legs.iter_mut().filter(|leg| leg.left.is_none()) {
            leg.socket_lost_at = Some(now);
            leg.lease_until = Some(now + PARTICIPANT_LEASE);
            if self.record.session.mode == MediaMode::Forwarded {
                leg.media = false;
                leg.carried = None;
            }
            if leg.show(self.record.session.mode, now) {
                self.changed.push(Changed::Participant(leg.peer_id));
            }
        }
    }

    pub(super) fn page_closing(
        &mut self,
        peer_id: PeerId,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let leg = self.live_mut(peer_id)?;
        leg.evidence_at = leg.evidence_at.max(now);
        leg.renew_lease();
        leg.reload_until.get_or_insert(now + RELOAD_GRACE);
        self.show(peer_id, now);
        Ok(())
    }

    /// Those whose time has run out are gone, dated by their last sign of life.
    pub(super) fn expire_leases(&mut self, now: Timestamp) {
        let mut gone = Vec::new();
        for leg in self.record.legs.iter_mut().filter(|leg| leg.left.is_none()) {
            let closed = leg.reload_until.is_some_and(|until| until <= now);
            let lost = leg.lease_until.is_some_and(|until| until <= now);
            if closed || lost {
                leg.go(leg.evidence_at, !closed);
                gone.push((leg.peer_id, leg.user_id, leg.device_id));
            }
        }
        for (peer_id, user_id, device_id) in gone {
            self.outputs.push_back(Output::Detached {
                user_id,
                device_id,
                peer_id,
                reason: DetachReason::Lost,
            });
            self.changed.push(Changed::Left(peer_id));
            self.remove_from_room(peer_id);
        }
    }

    pub(super) fn leases_due(&self) -> Option<Timestamp> {
        self.live()
            .flat_map(|leg| leg.lease_until.into_iter().chain(leg.reload_until))
            .min()
    }

    fn show(&mut self, peer_id: PeerId, now: Timestamp) {
        let mode = self.record.session.mode;
        if let Ok(leg) = self.live_mut(peer_id)
            && leg.show(mode, now)
        {
            self.changed.push(Changed::Participant(peer_id));
        }
    }
}
