//! The rules of a call written a second time, as plainly as `docs/calls.md` tells them: one table of
//! stays, one of rings, nothing told to anybody. After every input the two must agree.

use std::{collections::BTreeSet, time::Duration};

use domain::call::{
    Call, Input, JoinInput, PersonRing, PrepareInput, Reach, RingTarget, StartInput,
};
use protocol::{
    DeviceId, ErrorCode, PeerId, Timestamp, UserId,
    call::{EndReason, HostAct, MediaMode, ParticipantChange, RingStatus},
    conversation::ConversationKind,
    limits::{
        ALONE_END, DIRECT_PATH_TIMEOUT, EMPTY_CALL_GRACE, HANDOVER_TIMEOUT, PARTICIPANT_LEASE,
        RELOAD_GRACE, RING_ACKNOWLEDGE,
    },
};

const MEDIA_ALONE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Reference {
    kind: ConversationKind,
    started_by: UserId,
    started_at: Timestamp,
    stays: Vec<Stay>,
    rings: Vec<Ringing>,
    locked: bool,
    let_in: Vec<UserId>,
    removed: Vec<UserId>,
    mode: MediaMode,
    epoch: u32,
    answered: bool,
    alone_since: Option<Timestamp>,
    path_down_since: Option<Timestamp>,
    end: Option<(Timestamp, EndReason)>,
}

#[derive(Debug, Clone)]
struct Stay {
    peer: PeerId,
    user: UserId,
    device: DeviceId,
    tab: String,
    came: Timestamp,
    gone: Option<Gone>,
    heard: Timestamp,
    unheard_since: Option<Timestamp>,
    /// A time by which it must be back, whatever was heard.
    granted: Option<Timestamp>,
    closing_since: Option<Timestamp>,
    media: bool,
    /// Media of which epoch, and since when.
    carried: Option<(u32, Timestamp)>,
    takes_over: bool,
    does: Does,
}

#[derive(Debug, Clone, Copy)]
struct Gone {
    at: Timestamp,
    lost: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Does {
    microphone: bool,
    muted_by_host: bool,
    camera: bool,
    screen: bool,
    stopped_by_host: bool,
    hand: bool,
}

#[derive(Debug)]
struct Ringing {
    user: UserId,
    status: RingStatus,
    /// Their devices only show it, which is not told.
    muted: bool,
    since: Timestamp,
    until: Timestamp,
    over: bool,
    /// Pages that wait to answer: device, tab, and who it will be.
    prepared: Vec<(DeviceId, String, PeerId)>,
}

impl Does {
    fn change(&mut self, change: ParticipantChange) {
        if let Some(on) = change.microphone.filter(|on| *on != self.microphone) {
            self.microphone = on;
            self.muted_by_host = false;
        }
        if let Some(on) = change.screen.filter(|on| *on != self.screen) {
            self.screen = on;
            self.stopped_by_host = false;
        }
        self.camera = change.camera.unwrap_or(self.camera);
        self.hand = change.hand.unwrap_or(self.hand);
    }

    fn keep_off(&mut self, before: Self) {
        if before.muted_by_host {
            self.microphone = false;
            self.muted_by_host = true;
        }
        if before.stopped_by_host {
            self.screen = false;
            self.stopped_by_host = true;
        }
    }
}

impl Stay {
    fn is_here(&self) -> bool {
        self.gone.is_none()
    }

    fn is_away(&self) -> bool {
        self.unheard_since.is_some() || self.closing_since.is_some()
    }

    fn back(&mut self, now: Timestamp) {
        self.heard = self.heard.max(now);
        self.unheard_since = None;
        self.granted = None;
        self.closing_since = None;
    }

    fn go(&mut self, at: Timestamp, lost: bool) {
        let at = at.max(self.came);
        self.gone = Some(Gone { at, lost });
    }

