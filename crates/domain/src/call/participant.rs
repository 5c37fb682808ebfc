//! Who is in the call: coming, going, and what they do.

use std::collections::BTreeSet;

use protocol::{
    DeviceId, PeerId, Timestamp, UserId,
    call::{Connection, ParticipantChange, Toggle},
    limits::{CALL_PARTICIPANTS_MAX, HANDOVER_TIMEOUT},
    server::DetachReason,
};

use super::{Call, CallError, Changed, JoinInput, Left, Leg, Output};

/// Stays kept for one call's log. Beyond it the oldest one that is over is forgotten, so that
/// coming and going all day does not make a call too large to load.
pub const LEGS_KEPT_MAX: usize = 500;

impl Leg {
    pub(super) fn new(join: JoinInput, now: Timestamp) -> Self {
        let off = Toggle {
            on: false,
            since: now,
            by: None,
        };
        let mut leg = Self {
            peer_id: join.peer_id,
            user_id: join.user_id,
            device_id: join.device_id,
            device_name: join.device_name,
            tab: join.tab,
            joined_at: now,
            left: None,
            microphone: off,
            camera: off,
            screen: off,
            hand_raised_at: None,
            connection: Connection::Connecting,
            media: false,
            evidence_at: now,
            socket_lost_at: None,
            lease_until: None,
            reload_until: None,
            takes_over: join.move_here,
            carried: None,
        };
        leg.apply(join.state, now);
        leg
    }

    /// Takes the change over; whether it was one.
    fn apply(&mut self, change: ParticipantChange, now: Timestamp) -> bool {
        let hand = change
            .hand
            .filter(|up| *up != self.hand_raised_at.is_some());
        if let Some(up) = hand {
            self.hand_raised_at = up.then_some(now);
        }
        let mut changed = hand.is_some();
        for (toggle, wanted) in [
            (&mut self.microphone, change.microphone),
            (&mut self.camera, change.camera),
            (&mut self.screen, change.screen),
        ] {
            if let Some(on) = wanted.filter(|on| *on != toggle.on) {
                *toggle = Toggle {
                    on,
                    since: now,
                    by: None,
                };
                changed = true;
            }
        }
        changed
    }

    /// Whether a host has turned something of it off, and it has not been turned on since.
    pub(super) fn is_turned_off(&self) -> bool {
        self.microphone.by.is_some() || self.screen.by.is_some()
    }

    /// Coming in does not undo what a host has turned off; only the person does, who is then in.
    fn stay_turned_off(&mut self, before: &Self) {
        for (toggle, before) in [
            (&mut self.microphone, before.microphone),
            (&mut self.screen, before.screen),
        ] {
            if before.by.is_some() {
                *toggle = before;
            }
        }
    }

    pub(super) fn go(&mut self, at: Timestamp, lost: bool) {
        self.left = Some(Left {
            at: at.max(self.joined_at),
            lost,
        });
        self.lease_until = None;
        self.reload_until = None;
        self.takes_over = false;
    }
}

impl Call {
    /// The participant with this id, while in the call.
    pub fn participant(&self, peer_id: PeerId) -> Option<&Leg> {
        self.live().find(|leg| leg.peer_id == peer_id)
    }

    /// The participant with this id, when it is this person's on this device.
    pub fn own(&self, peer: PeerId, user: UserId, device: DeviceId) -> Result<&Leg, CallError> {
        if let Some(ended) = self.record.ended {
            return Err(CallError::Ended(ended.reason));
        }
        self.participant(peer)
            .filter(|leg| leg.user_id == user && leg.device_id == device)
            .ok_or(CallError::NotInCall)
    }

    /// The participant a tab that connects may still be: not one whose page said that it closes.
    pub fn of_tab(&self, user: UserId, device: DeviceId, tab: &str) -> Option<&Leg> {
        self.live().find(|leg| {
            leg.user_id == user
                && leg.device_id == device
                && leg.tab == tab
                && leg.reload_until.is_none()
        })
    }

    /// Those in the call now, in order of coming.
    pub fn live(&self) -> impl Iterator<Item = &Leg> {
        self.record.legs.iter().filter(|leg| leg.left.is_none())
    }

