use protocol::{
    call::{CallOutcome, CallPhase, CallsSeenRequest, EndReason, MediaMode},
    limits,
    presence::Availability,
    timeline::EntryBody,
};

use super::*;

fn decline(call_id: CallId, message: Option<&str>) -> ClientMessage {
    ClientMessage::RingDecline {
        call_id,
        message: message.map(str::to_owned),
    }
}

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
    done(&mut callee, decline(call_id, None)).await;
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
    assert_eq!(
        refused(&mut other, decline(call_id, None)).await,
        ErrorCode::Conflict
    );
    let acknowledge = ClientMessage::RingAcknowledge { call_id };
    assert_eq!(refused(&mut other, acknowledge).await, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_decline_with_a_message_is_a_message_that_names_the_call() {
    let pair = pair().await;
    let mut caller = pair.alice.connect().await;
    let mut callee = pair.bob.connect().await;
    started(&mut caller, pair.place).await;
    let call_id = ring(&mut callee).await.call_id;
    let free_at_three = decline(call_id, Some("In the lab, free at three."));
    done(&mut callee, free_at_three.clone()).await;
    let text = caller
        .see("the words", |message| match message {
            ServerMessage::Entry { entry } => match &entry.body {
                EntryBody::Message { message } if message.call_id == Some(call_id) => {
                    Some(message.text.clone())
                }
                _ => None,
            },
            _ => None,
        })
        .await;
    assert_eq!(text, "In the lab, free at three.");
    let card = ended(&mut caller).await;
    assert_eq!(card.end_reason, Some(EndReason::Declined));
    assert_eq!(card.message_count, 1);
    // Said again because the answer was lost, it is not said twice.
    done(&mut callee, free_at_three).await;
    let page = pair.alice.timeline(pair.place, "?after=0").await;
    let messages = page
        .entries
        .iter()
        .filter(|entry| matches!(entry.body, EntryBody::Message { .. }));
    assert_eq!(messages.count(), 1);
}

#[tokio::test]
async fn a_ring_cancelled_at_once_that_no_device_had_acknowledged_leaves_no_trace() {
    let pair = pair().await;
    let mut caller = pair.alice.connect().await;
    let mut callee = pair.bob.connect().await;
    let own = started(&mut caller, pair.place).await;
    done(&mut caller, leave(&own)).await;
    let card = ended(&mut callee).await;
    assert_eq!(card.end_reason, Some(EndReason::Cancelled));
    assert!(card.slip);
    assert_eq!(log(&pair.bob, "all").await, []);
    assert_eq!(log(&pair.alice, "all").await.len(), 1);
}

#[tokio::test]
async fn the_third_call_in_a_row_without_an_answer_makes_no_sound() {
    let pair = pair().await;
    let mut caller = pair.alice.connect().await;
    let mut callee = pair.bob.connect().await;
    for _ in 0..2 {
        started(&mut caller, pair.place).await;
        let ring = ring(&mut callee).await;
        assert!(!ring.silent);
        done(&mut callee, decline(ring.call_id, None)).await;
        ended(&mut caller).await;
    }
    let third = started(&mut caller, pair.place).await;
    assert_eq!(third.call.rings[0].status, RingStatus::Quiet);
    assert!(ring(&mut callee).await.silent);
}

#[tokio::test]
async fn a_ring_that_would_reach_more_than_eight_asks_first() {
    let (world, alice) = World::new().await;
    let mut people = Vec::new();
    for number in 0..9 {
        people.push(world.invite(&alice, &format!("Person{number}")).await);
    }
    let eight: Vec<&Person> = people[..8].iter().collect();
    let nine: Vec<&Person> = people.iter().collect();
    let (eight, nine) = (alice.group(&eight).await, alice.group(&nine).await);
    let mut line = alice.connect().await;
    assert_eq!(
        refused(&mut line, start(nine, true)).await,
        ErrorCode::RingsMany
    );
    assert_eq!(started(&mut line, eight).await.call.rings.len(), 8);
    let meant = ClientMessage::CallStart {
        conversation_id: nine,
        media: CallMedia::Video,
        state: STATE,
        ring: true,
        ring_many: true,
    };
    match line.ask(meant).await {
        Ok(Reply::Joined { joined }) => assert_eq!(joined.call.rings.len(), 9),
        other => panic!("joined was due, not {other:?}"),
    }
}

#[tokio::test]
async fn people_added_to_a_direct_call_are_rung_and_it_goes_on_in_their_group() {
    let Talk {
        pair,
        mut alice,
        mut bob,
        caller,
        ..
    } = talking().await;
    let cara = pair.world.invite(&pair.alice, "Cara").await;
    let mut cara_line = cara.connect().await;
    let call_id = caller.call.id;
    let add = ClientMessage::CallAdd {
        call_id,
        user_ids: vec![cara.id()],
        ring_many: false,
    };
    let moved = match alice.ask(add).await {
        Ok(Reply::Call { call }) => call,
        other => panic!("the call was due, not {other:?}"),
    };
    let group = moved.conversation_id;
    assert_ne!(group, pair.place);
    assert_eq!(moved.moved_from, Some(pair.place));
    assert_eq!(moved.participants.len(), 2);
    // Between the two nothing changes before the third has come.
    assert_eq!(moved.session, caller.call.session);
    let incoming = ring(&mut cara_line).await;
    assert_eq!(
        (incoming.call_id, incoming.conversation_id),
        (call_id, group)
    );
    assert_eq!(incoming.from, pair.alice.id());

    let third = joined(&mut cara_line, call_id).await;
    assert_eq!(third.call.participants.len(), 3);
    assert_eq!(third.call.session.epoch, caller.call.session.epoch + 1);
    assert_eq!(third.call.session.mode, MediaMode::Forwarded);
    bob.see("three in a group", |message| match message {
        ServerMessage::Call { call } if call.conversation_id == group => {
            (call.participants.len() == 3).then_some(())
        }
        _ => None,
    })
    .await;

    // Where it was, its card is over; where it is, it has another.
    let page = pair.alice.timeline(pair.place, "?before=1000").await;
    let card = page.entries.iter().find_map(|entry| match &entry.body {
        EntryBody::CallStarted { call } => Some(call.clone()),
        _ => None,
    });
    let card = card.unwrap();
    assert_eq!(card.end_reason, Some(EndReason::Moved));
    assert_eq!(card.moved_to, Some(group));
    assert_eq!(card.people.len(), 2);
    let page = cara.timeline(group, "?before=1000").await;
    assert!(page.entries.iter().any(|entry| matches!(
        &entry.body,
        EntryBody::CallStarted { call } if call.ended_at.is_none() && call.people.len() == 3
    )));
    // And the two may call each other again.
    let again = started(&mut alice, pair.place).await;
    assert_ne!(again.call.id, call_id);
}

#[tokio::test]
async fn only_who_is_in_a_call_asks_others_in_and_fifty_at_once() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.group(&[&bob]).await;
    let mut caller = alice.connect().await;
    let mut outside = bob.connect().await;
    let call_id = match caller.ask(start(place, false)).await {
        Ok(Reply::Joined { joined }) => joined.call.id,
        other => panic!("joined was due, not {other:?}"),
    };
    let add = |count: usize| ClientMessage::CallAdd {
        call_id,
        user_ids: vec![bob.id(); count],
        ring_many: false,
    };
    assert_eq!(refused(&mut outside, add(1)).await, ErrorCode::NotInCall);
    let too_many = add(limits::CALL_ADD_MAX + 1);
    assert_eq!(refused(&mut caller, too_many).await, ErrorCode::TooLarge);
    assert!(caller.ask(add(limits::CALL_ADD_MAX)).await.is_ok());
    ring(&mut outside).await;
    let stop = ClientMessage::CallStopRing {
        call_id,
        user_id: bob.id(),
    };
    done(&mut caller, stop).await;
    assert_eq!(ring_stopped(&mut outside).await, RingStopReason::Cancelled);
}

