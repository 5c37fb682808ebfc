//! The process ends at any moment without a word, and calls go on when it is back.

use protocol::call::{CallDetails, CallOutcome, CallPhase, EndReason};

use super::*;
use crate::{
    harness::{Process, Scratch},
    kill::set_up,
};

/// A server in a process of its own, with Alice and Bob and where they write to each other.
struct Town {
    process: Process,
    scratch: Scratch,
    alice: Person,
    bob: Person,
    place: ConversationId,
}

impl Town {
    async fn new() -> Self {
        let scratch = Scratch::new();
        let mut process = Process::serve(&scratch.0.join("data"));
        let alice = set_up(&mut process).await;
        let bob = alice.invite("Bob").await;
        let place = alice.direct(&bob).await;
        Self {
            process,
            scratch,
            alice,
            bob,
            place,
        }
    }

    /// As a power cut does; then it is started again.
    fn killed(self) -> Self {
        self.process.kill();
        let process = Process::serve(&self.scratch.0.join("data"));
        let (alice, bob) = (self.alice.at(&process.url), self.bob.at(&process.url));
        Self {
            process,
            alice,
            bob,
            ..self
        }
    }
}

#[tokio::test]
async fn a_ring_outlives_a_kill_and_is_answered() {
    let town = Town::new().await;
    let mut caller = town.alice.connect().await;
    let mut callee = town.bob.connect().await;
    let own = started(&mut caller, town.place).await;
    let rung = ring(&mut callee).await;
    let call_id = rung.call_id;
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::Ringing, 1).await;

    let town = town.killed();
    let mut caller = town.alice.connect().await;
    let live = &caller.snapshot().calls[0];
    assert_eq!(
        (live.id, live.phase, live.started_at),
        (call_id, CallPhase::Ringing, own.call.started_at)
    );
    let mut callee = town.bob.connect().await;
    let [again] = callee.snapshot().rings.as_slice() else {
        panic!("one ring was due, not {:?}", callee.snapshot().rings);
    };
    assert_eq!(
        (again.call_id, again.expires_at),
        (call_id, rung.expires_at)
    );

    done(&mut caller, still_there(&own)).await;
    let answer = joined(&mut callee, call_id).await;
    assert_eq!(answer.call.phase, CallPhase::Active);
    assert_eq!(answer.call.participants.len(), 2);
    connection(&mut caller, answer.peer_id, is_back).await;
}

#[tokio::test]
async fn a_call_outlives_two_kills_and_is_in_each_log_once() {
    let mut town = Town::new().await;
    let mut alice = town.alice.connect().await;
    let mut bob = town.bob.connect().await;
    let caller = started(&mut alice, town.place).await;
    let call_id = ring(&mut bob).await.call_id;
    let callee = joined(&mut bob, call_id).await;
    for _ in 0..2 {
        town = town.killed();
        alice = town.alice.connect().await;
        bob = town.bob.connect().await;
        for line in [&alice, &bob] {
            let [live] = line.snapshot().calls.as_slice() else {
                panic!("one call was due, not {:?}", line.snapshot().calls);
            };
            assert_eq!(
                (live.id, live.phase, live.participants.len()),
                (call_id, CallPhase::Active, 2)
            );
            assert_eq!(live.started_at, caller.call.started_at);
        }
        done(&mut alice, still_there(&caller)).await;
        done(&mut bob, still_there(&callee)).await;
        connection(&mut bob, callee.peer_id, |connection| {
            connection == Connection::Connected
        })
        .await;
    }
    done(&mut bob, leave(&callee)).await;
    assert_eq!(ended(&mut alice).await.end_reason, Some(EndReason::Left));

    // What was told last is there after the last kill, too.
    let town = town.killed();
    for (person, outcome) in [
        (&town.alice, CallOutcome::Started),
        (&town.bob, CallOutcome::Joined),
    ] {
        let entries = log(person, "all").await;
        let [entry] = entries.as_slice() else {
            panic!("one call was due, not {entries:?}");
        };
        assert_eq!((entry.call.id, entry.outcome), (call_id, outcome));
        let line = person.connect().await;
        assert!(line.snapshot().calls.is_empty() && line.snapshot().rings.is_empty());
    }
    let details: CallDetails = town.bob.get(&format!("/calls/{call_id}")).await.ok();
    assert_eq!(details.legs.len(), 2, "nobody has come twice");
    assert!(
        details
            .legs
            .iter()
            .all(|leg| leg.left_at.is_some() && !leg.lost)
    );
}

#[tokio::test]
async fn a_press_that_was_answered_before_a_kill_is_a_call_after_it() {
    let mut town = Town::new().await;
    let place = town.alice.group(&[&town.bob]).await;
    for round in 1..=5 {
        let mut line = town.alice.connect().await;
        let own = match line.ask(start(place, false)).await {
            Ok(Reply::Joined { joined }) => *joined,
            other => panic!("joined was due, not {other:?}"),
        };
        town = town.killed();
        let mut line = town.alice.connect().await;
        assert_eq!(line.snapshot().calls[0].id, own.call.id, "round {round}");
        let call_id = own.call.id;
        done(&mut line, ClientMessage::CallEndForAll { call_id }).await;
    }
    assert_eq!(log(&town.alice, "all").await.len(), 5);
}
