//! One function for each thing that can be asked of a call, and the one way through them all.

use std::sync::Arc;

use domain::{
    access::Action,
    call::{Call, CallError, Input, JoinInput, Reach, RingTarget, StartInput},
};
use protocol::{
    CallId, ConversationId, PeerId, Timestamp, UserId,
    call::{CallMedia, ParticipantChange},
    conversation::ConversationKind,
    limits,
    server::{Joined, Reply},
};
use store::StoreError;

use super::{announce, refusal::refuse, view};
use crate::{
    app::App,
    chat::allowed,
    clock::{self, Fresh},
    gateway::hub::Socket,
    http::error::ApiError,
};

/// Starts the conversation's call, or joins the live one: two who press at once are in the same.
pub(super) async fn start(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    conversation_id: ConversationId,
    media: CallMedia,
    state: ParticipantChange,
    ring: bool,
) -> Result<Reply, ApiError> {
    let place = allowed(app, socket.user_id, conversation_id, Action::StartCall).await?;
    if let Some(live) = app.store.live_call(conversation_id).await? {
        return join(app, socket, live.record().id, state).await;
    }
    let members = app.store.member_ids(conversation_id).await?;
    let ring = match place.kind {
        ConversationKind::Channel => Vec::new(),
        ConversationKind::Direct | ConversationKind::Group if !ring => Vec::new(),
        ConversationKind::Direct | ConversationKind::Group => {
            ring_targets(app, socket.user_id, &members).await?
        }
    };
    let now = clock::now();
    let input = StartInput {
        call_id: CallId::fresh(now),
        conversation_id,
        kind: place.kind,
        member_count: members.len(),
        media,
        starter: join_input(socket, state, now),
        ring,
        ring_timeout: limits::RING_TIMEOUT,
    };
    let peer_id = input.starter.peer_id;
    let call_id = input.call_id;
    let call = Call::start(input, now).map_err(refuse)?;
    let app = Arc::clone(app);
    let socket = Arc::clone(socket);
    let again = Arc::clone(&app);
    let work = async move {
        app.calls.vouchers().vouch(socket.id, call_id, peer_id, now);
        match app.store.start_call(call).await {
            Ok(changed) => {
                let call = announce::carry_out(&app, changed.call, changed.entries).await;
                Ok(Some(joined(&app, &call, peer_id)))
            }
            Err(StoreError::AlreadyExists(_)) => {
                app.calls.vouchers().release(peer_id);
                // Somebody was faster: theirs is the call.
                let live = app.store.live_call(conversation_id).await?;
                match live {
                    Some(live) => join(&app, &socket, live.record().id, state).await.map(Some),
                    None => Ok(None),
                }
            }
            Err(error) => {
                app.calls.vouchers().release(peer_id);
                Err(error.into())
            }
        }
    };
    // Theirs is over already: the next press starts one.
    again.carry_through(work).await?.ok_or_else(ApiError::unavailable)
}

/// Everybody of the conversation but the caller, and what stands between them and a ring.
async fn ring_targets(
    app: &App,
    caller: UserId,
    members: &[UserId],
) -> Result<Vec<RingTarget>, ApiError> {
    let mut targets = Vec::new();
    for user_id in members.iter().copied().filter(|user| *user != caller) {
        let reach = if app.store.is_do_not_disturb(user_id).await? {
            Reach::DoNotDisturb
        } else if app.calls.roster().is_in_a_call(user_id) {
            Reach::Busy
        } else {
            Reach::Free
        };
        targets.push(RingTarget { user_id, devices: app.hub.devices(user_id), reach });
    }
    Ok(targets)
}

fn join_input(socket: &Socket, state: ParticipantChange, now: Timestamp) -> JoinInput {
    JoinInput {
        user_id: socket.user_id,
        device_id: socket.device_id,
        device_name: socket.device_name.clone(),
        tab: socket.tab.clone(),
        peer_id: PeerId::fresh(now),
        state,
    }
}

fn joined(app: &App, call: &Call, peer_id: PeerId) -> Reply {
    let joined = Joined {
        peer_id,
        call: call.state(),
        media: view::media_setup(app, call),
        server_time: clock::now(),
    };
    Reply::Joined { joined: Box::new(joined) }
}

/// Joins a live call, which also answers its ring.
pub(super) async fn join(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    state: ParticipantChange,
) -> Result<Reply, ApiError> {
    reachable(app, socket.user_id, call_id, Action::JoinCall).await?;
    let input = join_input(socket, state, clock::now());
    let peer_id = input.peer_id;
    app.calls.vouchers().vouch(socket.id, call_id, peer_id, clock::now());
    match hand_in(app, call_id, Input::Join(input)).await {
        Ok(call) => Ok(joined(app, &call, peer_id)),
        Err(error) => {
            app.calls.vouchers().release(peer_id);
            Err(error)
        }
    }
}

pub(super) async fn leave(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    peer_id: PeerId,
) -> Result<Reply, ApiError> {
    own(app, socket, call_id, peer_id).await?;
    match hand_in(app, call_id, Input::Leave { peer_id }).await {
        Ok(_) => Ok(Reply::Done),
        Err(error) => Err(error),
    }
}

