//! Calls: what people ask of them, what their sockets and media say, and what is told.
//!
//! The rules are in `domain::call`. Each command here loads the call, hands one input to the rules
//! and stores the result, all in one transaction, and then carries out what the rules asked for.
//! In memory is only what may be lost: which socket a participant is on and when it was last heard,
//! who is in which call for what is of the moment, and whose turn it is.

pub mod announce;
mod commands;
mod prepare;
mod refusal;
mod retention;
mod rings;
mod roster;
mod signal;
mod sweep;
mod turns;
mod view;
mod vouchers;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cluster::Audience;
use protocol::{
    CallId, ConversationId, DeviceId, UserId,
    client::ClientMessage,
    server::{Reply, ServerMessage},
};
use tokio::sync::Notify;

use self::{rings::Asked, roster::Roster, turns::Turns, vouchers::Vouchers};
use crate::{app::App, clock, gateway::hub::Socket, http::error::ApiError, sign_in};

pub use self::{
    retention::forget_old,
    sweep::{drain_media, run as sweep, take_media_events},
    view::{Greeting, greeting},
};

/// What this node knows of calls beyond the store.
#[derive(Debug, Default)]
pub struct Calls {
    vouchers: Mutex<Vouchers>,
    roster: Mutex<Roster>,
    turns: Turns,
    retention_changed: Notify,
}

impl Calls {
    /// How long calls are kept has changed: what is too old is forgotten now.
    pub fn note_retention(&self) {
        self.retention_changed.notify_one();
    }