    /// When it is gone, and whether that is losing it.
    fn deadline(&self, now: Timestamp) -> Option<bool> {
        let closed = self.closing_since.map(|since| since + RELOAD_GRACE);
        if closed.is_some_and(|at| at <= now) {
            return Some(false);
        }
        let unheard = self.unheard_since?;
        let lease = (self.heard + PARTICIPANT_LEASE).min(unheard + MEDIA_ALONE);
        (self.granted.unwrap_or(lease) <= now).then_some(true)
    }
}

impl Reference {
    pub(crate) fn start(input: &StartInput, now: Timestamp) -> Self {
        let mut does = Does::default();
        does.change(input.starter.state);
        let mut reference = Self {
            kind: input.kind,
            started_by: input.starter.user_id,
            started_at: now,
            stays: Vec::new(),
            rings: Vec::new(),
            locked: false,
            let_in: Vec::new(),
            removed: Vec::new(),
            mode: match input.kind {
                ConversationKind::Direct => MediaMode::Direct,
                ConversationKind::Group | ConversationKind::Channel => MediaMode::Forwarded,
            },
            epoch: 1,
            answered: false,
            alone_since: None,
            path_down_since: None,
            end: None,
        };
        reference.stays.push(stay(&input.starter, does, now));
        if input.kind != ConversationKind::Channel {
            reference.ring(&input.ring, input.ring_timeout, now);
        }
        reference.look_back(now);
        reference
    }

    pub(crate) fn take(&mut self, input: &Input, now: Timestamp) -> Result<(), ErrorCode> {
        if self.end.is_some() {
            return self.take_late(input);
        }
        if let Input::Evidence { peer_id, at } = input
            && let Some(stay) = self.here_mut(*peer_id)
        {
            stay.heard = stay.heard.max((*at).min(now));
            stay.granted = None;
        }
        if let Input::Restarted = input {
            let forwarded = self.mode == MediaMode::Forwarded;
            for stay in self.stays.iter_mut().filter(|stay| stay.is_here()) {
                stay.unheard_since = Some(now);
                stay.granted = Some(now + PARTICIPANT_LEASE);
                stay.media &= !forwarded;
                if forwarded {
                    stay.carried = None;
                }
            }
        }
        self.pass(now);
        let result = match self.end {
            Some(_) => self.take_late(input),
            None => self.take_now(input, now),
        };
        self.hand_over(now);
        self.decide(now);
        self.look_back(now);
        result
    }

    fn take_late(&self, input: &Input) -> Result<(), ErrorCode> {
        match input {
            Input::Leave { peer_id } if !self.stays.iter().any(|stay| stay.peer == *peer_id) => {
                Err(ErrorCode::NotInCall)
            }
            Input::Join(_)
            | Input::EndForAll
            | Input::Host { .. }
            | Input::Ring { .. }
            | Input::StopRinging { .. }
            | Input::GoOnIn { .. }
            | Input::Stay { .. }
            | Input::Change { .. }
            | Input::MediaState { .. }
            | Input::SocketBack { .. }
            | Input::Prepare(_)
            | Input::MoveTo(_) => Err(ErrorCode::CallEnded),
            Input::Leave { .. }
            | Input::Remove { .. }
            | Input::SocketLost { .. }
            | Input::Evidence { .. }
            | Input::PageClosing { .. }
            | Input::Restarted
            | Input::RingAcknowledged { .. }
            | Input::RingDeclined { .. }
            | Input::DeviceConnected { .. }
            | Input::Timeout => Ok(()),
        }
    }

    /// What time alone brings about.
    fn pass(&mut self, now: Timestamp) {
        for ring in self.rings.iter_mut().filter(|ring| !ring.over) {
            if now >= ring.until {
                ring.stop();
            } else if ring.status == RingStatus::Calling && now >= ring.since + RING_ACKNOWLEDGE {
                ring.status = RingStatus::Notified;
                ring.since = now;
            }
        }
        for stay in self.stays.iter_mut().filter(|stay| stay.is_here()) {
            if let Some(lost) = stay.deadline(now) {
                stay.go(stay.heard, lost);
            }
        }
        self.decide(now);
        let late = |since: Timestamp| since + DIRECT_PATH_TIMEOUT <= now;
        if self.end.is_none() && self.path_down_since.is_some_and(late) {
            self.move_media(MediaMode::Forwarded);
        }
    }

