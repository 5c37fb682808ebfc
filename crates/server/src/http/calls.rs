//! Calls that were: the log and the details. Live calls are the socket's.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use cluster::Audience;
use domain::access::Action;
use protocol::{
    CallId,
    call::{CallDetails, CallLogFilter, CallLogPage},
    limits,
    server::ServerMessage,
};
use serde::Deserialize;

use super::{
    error::ApiError,
    extract::{Asked, Id, SignedIn},
};
use crate::{app::App, chat, clock};

const PAGE_DEFAULT: u32 = 50;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogAsked {
    filter: Option<CallLogFilter>,
    /// Calls older than this one.
    before: Option<CallId>,
    limit: Option<u32>,
}

/// One's own calls, newest first
#[utoipa::path(get, path = "/calls", params(LogAsked), responses((status = 200, body = CallLogPage)))]
pub async fn log(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Asked(asked): Asked<LogAsked>,
) -> Result<Json<CallLogPage>, ApiError> {
    let filter = asked.filter.unwrap_or(CallLogFilter::All);
    let limit = asked
        .limit
        .unwrap_or(PAGE_DEFAULT)
        .clamp(1, limits::CALL_LOG_PAGE_MAX);
    Ok(Json(
        app.store
            .call_log(who.user_id, filter, asked.before, limit)
            .await?,
    ))
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

/// The missed calls have been looked at
#[utoipa::path(post, path = "/calls/seen", responses((status = 204)))]
pub async fn seen(State(app): State<Arc<App>>, who: SignedIn) -> Result<StatusCode, ApiError> {
    app.store
        .mark_missed_seen(who.user_id, clock::now())
        .await?;
    let message = ServerMessage::MissedCalls { unseen: 0 };
    app.hub
        .publish(Audience::Users(vec![who.user_id]), &message);
    Ok(StatusCode::NO_CONTENT)
}