    pub(super) fn join(&mut self, join: JoinInput, now: Timestamp) -> Result<(), CallError> {
        let user = join.user_id;
        let device = join.device_id;
        let present =
            self.record.legs.iter().position(|leg| {
                leg.left.is_none() && leg.user_id == user && leg.device_id == device
            });
        let Some(index) = present else {
            self.check_door(user)?;
            if self.live().count() >= CALL_PARTICIPANTS_MAX {
                return Err(CallError::Full {
                    limit: CALL_PARTICIPANTS_MAX,
                });
            }
            self.come_in(join, now);
            return Ok(());
        };
        let leg = &mut self.record.legs[index];
        let before = leg.peer_id;
        let reloaded = leg.tab == join.tab;
        if reloaded {
            // The same participant with a new connection.
            leg.peer_id = join.peer_id;
            leg.device_name = join.device_name.clone();
            leg.media = false;
            leg.carried = None;
            leg.connection = Connection::Connecting;
            leg.heard(now);
            let turned_off = leg.clone();
            leg.apply(join.state, now);
            leg.stay_turned_off(&turned_off);
            leg.takes_over |= join.move_here;
            self.changed.push(Changed::Whole);
        } else {
            leg.go(now, false);
            self.changed.push(Changed::Left(before));
        }
        // A page that was loaded again does not know that name; a tab that was copied does.
        self.outputs.push_back(Output::Detached {
            user_id: user,
            device_id: device,
            peer_id: before,
            reason: DetachReason::Replaced,
        });
        self.remove_from_room(before);
        match reloaded {
            true => self.hold_back_if_turned_off(join.peer_id),
            false => self.come_in(join, now),
        }
        Ok(())
    }

    fn come_in(&mut self, join: JoinInput, now: Timestamp) {
        let (user, device, peer_id) = (join.user_id, join.device_id, join.peer_id);
        let mut latest_first = self.record.legs.iter().rev();
        let before = latest_first.find(|leg| leg.user_id == user).cloned();
        self.forget_a_leg();
        self.changed.push(Changed::Participant(peer_id));
        let mut leg = Leg::new(join, now);
        if let Some(before) = before {
            leg.stay_turned_off(&before);
        }
        if self.is_in(user) {
            // Two devices of one person in a room would howl.
            leg.microphone.on = false;
        } else {
            leg.takes_over = false;
        }
        self.record.legs.push(leg);
        self.hold_back_if_turned_off(peer_id);
        self.answer_ring(user, device, now);
        if self.record.answered_at.is_none() && user != self.record.started_by {
            self.record.answered_at = Some(now);
            self.changed.push(Changed::Whole);
        }
        self.make_room_for_more();
    }

    fn forget_a_leg(&mut self) {
        if self.record.legs.len() >= LEGS_KEPT_MAX {
            // One stay of each person is kept, as who was there must not be forgotten.
            let legs = &self.record.legs;
            let over = |index: &usize| legs[*index].left.is_some();
            let again = |index: &usize| {
                legs[index + 1..]
                    .iter()
                    .any(|later| later.user_id == legs[*index].user_id)
            };
            let oldest = (0..legs.len()).find(|index| over(index) && again(index));
            if let Some(index) = oldest.or_else(|| (0..legs.len()).find(over)) {
                self.record.legs.remove(index);
            }
        }
    }

    pub(super) fn leave(&mut self, peer_id: PeerId, now: Timestamp) -> Result<(), CallError> {
        if self.participant(peer_id).is_none() && self.known(peer_id) {
            return Ok(());
        }
        self.live_mut(peer_id)?.go(now, false);
        self.changed.push(Changed::Left(peer_id));
        self.remove_from_room(peer_id);
        Ok(())
    }

    pub(super) fn change(
        &mut self,
        peer_id: PeerId,
        change: ParticipantChange,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let leg = self.live_mut(peer_id)?;
        let was_turned_off = leg.is_turned_off();
        if leg.apply(change, now) {
            self.changed.push(Changed::Participant(peer_id));
            if was_turned_off {
                self.hold_back(peer_id);
            }
        }
        Ok(())
    }

    fn hold_back_if_turned_off(&mut self, peer_id: PeerId) {
        if self.participant(peer_id).is_some_and(Leg::is_turned_off) {
            self.hold_back(peer_id);
        }
    }

