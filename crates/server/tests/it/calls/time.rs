//! What time alone brings about. Nobody waits for it here: what has happened to a call is said to
//! have happened longer ago.

use std::time::Duration;

use domain::call::{Call, CallRecord, PersonRing};
use protocol::{
    Timestamp,
    call::{CallDetails, CallOutcome, EndReason},
    limits,
};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// Lets time pass for one call.
pub(super) async fn pass(world: &World, call_id: CallId, time: Duration) {
    let age = move |call: &mut Call| *call = Call::from_record(aged(call.record().clone(), time));
    world.app.store.change_call(call_id, age).await.unwrap();
}

pub(super) fn aged(mut call: CallRecord, time: Duration) -> CallRecord {
    let earlier = |at: &mut Timestamp| *at = *at - time;
    let maybe = |at: &mut Option<Timestamp>| *at = at.map(|at| at - time);
    earlier(&mut call.started_at);
    maybe(&mut call.answered_at);
    maybe(&mut call.alone_since);
    maybe(&mut call.path_down_since);
    maybe(&mut call.due);
    if let Some(ended) = &mut call.ended {
        earlier(&mut ended.at);
    }
    for leg in &mut call.legs {
        earlier(&mut leg.joined_at);
        earlier(&mut leg.evidence_at);
        maybe(&mut leg.socket_lost_at);
        maybe(&mut leg.lease_until);
        maybe(&mut leg.reload_until);
        if let Some(left) = &mut leg.left {
            earlier(&mut left.at);
        }
    }
    for ring in &mut call.rings {
        let PersonRing {
            since,
            started_at,
            expires_at,
            ended_at,
            ..
        } = ring;
        [since, started_at, expires_at]
            .into_iter()
            .for_each(earlier);
        maybe(ended_at);
    }
    call
}

/// Which is refused once the call is over.
fn raise_hand(joined: &Joined, up: bool) -> ClientMessage {
    ClientMessage::CallChange {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
        change: ParticipantChange {
            hand: Some(up),
            ..ParticipantChange::default()
        },
    }
}

#[tokio::test]
async fn whoever_is_alone_for_ten_minutes_is_not_left_on_camera() {
    let (world, alice) = World::new().await;
    let place = alice.channel("release", "public").await;
    let mut line = alice.connect().await;
    let own = started(&mut line, place).await;
    let call_id = own.call.id;
    let alone = own.call.alone.expect("nobody else is there");
    let since = own.call.started_at;
    assert_eq!(alone.hint_at, since + limits::ALONE_HINT);
    assert_eq!(alone.prompt_at, since + limits::ALONE_PROMPT);
    assert_eq!(alone.ends_at, since + limits::ALONE_END);

    pass(&world, call_id, limits::ALONE_END - MINUTE).await;
    let stay = ClientMessage::CallStay {
        call_id,
        peer_id: own.peer_id,
    };
    done(&mut line, stay).await;
    // Ten more minutes are theirs from here.
    line.see("later reminders", |message| match message {
        ServerMessage::Call { call } => (call.alone?.ends_at > alone.ends_at).then_some(()),
        _ => None,
    })
    .await;
    pass(&world, call_id, limits::ALONE_END - MINUTE).await;
    done(&mut line, raise_hand(&own, true)).await;
    pass(&world, call_id, MINUTE).await;
    assert_eq!(
        detached(&mut line).await,
        (own.peer_id, DetachReason::Ended)
    );
    assert_eq!(ended(&mut line).await.end_reason, Some(EndReason::Alone));
    assert_eq!(
        refused(&mut line, raise_hand(&own, false)).await,
        ErrorCode::CallEnded
    );
}

#[tokio::test]
async fn nobody_is_alone_while_somebody_is_rung_or_there() {
    let Talk {
        pair,
        alice: _alice,
        bob: _bob,
        caller,
        callee,
    } = talking().await;
    assert_eq!(caller.call.alone, None);
    assert_eq!(callee.call.alone, None);
    pass(&pair.world, caller.call.id, 10 * limits::ALONE_END).await;
    let live = pair.world.app.store.live_call(pair.place).await.unwrap();
    assert!(live.is_some_and(|call| call.record().alone_since.is_none()));
}

#[tokio::test]
async fn a_ring_nobody_answers_is_a_missed_call_after_forty_five_seconds() {
    let pair = pair().await;
    let mut caller = pair.alice.connect().await;
    let mut callee = pair.bob.connect().await;
    let own = started(&mut caller, pair.place).await;
    let call_id = ring(&mut callee).await.call_id;
    // No device has said that it rings.
    pass(&pair.world, call_id, limits::RING_ACKNOWLEDGE).await;
    ring_status(&mut caller, RingStatus::Notified, 0).await;
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::Ringing, 1).await;
    pass(&pair.world, call_id, limits::RING_TIMEOUT).await;
    assert_eq!(ring_stopped(&mut callee).await, RingStopReason::Expired);
    missed(&mut callee, 1).await;
    assert_eq!(
        detached(&mut caller).await,
        (own.peer_id, DetachReason::Ended)
    );
    assert_eq!(
        ended(&mut caller).await.end_reason,
        Some(EndReason::NoAnswer)
    );
    assert_eq!(
        log(&pair.alice, "all").await[0].outcome,
        CallOutcome::NoAnswer
    );
    let entry = &log(&pair.bob, "missed").await[0];
    assert_eq!((entry.outcome, entry.unseen), (CallOutcome::Missed, true));
}

#[tokio::test]
async fn who_is_lost_for_thirty_seconds_has_left_when_they_were_last_heard() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.group(&[&bob]).await;
    let mut first = alice.connect().await;
    let mut second = bob.connect().await;
    let own = started(&mut first, place).await;
    let call_id = own.call.id;
    let lost = joined(&mut second, call_id).await;
    done(&mut second, raise_hand(&lost, true)).await;
    second.hang_up();
    connection(&mut first, lost.peer_id, is_reconnecting).await;
    pass(&world, call_id, limits::PARTICIPANT_LEASE).await;
    first
        .see("only one in the call", |message| match message {
            ServerMessage::Call { call } if call.alone.is_some() => {
                (call.participants.len() == 1).then_some(())
            }
            _ => None,
        })
        .await;
    let details: CallDetails = alice.get(&format!("/calls/{call_id}")).await.ok();
    let leg = details
        .legs
        .iter()
        .find(|leg| leg.user_id == bob.id())
        .unwrap();
    assert!(leg.lost);
    let store = &world.app.store;
    let kept = store.live_call(place).await.unwrap().unwrap();
    let heard = kept.record().legs[1].evidence_at;
    assert_eq!(leg.left_at, Some(heard));
    // What they missed is theirs to come back to.
    let mut second = bob.connect().await;
    joined(&mut second, call_id).await;
}

#[tokio::test]
async fn an_empty_room_is_over_ten_seconds_later() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.group(&[&bob]).await;
    let mut first = alice.connect().await;
    let mut second = bob.connect().await;
    let own = match first.ask(start(place, false)).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    };
    let call_id = own.call.id;
    let other = joined(&mut second, call_id).await;
    done(&mut first, leave(&own)).await;
    done(&mut second, leave(&other)).await;
    // Until then whoever comes back goes on in the same call.
    let again = joined(&mut second, call_id).await;
    done(&mut second, leave(&again)).await;
    pass(&world, call_id, limits::EMPTY_CALL_GRACE).await;
    assert_eq!(ended(&mut first).await.end_reason, Some(EndReason::Left));
    assert_eq!(
        refused(&mut second, join(call_id)).await,
        ErrorCode::CallEnded
    );
}
