//! Notifications on this device, and what its service worker says of a ring without a page.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    CallId,
    push::{PushStatus, PushSubscriptionRequest, RingStanding},
};

use super::{
    error::ApiError,
    extract::{Body, Id, SignedIn},
};
use crate::{app::App, calls, push};

/// Whether and how this device gets pushes
#[utoipa::path(get, path = "/push", responses((status = 200, body = PushStatus)))]
pub async fn status(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<Json<PushStatus>, ApiError> {
    Ok(Json(push::status(&app, who.device_id).await?))
}

/// Have this device's pushes sent to its browser's push service
#[utoipa::path(
    put,
    path = "/push/subscription",
    request_body = PushSubscriptionRequest,
    responses((status = 204))
)]
pub async fn subscribe(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(request): Body<PushSubscriptionRequest>,
) -> Result<StatusCode, ApiError> {
    push::subscribe(&app, who.user_id, who.device_id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have this device get no more pushes
#[utoipa::path(delete, path = "/push/subscription", responses((status = 204)))]
pub async fn unsubscribe(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<StatusCode, ApiError> {
    app.store.clear_push_subscription(who.device_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Push to this device now
#[utoipa::path(post, path = "/push/test", responses((status = 204)))]
pub async fn test(State(app): State<Arc<App>>, who: SignedIn) -> Result<StatusCode, ApiError> {
    app.limits.try_push(who.device_id)?;
    push::test(&app, who.device_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// This device shows a call's ring
#[utoipa::path(
    post,
    path = "/calls/{call}/acknowledge",
    params(("call" = CallId, Path)),
    responses((status = 200, body = RingStanding))
)]
pub async fn acknowledge(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(call): Id<CallId>,
) -> Result<Json<RingStanding>, ApiError> {
    let rings = calls::acknowledge(&app, who.user_id, who.device_id, call).await?;
    Ok(Json(RingStanding { rings }))
}

/// Decline a call that rings
#[utoipa::path(
    post,
    path = "/calls/{call}/decline",
    params(("call" = CallId, Path)),
    responses((status = 204))
)]
pub async fn decline(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(call): Id<CallId>,
) -> Result<StatusCode, ApiError> {
    calls::decline(&app, who.user_id, who.device_id, call).await?;
    Ok(StatusCode::NO_CONTENT)
}
