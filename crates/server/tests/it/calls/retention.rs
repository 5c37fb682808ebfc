//! How long calls are remembered.

use std::time::Duration;

use domain::call::{Call, Input};
use protocol::{
    account::{CallLogRetention, Workspace},
    call::CallDetails,
    limits::CALL_LOG_DAYS_MAX,
    rest::UpdateWorkspaceRequest,
    timeline::EntryBody,
};

use super::{time::aged, *};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn keep(call_log: CallLogRetention) -> UpdateWorkspaceRequest {
    UpdateWorkspaceRequest {
        instant_answer: None,
        name: None,
        call_log: Some(call_log),
    }
}

/// Ends a call so long ago.
async fn end_before(world: &World, call_id: CallId, ago: Duration) {
    let end = move |call: &mut Call| {
        let now = call.record().started_at + Duration::from_secs(10);
        call.handle_input(Input::EndForAll, now).unwrap();
        *call = Call::from_record(aged(call.record().clone(), ago));
    };
    world.app.store.change_call(call_id, end).await.unwrap();
}

#[tokio::test]
async fn calls_older_than_an_admin_says_are_forgotten_and_their_cards_stay() {
    let Pair {
        world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let mut calls = Vec::new();
    for days in [8, 6] {
        let own = started(&mut caller, place).await;
        let call_id = ring(&mut callee).await.call_id;
        callee
            .send(ClientMessage::RingAcknowledge { call_id })
            .await;
        ring_status(&mut caller, RingStatus::Ringing, 1).await;
        end_before(&world, own.call.id, DAY * days).await;
        calls.push(own.call.id);
    }
    assert_eq!(log(&bob, "missed").await.len(), 2);
    let before = alice.timeline(place, "?after=0").await.entries;

    let week = CallLogRetention::Days { days: 7 };
    let workspace: Workspace = alice.patch("/workspace", &keep(week)).await.ok();
    assert_eq!(workspace.call_log, week);
    missed(&mut callee, 1).await;
    for person in [&alice, &bob] {
        let left: Vec<_> = log(person, "all").await;
        let ids: Vec<_> = left.iter().map(|entry| entry.call.id).collect();
        assert_eq!(ids, [calls[1]]);
        let details = person.get(&format!("/calls/{}", calls[0])).await;
        assert_eq!(details.refusal(), ErrorCode::NotFound);
        person
            .get(&format!("/calls/{}", calls[1]))
            .await
            .ok::<CallDetails>();
    }
    let after = alice.timeline(place, "?after=0").await.entries;
    let mut expected = before.clone();
    for entry in &mut expected {
        if let EntryBody::CallStarted { call } | EntryBody::CallEnded { call, .. } = &mut entry.body
            && call.id == calls[0]
        {
            (call.people, call.rung) = (Vec::new(), Vec::new());
        }
    }
    assert_eq!(after, expected, "only the names are gone");
    assert_ne!(after, before);
}

#[tokio::test]
async fn a_call_log_is_kept_for_days_that_can_be_meant() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    for days in [0, CALL_LOG_DAYS_MAX + 1] {
        let asked = keep(CallLogRetention::Days { days });
        let refusal = leah.patch("/workspace", &asked).await.refusal();
        assert_eq!(refusal, ErrorCode::Invalid);
    }
    let longest = CallLogRetention::Days {
        days: CALL_LOG_DAYS_MAX,
    };
    let refusal = omar.patch("/workspace", &keep(longest)).await.refusal();
    assert_eq!(refusal, ErrorCode::Forbidden);
    let mut line = omar.connect().await;
    leah.patch("/workspace", &keep(longest))
        .await
        .ok::<Workspace>();
    let told = line
        .see("me", |message| match message {
            ServerMessage::Me { me } => Some(me.workspace.clone()),
            _ => None,
        })
        .await;
    assert_eq!(told.call_log, longest);
    assert_eq!(told.name, leah.me().workspace.name);
}

#[tokio::test]
async fn more_calls_than_are_forgotten_at_once_are_forgotten_one_after_the_other() {
    let Pair {
        world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    for _ in 0..101 {
        let own = started(&mut caller, place).await;
        end_before(&world, own.call.id, DAY * 2).await;
    }
    let mut callee = bob.connect().await;
    let day = keep(CallLogRetention::Days { days: 1 });
    alice.patch("/workspace", &day).await.ok::<Workspace>();
    missed(&mut callee, 1).await;
    missed(&mut callee, 0).await;
    assert_eq!(log(&bob, "all").await, vec![]);
}
