use protocol::{
    ConversationId,
    call::{CallDetails, CallOutcome, EndReason},
    timeline::EntryBody,
};

use super::*;

/// A channel with Alice, who made it, and Bob.
async fn channel() -> (World, Person, Person, ConversationId) {
    let (world, admin) = World::new().await;
    let alice = world.invite(&admin, "Alice").await;
    let bob = world.invite(&admin, "Bob").await;
    let place = alice.channel("release", "private").await;
    alice.add(place, &bob).await.ok::<serde_json::Value>();
    alice.add(place, &admin).await.ok::<serde_json::Value>();
    (world, alice, bob, place)
}

#[tokio::test]
async fn a_call_leaves_a_card_a_log_and_its_messages() {
    let Talk {
        pair,
        mut alice,
        mut bob,
        caller,
        callee,
    } = talking().await;
    let call_id = caller.call.id;
    let message = ClientMessage::SendMessage {
        conversation_id: pair.place,
        nonce: "in-the-call".to_owned(),
        text: "Here is the link".to_owned(),
        call_id: Some(call_id),
    };
    bob.ask(message).await.unwrap();
    done(&mut bob, leave(&callee)).await;

    let card = ended(&mut alice).await;
    assert_eq!(card.end_reason, Some(EndReason::Left));
    assert_eq!(card.people, [pair.alice.id(), pair.bob.id()]);
    assert_eq!(card.message_count, 1);
    let page = pair.alice.timeline(pair.place, "").await;
    let shown = page
        .entries
        .iter()
        .find(|entry| entry.seq == card.seq)
        .unwrap();
    let EntryBody::CallStarted { call: shown } = &shown.body else {
        panic!("a card was due, not {shown:?}");
    };
    assert_eq!(*shown, card);

    for (person, outcome) in [
        (&pair.alice, CallOutcome::Started),
        (&pair.bob, CallOutcome::Joined),
    ] {
        let entry = &log(person, "all").await[0];
        assert_eq!(
            (entry.call.id, entry.outcome, entry.unseen),
            (call_id, outcome, false)
        );
    }
    let details: CallDetails = pair.bob.get(&format!("/calls/{call_id}")).await.ok();
    assert_eq!(details.legs.len(), 2);
    assert!(
        details
            .legs
            .iter()
            .all(|leg| leg.left_at.is_some() && !leg.lost)
    );
}

#[tokio::test]
async fn its_starter_or_an_admin_ends_a_call_for_all_and_nobody_else() {
    let (_world, alice, bob, place) = channel().await;
    let mut starter = alice.connect().await;
    let mut other = bob.connect().await;
    let call_id = started(&mut starter, place).await.call.id;
    let own = joined(&mut other, call_id).await;
    let end = ClientMessage::CallEndForAll { call_id };
    assert_eq!(refused(&mut other, end.clone()).await, ErrorCode::Forbidden);
    done(&mut starter, end.clone()).await;
    assert_eq!(
        detached(&mut other).await,
        (own.peer_id, DetachReason::Ended)
    );
    assert_eq!(
        ended(&mut other).await.end_reason,
        Some(EndReason::EndedForAll)
    );
    assert_eq!(refused(&mut starter, end).await, ErrorCode::CallEnded);
}

#[tokio::test]
async fn who_is_no_member_any_more_is_out_of_the_call() {
    let (_world, alice, bob, place) = channel().await;
    let mut starter = alice.connect().await;
    let mut other = bob.connect().await;
    let call_id = started(&mut starter, place).await.call.id;
    let own = joined(&mut other, call_id).await;
    connection(&mut starter, own.peer_id, is_back).await;
    alice.remove(place, &bob).await.done();
    assert_eq!(
        detached(&mut other).await,
        (own.peer_id, DetachReason::Ended)
    );
    // That the starter is alone now comes with the whole state.
    starter
        .see("the starter alone", |message| match message {
            ServerMessage::Call { call } if call.alone.is_some() => {
                let [left] = call.participants.as_slice() else {
                    return None;
                };
                (left.user_id == alice.id()).then_some(())
            }
            _ => None,
        })
        .await;
    assert_eq!(
        refused(&mut other, join(call_id)).await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn an_archived_channel_s_call_is_over() {
    let (_world, alice, _bob, place) = channel().await;
    let mut starter = alice.connect().await;
    started(&mut starter, place).await;
    let path = format!("/conversations/{place}/archive");
    alice.post(&path, &()).await.ok::<serde_json::Value>();
    assert_eq!(
        ended(&mut starter).await.end_reason,
        Some(EndReason::EndedForAll)
    );
    assert_eq!(
        refused(&mut starter, start(place, false)).await,
        ErrorCode::Archived
    );
}

#[tokio::test]
async fn a_device_signed_out_is_out_of_its_call() {
    let Talk {
        pair,
        mut alice,
        bob: _bob,
        caller,
        ..
    } = talking().await;
    pair.bob.post("/auth/logout", &()).await.done();
    assert_eq!(
        detached(&mut alice).await,
        (caller.peer_id, DetachReason::Ended)
    );
    assert_eq!(ended(&mut alice).await.end_reason, Some(EndReason::Left));
}

#[tokio::test]
async fn a_message_belongs_to_a_call_of_its_own_conversation_only() {
    let (_world, alice, _bob, place) = channel().await;
    let elsewhere = alice.channel("elsewhere", "private").await;
    let mut line = alice.connect().await;
    let call_id = started(&mut line, place).await.call.id;
    let message = ClientMessage::SendMessage {
        conversation_id: elsewhere,
        nonce: "a".to_owned(),
        text: "Wrong room".to_owned(),
        call_id: Some(call_id),
    };
    assert_eq!(refused(&mut line, message).await, ErrorCode::NotFound);
}
