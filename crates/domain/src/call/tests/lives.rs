use protocol::{
    call::MediaMode,
    limits::{CALL_PARTICIPANTS_MAX, EMPTY_CALL_GRACE, PARTICIPANT_LEASE, RELOAD_GRACE},
};

use super::*;

#[test]
fn two_who_call_each_other_at_once_are_in_one_call() {
    let mut call = TestCall::ringing([BOB]);
    // Bob's own press on "call" finds Alice's call and joins it.
    call.join(BOB, "tab");
    assert_eq!(call.record.answered_at, Some(call.now));
    assert_eq!(call.end_reason(), None);
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Handled));
}

#[test]
fn nobody_calls_themselves() {
    let input = start_input(ConversationKind::Direct, 1, Vec::new());
    let refused = Call::start(input, Timestamp::from_millis(0)).unwrap_err();
    assert_eq!(refused, CallError::NobodyToCall);
}

#[test]
fn a_direct_call_is_over_when_one_side_leaves() {
    let mut call = TestCall::talking();
    call.wait(seconds(60));
    call.leave(peer(1));
    assert_eq!(call.end_reason(), Some(EndReason::Left));
    assert_eq!(call.detached(peer(2)), Some(DetachReason::Ended));
    assert_eq!(call.detached(peer(1)), None, "who leaves need not be told");
    assert_eq!(call.outcome(ALICE), Some(CallOutcome::Started));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Joined));
}

#[test]
fn a_second_device_does_not_end_a_direct_call_by_leaving() {
    let mut call = TestCall::talking();
    let phone = call.join(BOB_PHONE, "tab");
    call.leave(phone);
    assert_eq!(call.end_reason(), None);
    call.leave(peer(2));
    assert_eq!(call.end_reason(), Some(EndReason::Left));
}

#[test]
fn a_lost_participant_is_held_until_its_last_sign_of_life_is_a_lease_old() {
    let mut call = TestCall::talking();
    call.media(peer(1), true);
    call.media(peer(2), true);
    let last = call.now;
    call.wait(seconds(15));
    call.give(Input::SocketLost {
        peer_id: peer(2),
        evidence_at: last,
    })
    .unwrap();
    let since = call.now;
    assert_eq!(
        call.connection(peer(2)),
        Some(Connection::Reconnecting { since })
    );
    call.wait(seconds(14));
    assert_eq!(call.end_reason(), None);
    call.wait(seconds(1));
    assert_eq!(call.end_reason(), Some(EndReason::ConnectionLost));
    assert_eq!(
        call.record.legs[1].left,
        Some(Left {
            at: last,
            lost: true
        })
    );
    assert_eq!(call.detached(peer(2)), Some(DetachReason::Lost));
}

#[test]
fn who_comes_back_in_time_is_where_they_were() {
    let mut call = TestCall::talking();
    call.media(peer(2), true);
    call.socket_lost(peer(2));
    call.wait(seconds(29));
    call.give(Input::SocketBack { peer_id: peer(2) }).unwrap();
    assert_eq!(call.connection(peer(2)), Some(Connection::Connected));
    call.wait(seconds(3600));
    assert_eq!(call.end_reason(), None);
}

#[test]
fn who_comes_back_too_late_is_not_in_the_call() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.socket_lost(bob);
    call.now = call.now + PARTICIPANT_LEASE;
    // The sweep has not come by yet; the rules know all the same.
    assert_eq!(
        call.give(Input::SocketBack { peer_id: bob }),
        Err(CallError::NotInCall)
    );
    assert_eq!(call.detached(bob), Some(DetachReason::Lost));
}

#[test]
fn media_that_is_heard_holds_a_place_without_a_socket_for_a_while() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.media(bob, true);
    call.socket_lost(bob);
    assert_eq!(call.connection(bob), Some(Connection::Connected));
    for _ in 0..5 {
        call.wait(seconds(10));
        let at = call.now;
        call.give(Input::Evidence { peer_id: bob, at }).unwrap();
    }
    assert_eq!(call.connection(bob), Some(Connection::Connected));
    call.wait(seconds(10));
    assert_eq!(
        call.connection(bob),
        None,
        "a minute without a socket is too long"
    );
    assert_eq!(call.end_reason(), None, "and ends nothing for the others");
}

#[test]
fn a_sign_of_life_that_comes_with_the_sweep_still_counts() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.socket_lost(bob);
    let heard = call.now + seconds(29);
    call.now = call.now + seconds(31);
    call.give(Input::Evidence {
        peer_id: bob,
        at: heard,
    })
    .unwrap();
    assert!(call.connection(bob).is_some());
}

