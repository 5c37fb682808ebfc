//! One call given inputs in any order by anybody, also by people who were never in it.

use std::time::Duration;

use domain::call::{
    Call, CallRecord, Change, Input, JoinInput, Output, PrepareInput, Reach, RingTarget, StartInput,
};
use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallMedia, CallState, HostAct, MediaMode, ParticipantChange},
    conversation::ConversationKind,
    limits::RING_TIMEOUT,
};

/// A call with nobody heard of any more is over by then: the ring, or media alone, and the grace of
/// an empty room.
const SILENCE_MAX: Duration = Duration::from_secs(75);

/// The bytes of a life: the first two say how it begins, every further three are one input. What is
/// told must be the state, nothing may panic, and the call must end.
pub fn call(data: &[u8]) {
    let Some((beginning, mut rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let mut life = Life::begin(*beginning);
    while let Some((step, after)) = rest.split_first_chunk::<3>() {
        rest = after;
        life.step(*step);
    }
    life.end();
}

struct Life {
    record: CallRecord,
    now: Timestamp,
    peers: u32,
    /// What somebody knows who has heard everything that was told.
    known: Option<CallState>,
}

fn person(number: u8) -> UserId {
    UserId::from_bytes([number % 4 + 1; 16])
}

/// Two devices for each person.
fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number % 8 + 1; 16])
}

fn peer(number: u32) -> PeerId {
    PeerId::from_bytes(u128::from(number).to_be_bytes())
}

fn target(number: u8, reach: u8) -> RingTarget {
    RingTarget {
        user_id: person(number),
        devices: match reach & 4 {
            0 => vec![device(number), device(number + 4)],
            _ => Vec::new(),
        },
        reach: match reach & 3 {
            0 => Reach::Free,
            1 => Reach::Busy,
            2 if reach & 16 != 0 => Reach::OffHours,
            2 => Reach::Quiet,
            _ => Reach::DoNotDisturb,
        },
        muted: reach & 32 != 0,
    }
}

fn join(number: u8, how: u8, peer_id: PeerId) -> JoinInput {
    JoinInput {
        user_id: person(number),
        device_id: device(number),
        device_name: "Browser".to_owned(),
        tab: match how & 1 {
            0 => "tab".to_owned(),
            _ => "other".to_owned(),
        },
        peer_id,
        state: change(how),
        move_here: how & 2 != 0,
    }
}

fn change(bits: u8) -> ParticipantChange {
    let part = |at: u8| match bits >> at & 3 {
        0 => None,
        1 => Some(false),
        _ => Some(true),
    };
    ParticipantChange {
        microphone: part(0),
        camera: part(2),
        screen: part(4),
        hand: part(6),
    }
}

impl Life {
    fn begin([kind, ring]: [u8; 2]) -> Self {
        let now = Timestamp::from_millis(1_000_000_000_000);
        let call = Call::start(
            StartInput {
                call_id: CallId::from_bytes([7; 16]),
                conversation_id: ConversationId::from_bytes([8; 16]),
                kind: match kind % 3 {
                    0 => ConversationKind::Direct,
                    1 => ConversationKind::Group,
                    _ => ConversationKind::Channel,
                },
                member_count: 2,
                media: CallMedia::Video,
                starter: join(0, kind, peer(1)),
                ring: match ring & 8 {
                    0 => vec![target(1, ring)],
                    _ => Vec::new(),
                },
                ring_timeout: RING_TIMEOUT,
            },
            now,
        )
        .expect("two are in the conversation");
        let mut life = Self {
            record: call.record().clone(),
            now,
            peers: 1,
            known: None,
        };
        life.keep(call);
        life
    }

