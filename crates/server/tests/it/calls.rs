//! Calls over real sockets: rings, answers, losses, and what is left of them.

mod endings;
mod hosts;
mod kill;
mod log;
mod media;
mod people;
mod prepare;
mod quiet;
mod retention;
mod rings;
mod time;

use protocol::{
    CallId, ConversationId, ErrorCode, PeerId,
    call::{
        CallLogEntry, CallLogPage, CallMedia, CallState, CallSummary, Connection,
        ParticipantChange, Ring, RingStatus, RingStopReason,
    },
    client::ClientMessage,
    server::{DetachReason, Joined, Reply, ServerMessage},
};

use crate::harness::{Line, Person, World};

const STATE: ParticipantChange = ParticipantChange {
    microphone: Some(true),
    camera: None,
    screen: None,
    hand: None,
};

fn start(conversation_id: ConversationId, ring: bool) -> ClientMessage {
    ClientMessage::CallStart {
        conversation_id,
        media: CallMedia::Video,
        state: STATE,
        ring,
        ring_many: false,
    }
}

async fn started(line: &mut Line, conversation: ConversationId) -> Joined {
    match line.ask(start(conversation, true)).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    }
}

async fn joined(line: &mut Line, call_id: CallId) -> Joined {
    match line.ask(join(call_id)).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    }
}

fn join(call_id: CallId) -> ClientMessage {
    ClientMessage::CallJoin {
        call_id,
        state: STATE,
        move_here: false,
    }
}

fn leave(joined: &Joined) -> ClientMessage {
    ClientMessage::CallLeave {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
    }
}

/// What a page says when its socket is new: that it is still in the call.
fn still_there(joined: &Joined) -> ClientMessage {
    ClientMessage::CallMediaState {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
        epoch: joined.call.session.epoch,
        connected: true,
    }
}

async fn done(line: &mut Line, message: ClientMessage) {
    assert_eq!(line.ask(message).await, Ok(Reply::Done));
}

async fn refused(line: &mut Line, message: ClientMessage) -> ErrorCode {
    line.ask(message)
        .await
        .expect_err("this must be refused")
        .code
}

async fn ring(line: &mut Line) -> Ring {
    line.see("ring", |message| match message {
        ServerMessage::Ring { ring } => Some(ring.clone()),
        _ => None,
    })
    .await
}

async fn ring_stopped(line: &mut Line) -> RingStopReason {
    line.see("ring stopped", |message| match message {
        ServerMessage::RingStopped { reason, .. } => Some(*reason),
        _ => None,
    })
    .await
}

/// Waits until the caller is told this of the ring, of one person in all.
async fn ring_status(line: &mut Line, status: RingStatus, devices: u32) {
    line.see("ring status", |message| {
        let ring = match message {
            ServerMessage::CallRing { ring, .. } => *ring,
            ServerMessage::Call { call } => *call.rings.first()?,
            _ => return None,
        };
        (ring.status == status && ring.devices == devices).then_some(())
    })
    .await;
}

async fn ended(line: &mut Line) -> CallSummary {
    line.see("call ended", |message| match message {
        ServerMessage::CallEnded { call } => Some(call.clone()),
        _ => None,
    })
    .await
}

async fn detached(line: &mut Line) -> (PeerId, DetachReason) {
    line.see("call detached", |message| match message {
        ServerMessage::CallDetached {
            peer_id, reason, ..
        } => Some((*peer_id, *reason)),
        _ => None,
    })
    .await
}

/// Waits until a participant looks like this from outside.
async fn connection(line: &mut Line, peer: PeerId, looks: impl Fn(Connection) -> bool) {
    line.see("participant", |message| {
        let connection = match message {
            ServerMessage::CallParticipant { participant, .. } if participant.peer_id == peer => {
                participant.connection
            }
            ServerMessage::Call { call } => participant_of(call, peer)?,
            _ => return None,
        };
        looks(connection).then_some(())
    })
    .await;
}

fn participant_of(call: &CallState, peer: PeerId) -> Option<Connection> {
    let found = call
        .participants
        .iter()
        .find(|participant| participant.peer_id == peer);
    found.map(|participant| participant.connection)
}

fn is_reconnecting(connection: Connection) -> bool {
    matches!(connection, Connection::Reconnecting { .. })
}

fn is_back(connection: Connection) -> bool {
    !is_reconnecting(connection)
}

async fn missed(line: &mut Line, count: u32) {
    line.see("missed calls", |message| match message {
        ServerMessage::MissedCalls { unseen } => (*unseen == count).then_some(()),
        _ => None,
    })
    .await;
}

async fn log(person: &Person, filter: &str) -> Vec<CallLogEntry> {
    let page: CallLogPage = person.get(&format!("/calls?filter={filter}")).await.ok();
    page.calls
}

/// A second tab, or a second device, of somebody who says hello as this tab.
async fn tab(person: &Person, name: &str) -> Line {
    let mut line = Line::dial(person).await.unwrap();
    let hello = ClientMessage::Hello {
        protocols: vec![protocol::PROTOCOL_VERSION],
        resume: Vec::new(),
        tab: name.to_owned(),
    };
    line.ask(hello).await.unwrap();
    line
}

/// Alice and Bob, and where they write to each other.
struct Pair {
    world: World,
    alice: Person,
    bob: Person,
    place: ConversationId,
}

async fn pair() -> Pair {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.direct(&bob).await;
    Pair {
        world,
        alice,
        bob,
        place,
    }
}

/// Both in a call, each with a line: the caller first.
struct Talk {
    pair: Pair,
    alice: Line,
    bob: Line,
    caller: Joined,
    callee: Joined,
}

async fn talking() -> Talk {
    let pair = pair().await;
    let mut alice = pair.alice.connect().await;
    let mut bob = pair.bob.connect().await;
    let caller = started(&mut alice, pair.place).await;
    let call_id = ring(&mut bob).await.call_id;
    let callee = joined(&mut bob, call_id).await;
    connection(&mut alice, callee.peer_id, is_back).await;
    Talk {
        pair,
        alice,
        bob,
        caller,
        callee,
    }
}
