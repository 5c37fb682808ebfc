use std::time::Duration;

use super::*;

#[tokio::test]
async fn whoever_joins_knows_everything_at_once() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.group(&[&bob]).await;
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    let first = started(&mut alice, place).await;
    let change = ParticipantChange {
        microphone: Some(false),
        screen: Some(true),
        hand: Some(true),
        ..ParticipantChange::default()
    };
    let (call_id, peer_id) = (first.call.id, first.peer_id);
    done(
        &mut alice,
        ClientMessage::CallChange {
            call_id,
            peer_id,
            change,
        },
    )
    .await;

    let second = joined(&mut bob, call_id).await;
    assert_eq!(second.call.started_at, first.call.started_at);
    let seen = second
        .call
        .participants
        .iter()
        .find(|one| one.peer_id == peer_id)
        .unwrap();
    assert!(!seen.microphone.on && seen.screen.on && !seen.camera.on);
    assert!(seen.hand_raised_at.is_some());
    assert!(
        second
            .call
            .participants
            .iter()
            .any(|one| one.peer_id == second.peer_id)
    );
    assert!(!second.media.ice_servers.is_empty());
}

#[tokio::test]
async fn a_lost_socket_is_shown_and_a_new_one_brings_the_participant_back() {
    let Talk {
        pair,
        mut alice,
        bob,
        callee,
        ..
    } = talking().await;
    bob.hang_up();
    connection(&mut alice, callee.peer_id, is_reconnecting).await;
    let mut bob = pair.bob.connect().await;
    // The page that comes back finds itself in the call, and says that it is there.
    let call = &bob.snapshot().calls[0];
    assert!(participant_of(call, callee.peer_id).is_some());
    done(&mut bob, still_there(&callee)).await;
    connection(&mut alice, callee.peer_id, |connection| {
        connection == Connection::Connected
    })
    .await;
}

#[tokio::test]
async fn another_tab_of_a_device_is_not_the_one_that_was_lost() {
    let Talk {
        pair,
        mut alice,
        bob,
        callee,
        ..
    } = talking().await;
    bob.hang_up();
    connection(&mut alice, callee.peer_id, is_reconnecting).await;
    let mut other = tab(&pair.bob, "another").await;
    let unseen = alice.unseen().await;
    assert!(
        !unseen
            .iter()
            .any(|message| matches!(message, ServerMessage::CallParticipant { .. }))
    );
    // It takes over when it joins.
    let again = joined(&mut other, callee.call.id).await;
    assert_ne!(again.peer_id, callee.peer_id);
    connection(&mut alice, again.peer_id, is_back).await;
}

#[tokio::test]
async fn a_reloaded_tab_is_the_same_participant() {
    let Talk {
        pair,
        mut alice,
        bob,
        callee,
        ..
    } = talking().await;
    let joined_at = |joined: &Joined| {
        let own = joined
            .call
            .participants
            .iter()
            .find(|one| one.peer_id == joined.peer_id);
        own.unwrap().joined_at
    };
    bob.hang_up();
    let mut bob = pair.bob.connect().await;
    let again = joined(&mut bob, callee.call.id).await;
    assert_eq!(again.call.participants.len(), 2);
    assert_eq!(joined_at(&again), joined_at(&callee));
    connection(&mut alice, again.peer_id, is_back).await;
}

#[tokio::test]
async fn a_second_tab_replaces_the_first_and_a_second_device_does_not() {
    let Talk {
        pair,
        mut alice,
        mut bob,
        callee,
        ..
    } = talking().await;
    let mut other = tab(&pair.bob, "another").await;
    let again = joined(&mut other, callee.call.id).await;
    assert_eq!(
        detached(&mut bob).await,
        (callee.peer_id, DetachReason::Replaced)
    );
    assert_eq!(again.call.participants.len(), 2);

    let mut phone = pair.bob.on_another_device().await.connect().await;
    let third = joined(&mut phone, callee.call.id).await;
    assert_eq!(third.call.participants.len(), 3);
    assert_eq!(third.call.session.epoch, callee.call.session.epoch + 1);
    connection(&mut alice, third.peer_id, is_back).await;
}

