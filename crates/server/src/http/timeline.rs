//! A conversation's timeline: read in pages, written to.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    ConversationId, MessageId,
    rest::{EditMessageRequest, MarkReadRequest, SendMessageRequest},
    timeline::{Entry, TimelinePage},
};
use serde::Deserialize;

use super::{
    error::ApiError,
    extract::{Asked, Body, Id, Ids, SignedIn},
};
use crate::{app::App, chat};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageAsked {
    /// Entries with lower numbers, the newest of them; without both: the newest of all.
    before: Option<u64>,
    /// Entries with higher numbers, the oldest of them.
    after: Option<u64>,
    limit: Option<u32>,
}

/// Part of a timeline
#[utoipa::path(
    get,
    path = "/conversations/{conversation}/timeline",
    params(("conversation" = ConversationId, Path), PageAsked),
    responses((status = 200, body = TimelinePage))
)]
pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Asked(asked): Asked<PageAsked>,
) -> Result<Json<TimelinePage>, ApiError> {
    let PageAsked {
        before,
        after,
        limit,
    } = asked;
    let range = match (before, after) {
        (Some(_), Some(_)) => {
            return Err(ApiError::field(
                "after",
                "Ask for before or after, not for both.",
            ));
        }
        (before, None) => chat::Range::Before(before),
        (None, Some(after)) => chat::Range::After(after),
    };
    Ok(Json(
        chat::page(&app, who.user_id, conversation, range, limit).await?,
    ))
}

/// Write a message
///
/// The same nonce again gives the same entry.
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/messages",
    params(("conversation" = ConversationId, Path)),
    request_body = SendMessageRequest,
    responses((status = 200, body = Entry))
)]
pub async fn send(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Body(SendMessageRequest { nonce, text }): Body<SendMessageRequest>,
) -> Result<Json<Entry>, ApiError> {
    let entry = chat::send(&app, who.user_id, conversation, nonce, text, None).await?;
    Ok(Json(entry))
}

/// Change a message of one's own
#[utoipa::path(
    patch,
    path = "/conversations/{conversation}/messages/{message}",
    params(("conversation" = ConversationId, Path), ("message" = MessageId, Path)),
    request_body = EditMessageRequest,
    responses((status = 200, body = Entry))
)]
pub async fn edit(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Ids(conversation, message): Ids<ConversationId, MessageId>,
    Body(EditMessageRequest { text }): Body<EditMessageRequest>,
) -> Result<Json<Entry>, ApiError> {
    Ok(Json(
        chat::edit(&app, who.user_id, conversation, message, text).await?,
    ))
}

/// Erase a message
#[utoipa::path(
    delete,
    path = "/conversations/{conversation}/messages/{message}",
    params(("conversation" = ConversationId, Path), ("message" = MessageId, Path)),
    responses((status = 200, body = Entry))
)]
pub async fn delete(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Ids(conversation, message): Ids<ConversationId, MessageId>,
) -> Result<Json<Entry>, ApiError> {
    Ok(Json(
        chat::delete(&app, who.user_id, conversation, message).await?,
    ))
}

/// Say how far one has read
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/read",
    params(("conversation" = ConversationId, Path)),
    request_body = MarkReadRequest,
    responses((status = 204))
)]
pub async fn mark_read(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Body(MarkReadRequest { seq }): Body<MarkReadRequest>,
) -> Result<StatusCode, ApiError> {
    chat::mark_read(&app, who.user_id, conversation, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
