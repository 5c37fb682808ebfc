//! The server's shell in small: the store's one transaction, who vouches for whom, due times.

use std::collections::BTreeMap;

use domain::call::{
    Call, CallError, CallRecord, Input, JoinInput, Output, Reach, RingTarget, StartInput,
};
use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallMedia, ParticipantChange},
    conversation::ConversationKind,
    limits,
};

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

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) conversation_id: ConversationId,
    pub(crate) kind: ConversationKind,
    pub(crate) members: Vec<UserId>,
    /// What stands between people and a ring, where something does.
    pub(crate) reach: BTreeMap<UserId, Reach>,
    /// What lasts: the live call, and those that have ended.
    pub(crate) live: Option<CallRecord>,
    pub(crate) ended: Vec<CallRecord>,
    /// What does not.
    pub(crate) sockets: BTreeMap<u64, Socket>,
    /// Ids drawn so far.
    drawn: u128,
    /// Inputs taken by kind and refusals, to see what was reached.
    pub(crate) reached: BTreeMap<&'static str, u64>,
}

impl Server {
    pub(crate) fn new(kind: ConversationKind, members: Vec<UserId>) -> Self {
        Self {
            conversation_id: ConversationId::from_bytes([7; 16]),
            kind,
            members,
            reach: BTreeMap::new(),
            live: None,
            ended: Vec::new(),
            sockets: BTreeMap::new(),
            drawn: 0,
            reached: BTreeMap::new(),
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
    ) -> (Result<PeerId, CallError>, Vec<Output>) {
        if let Some(live) = &self.live {
            let call_id = live.id;
            return self.join(socket, call_id, now);
        }
        let starter = self.join_input(socket, now);
        let peer_id = starter.peer_id;
        let ring = match self.kind {
            ConversationKind::Direct => self.targets(starter.user_id),
            ConversationKind::Group | ConversationKind::Channel => Vec::new(),
        };
        let call_id = CallId::from_parts(now, self.draw());
        let started = Call::start(
            StartInput {
                call_id,
                conversation_id: self.conversation_id,
                kind: self.kind,
                member_count: self.members.len(),
                media: CallMedia::Video,
                starter,
                ring,
                ring_timeout: limits::RING_TIMEOUT,
            },
            now,
        );
        self.count("start");
        match started {
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
        now: Timestamp,
    ) -> (Result<PeerId, CallError>, Vec<Output>) {
        let join = self.join_input(socket, now);
        let peer_id = join.peer_id;
        let (result, outputs) = self.hand_in(call_id, "join", Input::Join(join), now);
        if result.is_ok() {
            self.vouch(socket, peer_id);
        }
        (result.map(|()| peer_id), outputs)
    }

    fn join_input(&mut self, socket: u64, now: Timestamp) -> JoinInput {
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
        }
    }

    fn targets(&self, caller: UserId) -> Vec<RingTarget> {
        let others = self.members.iter().copied().filter(|user| *user != caller);
        others
            .map(|user_id| {
                let devices = self
                    .sockets
                    .values()
                    .filter(|socket| socket.user_id == user_id);
                let mut devices: Vec<_> = devices.map(|socket| socket.device_id).collect();
                devices.sort_unstable();
                devices.dedup();
                RingTarget {
                    user_id,
                    devices,
                    reach: self.reach.get(&user_id).copied().unwrap_or(Reach::Free),
                }
            })
            .collect()
    }

    fn vouch(&mut self, socket: u64, peer_id: PeerId) {
        for other in self.sockets.values_mut() {
            other.peers.retain(|peer| *peer != peer_id);
        }
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.peers.push(peer_id);
        }
    }

    /// One input in one transaction. As in the real store, the record is kept also when the input
    /// was refused, because what was due has happened.
    pub(crate) fn hand_in(
        &mut self,
        call_id: CallId,
        name: &'static str,
        input: Input,
        now: Timestamp,
    ) -> (Result<(), CallError>, Vec<Output>) {
        self.count(name);
        let ended = self.ended.iter().position(|record| record.id == call_id);
        let record = match (&self.live, ended) {
            (Some(live), _) if live.id == call_id => self.live.take(),
            (_, Some(index)) => Some(self.ended.remove(index)),
            (_, None) => None,
        };
        let Some(record) = record else {
            return (Err(CallError::NotInCall), Vec::new());
        };
        let mut call = Call::from_record(record);
        let result = call.handle_input(input, now);
        (result, self.keep(call))
    }

