//! The first run: whoever has the printed link makes the workspace and is its first admin.

use domain::account::{Email, NewPassword, UserName, WorkspaceName, hue};
use protocol::{ConversationId, Timestamp, UserId, account::Role, rest::SetupRequest};
use store::{NewUser, SetUp, StoreError};

use crate::{
    app::App,
    clock::{self, Fresh},
    http::error::ApiError,
    sign_in,
};

/// Makes the workspace; gives its admin.
pub async fn set_up(app: &App, request: SetupRequest) -> Result<UserId, ApiError> {
    // Hashes are compared, so that the time it takes tells nothing about the token.
    if sign_in::token_hash(&request.token) != sign_in::token_hash(&app.setup_token) {
        return Err(ApiError::link_invalid());
    }
    if app.store.workspace().await?.is_some() {
        return Err(ApiError::link_invalid());
    }
    let workspace_name =
        WorkspaceName::parse(&request.workspace_name).map_err(ApiError::text("workspace_name"))?;
    let at = clock::now();
    let user = new_user(
        app,
        &request.name,
        &request.email,
        request.password,
        Role::Admin,
        at,
    )
    .await?;
    let set_up = SetUp {
        workspace_name: workspace_name.into_string(),
        user,
        general: ConversationId::fresh(at),
        at,
    };
    match app.store.set_up(set_up).await {
        Ok(admin) => Ok(admin.id),
        // Somebody else was faster with the same link.
        Err(StoreError::AlreadyExists(_)) => Err(ApiError::link_invalid()),
        Err(error) => Err(error.into()),
    }
}

/// A person as they describe themselves, checked, with the password hashed.
pub async fn new_user(
    app: &App,
    name: &str,
    email: &str,
    password: String,
    role: Role,
    at: Timestamp,
) -> Result<NewUser, ApiError> {
    let name = UserName::parse(name).map_err(ApiError::text("name"))?;
    let email = Email::parse(email)?;
    let password = NewPassword::parse(password)?;
    let id = UserId::fresh(at);
    Ok(NewUser {
        id,
        name: name.into_string(),
        email: email.into_string(),
        role,
        password_hash: app.passwords.hash(password.into_string()).await?,
        hue: hue(id),
        at,
    })
}
