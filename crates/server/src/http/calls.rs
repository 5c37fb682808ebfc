//! Calls that were: the log and the details. Live calls are the socket's.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use domain::access::Action;
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    call::{CallDetails, CallLogFilter, CallLogPage, CallsSeenRequest},
    limits,
};
use serde::Deserialize;
use store::LogQuery;

use super::{
    error::ApiError,
    extract::{Asked, Body, Id, SignedIn},
};
use crate::{app::App, calls::announce, chat, clock};

const PAGE_DEFAULT: u32 = 50;

/// Which of one's calls; all that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogAsked {
    filter: Option<CallLogFilter>,
    /// Calls this person was in, or was rung by.
    person: Option<UserId>,
    conversation: Option<ConversationId>,
    /// Started then or later, in milliseconds since the Unix epoch.
    from: Option<i64>,
    /// Started before then.
    until: Option<i64>,
    /// A part of the conversation's name, or of the name of somebody else in it.
    text: Option<String>,
    /// Calls older than this one.
    before: Option<CallId>,
    limit: Option<u32>,
    /// Of an export.
    pub format: Option<ExportFormat>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    #[default]
    Json,
    Csv,
}

impl LogAsked {
    pub fn query(self) -> Result<LogQuery, ApiError> {
        let text = self.text.map(|text| text.trim().to_owned());
        let text = text.filter(|text| !text.is_empty());
        if let Some(text) = &text
            && text.chars().count() > limits::CALL_LOG_TEXT_CHARS_MAX
        {
            return Err(ApiError::field("text", "No name is that long."));
        }
        let limit = self.limit.unwrap_or(PAGE_DEFAULT);
        Ok(LogQuery {
            filter: self.filter.unwrap_or(CallLogFilter::All),
            person: self.person,
            conversation: self.conversation,
            from: self.from.map(Timestamp::from_millis),
            until: self.until.map(Timestamp::from_millis),
            text,
            before: self.before,
            limit: limit.clamp(1, limits::CALL_LOG_PAGE_MAX),
        })
    }
}

/// One's own calls, newest first
#[utoipa::path(get, path = "/calls", params(LogAsked), responses((status = 200, body = CallLogPage)))]
pub async fn log(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Asked(asked): Asked<LogAsked>,
) -> Result<Json<CallLogPage>, ApiError> {
    let query = asked.query()?;
    Ok(Json(app.store.call_log(who.user_id, &query).await?))
}

/// Who was in a call, and when
#[utoipa::path(
    get,
    path = "/calls/{call}",
    params(("call" = CallId, Path)),
    responses((status = 200, body = CallDetails))
)]
pub async fn details(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(call): Id<CallId>,
) -> Result<Json<CallDetails>, ApiError> {
    let details = app
        .store
        .call_details(call)
        .await?
        .ok_or_else(ApiError::not_found)?;
    chat::allowed(
        &app,
        who.user_id,
        details.call.conversation_id,
        Action::Read,
    )
    .await?;
    Ok(Json(details))
}

/// Missed calls have been looked at: these, or all
#[utoipa::path(
    post,
    path = "/calls/seen",
    request_body = CallsSeenRequest,
    responses((status = 204))
)]
pub async fn seen(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(CallsSeenRequest { calls }): Body<CallsSeenRequest>,
) -> Result<StatusCode, ApiError> {
    if calls
        .as_ref()
        .is_some_and(|calls| calls.len() > limits::CALLS_SEEN_MAX)
    {
        return Err(ApiError::field("calls", "Too many calls in one request."));
    }
    app.store
        .mark_missed_seen(who.user_id, calls.as_deref(), clock::now())
        .await?;
    announce::tell_missed(&app, who.user_id).await;
    Ok(StatusCode::NO_CONTENT)
}
