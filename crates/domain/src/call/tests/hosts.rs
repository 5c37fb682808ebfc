use protocol::{
    call::{HostAct, MediaMode},
    media::Source,
};

use super::*;

fn act(call: &mut TestCall, by: Seat, act: HostAct) -> Result<(), CallError> {
    let by = by.user();
    call.give(Input::Host { by, act })
}

/// A group's call with Alice as peer 1, Bob as peer 2 and Cara as peer 3, all talking.
fn meeting() -> TestCall {
    let mut call = TestCall::room();
    call.join(BOB, "tab");
    call.join(CARA, "tab");
    call
}

fn ring(seat: Seat) -> RingTarget {
    RingTarget {
        user_id: seat.user(),
        devices: vec![seat.device()],
        reach: Reach::Free,
        muted: false,
    }
}

fn leg(call: &TestCall, peer_id: PeerId) -> Leg {
    let call = Call::from_record(call.record.clone());
    call.participant(peer_id).unwrap().clone()
}

fn hosted(call: &TestCall) -> Vec<HostAct> {
    let mut acts = Vec::new();
    for output in &call.outputs {
        if let Output::Hosted { act, .. } = output {
            acts.push(*act);
        }
    }
    acts
}

/// What the media node was told last of this source.
fn held_back(call: &TestCall, peer: PeerId, wanted: Source) -> Option<bool> {
    let mut told = None;
    for output in &call.outputs {
        if let Output::SetMuted {
            peer_id,
            source,
            muted,
        } = output
            && *peer_id == peer
            && *source == wanted
        {
            told = Some(*muted);
        }
    }
    told
}

fn unmute(call: &mut TestCall, peer_id: PeerId) {
    let change = ParticipantChange {
        microphone: Some(true),
        ..ParticipantChange::default()
    };
    call.give(Input::Change { peer_id, change }).unwrap();
}

#[test]
fn a_muted_participant_is_shown_with_who_did_it_and_held_back_by_the_media_node() {
    let mut call = meeting();
    let mute = HostAct::Mute { peer_id: peer(2) };
    act(&mut call, ALICE, mute).unwrap();
    let microphone = leg(&call, peer(2)).microphone;
    assert!(!microphone.on);
    assert_eq!(microphone.by, Some(ALICE.user()));
    assert_eq!(hosted(&call), [mute]);
    assert_eq!(held_back(&call, peer(2), Source::Microphone), Some(true));
}

#[test]
fn only_the_owner_of_a_microphone_turns_it_on_again() {
    let mut call = meeting();
    let mute = HostAct::Mute { peer_id: peer(2) };
    act(&mut call, ALICE, mute).unwrap();
    // A page that is loaded again asks for what it had before.
    call.join(BOB, "tab");
    let again = peer(4);
    assert_eq!(leg(&call, again).microphone.by, Some(ALICE.user()));
    assert_eq!(held_back(&call, again, Source::Microphone), Some(true));
    call.leave(again);
    let later = call.join(BOB, "tab");
    assert!(!leg(&call, later).microphone.on);

    unmute(&mut call, later);
    let microphone = leg(&call, later).microphone;
    assert!(microphone.on);
    assert_eq!(microphone.by, None);
    assert_eq!(held_back(&call, later, Source::Microphone), Some(false));
}

#[test]
fn muting_who_is_muted_is_no_news() {
    let mut call = meeting();
    let mute = HostAct::Mute { peer_id: peer(2) };
    act(&mut call, ALICE, mute).unwrap();
    let before = call.record.clone();
    act(&mut call, ALICE, mute).unwrap();
    assert_eq!(call.record, before);
    assert!(call.outputs.is_empty());
}

#[test]
fn everybody_but_the_host_is_muted_at_once() {
    let mut call = meeting();
    act(&mut call, BOB, HostAct::MuteOthers).unwrap();
    assert!(!leg(&call, peer(1)).microphone.on);
    assert!(leg(&call, peer(2)).microphone.on);
    assert!(!leg(&call, peer(3)).microphone.on);
}

#[test]
fn a_room_that_is_opened_anew_still_holds_back_who_was_muted() {
    let mut call = meeting();
    act(&mut call, ALICE, HostAct::Mute { peer_id: peer(3) }).unwrap();
    call.give(Input::MoveTo(MediaMode::Forwarded)).unwrap();
    assert_eq!(held_back(&call, peer(3), Source::Microphone), Some(true));
    assert_eq!(held_back(&call, peer(2), Source::Microphone), None);
}