    fn take_now(&mut self, input: &Input, now: Timestamp) -> Result<(), ErrorCode> {
        match input {
            Input::Join(join) => self.join(join, now)?,
            Input::Leave { peer_id } => {
                let stay = self.stays.iter_mut().find(|stay| stay.peer == *peer_id);
                let stay = stay.ok_or(ErrorCode::NotInCall)?;
                if stay.is_here() {
                    stay.go(now, false);
                }
            }
            Input::EndForAll => self.finish(EndReason::EndedForAll, now),
            Input::Host { by, act } => self.host(*by, *act, now)?,
            Input::Ring {
                by,
                targets,
                timeout,
            } => {
                self.require(*by)?;
                let mut targets = targets.clone();
                targets.retain(|target| {
                    let going = |ring: &Ringing| ring.user == target.user_id && !ring.over;
                    !self.is_in(target.user_id)
                        && !self.removed.contains(&target.user_id)
                        && !self.rings.iter().any(going)
                });
                self.ring(&targets, *timeout, now);
            }
            Input::StopRinging { by, user_id } => {
                self.require(*by)?;
                let ring = self.rings.iter_mut().find(|ring| ring.user == *user_id);
                let ring = ring.ok_or(ErrorCode::Conflict)?;
                if !ring.over {
                    ring.stop();
                }
            }
            Input::GoOnIn { by, .. } => {
                self.require(*by)?;
                if self.kind != ConversationKind::Direct {
                    return Err(ErrorCode::Conflict);
                }
                self.kind = ConversationKind::Group;
            }
            Input::Stay { peer_id } => {
                self.here(*peer_id)?;
                self.alone_since = self.alone_since.map(|_| now);
            }
            Input::Remove { user_id, device_id } => {
                self.take_out(*user_id, *device_id, now);
            }
            Input::Change { peer_id, change } => self.here(*peer_id)?.does.change(*change),
            Input::MediaState {
                peer_id,
                epoch,
                connected,
            } => {
                if *epoch != self.epoch {
                    return Err(ErrorCode::StaleEpoch);
                }
                let stay = self.here(*peer_id)?;
                stay.media = *connected;
                let before = stay.carried.filter(|(before, _)| before == epoch);
                stay.carried = connected.then_some(before.unwrap_or((*epoch, now)));
            }
            Input::SocketLost {
                peer_id,
                evidence_at,
            } => {
                if let Some(stay) = self.here_mut(*peer_id) {
                    stay.heard = stay.heard.max((*evidence_at).min(now));
                    stay.unheard_since.get_or_insert(now);
                    stay.granted = None;
                }
            }
            Input::SocketBack { peer_id } => self.here(*peer_id)?.back(now),
            Input::PageClosing { peer_id } => {
                let stay = self.here(*peer_id)?;
                stay.heard = stay.heard.max(now);
                stay.granted = None;
                stay.closing_since.get_or_insert(now);
            }
            Input::RingAcknowledged { user_id, .. } => {
                let ring = self.rung(*user_id)?;
                let waits = matches!(
                    ring.status,
                    RingStatus::Calling | RingStatus::Notified | RingStatus::Offline
                );
                if waits && !ring.over {
                    match (ring.muted, ring.status) {
                        (false, _) => ring.set(RingStatus::Ringing, now),
                        (true, RingStatus::Offline) => ring.set(RingStatus::Calling, now),
                        (true, _) => {}
                    }
                }
            }
            Input::RingDeclined { user_id, .. } => {
                let ring = self.rung(*user_id)?;
                if !ring.over {
                    ring.set(RingStatus::Declined, now);
                    ring.over = true;
                }
            }
            Input::DeviceConnected { user_id, .. } => {
                if let Ok(ring) = self.rung(*user_id)
                    && !ring.over
                    && ring.status == RingStatus::Offline
                {
                    ring.set(RingStatus::Calling, now);
                }
            }
            Input::Prepare(page) => self.prepare(page)?,
            Input::MoveTo(mode) => {
                let two = self.stays.iter().filter(|stay| stay.is_here()).count() <= 2;
                if *mode == MediaMode::Direct && (self.kind != ConversationKind::Direct || !two) {
                    return Err(ErrorCode::Conflict);
                }
                self.move_media(*mode);
            }
            Input::Evidence { .. } | Input::Restarted | Input::Timeout => {}
        }
        Ok(())
    }

