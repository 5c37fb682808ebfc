//! Which part carries out which frame.

use std::sync::Arc;

use protocol::{client::ClientMessage, server::Reply};

use super::hub::Socket;
use crate::{app::App, calls, chat, http::error::ApiError, presence};

/// Does what the frame says. None: it is answered only when refused.
pub(super) async fn carry_out(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    message: ClientMessage,
) -> Result<Option<Reply>, ApiError> {
    let user = socket.user_id;
    match message {
        ClientMessage::Hello { .. } => Err(ApiError::invalid("This socket has said hello.")),
        ClientMessage::Pong => Ok(None),
        ClientMessage::Activity { active } => {
            app.presence.activity(socket, active);
            Ok(None)
        }
        ClientMessage::SetAvailability { availability } => {
            presence::set_availability(app, user, availability).await?;
            Ok(Some(Reply::Done))
        }
        ClientMessage::SendMessage {
            conversation_id,
            nonce,
            text,
            call_id,
        } => {
            let entry = chat::send(app, user, conversation_id, nonce, text, call_id).await?;
            Ok(Some(Reply::Sent { entry }))
        }
        ClientMessage::EditMessage {
            conversation_id,
            message_id,
            text,
        } => {
            let entry = chat::edit(app, user, conversation_id, message_id, text).await?;
            Ok(Some(Reply::Sent { entry }))
        }
        ClientMessage::DeleteMessage {
            conversation_id,
            message_id,
        } => {
            let entry = chat::delete(app, user, conversation_id, message_id).await?;
            Ok(Some(Reply::Sent { entry }))
        }
        ClientMessage::MarkRead {
            conversation_id,
            seq,
        } => {
            chat::mark_read(app, user, conversation_id, seq).await?;
            Ok(Some(Reply::Done))
        }
        ClientMessage::Typing { conversation_id } => {
            chat::typing(app, user, conversation_id).await?;
            Ok(None)
        }
        message @ (ClientMessage::CallStart { .. }
        | ClientMessage::CallJoin { .. }
        | ClientMessage::CallLeave { .. }
        | ClientMessage::CallEndForAll { .. }
        | ClientMessage::CallHost { .. }
        | ClientMessage::CallAdd { .. }
        | ClientMessage::CallStopRing { .. }
        | ClientMessage::CallStay { .. }
        | ClientMessage::CallGet { .. }
        | ClientMessage::CallChange { .. }
        | ClientMessage::CallMediaState { .. }
        | ClientMessage::RingAcknowledge { .. }
        | ClientMessage::RingPrepare { .. }
        | ClientMessage::RingDecline { .. }
        | ClientMessage::CallSignal { .. }
        | ClientMessage::MediaOffer { .. }) => calls::carry_out(app, socket, message).await,
    }
}
