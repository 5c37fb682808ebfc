//! Invitations: links that make an account.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use protocol::{
    InviteId,
    account::{InviteCreated, InvitePreview, Me},
    rest::{AcceptInviteRequest, CreateInviteRequest, InviteList},
};

use super::{
    error::ApiError,
    extract::{Address, Body, Id, SignedIn, UserAgent},
};
use crate::{app::App, invites, people, sign_in};

/// Every invitation
#[utoipa::path(get, path = "/invites", responses((status = 200, body = InviteList)))]
pub async fn list(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<Json<InviteList>, ApiError> {
    let invites = invites::list(&app, who.user_id).await?;
    Ok(Json(InviteList { invites }))
}

/// Make an invitation; the only time its link is shown
#[utoipa::path(
    post,
    path = "/invites",
    request_body = CreateInviteRequest,
    responses((status = 200, body = InviteCreated))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(request): Body<CreateInviteRequest>,
) -> Result<Json<InviteCreated>, ApiError> {
    Ok(Json(invites::create(&app, who.user_id, request).await?))
}

/// End an invitation
#[utoipa::path(
    delete,
    path = "/invites/{invite}",
    params(("invite" = InviteId, Path)),
    responses((status = 204))
)]
pub async fn revoke(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(invite): Id<InviteId>,
) -> Result<StatusCode, ApiError> {
    invites::revoke(&app, who.user_id, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link is about, for somebody without an account
#[utoipa::path(
    get,
    path = "/invites/{invite}",
    params(("invite" = String, Path, description = "The link's token")),
    responses((status = 200, body = InvitePreview))
)]
pub async fn preview(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Path(token): Path<String>,
) -> Result<Json<InvitePreview>, ApiError> {
    app.limits.try_address(address)?;
    Ok(Json(invites::preview(&app, &token).await?))
}

/// Make an account by a link, and sign in
#[utoipa::path(
    post,
    path = "/invites/{invite}/accept",
    params(("invite" = String, Path, description = "The link's token")),
    request_body = AcceptInviteRequest,
    responses((status = 200, body = Me))
)]
pub async fn accept(
    State(app): State<Arc<App>>,
    Address(address): Address,
    UserAgent(user_agent): UserAgent,
    Path(token): Path<String>,
    Body(request): Body<AcceptInviteRequest>,
) -> Result<impl IntoResponse, ApiError> {
    app.limits.try_address(address)?;
    let user = invites::accept(&app, &token, request).await?;
    let signed_in = sign_in::start(&app, user, &user_agent).await?;
    let me = people::me(&app, user, signed_in.device_id).await?;
    Ok(([(header::SET_COOKIE, signed_in.cookie)], Json(me)))
}
