//! The people of the workspace: who they are, what they change about themselves and admins about
//! them. Everybody is told.

use std::sync::Arc;

use cluster::Audience;
use domain::{
    access::{WorkspaceAction, may_in_workspace},
    account::{Email, Standing, UserName, WorkspaceName, change_standing},
    call_log,
    working_hours::Schedule,
};
use protocol::{
    DeviceId, UserId,
    account::{Me, Role, User, WorkingHours, Workspace},
    rest::{UpdateMeRequest, UpdateUserRequest, UpdateWorkspaceRequest},
    server::ServerMessage,
};
use store::{Picture, UserChange, WorkspaceChange};

use crate::{app::App, clock, http::error::ApiError};

/// The person signed in on this device, with what only they see.
pub async fn me(app: &App, user: UserId, device: DeviceId) -> Result<Me, ApiError> {
    app.store
        .me(user, device)
        .await?
        .ok_or_else(ApiError::unauthenticated)
}

pub async fn role(app: &App, user: UserId) -> Result<Role, ApiError> {
    let user = app
        .store
        .user(user)
        .await?
        .ok_or_else(ApiError::unauthenticated)?;
    Ok(user.role)
}

/// Whether the person may do this to the workspace.
pub async fn allowed(app: &App, user: UserId, action: WorkspaceAction) -> Result<(), ApiError> {
    Ok(may_in_workspace(role(app, user).await?, action)?)
}

/// Everybody named is of this workspace.
pub async fn require(app: &App, people: &[UserId]) -> Result<(), ApiError> {
    let users = app.store.users().await?;
    let known = |person: &UserId| users.iter().any(|user| user.id == *person);
    if people.iter().all(known) {
        Ok(())
    } else {
        Err(ApiError::not_found())
    }
}

pub async fn update_me(
    app: &Arc<App>,
    user: UserId,
    device: DeviceId,
    request: UpdateMeRequest,
) -> Result<Me, ApiError> {
    let UpdateMeRequest {
        name,
        email,
        instant_answer,
    } = request;
    let name = name
        .map(|name| UserName::parse(&name).map_err(ApiError::text("name")))
        .transpose()?;
    let email = email.map(|email| Email::parse(&email)).transpose()?;
    let change = UserChange {
        name: name.map(UserName::into_string),
        email: email.map(Email::into_string),
        instant_answer,
        at: clock::now(),
        ..UserChange::default()
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        let changed = own.store.update_user(user, change).await?;
        announce(&own, changed).await?;
        me(&own, user, device).await
    })
    .await
}

/// When the person works, as their devices are told too. None: at any time.
pub async fn set_working_hours(
    app: &Arc<App>,
    user: UserId,
    hours: Option<WorkingHours>,
) -> Result<(), ApiError> {
    let hours = hours.map(Schedule::parse).transpose()?;
    let hours = hours.map(Schedule::into_hours);
    let own = Arc::clone(app);
    app.carry_through(async move {
        own.store.set_working_hours(user, hours.as_ref()).await?;
        tell_own_devices(&own, user).await
    })
    .await
}

pub async fn set_picture(
    app: &Arc<App>,
    user: UserId,
    media_type: &'static str,
    bytes: Vec<u8>,
) -> Result<User, ApiError> {
    let own = Arc::clone(app);
    app.carry_through(async move {
        let picture = Picture {
            version: format!("{:016x}", u64::from_le_bytes(clock::random())),
            media_type: media_type.to_owned(),
            bytes,
        };
        let changed = own.store.set_picture(user, picture).await?;
        announce(&own, changed.clone()).await?;
        Ok(changed)
    })
    .await
}

pub async fn clear_picture(app: &Arc<App>, user: UserId) -> Result<User, ApiError> {
    let own = Arc::clone(app);
    app.carry_through(async move {
        let changed = own.store.clear_picture(user).await?;
        announce(&own, changed.clone()).await?;
        Ok(changed)
    })
    .await
}

/// An admin changes a person's role, or disables them.
pub async fn update_user(
    app: &Arc<App>,
    by: UserId,
    user: UserId,
    request: UpdateUserRequest,
) -> Result<User, ApiError> {
    allowed(app, by, WorkspaceAction::ManagePeople).await?;
    let UpdateUserRequest { role, disabled } = request;
    let users = app.store.users().await?;
    let standing = |user: &User| Standing {
        role: user.role,
        disabled: user.disabled,
    };
    let now = users
        .iter()
        .find(|other| other.id == user)
        .ok_or_else(ApiError::not_found)?;
    let admins = users
        .iter()
        .filter(|user| standing(user).administers())
        .count();
    let then = change_standing(standing(now), role, disabled, admins)?;
    let change = UserChange {
        role: Some(then.role),
        disabled: Some(then.disabled),
        at: clock::now(),
        ..UserChange::default()
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        let changed = own.store.update_user(user, change).await?;
        if changed.disabled {
            own.hub.devices(user).into_iter().for_each(|device| {
                own.hub.publish_signed_out(user, device);
            });
        }
        announce(&own, changed.clone()).await?;
        Ok(changed)
    })
    .await
}

pub async fn update_workspace(
    app: &Arc<App>,
    by: UserId,
    request: UpdateWorkspaceRequest,
) -> Result<Workspace, ApiError> {
    allowed(app, by, WorkspaceAction::ChangeWorkspace).await?;
    let UpdateWorkspaceRequest {
        name,
        call_log,
        instant_answer,
    } = request;
    let name = name
        .map(|name| WorkspaceName::parse(&name).map_err(ApiError::text("name")))
        .transpose()?;
    let call_log = call_log.map(call_log::retention).transpose()?;
    let change = WorkspaceChange {
        name: name.map(WorkspaceName::into_string),
        call_log,
        instant_answer,
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        let workspace = own.store.change_workspace(change).await?;
        if call_log.is_some() {
            own.calls.note_retention();
        }
        for user in own.hub.people_here() {
            tell_own_devices(&own, user).await?;
        }
        Ok(workspace)
    })
    .await
}

/// Tells everybody what a person is now, and that person's devices what only they see.
pub async fn announce(app: &App, user: User) -> Result<(), ApiError> {
    let id = user.id;
    app.hub
        .publish(Audience::Everybody, &ServerMessage::User { user });
    tell_own_devices(app, id).await
}

async fn tell_own_devices(app: &App, user: UserId) -> Result<(), ApiError> {
    for device in app.hub.devices(user) {
        let me = Box::new(me(app, user, device).await?);
        app.hub
            .publish(Audience::Device(user, device), &ServerMessage::Me { me });
    }
    Ok(())
}