    fn vouchers(&self) -> MutexGuard<'_, Vouchers> {
        self.vouchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does what a frame about calls says. None: it is answered only when refused.
pub async fn carry_out(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    message: ClientMessage,
) -> Result<Option<Reply>, ApiError> {
    match message {
        ClientMessage::CallStart {
            conversation_id,
            media,
            state,
            ring,
            ring_many,
        } => {
            let ring = ring.then_some(Asked(ring_many));
            commands::start(app, socket, conversation_id, media, state, ring)
                .await
                .map(Some)
        }
        ClientMessage::CallJoin {
            call_id,
            state,
            move_here,
        } => commands::join(app, socket, call_id, state, move_here)
            .await
            .map(Some),
        ClientMessage::CallLeave { call_id, peer_id } => {
            commands::leave(app, socket, call_id, peer_id)
                .await
                .map(Some)
        }
        ClientMessage::CallEndForAll { call_id } => {
            commands::end_for_all(app, socket, call_id).await.map(Some)
        }
        ClientMessage::CallHost { call_id, act } => {
            commands::host(app, socket, call_id, act).await.map(Some)
        }
        ClientMessage::CallAdd {
            call_id,
            user_ids,
            ring_many,
        } => rings::add(app, socket, call_id, user_ids, Asked(ring_many))
            .await
            .map(Some),
        ClientMessage::CallStopRing { call_id, user_id } => {
            rings::stop(app, socket, call_id, user_id).await.map(Some)
        }
        ClientMessage::CallStay { call_id, peer_id } => {
            commands::stay(app, socket, call_id, peer_id)
                .await
                .map(Some)
        }
        ClientMessage::CallGet { call_id } => commands::get(app, socket, call_id).await.map(Some),
        ClientMessage::CallChange {
            call_id,
            peer_id,
            change,
        } => commands::change(app, socket, call_id, peer_id, change)
            .await
            .map(Some),
        ClientMessage::CallMediaState {
            call_id,
            peer_id,
            epoch,
            connected,
        } => commands::media_state(app, socket, call_id, peer_id, epoch, connected)
            .await
            .map(Some),
        ClientMessage::RingAcknowledge { call_id } => {
            rings::acknowledge(app, socket.user_id, socket.device_id, call_id)
                .await
                .map(|_| None)
        }
        ClientMessage::RingPrepare { call_id } => {
            prepare::prepare(app, socket, call_id).await.map(Some)
        }
        ClientMessage::RingDecline { call_id, message } => {
            rings::decline(app, socket.user_id, socket.device_id, call_id, message)
                .await
                .map(|()| Some(Reply::Done))
        }
        ClientMessage::CallSignal {
            call_id,
            peer_id,
            to,
            epoch,
            signal,
        } => {
            let letter = signal::Letter {
                call_id,
                from: peer_id,
                to,
                epoch,
            };
            signal::relay(app, socket, letter, signal).await.map(Some)
        }
        ClientMessage::MediaOffer {
            call_id,
            peer_id,
            epoch,
            direction,
            session,
            sdp,
        } => {
            let offer = signal::Offer {
                call_id,
                peer_id,
                epoch,
                direction,
                session,
                sdp,
            };
            signal::media_offer(app, socket, offer).await.map(Some)
        }
        ClientMessage::Hello { .. }
        | ClientMessage::Pong
        | ClientMessage::Activity { .. }
        | ClientMessage::SetAvailability { .. }
        | ClientMessage::SendMessage { .. }
        | ClientMessage::EditMessage { .. }
        | ClientMessage::DeleteMessage { .. }
        | ClientMessage::MarkRead { .. }
        | ClientMessage::Typing { .. } => Err(ApiError::invalid("This frame is not about a call.")),
    }
}

/// A device shows the ring. Tells whether the call still rings its person.
pub async fn acknowledge(
    app: &Arc<App>,
    user_id: UserId,
    device_id: DeviceId,
    call_id: CallId,
) -> Result<bool, ApiError> {
    let call = rings::acknowledge(app, user_id, device_id, call_id).await?;
    Ok(call.ring_for(user_id).is_some())
}

/// The person declines, by that device.
pub async fn decline(
    app: &Arc<App>,
    user_id: UserId,
    device_id: DeviceId,
    call_id: CallId,
) -> Result<(), ApiError> {
    rings::decline(app, user_id, device_id, call_id, None).await
}

/// A socket is there and has its snapshot: its tab's participants may come back, and rings still
/// going are offered to its device.
pub async fn socket_opened(app: &Arc<App>, socket: &Arc<Socket>) {
    if let Err(error) = commands::reattach(app, socket).await {
        let code = error.code();
        tracing::warn!(user_id = %socket.user_id, ?code, "a socket has not found its calls");
    }
}

/// A socket is gone: its participants have a lease from its last word.
pub async fn socket_closed(app: &Arc<App>, socket: &Arc<Socket>) {
    let lost = app.calls.vouchers().close(socket.id);
    if lost.is_empty() {
        return;
    }
    let signed_in = sign_in::is_valid(app, socket.user_id, socket.device_id).await;
    for (call_id, peer_id, evidence_at) in lost {
        if signed_in {
            commands::socket_lost(app, call_id, peer_id, evidence_at).await;
        } else {
            commands::signed_out(app, call_id, socket.user_id, socket.device_id).await;
        }
    }
}

/// The page says that it closes, which a reload says too.
pub async fn page_closing(app: &Arc<App>, socket: &Arc<Socket>) {
    let held = app.calls.vouchers().held(socket.id);
    for (call_id, peer_id) in held {
        commands::page_closing(app, call_id, peer_id).await;
    }
}

/// Something came in on a socket.
pub fn socket_evidence(app: &App, socket: &Socket) {
    app.calls.vouchers().heard(socket.id, clock::now());
}

/// The person is no member of the conversation any more: out of its call too.
pub async fn member_removed(app: &Arc<App>, conversation_id: ConversationId, user_id: UserId) {
    commands::member_removed(app, conversation_id, user_id).await;
}

/// People are new to the conversation: they see its live call.
pub async fn show_live(app: &App, conversation_id: ConversationId, people: &[UserId]) {
    // In turn, or a call that is just ending would be shown after its end.
    let _turn = app.calls.turns.take(conversation_id).await;
    match app.store.live_call(conversation_id).await {
        Ok(Some(live)) => {
            let message = ServerMessage::Call { call: live.state() };
            app.hub.publish(Audience::Users(people.to_vec()), &message);
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%conversation_id, %error, "a live call was not shown"),
    }
}

/// The conversation is archived: its call is over.
pub async fn archived(app: &Arc<App>, conversation_id: ConversationId, _by: UserId) {
    commands::archived(app, conversation_id).await;
}
