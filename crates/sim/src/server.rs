//! The server's shell in small: the store's one transaction, who vouches for whom, due times.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::call::{
    Call, CallError, CallRecord, Cell, Input, JoinInput, Output, PrepareInput, Reach, RingTarget,
    StartInput, is_called_over_and_over,
};
use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallMedia, MediaMode, ParticipantChange},
    conversation::ConversationKind,
    limits,
};

use crate::{model, reference::Reference};

/// A socket as the server sees it.
#[derive(Debug, Clone)]
pub(crate) struct Socket {
    pub(crate) device: usize,
    pub(crate) user_id: UserId,
    pub(crate) device_id: DeviceId,
    pub(crate) tab: String,
    pub(crate) heard_at: Timestamp,
    /// Participants it vouches for.
    pub(crate) peers: Vec<PeerId>,
}

/// What follows from an input, for each call.
pub(crate) type Told = Vec<(CallId, Output)>;

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: ConversationKind,
    pub(crate) conversation_id: ConversationId,
    pub(crate) members: Vec<UserId>,
    /// What stands between people and a ring, where something does.
    pub(crate) reach: BTreeMap<UserId, Reach>,
    /// Who has muted the conversation.
    pub(crate) muted: BTreeSet<UserId>,
    /// What lasts: the live call, and those that have ended.
    pub(crate) live: Option<CallRecord>,
    pub(crate) ended: Vec<CallRecord>,
    /// The rules told plainly, for the live call.
    reference: Option<Reference>,
    /// Where the two first differed, or what is not so after an input.
    pub(crate) fault: Option<String>,
    /// What does not last.
    pub(crate) sockets: BTreeMap<u64, Socket>,
    /// Ids drawn so far.
    drawn: u128,
    /// How often each input met each state.
    pub(crate) reached: HashMap<Cell, u64>,
}

impl Server {
    pub(crate) fn new(kind: ConversationKind, members: Vec<UserId>) -> Self {
        Self {
            kind,
            conversation_id: ConversationId::from_bytes([7; 16]),
            members,
            reach: BTreeMap::new(),
            muted: BTreeSet::new(),
            live: None,
            ended: Vec::new(),
            reference: None,
            fault: None,
            sockets: BTreeMap::new(),
            drawn: 0,
            reached: HashMap::new(),
        }
    }

    fn draw(&mut self) -> u128 {
        self.drawn += 1;
        self.drawn
    }

    /// Starts a call or joins the live one. Gives the joining's peer.
    pub(crate) fn call(
        &mut self,
        socket: u64,
        now: Timestamp,
    ) -> (Result<PeerId, CallError>, Told) {
        if let Some(live) = &self.live {
            let call_id = live.id;
            return self.join(socket, call_id, false, now);
        }
        let starter = self.join_input(socket, false, now);
        let peer_id = starter.peer_id;
        let draw = self.draw();
        // Groups are rung when the starter wishes; channels never, even when asked to.
        let ring = match self.kind {
            ConversationKind::Group if draw.is_multiple_of(2) => Vec::new(),
            ConversationKind::Direct if draw.is_multiple_of(8) => Vec::new(),
            ConversationKind::Direct | ConversationKind::Group | ConversationKind::Channel => {
                let others = self.members.iter().copied();
                let others: Vec<_> = others.filter(|user| *user != starter.user_id).collect();
                self.targets(starter.user_id, &others, now)
            }
        };
        let call_id = CallId::from_parts(now, draw);
        let input = StartInput {
            call_id,
            conversation_id: self.conversation_id,
            kind: self.kind,
            member_count: 2,
            media: CallMedia::Video,
            starter,
            ring,
            ring_timeout: limits::RING_TIMEOUT,
        };
        self.reference = Some(Reference::start(&input, now));
        match Call::start(input, now) {
            Ok(call) => {
                self.vouch(socket, peer_id);
                (Ok(peer_id), self.keep(call))
            }
            Err(error) => (Err(error), Vec::new()),
        }
    }

    pub(crate) fn join(
        &mut self,
        socket: u64,
        call_id: CallId,
        move_here: bool,
        now: Timestamp,
    ) -> (Result<PeerId, CallError>, Told) {
        let mut join = self.join_input(socket, move_here, now);
        if let Some(live) = self.live.clone().filter(|live| live.id == call_id) {
            let call = Call::from_record(live);
            let prepared = call.prepared(join.user_id, join.device_id, &join.tab);
            join.peer_id = prepared.unwrap_or(join.peer_id);
        }
        let peer_id = join.peer_id;
        let (result, told) = self.hand_in(call_id, Input::Join(join), now);
        if result.is_ok() {
            self.vouch(socket, peer_id);
        }
        (result.map(|()| peer_id), told)
    }

    fn join_input(&mut self, socket: u64, move_here: bool, now: Timestamp) -> JoinInput {
        let random = self.draw();
        let socket = &self.sockets[&socket];
        JoinInput {
            user_id: socket.user_id,
            device_id: socket.device_id,
            device_name: "Browser".to_owned(),
            tab: socket.tab.clone(),
            peer_id: PeerId::from_parts(now, random),
            state: ParticipantChange {
                microphone: Some(true),
                ..ParticipantChange::default()
            },
            move_here,
        }
    }