    fn join(&mut self, join: &JoinInput, now: Timestamp) -> Result<(), ErrorCode> {
        let own = |stay: &&mut Stay| stay.user == join.user_id && stay.device == join.device_id;
        let mut here = self.stays.iter_mut().filter(|stay| stay.is_here());
        match here.find(own) {
            Some(stay) if stay.tab == join.tab => {
                let before = stay.does;
                stay.peer = join.peer_id;
                stay.media = false;
                stay.carried = None;
                stay.back(now);
                stay.does.change(join.state);
                stay.does.keep_off(before);
                stay.takes_over |= join.move_here;
                return Ok(());
            }
            Some(stay) => stay.go(now, false),
            None => self.open_door(join.user_id)?,
        }
        let mut does = Does::default();
        does.change(join.state);
        let mut earlier = self.stays.iter().rev();
        if let Some(before) = earlier.find(|stay| stay.user == join.user_id) {
            does.keep_off(before.does);
        }
        let second = self.is_in(join.user_id);
        does.microphone &= !second;
        let mut stay = stay(join, does, now);
        stay.takes_over &= second;
        self.stays.push(stay);
        if let Ok(ring) = self.rung(join.user_id) {
            ring.set(RingStatus::Answered, now);
            ring.over = true;
        }
        self.answered |= join.user_id != self.started_by;
        let count = self.stays.iter().filter(|stay| stay.is_here()).count();
        if self.mode == MediaMode::Direct && count > 2 {
            self.move_media(MediaMode::Forwarded);
        }
        Ok(())
    }

    fn prepare(&mut self, page: &PrepareInput) -> Result<(), ErrorCode> {
        let one = self.here_now().count() == 1;
        if self.kind != ConversationKind::Direct || self.mode != MediaMode::Direct || !one {
            return Err(ErrorCode::Conflict);
        }
        let ring = self.rung(page.user_id)?;
        let waits = matches!(
            ring.status,
            RingStatus::Calling | RingStatus::Ringing | RingStatus::Notified | RingStatus::Offline
        );
        if ring.over || ring.muted || !waits {
            return Err(ErrorCode::Conflict);
        }
        let mut known = ring.prepared.iter();
        match known.find(|(device, ..)| *device == page.device_id) {
            Some((_, tab, _)) if *tab == page.tab => Ok(()),
            None if ring.prepared.len() < 2 => {
                let (device, tab) = (page.device_id, page.tab.clone());
                ring.prepared.push((device, tab, page.peer_id));
                Ok(())
            }
            Some(_) | None => Err(ErrorCode::Conflict),
        }
    }

    fn open_door(&self, user: UserId) -> Result<(), ErrorCode> {
        let known = self.let_in.contains(&user)
            || self.stays.iter().any(|stay| stay.user == user)
            || self
                .rings
                .iter()
                .any(|ring| ring.user == user && !ring.over);
        if self.removed.contains(&user) {
            Err(ErrorCode::CallRemoved)
        } else if self.locked && !known {
            Err(ErrorCode::CallLocked)
        } else {
            Ok(())
        }
    }

