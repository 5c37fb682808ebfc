//! The people of the workspace, and the workspace.

use std::sync::Arc;

use axum::{Json, extract::State};
use protocol::{
    UserId,
    account::{User, Workspace},
    rest::{UpdateUserRequest, UpdateWorkspaceRequest, UserList},
};

use super::{
    error::ApiError,
    extract::{Body, Id, SignedIn},
};
use crate::{app::App, people};

/// Everybody
#[utoipa::path(get, path = "/users", responses((status = 200, body = UserList)))]
pub async fn list(State(app): State<Arc<App>>, _: SignedIn) -> Result<Json<UserList>, ApiError> {
    let users = app.store.users().await?;
    Ok(Json(UserList { users }))
}

/// Change a person's role, or disable them
#[utoipa::path(
    patch,
    path = "/users/{user}",
    params(("user" = UserId, Path)),
    request_body = UpdateUserRequest,
    responses((status = 200, body = User))
)]
pub async fn update(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(user): Id<UserId>,
    Body(change): Body<UpdateUserRequest>,
) -> Result<Json<User>, ApiError> {
    Ok(Json(
        people::update_user(&app, who.user_id, user, change).await?,
    ))
}

/// Rename the workspace, or say how long it keeps the call log
#[utoipa::path(
    patch,
    path = "/workspace",
    request_body = UpdateWorkspaceRequest,
    responses((status = 200, body = Workspace))
)]
pub async fn update_workspace(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(change): Body<UpdateWorkspaceRequest>,
) -> Result<Json<Workspace>, ApiError> {
    Ok(Json(
        people::update_workspace(&app, who.user_id, change).await?,
    ))
}
