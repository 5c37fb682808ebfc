//! Who is rung, by whom, and what they answer.

use std::{sync::Arc, time::Duration};

use domain::{
    access::Action,
    call::{
        Call, CallError, CallRecord, Circumstances, Input, Reach, RingTarget,
        is_called_over_and_over, rings_with_all,
    },
    conversation::people_to_add,
    working_hours::is_off_hours,
};
use protocol::{
    CallId, ConversationId, DeviceId, ErrorCode, UserId,
    conversation::ConversationKind,
    limits::{self, CALL_ADD_MAX, RING_UNASKED_MAX},
    rest::CreateConversationRequest,
    server::Reply,
};

use super::{
    commands::{hand_in, hand_in_all, reachable},
    refusal::refuse,
};
use store::Wishes;

use crate::{app::App, chat, clock, conversations, gateway::hub::Socket, http::error::ApiError};

/// How far back the calls of somebody who calls over and over are looked at. The rules say which of
/// them count.
const PAST: Duration = Duration::from_secs(10 * 60);

/// Whether a person was asked and means to ring many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(pub(super) bool);

/// The others of a conversation whose starter rings it, where they have not chosen otherwise.
pub(super) async fn members(
    app: &App,
    caller: UserId,
    place: (ConversationId, ConversationKind),
    members: &[UserId],
    asked: Asked,
) -> Result<Vec<RingTarget>, ApiError> {
    let (conversation_id, kind) = place;
    let mut wishes = app.store.wishes(conversation_id, members).await?;
    wishes.retain(|person| rings_with_all(kind, person.preferences));
    targets(app, caller, wishes, asked).await
}

/// These people but the caller, and what stands between them and a ring.
async fn targets(
    app: &App,
    caller: UserId,
    people: Vec<Wishes>,
    asked: Asked,
) -> Result<Vec<RingTarget>, ApiError> {
    let now = clock::now();
    let past = app.store.own_calls_since(caller, now - PAST).await?;
    let past: Vec<CallRecord> = past.into_iter().map(Call::into_record).collect();
    let target = |person: Wishes| {
        let user_id = person.user_id;
        let circumstances = Circumstances {
            availability: person.availability,
            in_a_call: app.calls.roster().is_in_a_call(user_id),
            off_hours: is_off_hours(person.working_hours, now),
            called_over_and_over: is_called_over_and_over(&past, user_id, now),
        };
        RingTarget {
            user_id,
            devices: app.hub.devices(user_id),
            reach: circumstances.reach(),
            muted: person.preferences.muted,
        }
    };
    let others = people.into_iter().filter(|person| person.user_id != caller);
    let targets: Vec<RingTarget> = others.map(target).collect();
    let reached = targets
        .iter()
        .filter(|target| target.reach != Reach::DoNotDisturb)
        .count();
    if reached > RING_UNASKED_MAX && !asked.0 {
        return Err(ApiError::new(
            ErrorCode::RingsMany,
            format!("This would ring {reached} people. Ask whether that is meant."),
        ));
    }
    Ok(targets)
}

/// Asks people into a call. A direct message's goes on in a group of its two and them.
pub(super) async fn add(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    user_ids: Vec<UserId>,
    asked: Asked,
) -> Result<Reply, ApiError> {
    let by = socket.user_id;
    let call = reachable(app, by, call_id, Action::AddToCall).await?;
    if user_ids.len() > CALL_ADD_MAX {
        return Err(ApiError::too_large(format!(
            "At most {CALL_ADD_MAX} people can be asked in at once."
        )));
    }
    let mut people = people_to_add(user_ids)?;
    // Before anybody is made a member for the sake of a call they cannot be asked into.
    if let Some(ended) = call.record().ended {
        return Err(refuse(CallError::Ended(ended.reason)));
    }
    if !call.live().any(|leg| leg.user_id == by) {
        return Err(refuse(CallError::NotInCall));
    }
    people.retain(|user| !call.live().any(|leg| leg.user_id == *user));
    let conversation_id = call.record().conversation_id;
    let members = app.store.member_ids(conversation_id).await?;
    let mut new = people.clone();
    new.retain(|user| !members.contains(user));
    // Asked in by name: also who is not rung with all the others.
    let wishes = app.store.wishes(conversation_id, &people).await?;
    let targets = targets(app, by, wishes, asked).await?;
    let mut inputs = Vec::new();
    if !new.is_empty() {
        match call.record().kind {
            ConversationKind::Direct => inputs.push(Input::GoOnIn {
                by,
                conversation_id: group(app, by, members, new).await?,
            }),
            ConversationKind::Group | ConversationKind::Channel => {
                conversations::add_members(app, by, conversation_id, new).await?;
            }
        }
    }
    inputs.push(Input::Ring {
        by,
        targets,
        timeout: limits::RING_TIMEOUT,
    });
    let call = hand_in_all(app, call_id, inputs).await?;
    Ok(Reply::Call { call: call.state() })
}

/// A new group of these.
async fn group(
    app: &Arc<App>,
    by: UserId,
    mut members: Vec<UserId>,
    new: Vec<UserId>,
) -> Result<ConversationId, ApiError> {
    members.extend(new);
    let request = CreateConversationRequest::Group {
        name: None,
        members,
    };
    let group = conversations::create(app, by, request).await?;
    Ok(group.conversation.id)
}

pub(super) async fn stop(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
    user_id: UserId,
) -> Result<Reply, ApiError> {
    let by = socket.user_id;
    reachable(app, by, call_id, Action::AddToCall).await?;
    hand_in(app, call_id, Input::StopRinging { by, user_id }).await?;
    Ok(Reply::Done)
}

pub(super) async fn acknowledge(
    app: &Arc<App>,
    user_id: UserId,
    device_id: DeviceId,
    call_id: CallId,
) -> Result<Call, ApiError> {
    reachable(app, user_id, call_id, Action::SeeCall).await?;
    hand_in(app, call_id, Input::RingAcknowledged { user_id, device_id }).await
}

/// Says no, and why: that is a message in the conversation, which the caller has before the ring is
/// over. Said again it is the same message.
pub(super) async fn decline(
    app: &Arc<App>,
    user_id: UserId,
    device_id: DeviceId,
    call_id: CallId,
    message: Option<String>,
) -> Result<(), ApiError> {
    let call = reachable(app, user_id, call_id, Action::SeeCall).await?;
    let mut rings = call.record().rings.iter();
    let is_rung = rings.any(|ring| ring.user_id == user_id && ring.goes_on());
    if let Some(text) = message.filter(|_| is_rung) {
        let nonce = format!("decline-{call_id}");
        let conversation_id = call.record().conversation_id;
        chat::send(app, user_id, conversation_id, nonce, text, Some(call_id)).await?;
    }
    hand_in(app, call_id, Input::RingDeclined { user_id, device_id }).await?;
    Ok(())
}
