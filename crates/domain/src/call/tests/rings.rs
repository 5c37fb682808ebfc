use protocol::{call::CallPhase, presence::Availability};

use super::*;

fn phase(call: &TestCall) -> CallPhase {
    Call::from_record(call.record.clone()).state().phase
}

#[test]
fn other_devices_stop_ringing_once_one_answers() {
    let mut call = TestCall::ringing([BOB, BOB_PHONE]);
    assert_eq!(phase(&call), CallPhase::Ringing);
    assert!(call.rings_on(BOB) && call.rings_on(BOB_PHONE));
    call.join(BOB_PHONE, "tab");
    assert_eq!(call.stopped(BOB), Some(RingStopReason::AnsweredElsewhere));
    assert_eq!(call.stopped(BOB_PHONE), Some(RingStopReason::Handled));
    assert_eq!(call.status(BOB), RingStatus::Answered);
    assert_eq!(phase(&call), CallPhase::Active);
    assert_eq!(call.record.answered_at, Some(call.now));
}

#[test]
fn the_caller_sees_only_what_devices_confirm() {
    let mut call = TestCall::ringing([BOB, BOB_PHONE]);
    assert_eq!(call.status(BOB), RingStatus::Calling);
    call.acknowledge(BOB);
    call.acknowledge(BOB);
    assert_eq!(call.status(BOB), RingStatus::Ringing);
    call.acknowledge(BOB_PHONE);
    let ring = Call::from_record(call.record.clone()).state().rings[0];
    assert_eq!((ring.status, ring.devices), (RingStatus::Ringing, 2));
}

#[test]
fn devices_that_do_not_say_they_ring_may_be_asleep() {
    let mut call = TestCall::ringing([BOB]);
    call.wait(seconds(2));
    assert_eq!(call.status(BOB), RingStatus::Calling);
    call.wait(seconds(1));
    assert_eq!(call.status(BOB), RingStatus::Notified);
    call.acknowledge(BOB);
    assert_eq!(call.status(BOB), RingStatus::Ringing);
}

#[test]
fn a_decline_ends_a_direct_call_and_stops_the_other_devices() {
    let mut call = TestCall::ringing([BOB, BOB_PHONE]);
    call.decline(BOB);
    assert_eq!(
        call.stopped(BOB_PHONE),
        Some(RingStopReason::DeclinedElsewhere)
    );
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Handled));
    assert_eq!(call.end_reason(), Some(EndReason::Declined));
    assert_eq!(call.detached(peer(1)), Some(DetachReason::Ended));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Declined));
    assert_eq!(call.outcome(ALICE), Some(CallOutcome::NoAnswer));
}

#[test]
fn a_ring_nobody_answers_is_missed() {
    let mut call = TestCall::ringing([BOB]);
    call.acknowledge(BOB);
    call.wait(RING_TIMEOUT);
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Expired));
    assert_eq!(call.end_reason(), Some(EndReason::NoAnswer));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
    assert_eq!(call.outcome(ALICE), Some(CallOutcome::NoAnswer));
    let missed = vec![BOB.user()];
    let reason = EndReason::NoAnswer;
    assert_eq!(call.outputs.last(), Some(&Output::Ended { reason, missed }));
}

#[test]
fn hanging_up_cancels_the_ring_and_leaves_a_missed_call() {
    let mut call = TestCall::ringing([BOB]);
    call.acknowledge(BOB);
    call.leave(peer(1));
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Cancelled));
    assert_eq!(call.end_reason(), Some(EndReason::Cancelled));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
    assert_eq!(call.outcome(ALICE), Some(CallOutcome::Cancelled));
}

#[test]
fn a_slip_nobody_noticed_leaves_nothing() {
    let mut call = TestCall::ringing([BOB]);
    call.wait(seconds(2));
    call.leave(peer(1));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::NotJoined));
    assert!(matches!(call.outputs.last(), Some(Output::Ended { missed, .. }) if missed.is_empty()));

    let mut call = TestCall::ringing([BOB]);
    call.wait(Duration::from_millis(2001));
    call.leave(peer(1));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn a_busy_person_is_rung_silently_and_may_still_answer() {
    let mut call = TestCall::start(direct(&[BOB], Reach::Busy));
    let silent = |output: &Output| matches!(output, Output::Ring { ring, .. } if ring.silent);
    assert!(call.outputs.iter().any(silent));
    call.acknowledge(BOB);
    assert_eq!(call.status(BOB), RingStatus::Busy);
    call.wait(RING_TIMEOUT);
    assert_eq!(call.end_reason(), Some(EndReason::Busy));
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Busy));

    let mut call = TestCall::start(direct(&[BOB], Reach::Busy));
    call.join(BOB, "tab");
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Joined));
}