    fn step(&mut self, [what, who, how]: [u8; 3]) {
        let peer_id = peer(u32::from(who) % 12);
        let user_id = person(who);
        let device_id = device(who);
        let by = person(how);
        let ago = self.now - Duration::from_millis(u64::from(how) * 200);
        let input = match what % 25 {
            0 | 1 => {
                self.peers += 1;
                let mut join = join(who, how, peer(self.peers));
                let call = Call::from_record(self.record.clone());
                let prepared = call.prepared(join.user_id, join.device_id, &join.tab);
                join.peer_id = prepared.unwrap_or(join.peer_id);
                Input::Join(join)
            }
            2 => Input::Leave { peer_id },
            3 => Input::EndForAll,
            4 | 5 => Input::Host {
                by,
                act: match what / 24 {
                    0 => HostAct::Mute { peer_id },
                    1 => HostAct::MuteOthers,
                    2 => HostAct::StopScreen { peer_id },
                    3 => HostAct::LowerHand { peer_id },
                    4 => HostAct::Remove { user_id },
                    5 => HostAct::LetIn { user_id },
                    6 => HostAct::Lock,
                    _ => HostAct::Unlock,
                },
            },
            6 => Input::Ring {
                by,
                targets: vec![target(who, how)],
                timeout: RING_TIMEOUT,
            },
            7 => Input::StopRinging { by, user_id },
            8 => Input::GoOnIn {
                by,
                conversation_id: ConversationId::from_bytes([9; 16]),
            },
            9 => Input::Stay { peer_id },
            10 => Input::Remove {
                user_id,
                device_id: (how & 1 == 0).then_some(device_id),
            },
            11 => Input::Change {
                peer_id,
                change: change(how),
            },
            12 | 13 => Input::MediaState {
                peer_id,
                epoch: self.record.session.epoch - u32::from(how & 2 != 0),
                connected: how & 1 == 0,
            },
            14 => Input::SocketLost {
                peer_id,
                evidence_at: ago,
            },
            15 => Input::SocketBack { peer_id },
            16 => Input::Evidence { peer_id, at: ago },
            17 => Input::PageClosing { peer_id },
            18 => Input::Restarted,
            19 => Input::RingAcknowledged { user_id, device_id },
            20 => Input::RingDeclined { user_id, device_id },
            21 => Input::DeviceConnected { user_id, device_id },
            22 => Input::MoveTo(match how & 1 {
                0 => MediaMode::Direct,
                _ => MediaMode::Forwarded,
            }),
            23 => {
                self.peers += 1;
                let page = join(who, how, peer(self.peers));
                Input::Prepare(PrepareInput {
                    user_id: page.user_id,
                    device_id: page.device_id,
                    tab: page.tab,
                    peer_id: page.peer_id,
                })
            }
            _ => {
                self.wait(Duration::from_millis(u64::from(who) * u64::from(how) * 10));
                return;
            }
        };
        self.give(input);
    }

    fn give(&mut self, input: Input) {
        let mut call = Call::from_record(self.record.clone());
        // Taken or refused: what came of it is looked at.
        let _ = call.handle_input(input, self.now);
        self.keep(call);
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.record.due.filter(|due| *due <= until) {
            assert!(due >= self.now, "what is due is not past");
            self.now = due;
            self.give(Input::Timeout);
        }
        self.now = until;
    }

    fn keep(&mut self, mut call: Call) {
        let was_over = self.record.ended.is_some();
        let mut is_told = false;
        while let Some(output) = call.poll_output() {
            match output {
                Output::Tell(change) => self.hear(change),
                Output::Ended { .. } => is_told = true,
                Output::Ring { .. }
                | Output::RingStopped { .. }
                | Output::Hosted { .. }
                | Output::Detached { .. }
                | Output::OpenRoom { .. }
                | Output::RemovePeer { .. }
                | Output::SetMuted { .. }
                | Output::CloseRoom => {}
            }
        }
        let is_over = call.record().ended.is_some();
        assert_eq!(is_told, is_over && !was_over, "an end is told once");
        if is_over {
            assert_eq!(call.live().count(), 0, "nobody is in a call that is over");
            assert_eq!(call.poll_timeout(), None);
        } else {
            assert_eq!(self.known, Some(call.state()), "what is told is the state");
        }
        self.record = call.into_record();
    }

    fn hear(&mut self, change: Change) {
        let call = match change {
            Change::Call(call) => {
                self.known = Some(call);
                return;
            }
            Change::Participant { .. } | Change::ParticipantLeft { .. } | Change::Ring { .. } => {
                self.known.as_mut().expect("the whole is told first")
            }
        };
        match change {
            Change::Call(_) => {}
            Change::Participant {
                version,
                participant,
            } => {
                call.version = version;
                let id = participant.peer_id;
                match call.participants.iter_mut().find(|one| one.peer_id == id) {
                    Some(one) => *one = participant,
                    None => call.participants.push(participant),
                }
            }
            Change::ParticipantLeft { version, peer_id } => {
                call.version = version;
                call.participants.retain(|one| one.peer_id != peer_id);
            }
            Change::Ring { version, ring } => {
                call.version = version;
                let id = ring.user_id;
                match call.rings.iter_mut().find(|one| one.user_id == id) {
                    Some(one) => *one = ring,
                    None => call.rings.push(ring),
                }
            }
        }
    }

    /// Everybody falls silent.
    fn end(mut self) {
        let live = self.record.legs.iter().filter(|leg| leg.left.is_none());
        for peer_id in live.map(|leg| leg.peer_id).collect::<Vec<_>>() {
            let evidence_at = self.now;
            self.give(Input::SocketLost {
                peer_id,
                evidence_at,
            });
        }
        self.wait(SILENCE_MAX);
        assert!(
            self.record.ended.is_some(),
            "a call does not outlive its people"
        );
    }
}
