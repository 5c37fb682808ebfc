use super::*;

const EPOCH: u32 = 1;

fn call(test: &TestCall) -> Call {
    Call::from_record(test.record.clone())
}

#[test]
fn a_page_that_is_rung_signals_with_the_caller_before_it_answers() {
    let mut test = TestCall::ringing([BOB]);
    let (alice, bob) = (peer(1), peer(20));
    let before = call(&test);
    assert_eq!(
        before.signal_target(bob, alice, EPOCH),
        Err(CallError::NotInCall)
    );
    test.give(prepare(BOB, "tab", bob)).unwrap();
    assert!(test.outputs.is_empty(), "nobody is told");
    let prepared = call(&test);
    let target = |from, to| {
        let end = prepared.signal_target(from, to, EPOCH).unwrap();
        (end.user_id, end.device_id)
    };
    assert_eq!(target(bob, alice), (ALICE.user(), ALICE.device()));
    assert_eq!(target(alice, bob), (BOB.user(), BOB.device()));
    assert!(prepared.has_prepared(bob, BOB.user(), BOB.device()));
    assert!(!prepared.has_prepared(bob, BOB.user(), BOB_PHONE.device()));
}

#[test]
fn who_answers_is_the_participant_they_prepared_to_be() {
    let mut test = TestCall::ringing([BOB]);
    test.give(prepare(BOB, "tab", peer(20))).unwrap();
    let page = |tab| call(&test).prepared(BOB.user(), BOB.device(), tab);
    assert_eq!(page("tab"), Some(peer(20)));
    assert_eq!(page("other tab"), None);
    test.give(Input::Join(join_input(BOB, "tab", peer(20))))
        .unwrap();
    let answered = call(&test);
    assert!(answered.participant(peer(20)).is_some());
    answered.signal_target(peer(20), peer(1), EPOCH).unwrap();
    // A page that is loaded again is somebody new.
    assert_eq!(answered.prepared(BOB.user(), BOB.device(), "tab"), None);
}

#[test]
fn two_pages_prepare_and_hear_nothing_of_each_other() {
    let tablet = Seat(2, 3);
    let mut test = TestCall::ringing([BOB, BOB_PHONE, tablet]);
    test.give(prepare(BOB, "tab", peer(20))).unwrap();
    test.give(prepare(BOB_PHONE, "tab", peer(21))).unwrap();
    let third = test.give(prepare(tablet, "tab", peer(22)));
    assert_eq!(third, Err(CallError::NotToPrepare));
    let two = call(&test).signal_target(peer(20), peer(21), EPOCH);
    assert_eq!(two, Err(CallError::NotInCall));
}

#[test]
fn a_page_that_asks_again_stays_who_it_is_and_another_tab_is_refused() {
    let mut test = TestCall::ringing([BOB]);
    test.give(prepare(BOB, "tab", peer(20))).unwrap();
    test.give(prepare(BOB, "tab", peer(21))).unwrap();
    let kept = call(&test).prepared(BOB.user(), BOB.device(), "tab");
    assert_eq!(kept, Some(peer(20)));
    let other = test.give(prepare(BOB, "other tab", peer(22)));
    assert_eq!(other, Err(CallError::NotToPrepare));
}

#[test]
fn what_was_prepared_is_over_with_the_ring() {
    for end in [
        Input::RingDeclined {
            user_id: BOB.user(),
            device_id: BOB.device(),
        },
        Input::Join(join_input(BOB_PHONE, "tab", peer(30))),
        Input::Leave { peer_id: peer(1) },
    ] {
        let mut test = TestCall::ringing([BOB, BOB_PHONE]);
        test.give(prepare(BOB, "tab", peer(20))).unwrap();
        test.give(end).unwrap();
        let over = call(&test);
        assert!(!over.has_prepared(peer(20), BOB.user(), BOB.device()));
        over.signal_target(peer(20), peer(1), EPOCH).unwrap_err();
    }
}

#[test]
fn nobody_prepares_for_a_ring_that_makes_no_sound() {
    for reach in [
        Reach::Busy,
        Reach::OffHours,
        Reach::Quiet,
        Reach::DoNotDisturb,
    ] {
        let mut test = TestCall::start(direct(&[BOB], reach));
        let refused = test.give(prepare(BOB, "tab", peer(20)));
        assert_eq!(refused, Err(CallError::NotToPrepare), "{reach:?}");
    }
}

#[test]
fn nobody_prepares_who_is_not_rung_or_for_more_than_one_caller() {
    let mut test = TestCall::ringing([BOB]);
    let stranger = test.give(prepare(CARA, "tab", peer(20)));
    assert_eq!(stranger, Err(CallError::NotRung));
    test.join(ALICE_PHONE, "tab");
    let third = test.give(prepare(BOB, "tab", peer(21)));
    assert_eq!(third, Err(CallError::WrongMode));
}