/// Alice calls Bob on this device, in the direct message he has muted.
fn muted(devices: &[Seat], reach: Reach) -> TestCall {
    let mut input = direct(devices, reach);
    for target in &mut input.ring {
        target.muted = true;
    }
    TestCall::start(input)
}

fn is_shown_silently(call: &TestCall) -> bool {
    let ring = Call::from_record(call.record.clone()).ring_for(BOB.user());
    ring.is_some_and(|ring| ring.silent)
}

#[test]
fn a_muted_conversation_shows_its_call_and_the_caller_is_told_what_devices_asleep_would_say() {
    let mut muted = muted(&[BOB, BOB_PHONE], Reach::Free);
    let mut asleep = TestCall::ringing([BOB, BOB_PHONE]);
    assert!(muted.rings_on(BOB) && is_shown_silently(&muted));
    assert!(!is_shown_silently(&asleep));
    let told = |call: &TestCall| {
        let state = Call::from_record(call.record.clone()).state();
        (state.version, state.phase, state.rings)
    };
    assert_eq!(told(&muted), told(&asleep));
    muted.acknowledge(BOB);
    assert_eq!(muted.outputs, []);
    assert_eq!(told(&muted), told(&asleep));
    for call in [&mut muted, &mut asleep] {
        call.wait(seconds(3));
    }
    assert_eq!(muted.status(BOB), RingStatus::Notified);
    muted.acknowledge(BOB_PHONE);
    assert_eq!(told(&muted), told(&asleep));
    for call in [&mut muted, &mut asleep] {
        call.wait(RING_TIMEOUT);
    }
    assert_eq!(muted.end_reason(), asleep.end_reason());
    assert_eq!(muted.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn a_muted_call_found_on_coming_online_stays_without_a_sound() {
    let mut call = muted(&[], Reach::Free);
    assert_eq!(call.status(BOB), RingStatus::Offline);
    call.acknowledge(BOB);
    assert_eq!(call.status(BOB), RingStatus::Calling);
    call.connect(BOB_PHONE);
    assert!(is_shown_silently(&call));
    call.wait(seconds(3));
    assert_eq!(call.status(BOB), RingStatus::Notified);
    call.join(BOB, "tab");
    assert_eq!(call.status(BOB), RingStatus::Answered);
}

#[test]
fn a_muted_conversation_hides_nothing_else_that_is_so() {
    for (reach, status) in [
        (Reach::Busy, RingStatus::Busy),
        (Reach::OffHours, RingStatus::OffHours),
        (Reach::Quiet, RingStatus::Quiet),
        (Reach::DoNotDisturb, RingStatus::DoNotDisturb),
    ] {
        let call = muted(&[BOB], reach);
        assert_eq!(call.status(BOB), status);
        assert!(!call.record.rings[0].pushed);
    }
}

#[test]
fn outside_working_hours_a_call_is_shown_silently_and_the_caller_is_told() {
    let mut call = TestCall::start(direct(&[BOB], Reach::OffHours));
    assert!(call.rings_on(BOB) && is_shown_silently(&call));
    assert!(!call.record.rings[0].pushed);
    call.acknowledge(BOB);
    assert_eq!(call.status(BOB), RingStatus::OffHours);
    call.wait(RING_TIMEOUT);
    assert_eq!(call.end_reason(), Some(EndReason::NoAnswer));
    assert_eq!(call.status(BOB), RingStatus::OffHours);
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn the_strongest_reason_stands_between_a_person_and_a_ring() {
    let mut person = Circumstances {
        availability: Availability::DoNotDisturb,
        in_a_call: true,
        off_hours: true,
        called_over_and_over: true,
    };
    assert_eq!(person.reach(), Reach::DoNotDisturb);
    person.availability = Availability::Available;
    assert_eq!(person.reach(), Reach::Busy);
    person.in_a_call = false;
    assert_eq!(person.reach(), Reach::OffHours);
    person.off_hours = false;
    assert_eq!(person.reach(), Reach::Quiet);
    person.called_over_and_over = false;
    assert_eq!(person.reach(), Reach::Free);
}

#[test]
fn who_is_not_to_be_disturbed_hears_nothing_and_finds_it_later() {
    let mut call = TestCall::start(direct(&[BOB], Reach::DoNotDisturb));
    assert!(!call.rings_on(BOB));
    assert_eq!(
        Call::from_record(call.record.clone()).ring_for(BOB.user()),
        None
    );
    call.connect(BOB_PHONE);
    assert!(!call.rings_on(BOB_PHONE));
    call.wait(RING_TIMEOUT);
    assert_eq!(call.end_reason(), Some(EndReason::NoAnswer));
    assert_eq!(call.status(BOB), RingStatus::DoNotDisturb);
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn a_device_that_comes_online_rings_too() {
    let mut call = TestCall::ringing([]);
    assert_eq!(call.status(BOB), RingStatus::Offline);
    call.wait(seconds(20));
    call.connect(BOB);
    assert!(call.rings_on(BOB));
    assert_eq!(call.status(BOB), RingStatus::Calling);
    call.connect(BOB);
    call.wait(seconds(3));
    assert_eq!(call.status(BOB), RingStatus::Notified);
    call.connect(BOB_PHONE);
    call.acknowledge(BOB_PHONE);
    assert_eq!(call.status(BOB), RingStatus::Ringing);
    call.wait(seconds(22));
    assert_eq!(call.end_reason(), Some(EndReason::NoAnswer));
    assert_eq!(call.stopped(BOB_PHONE), Some(RingStopReason::Expired));
}

#[test]
fn who_stayed_offline_has_missed_it() {
    let mut call = TestCall::ringing([]);
    call.wait(RING_TIMEOUT);
    assert_eq!(call.status(BOB), RingStatus::NoAnswer);
    assert_eq!(call.outcome(BOB), Some(CallOutcome::Missed));
}

#[test]
fn a_device_that_rings_too_late_is_told_why_to_stop() {
    let mut call = TestCall::ringing([BOB, BOB_PHONE]);
    call.join(BOB, "tab");
    call.acknowledge(BOB_PHONE);
    assert_eq!(
        call.stopped(BOB_PHONE),
        Some(RingStopReason::AnsweredElsewhere)
    );
    call.acknowledge(BOB);
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Handled));
    call.leave(peer(1));
    call.acknowledge(BOB_PHONE);
    assert_eq!(
        call.stopped(BOB_PHONE),
        Some(RingStopReason::AnsweredElsewhere)
    );
}

#[test]
fn only_who_is_rung_can_decline() {
    let mut call = TestCall::ringing([BOB]);
    let decline = Input::RingDeclined {
        user_id: CARA.user(),
        device_id: CARA.device(),
    };
    assert_eq!(call.give(decline), Err(CallError::NotRung));
}

#[test]
fn declining_what_is_over_changes_nothing() {
    let mut call = TestCall::talking();
    call.decline(BOB_PHONE);
    assert_eq!(call.status(BOB), RingStatus::Answered);
    assert_eq!(call.end_reason(), None);
}

#[test]
fn a_group_rings_each_person_on_their_own_account() {
    let target = |seat: Seat, reach| RingTarget {
        user_id: seat.user(),
        devices: vec![seat.device()],
        reach,
        muted: false,
    };
    let ring = vec![
        target(BOB, Reach::Free),
        target(CARA, Reach::Free),
        target(ALICE, Reach::Free),
    ];
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, ring));
    assert!(!call.rings_on(ALICE), "nobody rings themselves");
    call.decline(BOB);
    assert_eq!(call.end_reason(), None);
    assert!(call.rings_on(CARA));
    call.wait(RING_TIMEOUT);
    assert_eq!(call.end_reason(), None, "its starter waits in the room");
    assert_eq!(call.status(CARA), RingStatus::NoAnswer);
    call.join(BOB, "tab");
    assert_eq!(
        call.outcome(BOB),
        Some(CallOutcome::Joined),
        "minds may change"
    );
    assert_eq!(call.outcome(CARA), Some(CallOutcome::Missed));
}

