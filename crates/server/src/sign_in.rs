//! Sign-ins: a random token in a cookie, its hash in the store.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderValue;
use domain::account::{Email, NewPassword, device_name};
use protocol::{
    DeviceId, UserId, account::Device, limits::PASSWORD_BYTES_MAX, rest::ChangePasswordRequest,
};
use sha2::{Digest, Sha256};
use store::{NewSession, UserChange};
use tokio::time;

use crate::{
    app::App,
    clock::{self, Fresh},
    data_dir,
    http::{error::ApiError, extract::SignedIn},
    people,
};

/// A device not used for this long is signed out.
const IDLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// And every device after this long.
const ABSOLUTE: Duration = Duration::from_secs(180 * 24 * 60 * 60);
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);
/// How exactly the store knows when a device was last seen.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// What is kept of a token that whoever reads the database must not be able to use.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The sign-in of a cookie.
pub async fn session(app: &App, token: &str) -> Result<SignedIn, ApiError> {
    let now = clock::now();
    let session = app
        .store
        .session(token_hash(token), now)
        .await?
        .ok_or_else(ApiError::unauthenticated)?;
    let unseen = now.since(session.last_seen_at);
    if unseen > IDLE {
        return Err(ApiError::unauthenticated());
    }
    if unseen > SEEN_EVERY {
        app.store.touch_session(session.device_id, now).await?;
    }
    Ok(SignedIn {
        user_id: session.user_id,
        device_id: session.device_id,
        device_name: session.name,
    })
}

/// Whether the sign-in of a live socket still holds.
pub async fn is_valid(app: &App, user: UserId, device: DeviceId) -> bool {
    match app.store.devices(user).await {
        Ok(devices) => {
            let valid = devices.iter().any(|known| known.id == device);
            if valid && let Err(error) = app.store.touch_session(device, clock::now()).await {
                tracing::warn!(%error, "a device's last use was not noted");
            }
            valid
        }
        // A store that does not answer is no reason to send people away.
        Err(_) => true,
    }
}

/// A sign-in just made.
pub struct Started {
    pub device_id: DeviceId,
    pub cookie: HeaderValue,
}

/// Signs a person in on a new device.
pub async fn start(app: &App, user_id: UserId, user_agent: &str) -> Result<Started, ApiError> {
    let now = clock::now();
    let device_id = DeviceId::fresh(now);
    let token = data_dir::token();
    app.store
        .create_session(NewSession {
            device_id,
            user_id,
            token_hash: token_hash(&token),
            name: device_name(user_agent),
            at: now,
            expires_at: now + ABSOLUTE,
        })
        .await?;
    let cookie = cookie(app, &token, ABSOLUTE)?;
    Ok(Started { device_id, cookie })
}

/// Whose e-mail address and password these are.
pub async fn check(app: &App, email: &str, password: String) -> Result<UserId, ApiError> {
    let credentials = match Email::parse(email) {
        Ok(email) => app.store.credentials(email.as_str()).await?,
        Err(_) => None,
    };
    let hash = credentials
        .as_ref()
        .map(|known| known.password_hash.clone());
    // More than a password can have would only buy our time.
    let too_long = password.len() > PASSWORD_BYTES_MAX;
    let password = if too_long { String::new() } else { password };
    let matches = app.passwords.verify(password, hash).await?;
    credentials
        .filter(|known| matches && !known.disabled)
        .map(|known| known.user_id)
        .ok_or_else(ApiError::wrong_credentials)
}

/// Sets a new password and signs the person out everywhere else.
pub async fn change_password(
    app: &Arc<App>,
    user: UserId,
    device: DeviceId,
    request: ChangePasswordRequest,
) -> Result<(), ApiError> {
    let ChangePasswordRequest { current, new } = request;
    let me = people::me(app, user, device).await?;
    app.limits.try_email(&me.email)?;
    check(app, &me.email, current).await?;
    let new = NewPassword::parse(new)?;
    let hash = app.passwords.hash(new.into_string()).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let change = UserChange {
            password_hash: Some(hash),
            at: clock::now(),
            ..UserChange::default()
        };
        own.store.update_user(user, change).await?;
        end_all(&own, user, Some(device)).await
    })
    .await
}

/// Where the person is signed in.
pub async fn devices(app: &App, user: UserId, current: DeviceId) -> Result<Vec<Device>, ApiError> {
    let mut devices = app.store.devices(user).await?;
    for device in &mut devices {
        device.current = device.id == current;
    }
    Ok(devices)
}

/// Signs the person out on one device.
pub async fn end(app: &App, user: UserId, device: DeviceId) -> Result<(), ApiError> {
    app.store.revoke_session(user, device).await?;
    app.hub.publish_signed_out(user, device);
    Ok(())
}

/// Signs the person out everywhere but on that device.
pub async fn end_all(app: &App, user: UserId, except: Option<DeviceId>) -> Result<(), ApiError> {
    for device in app.store.revoke_sessions_except(user, except).await? {
        app.hub.publish_signed_out(user, device);
    }
    Ok(())
}

/// Forgets sign-ins that hold no longer, every hour until the server stops.
pub async fn forget_expired(app: Arc<App>) {
    let mut round = time::interval(FORGET_EVERY);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        let now = clock::now();
        if let Err(error) = app.store.delete_expired_sessions(now, now - IDLE).await {
            tracing::warn!(%error, "expired sign-ins were not forgotten");
        }
    }
}

/// The cookie that takes the session's away.
pub fn ended_cookie(app: &App) -> Result<HeaderValue, ApiError> {
    cookie(app, "", Duration::ZERO)
}

fn cookie(app: &App, value: &str, lasts: Duration) -> Result<HeaderValue, ApiError> {
    let secure = if app.public_url.is_https() {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        app.cookie_name(),
        lasts.as_secs()
    );
    HeaderValue::from_str(&text).map_err(|error| ApiError::internal(&error))
}
