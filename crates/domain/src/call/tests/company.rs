//! Alone, with oneself on two devices, with more people than before.

use protocol::{
    call::MediaMode,
    limits::{ALONE_END, ALONE_HINT, ALONE_PROMPT, DIRECT_PATH_TIMEOUT, HANDOVER_TIMEOUT},
};

use super::*;

const GROUP: ConversationId = ConversationId::from_bytes([9; 16]);
const MOMENT: Duration = Duration::from_millis(1);

fn state(call: &TestCall) -> CallState {
    Call::from_record(call.record.clone()).state()
}

fn join_to_move(call: &mut TestCall, seat: Seat, tab: &str) -> PeerId {
    call.peers += 1;
    let peer_id = peer(call.peers);
    let join = JoinInput {
        move_here: true,
        ..join_input(seat, tab, peer_id)
    };
    call.give(Input::Join(join)).unwrap();
    peer_id
}

fn ring_more(call: &mut TestCall, by: Seat, seat: Seat) -> Result<(), CallError> {
    call.give(Input::Ring {
        by: by.user(),
        targets: vec![RingTarget {
            user_id: seat.user(),
            devices: vec![seat.device()],
            reach: Reach::Free,
            muted: false,
        }],
        timeout: RING_TIMEOUT,
    })
}

#[test]
fn whoever_is_left_alone_is_told_when_the_call_will_end_and_it_does() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    assert_eq!(state(&call).alone, None);
    call.wait(seconds(30));
    call.leave(bob);
    let alone = state(&call).alone.unwrap();
    assert_eq!(alone.hint_at, call.now + ALONE_HINT);
    assert_eq!(alone.prompt_at, call.now + ALONE_PROMPT);
    assert_eq!(alone.ends_at, call.now + ALONE_END);
    call.wait(ALONE_END - MOMENT);
    assert_eq!(call.end_reason(), None);
    call.wait(MOMENT);
    assert_eq!(call.end_reason(), Some(EndReason::Alone));
}

#[test]
fn whoever_says_that_they_stay_has_the_time_again() {
    let mut call = TestCall::room();
    call.wait(ALONE_PROMPT);
    call.give(Input::Stay { peer_id: peer(1) }).unwrap();
    assert_eq!(state(&call).alone.unwrap().ends_at, call.now + ALONE_END);
    call.wait(ALONE_END - MOMENT);
    assert_eq!(call.end_reason(), None);
}

#[test]
fn whoever_waits_for_an_answer_or_has_company_is_not_alone() {
    let mut call = TestCall::ringing([BOB]);
    assert_eq!(state(&call).alone, None);
    call.join(BOB, "tab");
    assert_eq!(state(&call).alone, None);
    let mut room = TestCall::room();
    // On a second device one is still alone.
    room.join(ALICE_PHONE, "phone");
    assert!(state(&room).alone.is_some());
    room.join(BOB, "tab");
    assert_eq!(state(&room).alone, None);
}

#[test]
fn a_second_device_comes_in_with_its_microphone_off() {
    let mut call = TestCall::talking();
    let phone = call.join(ALICE_PHONE, "phone");
    let leg = |call: &TestCall, peer_id| {
        let call = Call::from_record(call.record.clone());
        call.participant(peer_id).unwrap().clone()
    };
    assert!(!leg(&call, phone).microphone.on);
    assert!(leg(&call, peer(1)).microphone.on);
    call.media(phone, true);
    assert_eq!(state(&call).participants.len(), 3);
}

#[test]
fn a_call_moved_to_another_device_leaves_the_first_once_all_hear_the_other() {
    let mut call = TestCall::talking();
    let bob = peer(2);
    let phone = join_to_move(&mut call, ALICE_PHONE, "phone");
    call.media(bob, false);
    call.media(phone, true);
    assert_eq!(
        state(&call).participants.len(),
        3,
        "Bob hears the first only"
    );
    call.media(bob, true);
    assert_eq!(call.detached(peer(1)), Some(DetachReason::Moved));
    assert_eq!(state(&call).participants.len(), 2);
    assert_eq!(call.end_reason(), None);
}

#[test]
fn who_never_hears_the_other_device_holds_the_first_for_five_seconds() {
    let mut call = TestCall::talking();
    let phone = join_to_move(&mut call, ALICE_PHONE, "phone");
    call.media(phone, true);
    call.wait(HANDOVER_TIMEOUT - MOMENT);
    assert_eq!(call.detached(peer(1)), None);
    call.wait(MOMENT);
    assert_eq!(call.detached(peer(1)), Some(DetachReason::Moved));
}

#[test]
fn who_is_away_holds_no_device() {
    let mut call = TestCall::talking();
    let phone = join_to_move(&mut call, ALICE_PHONE, "phone");
    call.give(Input::PageClosing { peer_id: peer(2) }).unwrap();
    call.media(phone, true);
    assert_eq!(call.detached(peer(1)), Some(DetachReason::Moved));
}

#[test]
fn a_device_that_was_moved_to_does_not_send_away_a_later_one() {
    let mut call = TestCall::talking();
    let phone = join_to_move(&mut call, ALICE_PHONE, "phone");
    call.leave(peer(1));
    let laptop = call.join(ALICE, "tab");
    call.media(phone, true);
    assert_eq!(call.detached(laptop), None);
}