#[test]
fn a_group_rings_on_only_while_somebody_is_there() {
    let ring = vec![RingTarget {
        user_id: BOB.user(),
        devices: vec![BOB.device()],
        reach: Reach::Free,
        muted: false,
    }];
    let mut call = TestCall::start(start_input(ConversationKind::Group, 3, ring));
    call.leave(peer(1));
    assert_eq!(call.stopped(BOB), Some(RingStopReason::Cancelled));
    call.wait(seconds(10));
    assert_eq!(call.end_reason(), Some(EndReason::Cancelled));
}

#[test]
fn a_channel_rings_nobody() {
    let ring = vec![RingTarget {
        user_id: BOB.user(),
        devices: vec![BOB.device()],
        reach: Reach::Free,
        muted: false,
    }];
    let call = TestCall::start(start_input(ConversationKind::Channel, 3, ring));
    assert!(!call.rings_on(BOB));
    assert_eq!(phase(&call), CallPhase::Active);
}

#[test]
fn a_person_s_devices_are_rung_up_to_a_bound() {
    let devices: Vec<_> = (1..=40).map(|device| Seat(2, device)).collect();
    let mut call = TestCall::start(direct(&devices, Reach::Free));
    assert_eq!(call.watch.ringing.len(), DEVICES_RUNG_MAX);
    call.connect(Seat(2, 50));
    assert_eq!(call.watch.ringing.len(), DEVICES_RUNG_MAX);
    // One that is not counted can answer all the same.
    call.join(Seat(2, 40), "tab");
    assert_eq!(call.status(BOB), RingStatus::Answered);
}