#[test]
fn a_screen_is_stopped_and_a_hand_lowered() {
    let mut call = meeting();
    let peer_id = peer(2);
    let change = ParticipantChange {
        screen: Some(true),
        hand: Some(true),
        ..ParticipantChange::default()
    };
    call.give(Input::Change { peer_id, change }).unwrap();
    act(&mut call, ALICE, HostAct::StopScreen { peer_id }).unwrap();
    assert!(!leg(&call, peer_id).screen.on);
    assert_eq!(held_back(&call, peer_id, Source::Screen), Some(true));
    assert_eq!(held_back(&call, peer_id, Source::ScreenAudio), Some(true));
    act(&mut call, ALICE, HostAct::LowerHand { peer_id }).unwrap();
    assert_eq!(leg(&call, peer_id).hand_raised_at, None);
    assert_eq!(hosted(&call), [HostAct::LowerHand { peer_id }]);
}

#[test]
fn who_is_removed_is_out_with_every_device_until_let_in() {
    let mut call = meeting();
    call.join(BOB_PHONE, "phone");
    let user_id = BOB.user();
    act(&mut call, ALICE, HostAct::Remove { user_id }).unwrap();
    assert_eq!(call.detached(peer(2)), Some(DetachReason::Removed));
    assert_eq!(call.detached(peer(4)), Some(DetachReason::Removed));
    assert_eq!(call.try_join(BOB, "tab"), Err(CallError::Removed));
    assert_eq!(call.try_join(BOB_PHONE, "phone"), Err(CallError::Removed));

    act(&mut call, CARA, HostAct::LetIn { user_id }).unwrap();
    assert!(call.try_join(BOB, "tab").is_ok());
}

#[test]
fn who_is_rung_can_be_kept_out_too() {
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, vec![ring(BOB)]));
    let user_id = BOB.user();
    act(&mut call, ALICE, HostAct::Remove { user_id }).unwrap();
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Ended));
    assert_eq!(call.try_join(BOB, "tab"), Err(CallError::Removed));
}

#[test]
fn a_locked_call_takes_in_whom_it_knows_and_nobody_new() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    act(&mut call, ALICE, HostAct::Lock).unwrap();
    assert_eq!(call.try_join(CARA, "tab"), Err(CallError::Locked));
    // Who was in it may have lost the way for a while.
    call.leave(bob);
    assert!(call.try_join(BOB, "tab").is_ok());

    let user_id = CARA.user();
    act(&mut call, BOB, HostAct::LetIn { user_id }).unwrap();
    assert!(call.try_join(CARA, "tab").is_ok());
}

#[test]
fn a_locked_call_is_answered_by_whom_it_rings() {
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, vec![ring(BOB)]));
    act(&mut call, ALICE, HostAct::Lock).unwrap();
    assert!(call.try_join(BOB, "tab").is_ok());
}

#[test]
fn neither_of_two_who_talk_directly_is_the_host() {
    let mut call = TestCall::talking();
    assert_eq!(act(&mut call, ALICE, HostAct::Lock), Err(CallError::NoHost));
}

#[test]
fn an_unlocked_call_takes_in_everybody() {
    let mut call = TestCall::room();
    act(&mut call, ALICE, HostAct::Lock).unwrap();
    act(&mut call, ALICE, HostAct::Unlock).unwrap();
    assert!(call.try_join(BOB, "tab").is_ok());
}

#[test]
fn the_door_list_holds_two_hundred_and_forgets_the_oldest() {
    let mut call = TestCall::room();
    act(&mut call, ALICE, HostAct::Lock).unwrap();
    let person = |number: usize| UserId::from_bytes((number as u128 + 1000).to_be_bytes());
    for number in 0..=DOOR_LIST_MAX {
        let user_id = person(number);
        act(&mut call, ALICE, HostAct::LetIn { user_id }).unwrap();
    }
    assert_eq!(call.record.let_in.len(), DOOR_LIST_MAX);
    assert!(!call.record.let_in.contains(&person(0)));
    assert!(call.record.let_in.contains(&person(DOOR_LIST_MAX)));
}

#[test]
fn whoever_is_not_in_the_call_is_no_host_and_nobody_removes_themselves() {
    let mut call = meeting();
    call.leave(peer(3));
    assert_eq!(
        act(&mut call, CARA, HostAct::Lock),
        Err(CallError::NotInCall)
    );
    let user_id = ALICE.user();
    assert_eq!(
        act(&mut call, ALICE, HostAct::Remove { user_id }),
        Err(CallError::Oneself)
    );
}

#[test]
fn the_host_is_the_starter_and_without_them_whoever_came_first() {
    let mut call = meeting();
    let host = |call: &TestCall| Call::from_record(call.record.clone()).host();
    assert_eq!(host(&call), Some(ALICE.user()));
    call.leave(peer(1));
    assert_eq!(host(&call), Some(BOB.user()));
    call.join(ALICE, "tab");
    assert_eq!(host(&call), Some(ALICE.user()));
}
