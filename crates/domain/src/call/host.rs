//! What is done to others: what a host may do, ending the call for all, taking people out.

use protocol::{
    DeviceId, PeerId, Timestamp, UserId,
    call::{CallLock, EndReason, HostAct, RingStopReason, Toggle},
    conversation::ConversationKind,
    media::Source,
    server::DetachReason,
};

use super::{Call, CallError, Changed, Leg, Output, PersonRing};

/// People kept out, and people let in past the lock, that are remembered. Beyond it the oldest is
/// forgotten: who was kept out can come again, and who was let in asks again.
pub const DOOR_LIST_MAX: usize = 200;

impl Call {
    /// Who is the call's host by being in it: its starter, and while they are not in it whoever of
    /// those in it came first.
    pub fn host(&self) -> Option<UserId> {
        let starter = self.record.started_by;
        match self.is_in(starter) {
            true => Some(starter),
            false => self.live().next().map(|leg| leg.user_id),
        }
    }

    /// Whether this person may come in, as far as locks and hosts are concerned.
    pub(super) fn check_door(&self, user: UserId) -> Result<(), CallError> {
        let record = &self.record;
        if record.removed.contains(&user) {
            return Err(CallError::Removed);
        }
        let is_awaited = || {
            record.let_in.contains(&user)
                || record.legs.iter().any(|leg| leg.user_id == user)
                || record
                    .rings
                    .iter()
                    .any(|ring| ring.user_id == user && ring.goes_on())
        };
        match record.lock {
            Some(_) if !is_awaited() => Err(CallError::Locked),
            Some(_) | None => Ok(()),
        }
    }

    /// A host acts; whether that person may is asked before.
    pub(super) fn host_act(
        &mut self,
        by: UserId,
        act: HostAct,
        now: Timestamp,
    ) -> Result<(), CallError> {
        if self.record.kind == ConversationKind::Direct {
            return Err(CallError::NoHost);
        }
        if !self.is_in(by) {
            return Err(CallError::NotInCall);
        }
        let is_news = match act {
            HostAct::Mute { peer_id } => self.turn_off(by, peer_id, Source::Microphone, now)?,
            HostAct::MuteOthers => self.mute_others(by, now),
            HostAct::StopScreen { peer_id } => self.turn_off(by, peer_id, Source::Screen, now)?,
            HostAct::LowerHand { peer_id } => self.lower_hand(peer_id)?,
            HostAct::Remove { user_id } => self.keep_out(by, user_id, now)?,
            HostAct::LetIn { user_id } => self.let_in(user_id),
            HostAct::Lock => self.lock(Some(CallLock { by, since: now })),
            HostAct::Unlock => self.lock(None),
        };
        if is_news {
            self.outputs.push_back(Output::Hosted { by, act });
        }
        Ok(())
    }

    /// Whether it was on.
    fn turn_off(
        &mut self,
        by: UserId,
        peer_id: PeerId,
        source: Source,
        now: Timestamp,
    ) -> Result<bool, CallError> {
        let leg = self.live_mut(peer_id)?;
        // Turning off the own microphone on another device is no host's work.
        let by = (leg.user_id != by).then_some(by);
        let toggle = match source {
            Source::Microphone => &mut leg.microphone,
            Source::Screen | Source::ScreenAudio => &mut leg.screen,
            Source::Camera => &mut leg.camera,
        };
        if !toggle.on {
            return Ok(false);
        }
        *toggle = Toggle {
            on: false,
            since: now,
            by,
        };
        self.changed.push(Changed::Participant(peer_id));
        self.hold_back(peer_id);
        Ok(true)
    }

    fn mute_others(&mut self, by: UserId, now: Timestamp) -> bool {
        let others = self.live().filter(|leg| leg.user_id != by);
        let others: Vec<_> = others.map(|leg| leg.peer_id).collect();
        let mut any = false;
        for peer_id in others {
            any |= self.turn_off(by, peer_id, Source::Microphone, now) == Ok(true);
        }
        any
    }

    fn lower_hand(&mut self, peer_id: PeerId) -> Result<bool, CallError> {
        let was_up = self.live_mut(peer_id)?.hand_raised_at.take().is_some();
        if was_up {
            self.changed.push(Changed::Participant(peer_id));
        }
        Ok(was_up)
    }

    fn keep_out(&mut self, by: UserId, user: UserId, now: Timestamp) -> Result<bool, CallError> {
        if user == by {
            return Err(CallError::Oneself);
        }
        if self.record.removed.contains(&user) {
            return Ok(false);
        }
        let rung = |ring: &PersonRing| ring.user_id == user && ring.goes_on();
        if !self.is_in(user) && !self.record.rings.iter().any(rung) {
            return Err(CallError::NotInCall);
        }
        self.record.let_in.retain(|other| *other != user);
        list(&mut self.record.removed, user);
        self.changed.push(Changed::Whole);
        self.take_out(user, None, DetachReason::Removed, now);
        Ok(true)
    }

    fn let_in(&mut self, user: UserId) -> bool {
        let before = self.record.removed.len();
        self.record.removed.retain(|other| *other != user);
        let was_out = self.record.removed.len() < before;
        let is_new = self.record.lock.is_some() && !self.record.let_in.contains(&user);
        if is_new {
            list(&mut self.record.let_in, user);
        }
        if was_out {
            self.changed.push(Changed::Whole);
        }
        was_out || is_new
    }

    fn lock(&mut self, lock: Option<CallLock>) -> bool {
        let is_news = self.record.lock.is_some() != lock.is_some();
        if is_news {
            self.record.lock = lock;
            self.record.let_in.clear();
            self.changed.push(Changed::Whole);
        }
        is_news
    }

    /// Has the media node pass on nothing that a host has turned off, and all the rest.
    pub(super) fn hold_back(&mut self, peer_id: PeerId) {
        let Some(leg) = self.participant(peer_id) else {
            return;
        };
        let sources = [
            (Source::Microphone, leg.microphone),
            (Source::Screen, leg.screen),
            (Source::ScreenAudio, leg.screen),
        ];
        for (source, toggle) in sources {
            self.tell_room(Output::SetMuted {
                peer_id,
                source,
                muted: toggle.by.is_some(),
            });
        }
    }

    pub(super) fn end_for_all(&mut self, now: Timestamp) {
        self.end(EndReason::EndedForAll, now);
    }

    /// Takes a person, or one of their devices, out of the call and of the ring.
    pub(super) fn remove(&mut self, user: UserId, device: Option<DeviceId>, now: Timestamp) {
        self.take_out(user, device, DetachReason::Ended, now);
    }

    fn take_out(
        &mut self,
        user: UserId,
        device: Option<DeviceId>,
        reason: DetachReason,
        now: Timestamp,
    ) {
        let one = |id: DeviceId| device.is_none_or(|device| device == id);
        let of_theirs = |leg: &Leg| leg.user_id == user && one(leg.device_id);
        for peer_id in self.detach(of_theirs, reason, now) {
            self.changed.push(Changed::Left(peer_id));
            self.remove_from_room(peer_id);
        }
        if device.is_none() {
            self.stop_ring(user, None, RingStopReason::Ended, now);
        }
    }
}

fn list(people: &mut Vec<UserId>, user: UserId) {
    if people.len() >= DOOR_LIST_MAX {
        people.remove(0);
    }
    people.push(user);
}
