//! Messages: written, changed, deleted, read, and about to be written.

use std::sync::Arc;

use cluster::Audience;
use domain::{
    access::{Action, Place, may},
    message::{self, MessageText, Nonce},
};
use protocol::{
    CallId, ConversationId, MessageId, UserId, limits,
    server::ServerMessage,
    timeline::{Entry, TimelinePage},
};
use store::{DeleteMessage, EditMessage, NewMessage, Sent};

use crate::{
    app::App,
    clock::{self, Fresh},
    http::error::ApiError,
};

/// The person's place in the conversation, if they may do this there.
pub async fn allowed(
    app: &App,
    user: UserId,
    conversation: ConversationId,
    action: Action,
) -> Result<Place, ApiError> {
    let place = app
        .store
        .place(user, conversation)
        .await?
        .ok_or_else(ApiError::not_found)?;
    may(&place, action)?;
    Ok(place)
}

/// Writes a message; the same nonce again gives the entry there is.
///
/// The statement that writes it looks for itself whether the author may, so the rules are asked only
/// where it wrote nothing: they say why.
pub async fn send(
    app: &Arc<App>,
    user: UserId,
    conversation_id: ConversationId,
    nonce: String,
    text: String,
    call_id: Option<CallId>,
) -> Result<Entry, ApiError> {
    let nonce = Nonce::parse(nonce)?;
    let text = MessageText::parse(text).map_err(ApiError::text("text"))?;
    let at = clock::now();
    let message = NewMessage {
        id: MessageId::fresh(at),
        conversation_id,
        author: user,
        nonce: nonce.into_string(),
        mentions: message::mentions(&text),
        text: text.into_string(),
        call_id,
        at,
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        match own.store.send_message(message).await {
            Ok(Sent {
                entry,
                duplicate: false,
            }) => {
                own.metrics.messages.add_one();
                own.hub.publish_entries(vec![entry.clone()]);
                Ok(entry)
            }
            other => {
                allowed(&own, user, conversation_id, Action::Post).await?;
                Ok(other?.entry)
            }
        }
    })
    .await
}

/// Gives a message of one's own another text.
pub async fn edit(
    app: &Arc<App>,
    user: UserId,
    conversation_id: ConversationId,
    message_id: MessageId,
    text: String,
) -> Result<Entry, ApiError> {
    allowed(app, user, conversation_id, Action::EditOwn).await?;
    let author = author(app, conversation_id, message_id).await?;
    if author != user {
        return Err(ApiError::forbidden("Only its author can change a message."));
    }
    let text = MessageText::parse(text).map_err(ApiError::text("text"))?;
    let edit = EditMessage {
        conversation_id,
        message_id,
        by: user,
        mentions: message::mentions(&text),
        text: text.into_string(),
        at: clock::now(),
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entry = own.store.edit_message(edit).await?;
        own.hub.publish_entries(vec![entry.clone()]);
        Ok(entry)
    })
    .await
}

/// Erases a message.
pub async fn delete(
    app: &Arc<App>,
    user: UserId,
    conversation_id: ConversationId,
    message_id: MessageId,
) -> Result<Entry, ApiError> {
    let place = allowed(app, user, conversation_id, Action::Read).await?;
    let author = author(app, conversation_id, message_id).await?;
    let action = if author == user {
        Action::DeleteOwn
    } else {
        Action::DeleteOthers
    };
    may(&place, action)?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let delete = DeleteMessage {
            conversation_id,
            message_id,
            by: user,
            at: clock::now(),
        };
        let entry = own.store.delete_message(delete).await?;
        own.hub.publish_entries(vec![entry.clone()]);
        Ok(entry)
    })
    .await
}

/// Remembers how far the person has read and tells their other devices.
pub async fn mark_read(
    app: &Arc<App>,
    user: UserId,
    conversation_id: ConversationId,
    seq: u64,
) -> Result<(), ApiError> {
    allowed(app, user, conversation_id, Action::MarkRead).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let read = own.store.mark_read(user, conversation_id, seq).await?;
        let message = ServerMessage::Read {
            conversation_id,
            read,
        };
        own.hub.publish(Audience::Users(vec![user]), &message);
        Ok(())
    })
    .await
}

/// Tells the others that the person is writing.
pub async fn typing(
    app: &App,
    user_id: UserId,
    conversation_id: ConversationId,
) -> Result<(), ApiError> {
    allowed(app, user_id, conversation_id, Action::Type).await?;
    let message = ServerMessage::Typing {
        conversation_id,
        user_id,
    };
    app.hub.publish(
        Audience::ConversationExcept(conversation_id, user_id),
        &message,
    );
    Ok(())
}

/// Which part of a timeline.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    /// The newest before this number, or of all.
    Before(Option<u64>),
    After(u64),
}

/// Part of a timeline.
pub async fn page(
    app: &App,
    user: UserId,
    conversation: ConversationId,
    range: Range,
    limit: Option<u32>,
) -> Result<TimelinePage, ApiError> {
    allowed(app, user, conversation, Action::Read).await?;
    let limit = limit
        .unwrap_or(limits::TIMELINE_PAGE_DEFAULT)
        .clamp(1, limits::TIMELINE_PAGE_MAX);
    let page = match range {
        Range::Before(before) => {
            app.store
                .page_before(user, conversation, before, limit)
                .await?
        }
        Range::After(after) => {
            app.store
                .page_after(user, conversation, after, limit)
                .await?
        }
    };
    Ok(page)
}

async fn author(
    app: &App,
    conversation: ConversationId,
    message: MessageId,
) -> Result<UserId, ApiError> {
    let found = app.store.message(conversation, message).await?;
    found
        .map(|found| found.author)
        .ok_or_else(ApiError::not_found)
}
