mod company;
mod hosts;
mod invariants;
mod lives;
mod prepare;
mod properties;
mod rings;
mod table;

use std::time::Duration;

use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{
        CallMedia, CallOutcome, CallState, Connection, ParticipantChange, RingStatus,
        RingStopReason,
    },
    conversation::ConversationKind,
    limits::RING_TIMEOUT,
    server::DetachReason,
};

use self::invariants::Watch;
use super::*;

const ALICE: Seat = Seat(1, 1);
const ALICE_PHONE: Seat = Seat(1, 2);
const BOB: Seat = Seat(2, 1);
const BOB_PHONE: Seat = Seat(2, 2);
const CARA: Seat = Seat(3, 1);

/// A person on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seat(u8, u8);

impl Seat {
    fn user(self) -> UserId {
        UserId::from_bytes([self.0; 16])
    }

    fn device(self) -> DeviceId {
        let mut bytes = [self.0; 16];
        bytes[0] = self.1;
        DeviceId::from_bytes(bytes)
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn peer(number: u32) -> PeerId {
    PeerId::from_bytes(u128::from(number).to_be_bytes())
}

/// A call on a made-up clock, kept as a record between inputs as the store keeps it.
struct TestCall {
    record: CallRecord,
    now: Timestamp,
    peers: u32,
    /// Everything put out by the last input, or while waiting.
    outputs: Vec<Output>,
    watch: Watch,
}

impl TestCall {
    fn start(input: StartInput) -> Self {
        let now = Timestamp::from_millis(1_000_000);
        let call = Call::start(input, now).unwrap();
        let mut test = Self {
            record: call.record().clone(),
            now,
            peers: 1,
            outputs: Vec::new(),
            watch: Watch::default(),
        };
        test.keep(call);
        test
    }

    /// A direct call from Alice that rings these devices of Bob.
    fn ringing<const N: usize>(callees: [Seat; N]) -> Self {
        Self::start(direct(&callees, Reach::Free))
    }

    /// The same, answered by Bob at once: Alice is peer 1, Bob peer 2.
    fn talking() -> Self {
        let mut call = Self::ringing([BOB]);
        call.join(BOB, "tab");
        call
    }

    /// A group's call that rings nobody, with Alice in it.
    fn room() -> Self {
        Self::start(start_input(ConversationKind::Group, 3, Vec::new()))
    }

    fn give(&mut self, input: Input) -> Result<(), CallError> {
        self.outputs.clear();
        let mut call = Call::from_record(self.record.clone());
        let result = call.handle_input(input, self.now);
        self.keep(call);
        result
    }

    fn keep(&mut self, mut call: Call) {
        let outputs: Vec<_> = std::iter::from_fn(|| call.poll_output()).collect();
        self.watch.check(&call, &outputs, self.now);
        self.outputs.extend(outputs);
        self.record = call.into_record();
    }

    /// Lets time pass; what comes due on the way happens when it is due.
    fn wait(&mut self, duration: Duration) {
        let until = self.now + duration;
        let mut outputs = Vec::new();
        while let Some(due) = self.record.due.filter(|due| *due <= until) {
            self.now = due;
            self.give(Input::Timeout).unwrap();
            outputs.append(&mut self.outputs);
        }
        self.now = until;
        self.outputs = outputs;
    }

    fn join(&mut self, seat: Seat, tab: &str) -> PeerId {
        self.try_join(seat, tab).unwrap()
    }

    fn try_join(&mut self, seat: Seat, tab: &str) -> Result<PeerId, CallError> {
        self.peers += 1;
        let peer_id = peer(self.peers);
        self.give(Input::Join(join_input(seat, tab, peer_id)))
            .map(|()| peer_id)
    }

    fn leave(&mut self, peer_id: PeerId) {
        self.give(Input::Leave { peer_id }).unwrap();
    }

    fn socket_lost(&mut self, peer_id: PeerId) {
        let evidence_at = self.now;
        self.give(Input::SocketLost {
            peer_id,
            evidence_at,
        })
        .unwrap();
    }

    fn media(&mut self, peer_id: PeerId, connected: bool) {
        let epoch = self.record.session.epoch;
        self.give(Input::MediaState {
            peer_id,
            epoch,
            connected,
        })
        .unwrap();
    }

    fn acknowledge(&mut self, seat: Seat) {
        let (user_id, device_id) = (seat.user(), seat.device());
        self.give(Input::RingAcknowledged { user_id, device_id })
            .unwrap();
    }

    fn decline(&mut self, seat: Seat) {
        let (user_id, device_id) = (seat.user(), seat.device());
        self.give(Input::RingDeclined { user_id, device_id })
            .unwrap();
    }

    fn connect(&mut self, seat: Seat) {
        let (user_id, device_id) = (seat.user(), seat.device());
        self.give(Input::DeviceConnected { user_id, device_id })
            .unwrap();
    }

    fn end_reason(&self) -> Option<EndReason> {
        self.record.ended.map(|ended| ended.reason)
    }

    fn status(&self, seat: Seat) -> RingStatus {
        let ring = self
            .record
            .rings
            .iter()
            .find(|ring| ring.user_id == seat.user());
        ring.unwrap().status
    }

    fn outcome(&self, seat: Seat) -> Option<CallOutcome> {
        let outcomes = Call::from_record(self.record.clone()).outcomes();
        let outcome = outcomes
            .iter()
            .find(|outcome| outcome.user_id == seat.user());
        outcome.map(|outcome| outcome.outcome)
    }

    fn connection(&self, peer_id: PeerId) -> Option<Connection> {
        let call = Call::from_record(self.record.clone());
        call.participant(peer_id).map(|leg| leg.connection)
    }

    /// What this device was told last of its ring: none while it rings.
    fn stopped(&self, seat: Seat) -> Option<RingStopReason> {
        let mut stopped = None;
        for output in &self.outputs {
            if let Output::RingStopped {
                device_id, reason, ..
            } = output
                && *device_id == seat.device()
            {
                stopped = Some(*reason);
            }
        }
        stopped
    }

    fn rings_on(&self, seat: Seat) -> bool {
        self.watch.ringing.contains(&(seat.user(), seat.device()))
    }

    fn detached(&self, peer: PeerId) -> Option<DetachReason> {
        let mut detached = None;
        for output in &self.outputs {
            if let Output::Detached {
                peer_id, reason, ..
            } = output
                && *peer_id == peer
            {
                detached = Some(*reason);
            }
        }
        detached
    }
}

fn join_input(seat: Seat, tab: &str, peer_id: PeerId) -> JoinInput {
    JoinInput {
        user_id: seat.user(),
        device_id: seat.device(),
        device_name: "Firefox on Linux".to_owned(),
        tab: tab.to_owned(),
        peer_id,
        state: ParticipantChange {
            microphone: Some(true),
            ..ParticipantChange::default()
        },
        move_here: false,
    }
}

fn prepare(seat: Seat, tab: &str, peer_id: PeerId) -> Input {
    Input::Prepare(PrepareInput {
        user_id: seat.user(),
        device_id: seat.device(),
        tab: tab.to_owned(),
        peer_id,
    })
}

fn start_input(kind: ConversationKind, member_count: usize, ring: Vec<RingTarget>) -> StartInput {
    StartInput {
        call_id: CallId::from_bytes([7; 16]),
        conversation_id: ConversationId::from_bytes([8; 16]),
        kind,
        member_count,
        media: CallMedia::Video,
        starter: join_input(ALICE, "tab", peer(1)),
        ring,
        ring_timeout: RING_TIMEOUT,
    }
}

/// Alice calls Bob on these devices.
fn direct(devices: &[Seat], reach: Reach) -> StartInput {
    let target = RingTarget {
        user_id: BOB.user(),
        devices: devices.iter().map(|seat| seat.device()).collect(),
        reach,
        muted: false,
    };
    start_input(ConversationKind::Direct, 2, vec![target])
}