#[test]
fn two_browsers_that_do_not_find_each_other_are_carried_by_the_media_node() {
    let mut call = TestCall::talking();
    call.media(peer(1), true);
    call.wait(DIRECT_PATH_TIMEOUT - MOMENT);
    assert_eq!(call.record.session.mode, MediaMode::Direct);
    call.wait(MOMENT);
    assert_eq!(call.record.session.mode, MediaMode::Forwarded);
    assert_eq!(call.record.session.epoch, 2);
    assert!(matches!(call.outputs[0], Output::OpenRoom { epoch: 2 }));
    let epoch = 1;
    let late = Input::MediaState {
        peer_id: peer(1),
        epoch,
        connected: true,
    };
    assert_eq!(call.give(late), Err(CallError::StaleEpoch));
}

#[test]
fn a_direct_path_that_is_lost_for_a_moment_is_kept() {
    let mut call = TestCall::talking();
    call.media(peer(1), true);
    call.media(peer(2), true);
    call.wait(seconds(60));
    call.media(peer(2), false);
    call.wait(DIRECT_PATH_TIMEOUT - MOMENT);
    call.media(peer(2), true);
    call.wait(seconds(60));
    assert_eq!(call.record.session.mode, MediaMode::Direct);
    call.media(peer(1), false);
    call.wait(DIRECT_PATH_TIMEOUT);
    assert_eq!(call.record.session.mode, MediaMode::Forwarded);
}

#[test]
fn a_path_is_not_given_up_while_one_of_the_two_is_away() {
    let mut call = TestCall::talking();
    call.socket_lost(peer(2));
    call.wait(seconds(20));
    assert_eq!(call.record.session.mode, MediaMode::Direct);
}

#[test]
fn a_direct_call_goes_on_in_a_group_and_moves_its_media_when_the_third_comes() {
    let mut call = TestCall::talking();
    call.media(peer(1), true);
    call.media(peer(2), true);
    call.give(Input::GoOnIn {
        by: ALICE.user(),
        conversation_id: GROUP,
    })
    .unwrap();
    ring_more(&mut call, ALICE, CARA).unwrap();
    assert!(call.rings_on(CARA));
    let now = state(&call);
    assert_eq!(now.conversation_id, GROUP);
    assert_eq!(now.moved_from, Some(ConversationId::from_bytes([8; 16])));
    assert_eq!(now.session.mode, MediaMode::Direct);
    call.join(CARA, "tab");
    assert_eq!(state(&call).session.mode, MediaMode::Forwarded);
    // The rules are a room's now: one may leave.
    call.leave(peer(1));
    assert_eq!(call.end_reason(), None);
    assert_eq!(call.outcome(CARA), Some(CallOutcome::Joined));
}

#[test]
fn a_room_does_not_move_and_strangers_move_nothing() {
    let go_on = |by: Seat| Input::GoOnIn {
        by: by.user(),
        conversation_id: GROUP,
    };
    let mut room = TestCall::room();
    assert_eq!(room.give(go_on(ALICE)), Err(CallError::WrongMode));
    let mut call = TestCall::talking();
    assert_eq!(call.give(go_on(CARA)), Err(CallError::NotInCall));
}

#[test]
fn whoever_is_in_a_call_rings_others_again_and_stops_ringing_them() {
    let mut call = TestCall::room();
    assert_eq!(ring_more(&mut call, BOB, CARA), Err(CallError::NotInCall));
    call.join(BOB, "tab");
    ring_more(&mut call, BOB, CARA).unwrap();
    let shown = Call::from_record(call.record.clone()).ring_for(CARA.user());
    assert_eq!(shown.unwrap().from, BOB.user());
    call.give(Input::StopRinging {
        by: ALICE.user(),
        user_id: CARA.user(),
    })
    .unwrap();
    assert_eq!(call.stopped(CARA), Some(RingStopReason::Cancelled));
    ring_more(&mut call, ALICE, CARA).unwrap();
    assert!(call.rings_on(CARA));
    assert_eq!(call.record.rings.len(), 1);
    // Who is there already is not rung.
    ring_more(&mut call, ALICE, BOB).unwrap();
    assert_eq!(call.record.rings.len(), 1);
}

#[test]
fn a_call_rings_two_hundred_people_and_no_more() {
    let mut call = TestCall::room();
    let target = |number: usize| RingTarget {
        user_id: UserId::from_bytes((number as u128 + 1000).to_be_bytes()),
        devices: Vec::new(),
        reach: Reach::Free,
        muted: false,
    };
    let ring = |targets: std::ops::Range<usize>| Input::Ring {
        by: ALICE.user(),
        targets: targets.map(target).collect(),
        timeout: RING_TIMEOUT,
    };
    call.give(ring(0..RINGS_MAX)).unwrap();
    assert_eq!(
        call.give(ring(RINGS_MAX..RINGS_MAX + 1)),
        Err(CallError::Full { limit: RINGS_MAX })
    );
}

#[test]
fn a_caller_who_calls_over_and_over_is_not_heard_the_third_time() {
    let unanswered = || {
        let mut call = TestCall::ringing([BOB]);
        call.acknowledge(BOB);
        call.wait(seconds(5));
        call.leave(peer(1));
        call
    };
    let (one, two) = (unanswered(), unanswered());
    let now = one.now;
    let past = [one.record.clone(), two.record];
    let over_and_over = |past: &[CallRecord], now| is_called_over_and_over(past, BOB.user(), now);
    assert!(over_and_over(&past, now));
    assert!(!over_and_over(&past[..1], now));
    // For a minute after the last.
    assert!(over_and_over(&past, now + seconds(59)));
    assert!(!over_and_over(&past, now + seconds(60)));
    assert!(!is_called_over_and_over(&past, CARA.user(), now));

    let mut answered = TestCall::talking();
    answered.leave(peer(1));
    let past = [one.record, answered.record];
    assert!(!over_and_over(&past, now));
}
