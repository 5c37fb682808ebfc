use protocol::{
    call::{CallOutcome, CallPhase, CallsSeenRequest, EndReason, MediaMode},
    presence::Availability,
};

use super::*;

#[tokio::test]
async fn a_call_rings_on_two_devices_and_one_answers() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let phone = bob.on_another_device().await;
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    let mut phone = phone.connect().await;

    let caller = started(&mut alice, place).await;
    assert_eq!(caller.call.phase, CallPhase::Ringing);
    assert_eq!(caller.call.session.mode, MediaMode::Direct);
    assert_eq!(caller.call.rings[0].status, RingStatus::Calling);
    let call_id = ring(&mut bob).await.call_id;
    assert_eq!(ring(&mut phone).await.call_id, call_id);
    bob.send(ClientMessage::RingAcknowledge { call_id }).await;
    ring_status(&mut alice, RingStatus::Ringing, 1).await;
    phone.send(ClientMessage::RingAcknowledge { call_id }).await;
    ring_status(&mut alice, RingStatus::Ringing, 2).await;

    let callee = joined(&mut phone, call_id).await;
    assert_eq!(
        ring_stopped(&mut bob).await,
        RingStopReason::AnsweredElsewhere
    );
    assert_eq!(ring_stopped(&mut phone).await, RingStopReason::Handled);
    assert_eq!(callee.call.phase, CallPhase::Active);
    assert_eq!(callee.call.participants.len(), 2);
    connection(&mut alice, callee.peer_id, is_back).await;
}

#[tokio::test]
async fn a_decline_ends_the_call_and_is_told_to_the_caller() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let own = started(&mut caller, place).await;
    let call_id = ring(&mut callee).await.call_id;
    done(&mut callee, ClientMessage::RingDecline { call_id }).await;
    assert_eq!(ring_stopped(&mut callee).await, RingStopReason::Handled);
    assert_eq!(
        detached(&mut caller).await,
        (own.peer_id, DetachReason::Ended)
    );
    assert_eq!(
        ended(&mut caller).await.end_reason,
        Some(EndReason::Declined)
    );
    assert_eq!(log(&bob, "all").await[0].outcome, CallOutcome::Declined);
    assert_eq!(
        log(&alice, "outgoing").await[0].outcome,
        CallOutcome::NoAnswer
    );
    assert_eq!(log(&bob, "missed").await, []);
}

#[tokio::test]
async fn a_call_hung_up_before_the_answer_waits_among_the_missed_ones_until_looked_at() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let own = started(&mut caller, place).await;
    let call_id = ring(&mut callee).await.call_id;
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::Ringing, 1).await;
    done(&mut caller, leave(&own)).await;
    assert_eq!(ring_stopped(&mut callee).await, RingStopReason::Cancelled);
    missed(&mut callee, 1).await;
    assert_eq!(
        ended(&mut caller).await.end_reason,
        Some(EndReason::Cancelled)
    );
    let entry = &log(&bob, "missed").await[0];
    assert_eq!(
        (entry.call.id, entry.outcome, entry.unseen),
        (call_id, CallOutcome::Missed, true)
    );

    callee.hang_up();
    let mut callee = bob.connect().await;
    assert_eq!(callee.snapshot().missed_calls, 1);
    bob.post("/calls/seen", &CallsSeenRequest { calls: None })
        .await
        .done();
    missed(&mut callee, 0).await;
    assert!(!log(&bob, "missed").await[0].unseen);
}

#[tokio::test]
async fn a_slip_that_reached_no_device_leaves_nothing_behind() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let own = started(&mut caller, place).await;
    assert_eq!(own.call.rings[0].status, RingStatus::Offline);
    done(&mut caller, leave(&own)).await;
    ended(&mut caller).await;
    assert_eq!(bob.connect().await.snapshot().missed_calls, 0);
    assert_eq!(log(&bob, "missed").await, []);
}