    /// A page of somebody who is rung wants to have its connection before it answers.
    pub(crate) fn prepare(&mut self, socket: u64, call_id: CallId, now: Timestamp) -> Told {
        let random = self.draw();
        let socket = &self.sockets[&socket];
        let input = Input::Prepare(PrepareInput {
            user_id: socket.user_id,
            device_id: socket.device_id,
            tab: socket.tab.clone(),
            peer_id: PeerId::from_parts(now, random),
        });
        self.hand_in(call_id, input, now).1
    }

    /// Asks somebody in, who then is a member. A direct call goes on in a group.
    pub(crate) fn add(
        &mut self,
        call_id: CallId,
        by: UserId,
        user: UserId,
        now: Timestamp,
    ) -> Told {
        let mut told = Vec::new();
        let live = self.live.as_ref().filter(|live| live.id == call_id);
        let Some(kind) = live.map(|live| live.kind) else {
            return told;
        };
        if !self.members.contains(&user) {
            if kind == ConversationKind::Direct {
                let conversation_id = ConversationId::from_bytes([8; 16]);
                let input = Input::GoOnIn {
                    by,
                    conversation_id,
                };
                let (result, more) = self.hand_in(call_id, input, now);
                told.extend(more);
                if result.is_err() {
                    return told;
                }
                self.kind = ConversationKind::Group;
                self.conversation_id = conversation_id;
            }
            self.members.push(user);
        }
        let targets = self.targets(by, &[user], now);
        let timeout = limits::RING_TIMEOUT;
        let ring = Input::Ring {
            by,
            targets,
            timeout,
        };
        told.extend(self.hand_in(call_id, ring, now).1);
        told
    }

    fn targets(&self, caller: UserId, users: &[UserId], now: Timestamp) -> Vec<RingTarget> {
        let latest_first = self.ended.iter().rev();
        let past: Vec<CallRecord> = latest_first
            .filter(|call| call.started_by == caller)
            .take(5)
            .cloned()
            .collect();
        let target = |user_id: UserId| {
            let sockets = self.sockets.values();
            let devices = sockets.filter(|socket| socket.user_id == user_id);
            let mut devices: Vec<_> = devices.map(|socket| socket.device_id).collect();
            devices.sort_unstable();
            devices.dedup();
            let reach = match self.reach.get(&user_id).copied().unwrap_or(Reach::Free) {
                Reach::Free if is_called_over_and_over(&past, user_id, now) => Reach::Quiet,
                reach @ (Reach::Free
                | Reach::Busy
                | Reach::OffHours
                | Reach::Quiet
                | Reach::DoNotDisturb) => reach,
            };
            RingTarget {
                user_id,
                devices,
                reach,
                muted: self.muted.contains(&user_id),
            }
        };
        users.iter().copied().map(target).collect()
    }

