//! Who is rung, on which devices, until when, and what stops it.

use std::time::Duration;

use protocol::{
    DeviceId, Timestamp, UserId,
    call::{EndReason, Ring, RingStatus, RingStopReason},
    limits::RING_ACKNOWLEDGE,
};

use super::{
    Call, CallError, CallRecord, Changed, DeviceRing, DeviceRingState, Output, PersonRing, Reach,
    RingTarget,
};

/// Devices of one person that are rung. Further ones see the ring when they look, and are not
/// counted.
pub const DEVICES_RUNG_MAX: usize = 32;

/// People a call has rung. Further ones are not rung.
pub const RINGS_MAX: usize = 200;

/// So many unanswered rings of one person by the same caller,
const STORM_RINGS: usize = 2;
/// within this long,
const STORM_SPAN: Duration = Duration::from_secs(2 * 60);
/// make the next one silent, for this long after the last.
const STORM_QUIET: Duration = Duration::from_secs(60);

/// Whether the caller of these `past` calls has rung this person so often without an answer that the
/// next ring makes no sound. What was cancelled before anybody noticed does not count.
pub fn is_called_over_and_over(past: &[CallRecord], callee: UserId, now: Timestamp) -> bool {
    let rings = past.iter().flat_map(|call| {
        let came = call.legs.iter().any(|leg| leg.user_id == callee);
        let rings = call.rings.iter().filter(move |_| !came);
        rings.filter(|ring| ring.user_id == callee)
    });
    let ends: Vec<Timestamp> = rings
        .filter(|ring| ring.status != RingStatus::Answered && !ring.was_a_slip())
        .filter(|ring| now.since(ring.started_at) <= STORM_SPAN)
        .filter_map(|ring| ring.ended_at)
        .collect();
    let last = ends.iter().max();
    ends.len() >= STORM_RINGS && last.is_some_and(|last| now.since(*last) < STORM_QUIET)
}

/// A ring cancelled this soon, and acknowledged by no device, was a slip nobody noticed.
const SLIP: Duration = Duration::from_secs(2);

impl PersonRing {
    /// Whether it still rings, or would if a device were there.
    pub fn goes_on(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether devices ring aloud.
    pub(super) fn is_heard(&self) -> bool {
        !self.silent && self.status != RingStatus::DoNotDisturb
    }

    /// Devices that have said they ring, or did until it stopped.
    pub fn acknowledged(&self) -> usize {
        let states = self.devices.iter().map(|device| device.state);
        states
            .filter(|state| *state == DeviceRingState::Acknowledged)
            .count()
    }

    /// Whether devices make no sound for a reason that is nobody else's business: the person has
    /// muted the conversation. The caller is told what they would be told of devices asleep.
    pub(super) fn is_hushed(&self) -> bool {
        match self.status {
            RingStatus::Calling | RingStatus::Notified | RingStatus::Offline => self.silent,
            RingStatus::Ringing
            | RingStatus::Busy
            | RingStatus::OffHours
            | RingStatus::Quiet
            | RingStatus::DoNotDisturb
            | RingStatus::Answered
            | RingStatus::Declined
            | RingStatus::NoAnswer => false,
        }
    }

    fn set(&mut self, status: RingStatus, now: Timestamp) -> bool {
        let new = self.status != status;
        if new {
            self.status = status;
            self.since = now;
        }
        new
    }

    fn device_mut(&mut self, device_id: DeviceId) -> Option<&mut DeviceRing> {
        self.devices
            .iter_mut()
            .find(|device| device.device_id == device_id)
    }

    /// Whether a device was added.
    fn offer(&mut self, device_id: DeviceId) -> bool {
        let new = self.devices.len() < DEVICES_RUNG_MAX && self.device_mut(device_id).is_none();
        if new {
            self.devices.push(DeviceRing {
                device_id,
                state: DeviceRingState::Offered,
            });
        }
        new
    }
}

impl Call {
    /// The ring this person's devices should show now.
    pub fn ring_for(&self, user_id: UserId) -> Option<Ring> {
        let ring = self
            .record
            .rings
            .iter()
            .find(|ring| ring.user_id == user_id)?;
        (ring.goes_on() && ring.status != RingStatus::DoNotDisturb).then(|| self.ring_shown(ring))
    }

