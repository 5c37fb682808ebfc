use protocol::{
    account::{Me, Workspace},
    media::DirectSignal,
    rest::{UpdateMeRequest, UpdateWorkspaceRequest},
    server::Prepared,
};

use super::*;

async fn prepare(line: &mut Line, call_id: CallId) -> Result<Prepared, ErrorCode> {
    match line.ask(ClientMessage::RingPrepare { call_id }).await {
        Ok(Reply::Prepared { prepared }) => Ok(prepared),
        Ok(other) => panic!("prepared was due, not {other:?}"),
        Err(failed) => Err(failed.code),
    }
}

fn signal(call_id: CallId, from: PeerId, to: PeerId) -> ClientMessage {
    ClientMessage::CallSignal {
        call_id,
        peer_id: from,
        to,
        epoch: 1,
        signal: DirectSignal::Offer {
            sdp: "v=0".to_owned(),
        },
    }
}

async fn signalled(line: &mut Line) -> PeerId {
    line.see("signal", |message| match message {
        ServerMessage::CallSignal { from, .. } => Some(*from),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_page_that_rings_signals_with_the_caller_and_answers_as_who_it_prepared_to_be() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    let caller = started(&mut alice, place).await;
    let call_id = ring(&mut bob).await.call_id;

    let prepared = prepare(&mut bob, call_id).await.unwrap();
    assert_eq!(prepared.caller, caller.peer_id);
    assert!(prepared.connects);
    done(&mut bob, signal(call_id, prepared.peer_id, caller.peer_id)).await;
    assert_eq!(signalled(&mut alice).await, prepared.peer_id);
    done(
        &mut alice,
        signal(call_id, caller.peer_id, prepared.peer_id),
    )
    .await;
    assert_eq!(signalled(&mut bob).await, caller.peer_id);

    let callee = joined(&mut bob, call_id).await;
    assert_eq!(callee.peer_id, prepared.peer_id);
    done(&mut bob, signal(call_id, callee.peer_id, caller.peer_id)).await;
    // Loaded again, the page is somebody new.
    let again = joined(&mut bob, call_id).await;
    assert_ne!(again.peer_id, callee.peer_id);
}

#[tokio::test]
async fn one_device_answers_and_what_the_other_prepared_is_over() {
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
    let call_id = ring(&mut bob).await.call_id;
    ring(&mut phone).await;
    let laptop = prepare(&mut bob, call_id).await.unwrap();
    let callee = prepare(&mut phone, call_id).await.unwrap();
    assert_ne!(laptop.peer_id, callee.peer_id);
    // Neither may speak as the other.
    let as_other = signal(call_id, callee.peer_id, caller.peer_id);
    assert_eq!(refused(&mut bob, as_other).await, ErrorCode::NotInCall);

    let answered = joined(&mut phone, call_id).await;
    assert_eq!(answered.peer_id, callee.peer_id);
    let late = signal(call_id, laptop.peer_id, caller.peer_id);
    assert_eq!(refused(&mut bob, late).await, ErrorCode::NotInCall);
    assert_eq!(prepare(&mut bob, call_id).await, Err(ErrorCode::Conflict));
}

#[tokio::test]
async fn the_two_devices_used_last_prepare() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let phone = bob.on_another_device().await;
    let tablet = bob.on_another_device().await;
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    let mut phone = phone.connect().await;
    let mut tablet = tablet.connect().await;
    bob.send(ClientMessage::Activity { active: false }).await;
    // Answered, so that what was sent before it has been taken.
    let here = ClientMessage::CallGet {
        call_id: CallId::from_bytes([9; 16]),
    };
    assert_eq!(refused(&mut bob, here).await, ErrorCode::NotFound);
    started(&mut alice, place).await;
    let call_id = ring(&mut bob).await.call_id;
    assert_eq!(prepare(&mut bob, call_id).await, Err(ErrorCode::Conflict));
    prepare(&mut phone, call_id).await.unwrap();
    prepare(&mut tablet, call_id).await.unwrap();
}

#[tokio::test]
async fn whoever_forbids_it_is_connected_to_nobody_before_they_answer() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    assert!(bob.me().instant_answer);
    let request = UpdateMeRequest {
        name: None,
        email: None,
        instant_answer: Some(false),
    };
    let me: Me = bob.patch("/me", &request).await.ok();
    assert!(!me.instant_answer);
    told_not_to_connect(&alice, &bob, place).await;
}

#[tokio::test]
async fn an_admin_forbids_it_for_everybody() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let request = UpdateWorkspaceRequest {
        name: None,
        call_log: None,
        instant_answer: Some(false),
    };
    assert!(bob.patch("/workspace", &request).await.status == 403);
    let workspace: Workspace = alice.patch("/workspace", &request).await.ok();
    assert!(!workspace.instant_answer);
    told_not_to_connect(&alice, &bob, place).await;
}

async fn told_not_to_connect(alice: &Person, bob: &Person, place: ConversationId) {
    let mut alice = alice.connect().await;
    let mut bob = bob.connect().await;
    started(&mut alice, place).await;
    let call_id = ring(&mut bob).await.call_id;
    let prepared = prepare(&mut bob, call_id).await.unwrap();
    assert!(!prepared.connects);
}