    fn keep(&mut self, mut call: Call) -> Vec<Output> {
        let mut outputs = Vec::new();
        while let Some(output) = call.poll_output() {
            if let Output::Detached { peer_id, .. } = &output {
                for socket in self.sockets.values_mut() {
                    socket.peers.retain(|peer| peer != peer_id);
                }
            }
            outputs.push(output);
        }
        let record = call.into_record();
        if record.ended.is_some() {
            self.ended.push(record);
        } else {
            self.live = Some(record);
        }
        outputs
    }

    /// A socket has said hello: its tab's participant may say that it is still there, and a ring
    /// going on is offered to its device.
    pub(crate) fn opened(&mut self, socket: u64, now: Timestamp) -> Vec<Output> {
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
        let mut outputs = Vec::new();
        if let Some(leg) = live.of_tab(user_id, device_id, &tab) {
            let peer_id = leg.peer_id;
            let input = Input::Evidence { peer_id, at: now };
            outputs.extend(self.hand_in(call_id, "evidence", input, now).1);
        }
        let connected = Input::DeviceConnected { user_id, device_id };
        outputs.extend(self.hand_in(call_id, "device connected", connected, now).1);
        outputs
    }

    /// A page speaks as its participant: that it is there, on this socket.
    pub(crate) fn claim(
        &mut self,
        socket: u64,
        call_id: CallId,
        peer_id: PeerId,
        now: Timestamp,
    ) -> Vec<Output> {
        let live = self.live.clone().map(Call::from_record);
        let leg = live.as_ref().and_then(|call| call.participant(peer_id));
        let Some(leg) = leg else {
            return Vec::new();
        };
        self.vouch(socket, peer_id);
        if !leg.is_away() {
            return Vec::new();
        }
        self.hand_in(call_id, "socket back", Input::SocketBack { peer_id }, now)
            .1
    }

    /// A socket is gone, or held for dead. `page` when its page said that it closes.
    pub(crate) fn closed(&mut self, socket: u64, page: bool, now: Timestamp) -> Vec<Output> {
        let Some(socket) = self.sockets.remove(&socket) else {
            return Vec::new();
        };
        let mut outputs = Vec::new();
        for peer_id in socket.peers {
            if let Some(call_id) = self.live.as_ref().map(|live| live.id).filter(|_| page) {
                let closing = Input::PageClosing { peer_id };
                outputs.extend(self.hand_in(call_id, "page closing", closing, now).1);
            }
            let input = Input::SocketLost {
                peer_id,
                evidence_at: socket.heard_at,
            };
            if let Some(call_id) = self.live.as_ref().map(|live| live.id) {
                outputs.extend(self.hand_in(call_id, "socket lost", input, now).1);
            }
        }
        outputs
    }

    /// What happens by itself every second.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> Vec<Output> {
        let mut outputs = Vec::new();
        let dead: Vec<u64> = self
            .sockets
            .iter()
            .filter(|(_, socket)| now.since(socket.heard_at) > limits::HEARTBEAT_DEAD)
            .map(|(id, _)| *id)
            .collect();
        for socket in dead {
            outputs.extend(self.closed(socket, false, now));
        }
        let due = self
            .live
            .as_ref()
            .filter(|live| live.due.is_some_and(|due| due <= now));
        if let Some(call_id) = due.map(|live| live.id) {
            outputs.extend(self.hand_in(call_id, "timeout", Input::Timeout, now).1);
        }
        outputs
    }

    /// The process ends and starts again: only the store is left.
    pub(crate) fn restart(&mut self, now: Timestamp) -> Vec<Output> {
        self.sockets.clear();
        match self.live.as_ref().map(|live| live.id) {
            Some(call_id) => self.hand_in(call_id, "restarted", Input::Restarted, now).1,
            None => Vec::new(),
        }
    }

    fn count(&mut self, name: &'static str) {
        *self.reached.entry(name).or_default() += 1;
    }
}
