use protocol::call::HostAct;

use super::*;

/// Alice, who started it, Bob and Cara in a group's call.
struct Meeting {
    world: World,
    place: ConversationId,
    people: [Person; 3],
    lines: [Line; 3],
    joined: [Joined; 3],
}

async fn meeting() -> Meeting {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let cara = world.invite(&alice, "Cara").await;
    let place = bob.group(&[&alice, &cara]).await;
    let mut lines = [
        bob.connect().await,
        cara.connect().await,
        alice.connect().await,
    ];
    let first = started(&mut lines[0], place).await;
    let call_id = first.call.id;
    let second = joined(&mut lines[1], call_id).await;
    let third = joined(&mut lines[2], call_id).await;
    Meeting {
        world,
        place,
        people: [bob, cara, alice],
        lines,
        joined: [first, second, third],
    }
}

const BOB: usize = 0;
const CARA: usize = 1;
const ALICE: usize = 2;

fn host(call_id: CallId, act: HostAct) -> ClientMessage {
    ClientMessage::CallHost { call_id, act }
}

async fn hosted(line: &mut Line) -> (protocol::UserId, HostAct) {
    line.see("what a host did", |message| match message {
        ServerMessage::CallHosted { by, act, .. } => Some((*by, *act)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_muted_participant_is_told_who_did_it_and_everybody_sees_it() {
    let mut meeting = meeting().await;
    let call_id = meeting.joined[BOB].call.id;
    let peer_id = meeting.joined[CARA].peer_id;
    let mute = HostAct::Mute { peer_id };
    done(&mut meeting.lines[BOB], host(call_id, mute)).await;
    let by = meeting.people[BOB].id();
    assert_eq!(hosted(&mut meeting.lines[CARA]).await, (by, mute));
    for line in &mut meeting.lines[CARA..] {
        line.see("a muted microphone", |message| match message {
            ServerMessage::CallParticipant { participant, .. }
                if participant.peer_id == peer_id =>
            {
                let microphone = participant.microphone;
                (!microphone.on && microphone.by == Some(by)).then_some(())
            }
            _ => None,
        })
        .await;
    }
}

#[tokio::test]
async fn who_is_neither_host_nor_owner_nor_admin_is_refused() {
    let mut meeting = meeting().await;
    let call_id = meeting.joined[BOB].call.id;
    let peer_id = meeting.joined[BOB].peer_id;
    let mute = host(call_id, HostAct::Mute { peer_id });
    assert_eq!(
        refused(&mut meeting.lines[CARA], mute.clone()).await,
        ErrorCode::Forbidden
    );
    // Alice is an admin.
    done(&mut meeting.lines[ALICE], mute).await;
    let mut stranger = {
        let dora = meeting.world.invite(&meeting.people[ALICE], "Dora").await;
        dora.connect().await
    };
    assert_eq!(
        refused(&mut stranger, host(call_id, HostAct::Lock)).await,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn who_is_removed_stays_out_until_let_in() {
    let mut meeting = meeting().await;
    let call_id = meeting.joined[BOB].call.id;
    let user_id = meeting.people[CARA].id();
    done(
        &mut meeting.lines[BOB],
        host(call_id, HostAct::Remove { user_id }),
    )
    .await;
    assert_eq!(
        detached(&mut meeting.lines[CARA]).await,
        (meeting.joined[CARA].peer_id, DetachReason::Removed)
    );
    assert_eq!(
        refused(&mut meeting.lines[CARA], join(call_id)).await,
        ErrorCode::CallRemoved
    );
    assert_eq!(
        refused(&mut meeting.lines[CARA], start(meeting.place, false)).await,
        ErrorCode::CallRemoved
    );
    done(
        &mut meeting.lines[BOB],
        host(call_id, HostAct::LetIn { user_id }),
    )
    .await;
    joined(&mut meeting.lines[CARA], call_id).await;
}

#[tokio::test]
async fn a_locked_call_takes_in_nobody_new() {
    let mut meeting = meeting().await;
    let call_id = meeting.joined[BOB].call.id;
    let dora = meeting.world.invite(&meeting.people[ALICE], "Dora").await;
    meeting.people[BOB].add(meeting.place, &dora).await;
    let mut dora = dora.connect().await;
    done(&mut meeting.lines[BOB], host(call_id, HostAct::Lock)).await;
    let by = dora
        .see("a locked call", |message| match message {
            ServerMessage::Call { call } => call.lock.map(|lock| lock.by),
            _ => None,
        })
        .await;
    assert_eq!(by, meeting.people[BOB].id());
    assert_eq!(
        refused(&mut dora, join(call_id)).await,
        ErrorCode::CallLocked
    );
    done(&mut meeting.lines[BOB], host(call_id, HostAct::Unlock)).await;
    joined(&mut dora, call_id).await;
}

#[tokio::test]
async fn neither_of_two_who_talk_directly_is_the_host() {
    let Talk {
        mut alice, caller, ..
    } = talking().await;
    let act = host(caller.call.id, HostAct::Lock);
    assert_eq!(refused(&mut alice, act).await, ErrorCode::Conflict);
}

/// Everything a host can do to Bob's meeting.
fn host_acts(meeting: &Meeting) -> Vec<ClientMessage> {
    let call_id = meeting.joined[BOB].call.id;
    let peer_id = meeting.joined[BOB].peer_id;
    let user_id = meeting.people[BOB].id();
    let acts = [
        HostAct::Mute { peer_id },
        HostAct::MuteOthers,
        HostAct::StopScreen { peer_id },
        HostAct::LowerHand { peer_id },
        HostAct::Remove { user_id },
        HostAct::LetIn { user_id },
        HostAct::Lock,
        HostAct::Unlock,
    ];
    let mut messages: Vec<_> = acts.into_iter().map(|act| host(call_id, act)).collect();
    messages.push(ClientMessage::CallEndForAll { call_id });
    messages
}

#[tokio::test]
async fn nothing_a_host_does_is_anybody_else_s_to_do() {
    let mut meeting = meeting().await;
    let dora = meeting.world.invite(&meeting.people[ALICE], "Dora").await;
    let mut stranger = dora.connect().await;
    for act in host_acts(&meeting) {
        assert_eq!(
            refused(&mut meeting.lines[CARA], act.clone()).await,
            ErrorCode::Forbidden,
            "{act:?} by somebody in the call"
        );
        assert_eq!(
            refused(&mut stranger, act.clone()).await,
            ErrorCode::NotFound,
            "{act:?} by a stranger"
        );
    }
    // An ex-member is a stranger, though they are known and have been in the call.
    let cara = meeting.people[CARA].clone();
    meeting.people[BOB]
        .remove(meeting.place, &cara)
        .await
        .done();
    detached(&mut meeting.lines[CARA]).await;
    for act in host_acts(&meeting) {
        assert_eq!(
            refused(&mut meeting.lines[CARA], act.clone()).await,
            ErrorCode::NotFound,
            "{act:?} by an ex-member"
        );
    }
    // Nothing has come of any of it.
    let call_id = meeting.joined[BOB].call.id;
    let state = match meeting.lines[BOB]
        .ask(ClientMessage::CallGet { call_id })
        .await
    {
        Ok(Reply::Call { call }) => call,
        other => panic!("the call was due, not {other:?}"),
    };
    assert_eq!(state.participants.len(), 2);
    assert!(
        state
            .participants
            .iter()
            .all(|one| one.microphone.by.is_none())
    );
    assert!(state.lock.is_none() && state.removed.is_empty());
    // And all of it is the host's, but taking out oneself.
    for act in host_acts(&meeting) {
        let oneself = matches!(
            act,
            ClientMessage::CallHost {
                act: HostAct::Remove { .. },
                ..
            }
        );
        if oneself {
            assert_eq!(
                refused(&mut meeting.lines[BOB], act).await,
                ErrorCode::Conflict
            );
        } else {
            done(&mut meeting.lines[BOB], act).await;
        }
    }
    assert_eq!(
        detached(&mut meeting.lines[ALICE]).await,
        (meeting.joined[ALICE].peer_id, DetachReason::Ended)
    );
}

#[tokio::test]
async fn whoever_stays_longest_is_host_when_the_starter_leaves() {
    let mut meeting = meeting().await;
    let call_id = meeting.joined[BOB].call.id;
    let lock = host(call_id, HostAct::Lock);
    assert_eq!(
        refused(&mut meeting.lines[CARA], lock.clone()).await,
        ErrorCode::Forbidden
    );
    let own = leave(&meeting.joined[BOB]);
    done(&mut meeting.lines[BOB], own).await;
    done(&mut meeting.lines[CARA], lock).await;
}