    fn host(&mut self, by: UserId, act: HostAct, now: Timestamp) -> Result<(), ErrorCode> {
        if self.kind == ConversationKind::Direct {
            return Err(ErrorCode::Conflict);
        }
        self.require(by)?;
        match act {
            HostAct::Mute { peer_id } => {
                let stay = self.here(peer_id)?;
                if stay.does.microphone {
                    stay.does.microphone = false;
                    stay.does.muted_by_host = stay.user != by;
                }
            }
            HostAct::MuteOthers => {
                for stay in self.stays.iter_mut().filter(|stay| stay.is_here()) {
                    if stay.user != by && stay.does.microphone {
                        stay.does.microphone = false;
                        stay.does.muted_by_host = true;
                    }
                }
            }
            HostAct::StopScreen { peer_id } => {
                let stay = self.here(peer_id)?;
                if stay.does.screen {
                    stay.does.screen = false;
                    stay.does.stopped_by_host = stay.user != by;
                }
            }
            HostAct::LowerHand { peer_id } => self.here(peer_id)?.does.hand = false,
            HostAct::Remove { user_id } => {
                if user_id == by {
                    return Err(ErrorCode::Conflict);
                }
                if self.removed.contains(&user_id) {
                    return Ok(());
                }
                let rung = self
                    .rings
                    .iter()
                    .any(|ring| ring.user == user_id && !ring.over);
                if !rung {
                    self.require(user_id)?;
                }
                self.let_in.retain(|other| *other != user_id);
                self.removed.push(user_id);
                self.take_out(user_id, None, now);
            }
            HostAct::LetIn { user_id } => {
                self.removed.retain(|other| *other != user_id);
                if self.locked && !self.let_in.contains(&user_id) {
                    self.let_in.push(user_id);
                }
            }
            HostAct::Lock | HostAct::Unlock => {
                let locks = act == HostAct::Lock;
                if self.locked != locks {
                    self.locked = locks;
                    self.let_in.clear();
                }
            }
        }
        Ok(())
    }

    fn ring(&mut self, targets: &[RingTarget], timeout: Duration, now: Timestamp) {
        for target in targets {
            let user = target.user_id;
            let before = self.rings.iter().position(|ring| ring.user == user);
            if self.is_in(user) || before.is_some_and(|index| !self.rings[index].over) {
                continue;
            }
            let ring = Ringing {
                user,
                status: match target.reach {
                    Reach::DoNotDisturb => RingStatus::DoNotDisturb,
                    Reach::Busy => RingStatus::Busy,
                    Reach::OffHours => RingStatus::OffHours,
                    Reach::Quiet => RingStatus::Quiet,
                    Reach::Free if target.devices.is_empty() => RingStatus::Offline,
                    Reach::Free => RingStatus::Calling,
                },
                muted: target.muted,
                since: now,
                until: now + timeout,
                over: false,
                prepared: Vec::new(),
            };
            match before {
                Some(index) => self.rings[index] = ring,
                None => self.rings.push(ring),
            }
        }
    }

    fn take_out(&mut self, user: UserId, device: Option<DeviceId>, now: Timestamp) {
        for stay in self.stays.iter_mut().filter(|stay| stay.is_here()) {
            if stay.user == user && device.is_none_or(|device| device == stay.device) {
                stay.go(now, false);
            }
        }
        if device.is_none()
            && let Ok(ring) = self.rung(user)
            && !ring.over
        {
            ring.stop();
        }
    }

    /// Those who go on with another device leave the first when everybody hears them on the other, or
    /// has had the time.
    fn hand_over(&mut self, now: Timestamp) {
        if self.end.is_some() {
            return;
        }
        let epoch = self.epoch;
        let since = |stay: &Stay| {
            stay.carried
                .filter(|(of, _)| *of == epoch)
                .map(|(_, since)| since)
        };
        let taking: Vec<usize> = (0..self.stays.len())
            .filter(|index| {
                let stay = &self.stays[*index];
                let late = since(stay).is_some_and(|since| since + HANDOVER_TIMEOUT <= now);
                let deaf = |other: &Stay| {
                    let there = other.is_here()
                        && other.unheard_since.is_none()
                        && other.closing_since.is_none();
                    there && other.user != stay.user && since(other).is_none()
                };
                let heard = since(stay).is_some() && !self.stays.iter().any(deaf);
                stay.is_here() && stay.takes_over && (late || heard)
            })
            .collect();
        for index in taking {
            let user = self.stays[index].user;
            self.stays[index].takes_over = false;
            for other in self.stays[..index]
                .iter_mut()
                .filter(|stay| stay.user == user && stay.is_here())
            {
                other.go(now, false);
            }
        }
    }