    /// Somebody in the call asks people in. Whoever is in it, is being rung or was taken out by a
    /// host is not rung.
    pub(super) fn ring_more(
        &mut self,
        by: UserId,
        mut targets: Vec<RingTarget>,
        timeout: Duration,
        now: Timestamp,
    ) -> Result<(), CallError> {
        if !self.is_in(by) {
            return Err(CallError::NotInCall);
        }
        targets.retain(|target| {
            let user = target.user_id;
            let ring = self.record.rings.iter().find(|ring| ring.user_id == user);
            !self.is_in(user)
                && !self.record.removed.contains(&user)
                && !ring.is_some_and(PersonRing::goes_on)
        });
        let again = |ring: &PersonRing| targets.iter().any(|one| one.user_id == ring.user_id);
        let others = self.record.rings.iter().filter(|ring| !again(ring));
        if others.count() + targets.len() > RINGS_MAX {
            return Err(CallError::Full { limit: RINGS_MAX });
        }
        for target in &targets {
            self.changed.push(Changed::Ring(target.user_id));
        }
        self.ring(Some(by), targets, timeout, now);
        Ok(())
    }

    pub(super) fn stop_ringing(
        &mut self,
        by: UserId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<(), CallError> {
        if !self.is_in(by) {
            return Err(CallError::NotInCall);
        }
        self.ring_mut(user_id)?;
        self.stop_ring(user_id, None, RingStopReason::Cancelled, now);
        Ok(())
    }

    pub(super) fn ring(
        &mut self,
        from: Option<UserId>,
        targets: Vec<RingTarget>,
        timeout: Duration,
        now: Timestamp,
    ) {
        for target in targets {
            let rings = &self.record.rings;
            let before = rings.iter().position(|ring| ring.user_id == target.user_id);
            let goes_on = before.is_some_and(|index| rings[index].goes_on());
            if goes_on || self.is_in(target.user_id) {
                continue;
            }
            let mut ring = PersonRing {
                user_id: target.user_id,
                from,
                status: match (target.reach, target.devices.is_empty()) {
                    (Reach::DoNotDisturb, _) => RingStatus::DoNotDisturb,
                    (Reach::Busy, _) => RingStatus::Busy,
                    (Reach::OffHours, _) => RingStatus::OffHours,
                    (Reach::Quiet, _) => RingStatus::Quiet,
                    (Reach::Free, true) => RingStatus::Offline,
                    (Reach::Free, false) => RingStatus::Calling,
                },
                since: now,
                started_at: now,
                expires_at: now + timeout,
                ended_at: None,
                silent: target.muted || target.reach.is_silent(),
                pushed: !target.muted && target.reach.is_pushed(),
                heard: false,
                devices: Vec::new(),
                prepared: Vec::new(),
            };
            if target.reach != Reach::DoNotDisturb {
                for device_id in target.devices {
                    if ring.offer(device_id) {
                        self.outputs.push_back(Output::Ring {
                            user_id: ring.user_id,
                            device_id,
                            ring: self.ring_shown(&ring),
                        });
                    }
                }
            }
            match before {
                // Told alone, it takes the place of the one there was.
                Some(index) => self.record.rings[index] = ring,
                None => self.record.rings.push(ring),
            }
        }
    }

    pub(super) fn ring_acknowledged(
        &mut self,
        user_id: UserId,
        device_id: DeviceId,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let ring = self.ring_mut(user_id)?;
        if !ring.goes_on() {
            self.stop_late_ring(user_id, device_id);
            return Ok(());
        }
        ring.offer(device_id);
        let mut changed = false;
        if let Some(device) = ring.device_mut(device_id)
            && device.state == DeviceRingState::Offered
        {
            device.state = DeviceRingState::Acknowledged;
            changed = true;
        }
        let hushed = ring.is_hushed();
        match ring.status {
            // It does not ring, so no device has said that it does.
            RingStatus::Calling | RingStatus::Notified if hushed => changed = false,
            RingStatus::Offline if hushed => {
                ring.set(RingStatus::Calling, now);
            }
            RingStatus::Calling | RingStatus::Notified | RingStatus::Offline => {
                ring.set(RingStatus::Ringing, now);
            }
            RingStatus::Ringing
            | RingStatus::Busy
            | RingStatus::OffHours
            | RingStatus::Quiet
            | RingStatus::DoNotDisturb
            | RingStatus::Answered
            | RingStatus::Declined
            | RingStatus::NoAnswer => {}
        }
        if changed {
            self.changed.push(Changed::Ring(user_id));
        }
        Ok(())
    }

    pub(super) fn ring_declined(
        &mut self,
        user_id: UserId,
        device_id: DeviceId,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let ring = self.ring_mut(user_id)?;
        if ring.goes_on() {
            ring.set(RingStatus::Declined, now);
            let own = DeviceRingState::Declined;
            self.stop_ring(
                user_id,
                Some((device_id, own)),
                RingStopReason::DeclinedElsewhere,
                now,
            );
        }
        Ok(())
    }

    /// The person came in with this device.
    pub(super) fn answer_ring(&mut self, user_id: UserId, device_id: DeviceId, now: Timestamp) {
        let Ok(ring) = self.ring_mut(user_id) else {
            return;
        };
        if ring.set(RingStatus::Answered, now) {
            self.changed.push(Changed::Ring(user_id));
        }
        let own = DeviceRingState::Answered;
        self.stop_ring(
            user_id,
            Some((device_id, own)),
            RingStopReason::AnsweredElsewhere,
            now,
        );
    }

    pub(super) fn device_connected(
        &mut self,
        user_id: UserId,
        device_id: DeviceId,
        now: Timestamp,
    ) {
        let Ok(ring) = self.ring_mut(user_id) else {
            return;
        };
        if !ring.goes_on() || ring.status == RingStatus::DoNotDisturb || !ring.offer(device_id) {
            return;
        }
        if ring.status == RingStatus::Offline {
            ring.set(RingStatus::Calling, now);
            self.changed.push(Changed::Ring(user_id));
        }
        if let Some(ring) = self.ring_for(user_id) {
            self.outputs.push_back(Output::Ring {
                user_id,
                device_id,
                ring,
            });
        }
    }

    /// Silence so far says that devices may be asleep; silence to the end, that nobody answers.
    pub(super) fn expire_rings(&mut self, now: Timestamp) {
        let mut over = Vec::new();
        for ring in self.record.rings.iter_mut().filter(|ring| ring.goes_on()) {
            if now >= ring.expires_at {
                over.push(ring.user_id);
            } else if ring.status == RingStatus::Calling && now >= ring.since + RING_ACKNOWLEDGE {
                ring.set(RingStatus::Notified, now);
                self.changed.push(Changed::Ring(ring.user_id));
            }
        }
        for user_id in over {
            self.stop_ring(user_id, None, RingStopReason::Expired, now);
        }
    }

    pub(super) fn rings_due(&self) -> Option<Timestamp> {
        let going = self.record.rings.iter().filter(|ring| ring.goes_on());
        going
            .map(|ring| match ring.status {
                RingStatus::Calling => ring.expires_at.min(ring.since + RING_ACKNOWLEDGE),
                RingStatus::Ringing
                | RingStatus::Notified
                | RingStatus::Offline
                | RingStatus::Busy
                | RingStatus::OffHours
                | RingStatus::Quiet
                | RingStatus::DoNotDisturb
                | RingStatus::Answered
                | RingStatus::Declined
                | RingStatus::NoAnswer => ring.expires_at,
            })
            .min()
    }

    /// Why nobody of those rung will come, once that is so.
    pub(super) fn rings_over(&self) -> Option<EndReason> {
        let rings = &self.record.rings;
        if rings.is_empty() || rings.iter().any(PersonRing::goes_on) {
            return None;
        }
        let any = |status| rings.iter().any(|ring| ring.status == status);
        Some(if any(RingStatus::Declined) {
            EndReason::Declined
        } else if any(RingStatus::Busy) {
            EndReason::Busy
        } else {
            EndReason::NoAnswer
        })
    }

    pub(super) fn stop_rings(&mut self, reason: RingStopReason, now: Timestamp) {
        let going = self.record.rings.iter().filter(|ring| ring.goes_on());
        for user_id in going.map(|ring| ring.user_id).collect::<Vec<_>>() {
            self.stop_ring(user_id, None, reason, now);
        }
    }

    /// Stops one person's ring; `own` is the device by which it stopped, and what it did.
    pub(super) fn stop_ring(
        &mut self,
        user_id: UserId,
        own: Option<(DeviceId, DeviceRingState)>,
        reason: RingStopReason,
        now: Timestamp,
    ) {
        let outputs = &mut self.outputs;
        let mut rings = self.record.rings.iter_mut();
        let Some(ring) = rings.find(|ring| ring.user_id == user_id && ring.goes_on()) else {
            return;
        };
        ring.ended_at = Some(now);
        match ring.status {
            RingStatus::Calling
            | RingStatus::Ringing
            | RingStatus::Notified
            | RingStatus::Offline => {
                ring.set(RingStatus::NoAnswer, now);
            }
            RingStatus::Busy
            | RingStatus::OffHours
            | RingStatus::Quiet
            | RingStatus::DoNotDisturb
            | RingStatus::Answered
            | RingStatus::Declined
            | RingStatus::NoAnswer => {}
        }
        if let Some((device_id, _)) = own {
            ring.offer(device_id);
        }
        // Whether a device had rung decides what the ring leaves behind, so that is kept. Who
        // answers or declines has heard it.
        ring.heard |= own.is_some() || ring.acknowledged() > 0;
        ring.prepared.clear();
        for device in &mut ring.devices {
            let (state, reason) = match own {
                Some((device_id, state)) if device_id == device.device_id => {
                    (state, RingStopReason::Handled)
                }
                Some(_) | None => (DeviceRingState::Stopped(reason), reason),
            };
            device.state = state;
            outputs.push_back(Output::RingStopped {
                user_id,
                device_id: device.device_id,
                reason,
            });
        }
        self.changed.push(Changed::Ring(user_id));
    }

    /// A device that rings although the ring is over has missed that it is.
    pub(super) fn stop_late_ring(&mut self, user_id: UserId, device_id: DeviceId) {
        let Some(ring) = self
            .record
            .rings
            .iter()
            .find(|ring| ring.user_id == user_id)
        else {
            return;
        };
        let state = ring
            .devices
            .iter()
            .find(|device| device.device_id == device_id);
        let reason = match (state.map(|device| device.state), ring.status) {
            (Some(DeviceRingState::Stopped(reason)), _) => reason,
            (Some(DeviceRingState::Answered | DeviceRingState::Declined), _) => {
                RingStopReason::Handled
            }
            (_, RingStatus::Answered) => RingStopReason::AnsweredElsewhere,
            (_, RingStatus::Declined) => RingStopReason::DeclinedElsewhere,
            (
                Some(DeviceRingState::Offered | DeviceRingState::Acknowledged) | None,
                RingStatus::Calling
                | RingStatus::Ringing
                | RingStatus::Notified
                | RingStatus::Offline
                | RingStatus::Busy
                | RingStatus::OffHours
                | RingStatus::Quiet
                | RingStatus::DoNotDisturb
                | RingStatus::NoAnswer,
            ) => RingStopReason::Ended,
        };
        self.outputs.push_back(Output::RingStopped {
            user_id,
            device_id,
            reason,
        });
    }

    fn ring_shown(&self, ring: &PersonRing) -> Ring {
        Ring {
            call_id: self.record.id,
            conversation_id: self.record.conversation_id,
            from: ring.from.unwrap_or(self.record.started_by),
            media: self.record.media,
            started_at: self.record.started_at,
            expires_at: ring.expires_at,
            silent: ring.silent,
        }
    }

    pub(super) fn ring_mut(&mut self, user_id: UserId) -> Result<&mut PersonRing, CallError> {
        let mut rings = self.record.rings.iter_mut();
        rings
            .find(|ring| ring.user_id == user_id)
            .ok_or(CallError::NotRung)
    }
}

impl PersonRing {
    /// Whether it stopped so soon that nobody can have noticed.
    pub(super) fn was_a_slip(&self) -> bool {
        let short = self
            .ended_at
            .is_some_and(|end| end.since(self.started_at) <= SLIP);
        short && !self.heard
    }
}