#[tokio::test]
async fn a_call_moves_to_another_device_once_that_has_media() {
    let Talk {
        pair,
        mut alice,
        bob: _bob,
        caller,
        ..
    } = talking().await;
    let mut phone = pair.alice.on_another_device().await.connect().await;
    let call_id = caller.call.id;
    let move_here = ClientMessage::CallJoin {
        call_id,
        state: STATE,
        move_here: true,
    };
    let here = match phone.ask(move_here).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    };
    let own = here
        .call
        .participants
        .iter()
        .find(|one| one.peer_id == here.peer_id);
    assert!(!own.unwrap().microphone.on, "two devices would howl");
    assert_eq!(here.call.participants.len(), 3);
    done(&mut phone, still_there(&here)).await;
    assert_eq!(
        detached(&mut alice).await,
        (caller.peer_id, DetachReason::Moved)
    );
}

#[tokio::test]
async fn who_comes_into_a_conversation_sees_its_live_call() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let channel = alice.channel("release", "public").await;
    let mut caller = alice.connect().await;
    let mut other = bob.connect().await;
    let call_id = started(&mut caller, channel).await.call.id;
    bob.join(channel).await.ok::<serde_json::Value>();
    other
        .see("the live call", |message| match message {
            ServerMessage::Call { call } => (call.id == call_id).then_some(()),
            _ => None,
        })
        .await;
}