#[tokio::test]
async fn whoever_was_away_finds_the_ring_or_what_is_left_of_it() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let own = started(&mut caller, place).await;
    let call_id = own.call.id;
    // Bob comes online while it rings, and goes again.
    let mut callee = bob.connect().await;
    assert_eq!(callee.snapshot().rings[0].call_id, call_id);
    ring_status(&mut caller, RingStatus::Calling, 0).await;
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::Ringing, 1).await;
    callee.hang_up();
    done(&mut caller, leave(&own)).await;
    ended(&mut caller).await;
    let callee = bob.connect().await;
    assert_eq!(callee.snapshot().rings, []);
    assert_eq!(callee.snapshot().calls, []);
    assert_eq!(callee.snapshot().missed_calls, 1);
}

#[tokio::test]
async fn a_person_in_another_call_is_rung_without_a_sound() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let cara = world.invite(&alice, "Cara").await;
    let place = alice.direct(&bob).await;
    let other = bob.group(&[&cara]).await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    started(&mut callee, other).await;
    let own = started(&mut caller, place).await;
    assert_eq!(own.call.rings[0].status, RingStatus::Busy);
    let ring = ring(&mut callee).await;
    assert!(ring.silent);
    // Call waiting: it may be answered all the same.
    joined(&mut callee, ring.call_id).await;
    ring_status(&mut caller, RingStatus::Answered, 0).await;
}

#[tokio::test]
async fn who_is_not_to_be_disturbed_is_not() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let availability = Availability::DoNotDisturb;
    done(&mut callee, ClientMessage::SetAvailability { availability }).await;
    let own = started(&mut caller, place).await;
    assert_eq!(own.call.rings[0].status, RingStatus::DoNotDisturb);
    let rings = |message: &ServerMessage| matches!(message, ServerMessage::Ring { .. });
    assert!(!callee.unseen().await.iter().any(rings));
    assert_eq!(bob.connect().await.snapshot().rings, []);
    // The call is there to be joined by whoever looks.
    joined(&mut callee, own.call.id).await;
}

#[tokio::test]
async fn two_who_call_each_other_at_once_are_in_one_call() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    let (first, second) = tokio::join!(started(&mut alice, place), started(&mut bob, place));
    assert_eq!(first.call.id, second.call.id);
    let last = if first.call.version > second.call.version {
        first
    } else {
        second
    };
    assert_eq!(last.call.participants.len(), 2);
    assert_eq!(last.call.phase, CallPhase::Active);
}

#[tokio::test]
async fn a_group_rings_only_when_asked_to_and_a_channel_never() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let group = alice.group(&[&bob]).await;
    let channel = alice.channel("release", "public").await;
    alice.add(channel, &bob).await.ok::<serde_json::Value>();
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;

    let Ok(Reply::Joined { joined: silent }) = caller.ask(start(group, false)).await else {
        panic!("joined was due");
    };
    assert_eq!(silent.call.rings, []);
    let rung = started(&mut caller, channel).await;
    assert_eq!(rung.call.rings, []);
    assert_eq!(rung.call.session.mode, MediaMode::Forwarded);
    let rings = |message: &ServerMessage| matches!(message, ServerMessage::Ring { .. });
    assert!(!callee.unseen().await.iter().any(rings));
    done(
        &mut caller,
        ClientMessage::CallEndForAll {
            call_id: silent.call.id,
        },
    )
    .await;

    let own = started(&mut caller, group).await;
    assert_eq!(ring(&mut callee).await.call_id, own.call.id);
}

#[tokio::test]
async fn nobody_can_call_their_own_notes() {
    let (_world, alice) = World::new().await;
    let notes = alice.direct(&alice).await;
    let mut line = alice.connect().await;
    assert_eq!(
        refused(&mut line, start(notes, true)).await,
        ErrorCode::Conflict
    );
}

#[tokio::test]
async fn only_whoever_is_rung_can_say_so() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let channel = alice.channel("release", "public").await;
    alice.add(channel, &bob).await.ok::<serde_json::Value>();
    let mut caller = alice.connect().await;
    let mut other = bob.connect().await;
    let call_id = started(&mut caller, channel).await.call.id;
    let decline = ClientMessage::RingDecline { call_id };
    assert_eq!(refused(&mut other, decline).await, ErrorCode::Conflict);
    let acknowledge = ClientMessage::RingAcknowledge { call_id };
    assert_eq!(refused(&mut other, acknowledge).await, ErrorCode::Conflict);
}