    fn move_media(&mut self, mode: MediaMode) {
        self.mode = mode;
        self.epoch += 1;
        self.path_down_since = None;
    }

    /// Whether it is over, and why.
    fn decide(&mut self, now: Timestamp) {
        if self.end.is_some() {
            return;
        }
        let gone = self.departed();
        let all_lost = || gone.iter().all(|gone| gone.lost);
        let empty_since = self.empty_since();
        let over = match self.kind {
            ConversationKind::Direct if !gone.is_empty() => {
                Some(match (all_lost(), self.answered) {
                    (true, _) => EndReason::ConnectionLost,
                    (false, true) => EndReason::Left,
                    (false, false) => EndReason::Cancelled,
                })
            }
            ConversationKind::Direct if self.answered => None,
            ConversationKind::Direct => self.unanswered(),
            ConversationKind::Group | ConversationKind::Channel => empty_since
                .filter(|since| *since + EMPTY_CALL_GRACE <= now)
                .map(|_| match (all_lost(), self.answered) {
                    (true, _) => EndReason::ConnectionLost,
                    (false, true) => EndReason::Left,
                    (false, false) => EndReason::Cancelled,
                }),
        };
        let too_long = |since: Timestamp| since + ALONE_END <= now;
        let alone = self.alone_since.is_some_and(too_long);
        match over.or(alone.then_some(EndReason::Alone)) {
            Some(reason) => self.finish(reason, now),
            None if empty_since.is_some() => {
                for ring in self.rings.iter_mut().filter(|ring| !ring.over) {
                    ring.stop();
                }
            }
            None => {}
        }
    }

    fn unanswered(&self) -> Option<EndReason> {
        if self.rings.is_empty() || self.rings.iter().any(|ring| !ring.over) {
            return None;
        }
        let any = |status| self.rings.iter().any(|ring| ring.status == status);
        Some(if any(RingStatus::Declined) {
            EndReason::Declined
        } else if any(RingStatus::Busy) {
            EndReason::Busy
        } else {
            EndReason::NoAnswer
        })
    }

    fn finish(&mut self, reason: EndReason, now: Timestamp) {
        let at = self.empty_since().unwrap_or(now).max(self.started_at);
        for ring in self.rings.iter_mut().filter(|ring| !ring.over) {
            ring.stop();
        }
        for stay in self.stays.iter_mut().filter(|stay| stay.is_here()) {
            stay.go(at, false);
        }
        self.end = Some((at, reason));
    }

    /// What depends on who is there now.
    fn look_back(&mut self, now: Timestamp) {
        let people: BTreeSet<_> = self.here_now().map(|stay| stay.user).collect();
        let rings = self.rings.iter().any(|ring| !ring.over);
        let live = self.end.is_none();
        let alone = live && people.len() == 1 && !rings;
        self.alone_since = alone.then(|| self.alone_since.unwrap_or(now));
        let there: Vec<&Stay> = self.here_now().filter(|stay| !stay.is_away()).collect();
        let all_up = there.iter().all(|stay| stay.media);
        let down = live && self.mode == MediaMode::Direct && there.len() == 2 && !all_up;
        self.path_down_since = down.then(|| self.path_down_since.unwrap_or(now));
    }

    fn here_now(&self) -> impl Iterator<Item = &Stay> {
        self.stays.iter().filter(|stay| stay.is_here())
    }

    fn here_mut(&mut self, peer: PeerId) -> Option<&mut Stay> {
        let mut here = self.stays.iter_mut().filter(|stay| stay.is_here());
        here.find(|stay| stay.peer == peer)
    }

    fn here(&mut self, peer: PeerId) -> Result<&mut Stay, ErrorCode> {
        self.here_mut(peer).ok_or(ErrorCode::NotInCall)
    }

    fn is_in(&self, user: UserId) -> bool {
        self.here_now().any(|stay| stay.user == user)
    }

    fn require(&self, user: UserId) -> Result<(), ErrorCode> {
        match self.is_in(user) {
            true => Ok(()),
            false => Err(ErrorCode::NotInCall),
        }
    }

