//! One function for each thing that can be asked of a call, and the one way through them all.

use std::sync::Arc;

use domain::{
    access::Action,
    call::{Call, CallError, Input, JoinInput, StartInput},
};
use protocol::{
    CallId, ConversationId, DeviceId, ErrorCode, PeerId, Timestamp, UserId,
    call::{CallMedia, HostAct, ParticipantChange},
    conversation::ConversationKind,
    limits,
    server::{Joined, Reply},
};
use tokio::sync::OwnedMutexGuard;

use super::{
    announce,
    refusal::refuse,
    rings::{self, Asked},
    view,
};
use crate::{
    app::App,
    chat::allowed,
    clock::{self, Fresh},
    gateway::hub::Socket,
    http::error::ApiError,
    push,
};

/// Starts the conversation's call, or joins the live one: two who press at once are in the same.
pub(super) async fn start(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    conversation_id: ConversationId,
    media: CallMedia,
    state: ParticipantChange,
    ring: Option<Asked>,
) -> Result<Reply, ApiError> {
    let place = allowed(app, socket.user_id, conversation_id, Action::StartCall).await?;
    let members = app.store.member_ids(conversation_id).await?;
    let ring = match (place.kind, ring) {
        (ConversationKind::Direct | ConversationKind::Group, Some(asked)) => {
            let place = (conversation_id, place.kind);
            rings::members(app, socket.user_id, place, &members, asked).await?
        }
        (ConversationKind::Channel, _) | (_, None) => Vec::new(),
    };
    let input = StartInput {
        call_id: CallId::fresh(clock::now()),
        conversation_id,
        kind: place.kind,
        member_count: members.len(),
        media,
        starter: join_input(socket, state, false),
        ring,
        ring_timeout: limits::RING_TIMEOUT,
    };
    match start_or_join(app, socket, input.clone()).await {
        // The live one was due to end: that it has is noted now, and there is room for this one.
        Err(error) if error.code() == ErrorCode::CallEnded => {
            if let Some(live) = app.store.live_call(conversation_id).await? {
                ignore_if_over(hand_in(app, live.record().id, Input::Timeout).await)?;
            }
            start_or_join(app, socket, input).await
        }
        answered => answered,
    }
}

async fn start_or_join(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    input: StartInput,
) -> Result<Reply, ApiError> {
    let own = Arc::clone(app);
    let socket = socket.id;
    app.carry_through_then(async move {
        let app = own;
        let peer_id = input.starter.peer_id;
        let conversation_id = input.conversation_id;
        let turn = app.calls.turns.take(conversation_id).await;
        let now = clock::now();
        // Before it is stored: nobody must find the participant with nobody to vouch for it.
        app.calls
            .vouchers()
            .vouch(socket, input.call_id, peer_id, now);
        let started = app
            .store
            .start_call(conversation_id, move |live| match live {
                None => Call::start(input, now).map(|call| (call, Vec::new())),
                Some(mut call) => {
                    let rings = call.record().rings.clone();
                    call.handle_input(Input::Join(input.starter), now)?;
                    Ok((call, rings))
                }
            });
        let changed = match started.await.map_err(ApiError::from) {
            Ok(started) => started.map_err(refuse),
            Err(error) => Err(error),
        };
        let changed = changed.inspect_err(|_| app.calls.vouchers().release(peer_id))?;
        let call_id = changed.call.record().id;
        app.calls.vouchers().vouch(socket, call_id, peer_id, now);
        let call = announce::carry_out(&app, changed.call, changed.entries).await;
        let answer = Ok(joined(&app, &call, peer_id));
        let rest = async move {
            push::tell(&app, &changed.value, &call).await;
            drop(turn);
        };
        Ok((answer, rest))
    })
    .await
}

fn join_input(socket: &Socket, state: ParticipantChange, move_here: bool) -> JoinInput {
    JoinInput {
        user_id: socket.user_id,
        device_id: socket.device_id,
        device_name: socket.device_name.clone(),
        tab: socket.tab.clone(),
        peer_id: PeerId::fresh(clock::now()),
        state,
        move_here,
    }
}

fn joined(app: &App, call: &Call, peer_id: PeerId) -> Reply {
    let joined = Joined {
        peer_id,
        call: call.state(),
        media: view::media_setup(app, call),
        server_time: clock::now(),
    };
    Reply::Joined {
        joined: Box::new(joined),
    }
}

