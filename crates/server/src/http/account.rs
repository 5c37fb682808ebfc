//! Coming in, going out, and one's own account.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use protocol::{
    DeviceId, ErrorCode,
    account::{Me, WorkingHours},
    rest::{
        ChangePasswordRequest, DeviceList, LoginRequest, SetupRequest, SetupStatus, UpdateMeRequest,
    },
};

use super::{
    error::ApiError,
    extract::{Address, Body, Id, SignedIn, UserAgent},
};
use crate::{app::App, people, setup, sign_in};

/// Whether the workspace waits for its first admin, and whether one is signed in
#[utoipa::path(get, path = "/setup", responses((status = 200, body = SetupStatus)))]
pub async fn setup_status(
    State(app): State<Arc<App>>,
    who: Result<SignedIn, ApiError>,
) -> Result<Json<SetupStatus>, ApiError> {
    let signed_in = match who {
        Ok(_) => true,
        Err(refusal) if refusal.code() == ErrorCode::Unauthenticated => false,
        Err(fault) => return Err(fault),
    };
    let needed = !signed_in && app.store.workspace().await?.is_none();
    Ok(Json(SetupStatus { needed, signed_in }))
}

/// Make the workspace and its first admin by the printed link, and sign in
#[utoipa::path(
    post,
    path = "/setup",
    request_body = SetupRequest,
    responses((status = 200, body = Me))
)]
pub async fn set_up(
    State(app): State<Arc<App>>,
    Address(address): Address,
    UserAgent(user_agent): UserAgent,
    Body(request): Body<SetupRequest>,
) -> Result<impl IntoResponse, ApiError> {
    app.limits.try_address(address)?;
    let user = setup::set_up(&app, request).await?;
    let signed_in = sign_in::start(&app, user, &user_agent).await?;
    let me = people::me(&app, user, signed_in.device_id).await?;
    Ok(([(header::SET_COOKIE, signed_in.cookie)], Json(me)))
}

/// Sign in
#[utoipa::path(
    post,
    path = "/auth/login",
    request_body = LoginRequest,
    responses((status = 200, body = Me))
)]
pub async fn login(
    State(app): State<Arc<App>>,
    Address(address): Address,
    UserAgent(user_agent): UserAgent,
    Body(LoginRequest { email, password }): Body<LoginRequest>,
) -> Result<impl IntoResponse, ApiError> {
    app.limits.try_address(address)?;
    app.limits.try_email(&email)?;
    let user = sign_in::check(&app, &email, password).await?;
    let signed_in = sign_in::start(&app, user, &user_agent).await?;
    let me = people::me(&app, user, signed_in.device_id).await?;
    Ok(([(header::SET_COOKIE, signed_in.cookie)], Json(me)))
}

/// Sign out on this device
#[utoipa::path(post, path = "/auth/logout", responses((status = 204)))]
pub async fn logout(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<impl IntoResponse, ApiError> {
    sign_in::end(&app, who.user_id, who.device_id).await?;
    let cookie = sign_in::ended_cookie(&app)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Who one is
#[utoipa::path(get, path = "/auth/me", responses((status = 200, body = Me)))]
pub async fn me(State(app): State<Arc<App>>, who: SignedIn) -> Result<Json<Me>, ApiError> {
    Ok(Json(people::me(&app, who.user_id, who.device_id).await?))
}

/// Where one is signed in
#[utoipa::path(get, path = "/sessions", responses((status = 200, body = DeviceList)))]
pub async fn devices(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<Json<DeviceList>, ApiError> {
    let devices = sign_in::devices(&app, who.user_id, who.device_id).await?;
    Ok(Json(DeviceList { devices }))
}

/// Sign out on any of one's devices
#[utoipa::path(
    delete,
    path = "/sessions/{device}",
    params(("device" = DeviceId, Path)),
    responses((status = 204))
)]
pub async fn sign_out(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(device): Id<DeviceId>,
) -> Result<StatusCode, ApiError> {
    sign_in::end(&app, who.user_id, device).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's name, e-mail address, or whether to answer at once
#[utoipa::path(
    patch,
    path = "/me",
    request_body = UpdateMeRequest,
    responses((status = 200, body = Me))
)]
pub async fn update_me(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(request): Body<UpdateMeRequest>,
) -> Result<Json<Me>, ApiError> {
    Ok(Json(
        people::update_me(&app, who.user_id, who.device_id, request).await?,
    ))
}

/// Have calls ring within these hours only
#[utoipa::path(
    put,
    path = "/me/working-hours",
    request_body = WorkingHours,
    responses((status = 204))
)]
pub async fn set_working_hours(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(hours): Body<WorkingHours>,
) -> Result<StatusCode, ApiError> {
    people::set_working_hours(&app, who.user_id, Some(hours)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have calls ring at any time
#[utoipa::path(delete, path = "/me/working-hours", responses((status = 204)))]
pub async fn clear_working_hours(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<StatusCode, ApiError> {
    people::set_working_hours(&app, who.user_id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's password, and sign out everywhere else
#[utoipa::path(
    post,
    path = "/me/password",
    request_body = ChangePasswordRequest,
    responses((status = 204))
)]
pub async fn change_password(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(request): Body<ChangePasswordRequest>,
) -> Result<StatusCode, ApiError> {
    sign_in::change_password(&app, who.user_id, who.device_id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