    fn rung(&mut self, user: UserId) -> Result<&mut Ringing, ErrorCode> {
        let mut rings = self.rings.iter_mut();
        rings
            .find(|ring| ring.user == user)
            .ok_or(ErrorCode::Conflict)
    }

    /// The last stay of everybody who has none now.
    fn departed(&self) -> Vec<Gone> {
        let mut seen: BTreeSet<_> = self.here_now().map(|stay| stay.user).collect();
        let latest_first = self.stays.iter().rev();
        latest_first
            .filter(|stay| seen.insert(stay.user))
            .filter_map(|stay| stay.gone)
            .collect()
    }

    fn empty_since(&self) -> Option<Timestamp> {
        match self.here_now().next() {
            Some(_) => None,
            None => {
                let gone = self.stays.iter().filter_map(|stay| stay.gone);
                gone.map(|gone| gone.at).max()
            }
        }
    }

    /// Where the rules and this differ.
    pub(crate) fn compare(&self, call: &Call) -> Result<(), String> {
        let record = call.record();
        same(
            "end",
            self.end,
            record.ended.map(|end| (end.at, end.reason)),
        )?;
        same("kind", self.kind, record.kind)?;
        same("session", (self.mode, self.epoch), {
            (record.session.mode, record.session.epoch)
        })?;
        same("answered", self.answered, record.answered_at.is_some())?;
        same("removed", &self.removed, &record.removed)?;
        same("lock", self.locked, record.lock.is_some())?;
        if self.end.is_none() {
            same("alone", self.alone_since, record.alone_since)?;
        }
        let here: Vec<_> = self
            .here_now()
            .map(|stay| (stay.peer, stay.user, stay.came, stay.media, stay.does))
            .collect();
        let live: Vec<_> = call
            .live()
            .map(|leg| {
                let does = Does {
                    microphone: leg.microphone.on,
                    muted_by_host: leg.microphone.by.is_some(),
                    camera: leg.camera.on,
                    screen: leg.screen.on,
                    stopped_by_host: leg.screen.by.is_some(),
                    hand: leg.hand_raised_at.is_some(),
                };
                (leg.peer_id, leg.user_id, leg.joined_at, leg.media, does)
            })
            .collect();
        same("who is here", here, live)?;
        let rings: Vec<_> = self
            .rings
            .iter()
            .map(|ring| (ring.user, ring.status, ring.over, ring.who_waits()))
            .collect();
        let kept = |ring: &PersonRing| {
            let waiting = ring.prepared.iter().map(|page| page.peer_id).collect();
            (ring.user_id, ring.status, !ring.goes_on(), waiting)
        };
        same("rings", rings, record.rings.iter().map(kept).collect())
    }
}

impl Ringing {
    fn set(&mut self, status: RingStatus, now: Timestamp) {
        if self.status != status {
            self.status = status;
            self.since = now;
        }
    }

    /// Nobody waits to answer what is over.
    fn who_waits(&self) -> Vec<PeerId> {
        let waiting = self.prepared.iter().filter(|_| !self.over);
        waiting.map(|(.., peer)| *peer).collect()
    }

    /// Over without a word from whoever is rung.
    fn stop(&mut self) {
        self.over = true;
        if matches!(
            self.status,
            RingStatus::Calling | RingStatus::Notified | RingStatus::Ringing | RingStatus::Offline
        ) {
            self.status = RingStatus::NoAnswer;
        }
    }
}

fn stay(join: &JoinInput, does: Does, now: Timestamp) -> Stay {
    Stay {
        peer: join.peer_id,
        user: join.user_id,
        device: join.device_id,
        tab: join.tab.clone(),
        came: now,
        gone: None,
        heard: now,
        unheard_since: None,
        granted: None,
        closing_since: None,
        media: false,
        carried: None,
        takes_over: join.move_here,
        does,
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, plain: T, rules: T) -> Result<(), String> {
    match plain == rules {
        true => Ok(()),
        false => Err(format!(
            "{what}: told plainly {plain:?}, by the rules {rules:?}"
        )),
    }
}