    fn vouch(&mut self, socket: u64, peer_id: PeerId) {
        for other in self.sockets.values_mut() {
            other.peers.retain(|peer| *peer != peer_id);
        }
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.peers.push(peer_id);
        }
    }

    pub(crate) fn is_vouched_for(&self, peer_id: PeerId) -> bool {
        let mut sockets = self.sockets.values();
        sockets.any(|socket| socket.peers.contains(&peer_id))
    }

    /// One input in one transaction. As in the real store, the record is kept also when the input
    /// was refused, because what was due has happened.
    pub(crate) fn hand_in(
        &mut self,
        call_id: CallId,
        input: Input,
        now: Timestamp,
    ) -> (Result<(), CallError>, Told) {
        if self.live.as_ref().is_some_and(|live| live.id == call_id)
            && let Some(live) = self.live.take()
        {
            let mut call = Call::from_record(live);
            self.count(&call, &input);
            let expected = self
                .reference
                .as_mut()
                .map(|reference| reference.take(&input, now));
            let result = call.handle_input(input, now);
            let answered = result.map_err(CallError::code);
            if expected.is_some_and(|expected| expected != answered) {
                let fault = format!("told plainly {expected:?}, by the rules {answered:?}");
                self.fault.get_or_insert(fault);
            }
            return (result, self.keep(call));
        }
        let Some(index) = self.ended.iter().position(|record| record.id == call_id) else {
            return (Err(CallError::NotInCall), Vec::new());
        };
        let mut call = Call::from_record(self.ended[index].clone());
        self.count(&call, &input);
        let result = call.handle_input(input, now);
        let told = drain(&mut call);
        if *call.record() != self.ended[index] {
            self.fault
                .get_or_insert_with(|| "a call that has ended has changed".to_owned());
        }
        (result, told)
    }

    fn keep(&mut self, mut call: Call) -> Told {
        let told = drain(&mut call);
        for (_, output) in &told {
            if let Output::Detached { peer_id, .. } = output {
                for socket in self.sockets.values_mut() {
                    socket.peers.retain(|peer| peer != peer_id);
                }
            }
        }
        let held = match &self.reference {
            Some(reference) => reference.compare(&call),
            None => Ok(()),
        };
        if let Err(fault) = held.and_then(|()| model::after_an_input(&call)) {
            self.fault.get_or_insert(fault);
        }
        let record = call.into_record();
        if record.ended.is_some() {
            self.reference = None;
            self.ended.push(record);
        } else {
            self.live = Some(record);
        }
        told
    }

    /// A socket has said hello: its tab's participant may say that it is still there, and a ring
    /// going on is offered to its device.
    pub(crate) fn opened(&mut self, socket: u64, now: Timestamp) -> Told {
        let Some(live) = self.live.clone().map(Call::from_record) else {
            return Vec::new();
        };
        let call_id = live.record().id;
        let Socket {
            user_id,
            device_id,
            tab,
            ..
        } = self.sockets[&socket].clone();
        let mut told = Vec::new();
        if let Some(leg) = live.of_tab(user_id, device_id, &tab) {
            let peer_id = leg.peer_id;
            let input = Input::Evidence { peer_id, at: now };
            told.extend(self.hand_in(call_id, input, now).1);
        }
        let connected = Input::DeviceConnected { user_id, device_id };
        told.extend(self.hand_in(call_id, connected, now).1);
        told
    }

    /// A page speaks as its participant: that it is there, on this socket.
    pub(crate) fn claim(
        &mut self,
        socket: u64,
        call_id: CallId,
        peer_id: PeerId,
        now: Timestamp,
    ) -> Told {
        let live = self.live.clone().map(Call::from_record);
        let leg = live.as_ref().and_then(|call| call.participant(peer_id));
        let Some(leg) = leg else {
            return Vec::new();
        };
        self.vouch(socket, peer_id);
        if !leg.is_away() {
            return Vec::new();
        }
        self.hand_in(call_id, Input::SocketBack { peer_id }, now).1
    }

    /// A socket is gone, or held for dead. `page` when its page said that it closes.
    pub(crate) fn closed(&mut self, socket: u64, page: bool, now: Timestamp) -> Told {
        let Some(socket) = self.sockets.remove(&socket) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        for peer_id in socket.peers {
            if let Some(call_id) = self.live.as_ref().map(|live| live.id).filter(|_| page) {
                let closing = Input::PageClosing { peer_id };
                told.extend(self.hand_in(call_id, closing, now).1);
            }
            let input = Input::SocketLost {
                peer_id,
                evidence_at: socket.heard_at,
            };
            if let Some(call_id) = self.live.as_ref().map(|live| live.id) {
                told.extend(self.hand_in(call_id, input, now).1);
            }
        }
        told
    }

    /// What happens by itself every second. The media node still hears those `sounding`.
    pub(crate) fn sweep(&mut self, sounding: &[PeerId], now: Timestamp) -> Told {
        let mut told = Vec::new();
        let dead: Vec<u64> = self
            .sockets
            .iter()
            .filter(|(_, socket)| now.since(socket.heard_at) > limits::HEARTBEAT_DEAD)
            .map(|(id, _)| *id)
            .collect();
        for socket in dead {
            told.extend(self.closed(socket, false, now));
        }
        let due = self
            .live
            .as_ref()
            .filter(|live| live.due.is_some_and(|due| due <= now));
        if let Some((call_id, heard)) = due.map(|live| (live.id, heard_by_media(live, sounding))) {
            for peer_id in heard {
                let evidence = Input::Evidence { peer_id, at: now };
                told.extend(self.hand_in(call_id, evidence, now).1);
            }
            told.extend(self.hand_in(call_id, Input::Timeout, now).1);
        }
        told
    }

    /// The process ends and starts again: only the store is left.
    pub(crate) fn restart(&mut self, now: Timestamp) -> Told {
        self.sockets.clear();
        let Some(live) = &self.live else {
            return Vec::new();
        };
        let (call_id, mode) = (live.id, live.session.mode);
        let mut told = self.hand_in(call_id, Input::Restarted, now).1;
        if mode == MediaMode::Forwarded {
            let opened_anew = Input::MoveTo(MediaMode::Forwarded);
            told.extend(self.hand_in(call_id, opened_anew, now).1);
        }
        told
    }

    fn count(&mut self, call: &Call, input: &Input) {
        for cell in call.cells(input) {
            *self.reached.entry(cell).or_default() += 1;
        }
    }
}

/// Those without a socket who are heard all the same.
fn heard_by_media(call: &CallRecord, sounding: &[PeerId]) -> Vec<PeerId> {
    if call.session.mode == MediaMode::Direct {
        return Vec::new();
    }
    let legs = call.legs.iter().filter(|leg| leg.left.is_none());
    let away = legs.filter(|leg| leg.lease_until.is_some() && leg.media);
    let peers = away.map(|leg| leg.peer_id);
    peers.filter(|peer| sounding.contains(peer)).collect()
}

fn drain(call: &mut Call) -> Told {
    let call_id = call.record().id;
    std::iter::from_fn(|| call.poll_output())
        .map(|output| (call_id, output))
        .collect()
}