    /// Sends the other devices of those away who go on with another one, once nobody misses anything
    /// by it: whoever is there hears the new device, or has had its time.
    pub(super) fn take_over(&mut self, now: Timestamp) {
        let taking = self.live().filter(|leg| leg.takes_over);
        let taking: Vec<_> = taking
            .filter(|leg| self.has_waited(leg, now) || self.is_heard_by_all(leg))
            .map(|leg| leg.peer_id)
            .collect();
        for peer_id in taking {
            self.send_others_away(peer_id, now);
        }
    }

    /// When somebody waits no longer for those who cannot hear their new device.
    pub(super) fn take_over_due(&self) -> Option<Timestamp> {
        let taking = self.live().filter(|leg| leg.takes_over);
        let since = taking.filter_map(|leg| self.carried_since(leg));
        since.min().map(|since| since + HANDOVER_TIMEOUT)
    }

    fn carried_since(&self, leg: &Leg) -> Option<Timestamp> {
        let now = leg
            .carried
            .filter(|carried| carried.epoch == self.record.session.epoch);
        now.map(|carried| carried.since)
    }

    fn has_waited(&self, leg: &Leg, now: Timestamp) -> bool {
        let since = self.carried_since(leg);
        since.is_some_and(|since| since + HANDOVER_TIMEOUT <= now)
    }

    fn is_heard_by_all(&self, leg: &Leg) -> bool {
        let mut others = self
            .live()
            .filter(|other| other.user_id != leg.user_id && !other.is_away());
        self.carried_since(leg).is_some() && others.all(|other| self.carried_since(other).is_some())
    }

    fn send_others_away(&mut self, peer_id: PeerId, now: Timestamp) {
        let legs = &mut self.record.legs;
        let Some(index) = legs.iter().position(|leg| leg.peer_id == peer_id) else {
            return;
        };
        legs[index].takes_over = false;
        let user = legs[index].user_id;
        let before = legs[..index].iter();
        let before: BTreeSet<_> = before
            .filter(|leg| leg.user_id == user && leg.left.is_none())
            .map(|leg| leg.peer_id)
            .collect();
        let one_of_them = |leg: &Leg| before.contains(&leg.peer_id);
        for peer_id in self.detach(one_of_them, DetachReason::Moved, now) {
            self.changed.push(Changed::Left(peer_id));
            self.remove_from_room(peer_id);
        }
    }

    /// Takes out everybody who is left, or those of one person.
    pub(super) fn detach(
        &mut self,
        whom: impl Fn(&Leg) -> bool,
        reason: DetachReason,
        at: Timestamp,
    ) -> Vec<PeerId> {
        let mut peers = Vec::new();
        for leg in self
            .record
            .legs
            .iter_mut()
            .filter(|leg| leg.left.is_none() && whom(leg))
        {
            leg.go(at, false);
            peers.push(leg.peer_id);
            self.outputs.push_back(Output::Detached {
                user_id: leg.user_id,
                device_id: leg.device_id,
                peer_id: leg.peer_id,
                reason,
            });
        }
        peers
    }

    /// How those who were in it and are not any more went, each by their last stay.
    pub(super) fn departures(&self) -> Vec<Left> {
        let here: BTreeSet<UserId> = self.live().map(|leg| leg.user_id).collect();
        let mut seen = here;
        let legs = self.record.legs.iter().rev();
        legs.filter(|leg| seen.insert(leg.user_id))
            .filter_map(|leg| leg.left)
            .collect()
    }

    /// Whether this person is in it, on any device.
    pub(super) fn is_in(&self, user: UserId) -> bool {
        self.live().any(|leg| leg.user_id == user)
    }

    /// Since when nobody is in it.
    pub(super) fn empty_since(&self) -> Option<Timestamp> {
        match self.live().next() {
            Some(_) => None,
            None => self
                .record
                .legs
                .iter()
                .filter_map(|leg| leg.left)
                .map(|left| left.at)
                .max(),
        }
    }

    /// Whether this was ever a participant.
    pub(super) fn known(&self, peer_id: PeerId) -> bool {
        self.record.legs.iter().any(|leg| leg.peer_id == peer_id)
    }

    pub(super) fn live_mut(&mut self, peer_id: PeerId) -> Result<&mut Leg, CallError> {
        self.record
            .legs
            .iter_mut()
            .find(|leg| leg.left.is_none() && leg.peer_id == peer_id)
            .ok_or(CallError::NotInCall)
    }
}