pub(super) async fn end_for_all(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<Reply, ApiError> {
    let call = app.store.call(call_id).await?.ok_or_else(ApiError::not_found)?;
    let starter = call.record().started_by == socket.user_id;
    let conversation_id = call.record().conversation_id;
    allowed(app, socket.user_id, conversation_id, Action::EndCallForAll { starter }).await?;
    hand_in(app, call_id, Input::EndForAll).await?;
    Ok(Reply::Done)
}

pub(super) async fn get(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<Reply, ApiError> {
    let call = reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    match call.record().ended {
        Some(ended) => Err(refuse(CallError::Ended(ended.reason))),
        None => Ok(Reply::Call { call: call.state() }),
    }
}

pub(super) async fn change(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    peer_id: PeerId,
    change: ParticipantChange,
) -> Result<Reply, ApiError> {
    own(app, socket, call_id, peer_id).await?;
    hand_in(app, call_id, Input::Change { peer_id, change }).await?;
    Ok(Reply::Done)
}

pub(super) async fn media_state(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    peer_id: PeerId,
    epoch: u32,
    connected: bool,
) -> Result<Reply, ApiError> {
    own(app, socket, call_id, peer_id).await?;
    hand_in(app, call_id, Input::MediaState { peer_id, epoch, connected }).await?;
    Ok(Reply::Done)
}

pub(super) async fn ring_acknowledge(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<(), ApiError> {
    reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    let (user_id, device_id) = (socket.user_id, socket.device_id);
    hand_in(app, call_id, Input::RingAcknowledged { user_id, device_id }).await?;
    Ok(())
}

pub(super) async fn ring_decline(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<Reply, ApiError> {
    reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    let (user_id, device_id) = (socket.user_id, socket.device_id);
    hand_in(app, call_id, Input::RingDeclined { user_id, device_id }).await?;
    Ok(Reply::Done)
}

/// A socket is there: its tab's participants are vouched for again, and rings still going are
/// offered to its device.
pub(super) async fn reattach(app: &Arc<App>, socket: &Arc<Socket>) -> Result<(), ApiError> {
    let (user_id, device_id) = (socket.user_id, socket.device_id);
    for call in app.store.live_calls_of(user_id).await? {
        let record = call.record();
        let call_id = record.id;
        let own: Vec<PeerId> = record
            .legs
            .iter()
            .filter(|leg| leg.left.is_none() && leg.device_id == device_id && leg.tab == socket.tab)
            .map(|leg| leg.peer_id)
            .collect();
        let is_rung = record
            .rings
            .iter()
            .any(|ring| ring.user_id == user_id && ring.ended_at.is_none());
        for peer_id in own {
            app.calls.vouchers().vouch(socket.id, call_id, peer_id, clock::now());
            ignore_if_over(hand_in(app, call_id, Input::SocketBack { peer_id }).await)?;
        }
        if is_rung {
            let input = Input::DeviceConnected { user_id, device_id };
            ignore_if_over(hand_in(app, call_id, input).await)?;
        }
    }
    Ok(())
}

/// A participant's socket is gone.
pub(super) async fn socket_lost(
    app: &Arc<App>,
    call_id: CallId,
    peer_id: PeerId,
    evidence_at: Timestamp,
) {
    let handed = hand_in(app, call_id, Input::SocketLost { peer_id, evidence_at }).await;
    if let Err(error) = ignore_if_over(handed) {
        tracing::warn!(%call_id, code = ?error.code(), "a lost socket could not be noted");
    }
}

/// The person is out of the conversation, or signed out on that device: out of its call too.
pub async fn remove_person(
    app: &Arc<App>,
    conversation_id: ConversationId,
    user_id: UserId,
) -> Result<(), ApiError> {
    if let Some(live) = app.store.live_call(conversation_id).await? {
        let input = Input::Remove { user_id, device_id: None };
        ignore_if_over(hand_in(app, live.record().id, input).await)?;
    }
    Ok(())
}

/// Between looking and doing, the call may have ended or the participant left. Then there is
/// nothing to do.
pub(super) fn ignore_if_over(handed: Result<Call, ApiError>) -> Result<(), ApiError> {
    use protocol::ErrorCode::{CallEnded, NotFound, NotInCall};
    match handed {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.code(), CallEnded | NotInCall | NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The call, if this person may do that in its conversation.
async fn reachable(
    app: &App,
    user: UserId,
    call_id: CallId,
    action: Action,
) -> Result<Call, ApiError> {
    let call = app.store.call(call_id).await?.ok_or_else(ApiError::not_found)?;
    allowed(app, user, call.record().conversation_id, action).await?;
    Ok(call)
}

/// Whether the participant is this socket's. One device must not act for another.
pub(super) async fn own(
    app: &App,
    socket: &Socket,
    call_id: CallId,
    peer_id: PeerId,
) -> Result<Call, ApiError> {
    let call = reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    let is_own = call.record().legs.iter().any(|leg| {
        leg.peer_id == peer_id
            && leg.left.is_none()
            && leg.user_id == socket.user_id
            && leg.device_id == socket.device_id
    });
    if is_own { Ok(call) } else { Err(refuse(CallError::NotInCall)) }
}

/// Hands one input to the rules, stores what came of it, and carries out what they ask for. Once
/// begun it is carried through, even when whoever asked has gone away.
pub(super) async fn hand_in(
    app: &Arc<App>,
    call_id: CallId,
    input: Input,
) -> Result<Call, ApiError> {
    hand_in_all(app, call_id, vec![input]).await
}

/// The same for several inputs in one transaction. A refused one changes nothing.
pub(super) async fn hand_in_all(
    app: &Arc<App>,
    call_id: CallId,
    inputs: Vec<Input>,
) -> Result<Call, ApiError> {
    let app = Arc::clone(app);
    let carrier = Arc::clone(&app);
    let work = async move {
        let now = clock::now();
        let changed = app
            .store
            .change_call(call_id, move |call: &mut Call| {
                inputs.into_iter().try_for_each(|input| call.handle_input(input, now))
            })
            .await?;
        // Also when the input was refused, what was due has happened and is told.
        let call = announce::carry_out(&app, changed.call, changed.entries).await;
        changed.value.map_err(refuse)?;
        Ok(call)
    };
    carrier.carry_through(work).await
}