/// Joins a live call, which also answers its ring.
pub(super) async fn join(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    state: ParticipantChange,
    move_here: bool,
) -> Result<Reply, ApiError> {
    let call = reachable(app, socket.user_id, call_id, Action::JoinCall).await?;
    let mut input = join_input(socket, state, move_here);
    let prepared = call.prepared(socket.user_id, socket.device_id, &socket.tab);
    input.peer_id = prepared.unwrap_or(input.peer_id);
    let peer_id = input.peer_id;
    app.calls
        .vouchers()
        .vouch(socket.id, call_id, peer_id, clock::now());
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
    let call = reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    // Whoever has left already may say so again.
    let was_own = call.record().legs.iter().any(|leg| {
        leg.peer_id == peer_id && leg.user_id == socket.user_id && leg.device_id == socket.device_id
    });
    if !was_own {
        return Err(refuse(CallError::NotInCall));
    }
    hand_in(app, call_id, Input::Leave { peer_id }).await?;
    Ok(Reply::Done)
}

pub(super) async fn end_for_all(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<Reply, ApiError> {
    let user = socket.user_id;
    reachable_as(app, user, call_id, |call| {
        let host = call.record().started_by == user || call.host() == Some(user);
        Action::EndCallForAll { host }
    })
    .await?;
    hand_in(app, call_id, Input::EndForAll).await?;
    Ok(Reply::Done)
}

pub(super) async fn host(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    act: HostAct,
) -> Result<Reply, ApiError> {
    let by = socket.user_id;
    reachable_as(app, by, call_id, |call| {
        let host = call.host() == Some(by);
        Action::HostCall { host }
    })
    .await?;
    hand_in(app, call_id, Input::Host { by, act }).await?;
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
    let input = Input::MediaState {
        peer_id,
        epoch,
        connected,
    };
    hand_in(app, call_id, input).await?;
    Ok(Reply::Done)
}

/// Whoever is alone says that they stay.
pub(super) async fn stay(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    peer_id: PeerId,
) -> Result<Reply, ApiError> {
    own(app, socket, call_id, peer_id).await?;
    hand_in(app, call_id, Input::Stay { peer_id }).await?;
    Ok(Reply::Done)
}

/// A socket is there. Its tab's participants are given the time to say that they are still in
/// their call: a page that was loaded again may not know of it. Rings still going are offered to
/// its device.
pub(super) async fn reattach(app: &Arc<App>, socket: &Arc<Socket>) -> Result<(), ApiError> {
    let (user_id, device_id) = (socket.user_id, socket.device_id);
    let conversations = app.store.conversation_ids(user_id).await?;
    for call in app.store.live_calls(&conversations).await? {
        let call_id = call.record().id;
        if let Some(leg) = call.of_tab(user_id, device_id, &socket.tab) {
            let input = Input::Evidence {
                peer_id: leg.peer_id,
                at: clock::now(),
            };
            ignore_if_over(hand_in(app, call_id, input).await)?;
        }
        if call.ring_for(user_id).is_some() {
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
    let is_vouched = || app.calls.vouchers().heard_at(peer_id).is_some();
    if is_vouched() {
        return;
    }
    app.media.watch(call_id, peer_id, true);
    let input = Input::SocketLost {
        peer_id,
        evidence_at,
    };
    note(app, call_id, input).await;
    // A newer socket may have said so before this was stored; it has the last word.
    if is_vouched() {
        app.media.watch(call_id, peer_id, false);
        note(app, call_id, Input::SocketBack { peer_id }).await;
    }
}

pub(super) async fn page_closing(app: &Arc<App>, call_id: CallId, peer_id: PeerId) {
    note(app, call_id, Input::PageClosing { peer_id }).await;
}

/// The person is signed out on that device: no lease for it.
pub(super) async fn signed_out(
    app: &Arc<App>,
    call_id: CallId,
    user_id: UserId,
    device_id: DeviceId,
) {
    let input = Input::Remove {
        user_id,
        device_id: Some(device_id),
    };
    note(app, call_id, input).await;
}

/// The person is out of the conversation: out of its call too.
pub(super) async fn member_removed(
    app: &Arc<App>,
    conversation_id: ConversationId,
    user_id: UserId,
) {
    let input = Input::Remove {
        user_id,
        device_id: None,
    };
    note_live(app, conversation_id, input).await;
}

pub(super) async fn archived(app: &Arc<App>, conversation_id: ConversationId) {
    note_live(app, conversation_id, Input::EndForAll).await;
}

async fn note_live(app: &Arc<App>, conversation_id: ConversationId, input: Input) {
    match app.store.live_call(conversation_id).await {
        Ok(Some(live)) => note(app, live.record().id, input).await,
        Ok(None) => {}
        Err(error) => tracing::warn!(%conversation_id, %error, "a live call was not looked for"),
    }
}

/// Hands in what nobody waits for. What is lost here is found again by the review of live calls.
pub(super) async fn note(app: &Arc<App>, call_id: CallId, input: Input) {
    if let Err(error) = ignore_if_over(hand_in(app, call_id, input).await) {
        let code = error.code();
        tracing::warn!(%call_id, ?code, "something that happened to a call was not noted");
    }
}

/// Between looking and doing, the call may have ended or the participant left. Then there is
/// nothing to do.
pub(super) fn ignore_if_over(handed: Result<Call, ApiError>) -> Result<(), ApiError> {
    use ErrorCode::{CallEnded, NotFound, NotInCall};
    match handed {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.code(), CallEnded | NotInCall | NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The call, if this person may do that in its conversation.
pub(super) async fn reachable(
    app: &App,
    user: UserId,
    call_id: CallId,
    action: Action,
) -> Result<Call, ApiError> {
    reachable_as(app, user, call_id, |_| action).await
}

/// The same, where what the person would be doing depends on the call.
async fn reachable_as(
    app: &App,
    user: UserId,
    call_id: CallId,
    action: impl FnOnce(&Call) -> Action,
) -> Result<Call, ApiError> {
    let call = app
        .store
        .call(call_id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let action = action(&call);
    allowed(app, user, call.record().conversation_id, action).await?;
    Ok(call)
}

/// The call, if the participant is this socket's. One device must not act for another. Whatever a
/// page says as its participant says too that it is there, on this socket.
pub(super) async fn own(
    app: &Arc<App>,
    socket: &Socket,
    call_id: CallId,
    peer_id: PeerId,
) -> Result<Call, ApiError> {
    let call = reachable(app, socket.user_id, call_id, Action::SeeCall).await?;
    let leg = call
        .own(peer_id, socket.user_id, socket.device_id)
        .map_err(refuse)?;
    if leg.tab == socket.tab {
        let new = app
            .calls
            .vouchers()
            .claim(socket.id, call_id, peer_id, clock::now());
        if new {
            app.media.watch(call_id, peer_id, false);
        }
        if new && leg.is_away() {
            hand_in(app, call_id, Input::SocketBack { peer_id }).await?;
        }
    }
    Ok(call)
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

/// The same for several inputs in one transaction; the first refused one is the last.
pub(super) async fn hand_in_all(
    app: &Arc<App>,
    call_id: CallId,
    inputs: Vec<Input>,
) -> Result<Call, ApiError> {
    let own = Arc::clone(app);
    app.carry_through_then(async move {
        let app = own;
        let turn = turn_of(&app, call_id).await?;
        let now = clock::now();
        let change = move |call: &mut Call| {
            let rings = call.record().rings.clone();
            let handled = inputs
                .into_iter()
                .try_for_each(|input| call.handle_input(input, now));
            (rings, handled)
        };
        let changed = app.store.change_call(call_id, change).await?;
        let (rings, handled) = changed.value;
        // Also when an input was refused, what was due has happened and is told.
        let call = announce::carry_out(&app, changed.call, changed.entries).await;
        let answer = handled.map(|()| call.clone()).map_err(refuse);
        let rest = async move {
            push::tell(&app, &rings, &call).await;
            drop(turn);
        };
        Ok((answer, rest))
    })
    .await
}

/// Waits for the call's turn. While waiting it may have moved to another conversation.
async fn turn_of(app: &App, call_id: CallId) -> Result<OwnedMutexGuard<()>, ApiError> {
    let mut conversation = conversation_of(app, call_id).await?;
    loop {
        let turn = app.calls.turns.take(conversation).await;
        let now_in = conversation_of(app, call_id).await?;
        if now_in == conversation {
            return Ok(turn);
        }
        conversation = now_in;
    }
}

async fn conversation_of(app: &App, call_id: CallId) -> Result<ConversationId, ApiError> {
    let listed = app.calls.roster().conversation(call_id);
    match listed {
        Some(conversation_id) => Ok(conversation_id),
        None => {
            let call = app
                .store
                .call(call_id)
                .await?
                .ok_or_else(ApiError::not_found)?;
            Ok(call.record().conversation_id)
        }
    }
}
