use proptest::prelude::*;
use protocol::call::{HostAct, MediaMode};

use super::*;

/// Longest a call may outlive the last that was heard of anybody: the ring, or media alone, and
/// the grace of an empty room.
const SILENCE_MAX: Duration = Duration::from_secs(75);

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    /// Time passes, and nobody looks what is due.
    Oversleep(u64),
    Join(Seat, bool, bool),
    Ring(Seat, Seat, bool),
    StopRinging(Seat, Seat),
    GoOnIn(Seat),
    Stay(u32),
    Leave(u32),
    EndForAll,
    Host(Seat, HostAct),
    Remove(Seat, bool),
    Change(u32, Option<bool>),
    Media(u32, bool, bool),
    SocketLost(u32, u64),
    SocketBack(u32),
    Evidence(u32, u64),
    PageClosing(u32),
    Restarted,
    Acknowledge(Seat),
    Decline(Seat),
    Connect(Seat),
    Prepare(Seat, bool),
    MoveTo(bool),
}

fn seat() -> impl Strategy<Value = Seat> {
    (1..4_u8, 1..3_u8).prop_map(|(person, device)| Seat(person, device))
}

fn host_act() -> impl Strategy<Value = HostAct> {
    (0..8_u8, 1..9_u32, seat()).prop_map(|(kind, number, seat)| {
        let peer_id = peer(number);
        let user_id = seat.user();
        match kind {
            0 => HostAct::Mute { peer_id },
            1 => HostAct::MuteOthers,
            2 => HostAct::StopScreen { peer_id },
            3 => HostAct::LowerHand { peer_id },
            4 => HostAct::Remove { user_id },
            5 => HostAct::LetIn { user_id },
            6 => HostAct::Lock,
            _ => HostAct::Unlock,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let peer = 1..9_u32;
    prop_oneof![
        4 => (0..20_000_u64).prop_map(Step::Wait),
        1 => (0..90_000_u64).prop_map(Step::Oversleep),
        4 => (seat(), any::<bool>(), any::<bool>())
            .prop_map(|(seat, tab, move_here)| Step::Join(seat, tab, move_here)),
        1 => (seat(), seat(), any::<bool>())
            .prop_map(|(by, seat, muted)| Step::Ring(by, seat, muted)),
        1 => (seat(), seat()).prop_map(|(by, seat)| Step::StopRinging(by, seat)),
        1 => seat().prop_map(Step::GoOnIn),
        1 => peer.clone().prop_map(Step::Stay),
        2 => peer.clone().prop_map(Step::Leave),
        1 => Just(Step::EndForAll),
        2 => (seat(), host_act()).prop_map(|(seat, act)| Step::Host(seat, act)),
        1 => (seat(), any::<bool>()).prop_map(|(seat, all)| Step::Remove(seat, all)),
        2 => (peer.clone(), any::<Option<bool>>()).prop_map(|(peer, on)| Step::Change(peer, on)),
        3 => (peer.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(peer, on, stale)| Step::Media(peer, on, stale)),
        3 => (peer.clone(), 0..40_000_u64).prop_map(|(peer, ago)| Step::SocketLost(peer, ago)),
        2 => peer.clone().prop_map(Step::SocketBack),
        1 => (peer.clone(), 0..40_000_u64).prop_map(|(peer, ago)| Step::Evidence(peer, ago)),
        1 => peer.prop_map(Step::PageClosing),
        1 => Just(Step::Restarted),
        2 => seat().prop_map(Step::Acknowledge),
        1 => seat().prop_map(Step::Decline),
        2 => seat().prop_map(Step::Connect),
        2 => (seat(), any::<bool>()).prop_map(|(seat, tab)| Step::Prepare(seat, tab)),
        1 => any::<bool>().prop_map(Step::MoveTo),
    ]
}

fn reach() -> impl Strategy<Value = Reach> {
    prop_oneof![
        Just(Reach::Free),
        Just(Reach::Busy),
        Just(Reach::OffHours),
        Just(Reach::Quiet),
        Just(Reach::DoNotDisturb)
    ]
}

fn start() -> impl Strategy<Value = StartInput> {
    let kind = prop_oneof![
        Just(ConversationKind::Direct),
        Just(ConversationKind::Group),
        Just(ConversationKind::Channel)
    ];
    let devices = proptest::collection::vec(1..3_u8, 0..3);
    let ring = proptest::collection::vec((1..4_u8, devices, reach(), any::<bool>()), 0..4);
    (kind, ring).prop_map(|(kind, ring)| {
        let target = |(person, devices, reach, muted): (u8, Vec<u8>, Reach, bool)| RingTarget {
            user_id: Seat(person, 1).user(),
            devices: devices
                .into_iter()
                .map(|device| Seat(person, device).device())
                .collect(),
            reach,
            muted,
        };
        start_input(kind, 3, ring.into_iter().map(target).collect())
    })
}

fn take(call: &mut TestCall, step: Step) {
    let ago = |call: &TestCall, millis| call.now - Duration::from_millis(millis);
    let input = match step {
        Step::Wait(millis) => return call.wait(Duration::from_millis(millis)),
        Step::Oversleep(millis) => {
            call.now = call.now + Duration::from_millis(millis);
            return;
        }
        Step::Join(seat, first, move_here) => {
            call.peers += 1;
            let tab = if first { "tab" } else { "other tab" };
            let record = Call::from_record(call.record.clone());
            let prepared = record.prepared(seat.user(), seat.device(), tab);
            Input::Join(JoinInput {
                move_here,
                ..join_input(seat, tab, prepared.unwrap_or(peer(call.peers)))
            })
        }
        Step::Ring(by, seat, muted) => Input::Ring {
            by: by.user(),
            targets: vec![RingTarget {
                user_id: seat.user(),
                devices: vec![seat.device()],
                reach: Reach::Free,
                muted,
            }],
            timeout: RING_TIMEOUT,
        },
        Step::StopRinging(by, seat) => Input::StopRinging {
            by: by.user(),
            user_id: seat.user(),
        },
        Step::GoOnIn(by) => Input::GoOnIn {
            by: by.user(),
            conversation_id: ConversationId::from_bytes([9; 16]),
        },
        Step::Stay(number) => Input::Stay {
            peer_id: peer(number),
        },
        Step::Leave(number) => Input::Leave {
            peer_id: peer(number),
        },
        Step::EndForAll => Input::EndForAll,
        Step::Host(seat, act) => Input::Host {
            by: seat.user(),
            act,
        },
        Step::Remove(seat, all) => Input::Remove {
            user_id: seat.user(),
            device_id: (!all).then(|| seat.device()),
        },
        Step::Change(number, on) => Input::Change {
            peer_id: peer(number),
            change: ParticipantChange {
                camera: on,
                hand: on,
                ..ParticipantChange::default()
            },
        },
        Step::Media(number, connected, stale) => Input::MediaState {
            peer_id: peer(number),
            epoch: call.record.session.epoch - u32::from(stale),
            connected,
        },
        Step::SocketLost(number, millis) => Input::SocketLost {
            peer_id: peer(number),
            evidence_at: ago(call, millis),
        },
        Step::SocketBack(number) => Input::SocketBack {
            peer_id: peer(number),
        },
        Step::Evidence(number, millis) => Input::Evidence {
            peer_id: peer(number),
            at: ago(call, millis),
        },
        Step::PageClosing(number) => Input::PageClosing {
            peer_id: peer(number),
        },
        Step::Restarted => Input::Restarted,
        Step::Acknowledge(seat) => Input::RingAcknowledged {
            user_id: seat.user(),
            device_id: seat.device(),
        },
        Step::Decline(seat) => Input::RingDeclined {
            user_id: seat.user(),
            device_id: seat.device(),
        },
        Step::Connect(seat) => Input::DeviceConnected {
            user_id: seat.user(),
            device_id: seat.device(),
        },
        Step::Prepare(seat, first) => {
            call.peers += 1;
            let tab = if first { "tab" } else { "other tab" };
            prepare(seat, tab, peer(call.peers))
        }
        Step::MoveTo(direct) => Input::MoveTo(match direct {
            true => MediaMode::Direct,
            false => MediaMode::Forwarded,
        }),
    };
    let before = call.record.clone();
    let refused = call.give(input).is_err();
    // A refused input leaves the call as time alone would have made it.
    if refused && before.due.is_none_or(|due| due > call.now) {
        assert_eq!(call.record, before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_life_keeps_the_rules_and_comes_to_an_end(
        start in start(),
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let mut call = TestCall::start(start);
        for step in steps {
            take(&mut call, step);
        }
        let live: Vec<_> = call
            .record
            .legs
            .iter()
            .filter(|leg| leg.left.is_none())
            .map(|leg| leg.peer_id)
            .collect();
        for peer_id in live {
            let evidence_at = call.now;
            let _ = call.give(Input::SocketLost { peer_id, evidence_at });
        }
        call.wait(SILENCE_MAX);
        prop_assert!(call.record.ended.is_some(), "{:#?}", call.record);
    }
}