#[test]
fn a_reloaded_page_is_the_same_participant() {
    let mut call = TestCall::talking();
    let joined_at = call.record.legs[1].joined_at;
    call.wait(seconds(60));
    call.give(Input::PageClosing { peer_id: peer(2) }).unwrap();
    call.wait(seconds(9));
    let again = call.join(BOB, "tab");
    assert_eq!(call.record.legs.len(), 2);
    assert_eq!(call.record.legs[1].peer_id, again);
    assert_eq!(call.record.legs[1].joined_at, joined_at);
    assert_eq!(call.connection(again), Some(Connection::Connecting));
    assert_eq!(
        call.give(Input::Leave { peer_id: peer(2) }),
        Err(CallError::NotInCall)
    );
    call.wait(RELOAD_GRACE);
    assert_eq!(call.end_reason(), None);
}

#[test]
fn a_closed_page_has_left_when_it_closed() {
    let mut call = TestCall::talking();
    let closed = call.now;
    call.give(Input::PageClosing { peer_id: peer(2) }).unwrap();
    call.wait(RELOAD_GRACE);
    assert_eq!(call.end_reason(), Some(EndReason::Left));
    assert_eq!(
        call.record.legs[1].left,
        Some(Left {
            at: closed,
            lost: false
        })
    );
}

#[test]
fn another_tab_of_the_device_takes_over() {
    let mut call = TestCall::talking();
    let other = call.join(BOB, "other tab");
    assert_eq!(call.detached(peer(2)), Some(DetachReason::Replaced));
    assert_eq!(call.end_reason(), None, "the person is still there");
    assert!(call.connection(other).is_some());
    assert_eq!(call.connection(peer(2)), None);
}

#[test]
fn a_room_is_over_a_while_after_the_last_has_left() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.leave(peer(1));
    call.wait(seconds(100));
    call.leave(bob);
    let left = call.now;
    call.wait(seconds(9));
    assert_eq!(call.end_reason(), None);
    let cara = call.join(CARA, "tab");
    call.leave(cara);
    let left_again = call.now;
    assert!(left_again > left);
    call.wait(EMPTY_CALL_GRACE);
    assert_eq!(
        call.record.ended,
        Some(Ended {
            at: left_again,
            reason: EndReason::Left
        })
    );
}

#[test]
fn a_room_whose_people_are_all_lost_was_over_when_they_were_last_heard() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    let last = call.now;
    call.socket_lost(peer(1));
    call.socket_lost(bob);
    call.wait(PARTICIPANT_LEASE);
    let reason = EndReason::ConnectionLost;
    assert_eq!(call.record.ended, Some(Ended { at: last, reason }));
}

#[test]
fn a_caller_who_is_lost_stops_calling() {
    let mut call = TestCall::ringing([BOB]);
    call.acknowledge(BOB);
    call.socket_lost(peer(1));
    call.wait(PARTICIPANT_LEASE);
    assert_eq!(call.end_reason(), Some(EndReason::ConnectionLost));
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Ended));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn everybody_has_one_lease_to_come_back_after_a_restart() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.media(bob, true);
    let last = call.now;
    // The server is down for an hour.
    call.now = call.now + seconds(3600);
    call.give(Input::Restarted).unwrap();
    assert!(matches!(
        call.connection(bob),
        Some(Connection::Reconnecting { .. })
    ));
    call.wait(seconds(29));
    call.give(Input::SocketBack { peer_id: bob }).unwrap();
    call.wait(seconds(1));
    assert!(call.connection(bob).is_some());
    assert_eq!(
        call.record.legs[0].left,
        Some(Left {
            at: last,
            lost: true
        })
    );
}

#[test]
fn ending_for_all_ends_for_all() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.give(Input::EndForAll).unwrap();
    assert_eq!(call.end_reason(), Some(EndReason::EndedForAll));
    assert_eq!(call.detached(bob), Some(DetachReason::Ended));
    assert!(call.outputs.contains(&Output::CloseRoom));
    assert_eq!(
        call.try_join(CARA, "tab"),
        Err(CallError::Ended(EndReason::EndedForAll))
    );
    assert_eq!(
        call.give(Input::Leave { peer_id: bob }),
        Ok(()),
        "leaving twice is leaving"
    );
}

#[test]
fn who_is_no_member_any_more_is_taken_out() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    let phone = call.join(BOB_PHONE, "tab");
    let cara = call.join(CARA, "tab");
    let remove = |device_id| Input::Remove {
        user_id: BOB.user(),
        device_id,
    };
    call.give(remove(Some(BOB_PHONE.device()))).unwrap();
    assert_eq!(call.detached(phone), Some(DetachReason::Ended));
    assert!(call.connection(bob).is_some());
    call.give(remove(None)).unwrap();
    assert_eq!(call.detached(bob), Some(DetachReason::Ended));
    assert!(call.outputs.contains(&Output::RemovePeer { peer_id: bob }));
    assert!(call.connection(cara).is_some());
}

