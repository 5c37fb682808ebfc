//! Invitations: made and ended by admins, accepted by whoever has the link.

use std::{sync::Arc, time::Duration};

use domain::access::WorkspaceAction;
use protocol::{
    InviteId, UserId,
    account::{Invite, InviteCreated, InvitePreview, Role},
    rest::{AcceptInviteRequest, CreateInviteRequest},
};
use store::NewInvite;

use crate::{
    app::App,
    clock::{self, Fresh},
    data_dir,
    http::error::ApiError,
    people, setup, sign_in,
};

/// No link is good for longer than ten years; further away is meant as never.
const EXPIRES_IN_MAX: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

pub async fn list(app: &App, user: UserId) -> Result<Vec<Invite>, ApiError> {
    people::allowed(app, user, WorkspaceAction::ManageInvites).await?;
    Ok(app.store.invites().await?)
}

/// Makes an invitation. Only the hash of its token is kept, so the link is shown once.
pub async fn create(
    app: &App,
    user: UserId,
    request: CreateInviteRequest,
) -> Result<InviteCreated, ApiError> {
    people::allowed(app, user, WorkspaceAction::Invite).await?;
    if request.uses_max == Some(0) {
        return Err(ApiError::field(
            "uses_max",
            "A link must be good for one use at least.",
        ));
    }
    let at = clock::now();
    let lasts = request.expires_in_s.map(Duration::from_secs);
    let token = data_dir::token();
    let invite = app
        .store
        .create_invite(NewInvite {
            id: InviteId::fresh(at),
            token_hash: sign_in::token_hash(&token),
            created_by: user,
            at,
            expires_at: lasts
                .filter(|lasts| *lasts < EXPIRES_IN_MAX)
                .map(|lasts| at + lasts),
            uses_max: request.uses_max,
        })
        .await?;
    let path = format!("/invite/{token}");
    let url = format!("{}{path}", app.public_url);
    Ok(InviteCreated { invite, path, url })
}

pub async fn revoke(app: &App, user: UserId, invite: InviteId) -> Result<(), ApiError> {
    people::allowed(app, user, WorkspaceAction::ManageInvites).await?;
    app.store.revoke_invite(invite, clock::now()).await?;
    Ok(())
}

/// What the link is about, while it is good.
pub async fn preview(app: &App, token: &str) -> Result<InvitePreview, ApiError> {
    let hash = sign_in::token_hash(token);
    Ok(app.store.invite(hash, clock::now()).await?)
}

/// Makes an account by a link; gives who it is.
pub async fn accept(
    app: &Arc<App>,
    token: &str,
    request: AcceptInviteRequest,
) -> Result<UserId, ApiError> {
    // A guessed link must not cost a hash.
    preview(app, token).await?;
    let at = clock::now();
    let AcceptInviteRequest {
        name,
        email,
        password,
    } = request;
    let new = setup::new_user(app, &name, &email, password, Role::Member, at).await?;
    let hash = sign_in::token_hash(token);
    let own = Arc::clone(app);
    app.carry_through(async move {
        let person = own.store.accept_invite(hash, new, at).await?;
        let id = person.user.id;
        people::announce(&own, person.user).await?;
        own.hub.publish_entries(person.entries);
        Ok(id)
    })
    .await
}