#[tokio::test]
async fn nobody_acts_for_another_participant() {
    let Talk {
        pair,
        mut alice,
        mut bob,
        caller,
        callee,
    } = talking().await;
    let (call_id, peer_id) = (caller.call.id, caller.peer_id);
    let as_alice = [
        ClientMessage::CallLeave { call_id, peer_id },
        ClientMessage::CallChange {
            call_id,
            peer_id,
            change: STATE,
        },
        ClientMessage::CallMediaState {
            call_id,
            peer_id,
            epoch: 1,
            connected: true,
        },
    ];
    let mut phone = pair.alice.on_another_device().await.connect().await;
    for message in as_alice {
        assert_eq!(
            refused(&mut bob, message.clone()).await,
            ErrorCode::NotInCall
        );
        assert_eq!(refused(&mut phone, message).await, ErrorCode::NotInCall);
    }
    done(&mut alice, leave(&caller)).await;
    assert_eq!(
        detached(&mut bob).await,
        (callee.peer_id, DetachReason::Ended)
    );
    // Leaving twice is leaving; joining what is over is not joining.
    done(&mut alice, leave(&caller)).await;
    assert_eq!(
        refused(&mut alice, join(call_id)).await,
        ErrorCode::CallEnded
    );
    assert_eq!(
        refused(&mut alice, ClientMessage::CallGet { call_id }).await,
        ErrorCode::CallEnded
    );
}

#[tokio::test]
async fn a_restart_of_the_server_keeps_the_call() {
    let Talk {
        mut pair,
        alice,
        bob,
        caller,
        callee,
    } = talking().await;
    pair.world.restart().await;
    drop((alice, bob));
    let mut alice = pair.alice.at(&pair.world.url).connect().await;
    let mut bob = pair.bob.at(&pair.world.url).connect().await;
    for line in [&alice, &bob] {
        let call = &line.snapshot().calls[0];
        assert_eq!(call.id, caller.call.id);
        assert_eq!(call.started_at, caller.call.started_at);
        assert_eq!(call.participants.len(), 2);
    }
    done(&mut alice, still_there(&caller)).await;
    done(&mut bob, still_there(&callee)).await;
    // What the restarted server has yet to note of it may come in between.
    connection(&mut bob, callee.peer_id, |connection| {
        connection == Connection::Connected
    })
    .await;
}

#[tokio::test]
async fn a_page_that_speaks_on_a_new_socket_is_not_lost_with_the_old_one() {
    let Talk {
        pair,
        mut alice,
        bob: old,
        callee,
        ..
    } = talking().await;
    let mut new = pair.bob.connect().await;
    done(&mut new, still_there(&callee)).await;
    connection(&mut alice, callee.peer_id, |connection| {
        connection == Connection::Connected
    })
    .await;
    old.hang_up();
    // Something told after the old socket has gone: nothing about Bob was told before it.
    let phone = pair.bob.on_another_device().await.connect().await;
    phone.hang_up();
    let unseen = alice.unseen().await;
    let about_bob = |message: &ServerMessage| match message {
        ServerMessage::CallParticipant { participant, .. } => {
            is_reconnecting(participant.connection)
        }
        _ => false,
    };
    assert!(!unseen.iter().any(about_bob), "{unseen:?}");
}

#[tokio::test]
async fn a_restart_gives_a_forwarded_call_its_next_epoch() {
    let (mut world, alice) = World::new().await;
    let place = alice.channel("release", "public").await;
    let mut line = alice.connect().await;
    let own = started(&mut line, place).await;
    assert_eq!(own.call.session.epoch, 1);
    world.restart().await;
    let mut line = alice.at(&world.url).connect().await;
    let call_id = own.call.id;
    loop {
        match line.ask(ClientMessage::CallGet { call_id }).await {
            Ok(Reply::Call { call }) if call.session.epoch == 2 => break,
            Ok(_) => {
                line.read_within(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}