#[test]
fn a_call_takes_so_many_and_no_more() {
    let mut call = TestCall::room();
    for number in 1..CALL_PARTICIPANTS_MAX {
        call.join(Seat(u8::try_from(number + 10).unwrap(), 1), "tab");
    }
    let limit = CALL_PARTICIPANTS_MAX;
    assert_eq!(
        call.try_join(Seat(250, 1), "tab"),
        Err(CallError::Full { limit })
    );
    // Whoever is in may come back.
    assert!(call.try_join(ALICE, "tab").is_ok());
    assert!(call.try_join(ALICE, "other tab").is_ok());
}

#[test]
fn coming_and_going_all_day_does_not_make_a_call_large() {
    let mut call = TestCall::room();
    let bob = call.join(BOB, "tab");
    call.leave(bob);
    for _ in 0..LEGS_KEPT_MAX + 20 {
        let cara = call.join(CARA, "tab");
        call.leave(cara);
    }
    assert!(call.record.legs.len() <= LEGS_KEPT_MAX);
    assert_eq!(
        call.outcome(BOB),
        Some(CallOutcome::Joined),
        "who was there is not forgotten"
    );
}

#[test]
fn two_browsers_carry_a_direct_call_until_there_is_a_third() {
    let mut call = TestCall::talking();
    let session = call.record.session;
    assert_eq!((session.epoch, session.mode), (1, MediaMode::Direct));
    call.join(ALICE_PHONE, "tab");
    let session = call.record.session;
    assert_eq!((session.epoch, session.mode), (2, MediaMode::Forwarded));
    assert!(call.outputs.contains(&Output::OpenRoom { epoch: 2 }));
    assert_eq!(
        call.give(Input::MoveTo(MediaMode::Direct)),
        Err(CallError::WrongMode)
    );
}

#[test]
fn what_belongs_to_an_older_epoch_is_refused() {
    let mut call = TestCall::talking();
    call.give(Input::MoveTo(MediaMode::Forwarded)).unwrap();
    let stale = Input::MediaState {
        peer_id: peer(2),
        epoch: 1,
        connected: false,
    };
    assert_eq!(call.give(stale), Err(CallError::StaleEpoch));
    let call = Call::from_record(call.record.clone());
    assert_eq!(call.check_offer(peer(1), 1), Err(CallError::StaleEpoch));
    assert_eq!(call.check_offer(peer(1), 2), Ok(()));
    let signal = call.signal_target(peer(1), peer(2), 2);
    assert_eq!(signal, Err(CallError::WrongMode));
}

#[test]
fn a_signal_goes_between_the_two_of_a_direct_call() {
    let call = Call::from_record(TestCall::talking().record);
    let target = |from, to| {
        call.signal_target(peer(from), peer(to), 1)
            .map(|end| (end.user_id, end.device_id))
    };
    assert_eq!(target(1, 2), Ok((BOB.user(), BOB.device())));
    assert_eq!(target(1, 1), Err(CallError::NotInCall));
    assert_eq!(target(9, 2), Err(CallError::NotInCall));
    assert_eq!(target(1, 9), Err(CallError::NotInCall));
}

#[test]
fn nobody_acts_for_another_device() {
    let call = Call::from_record(TestCall::talking().record);
    assert!(call.own(peer(2), BOB.user(), BOB.device()).is_ok());
    let refused = |seat: Seat| call.own(peer(2), seat.user(), seat.device()).map(|_| ());
    assert_eq!(refused(BOB_PHONE), Err(CallError::NotInCall));
    assert_eq!(refused(ALICE), Err(CallError::NotInCall));
}

#[test]
fn a_change_of_nothing_is_not_told() {
    let mut call = TestCall::talking();
    let mute = Input::Change {
        peer_id: peer(2),
        change: ParticipantChange {
            microphone: Some(false),
            hand: Some(true),
            ..ParticipantChange::default()
        },
    };
    call.give(mute.clone()).unwrap();
    assert_eq!(call.outputs.len(), 1);
    let leg = call.record.legs[1].clone();
    assert_eq!(
        (leg.microphone.on, leg.hand_raised_at),
        (false, Some(call.now))
    );
    call.wait(seconds(5));
    call.give(mute).unwrap();
    assert_eq!(call.outputs, []);
    assert_eq!(call.record.legs[1], leg);
}

#[test]
fn a_card_tells_who_was_there_and_how_it_went() {
    let mut call = TestCall::talking();
    call.wait(seconds(90));
    call.leave(peer(2));
    let mut call = Call::from_record(call.record);
    call.set_card_seq(12);
    let card = call.summary(3);
    assert_eq!(card.people, [ALICE.user(), BOB.user()]);
    assert_eq!(card.rung[0].outcome, CallOutcome::Joined);
    assert_eq!((card.seq, card.message_count), (12, 3));
    let talked = card.ended_at.unwrap().since(card.answered_at.unwrap());
    assert_eq!(talked, seconds(90));
    assert_eq!(call.legs().len(), 2);
}
