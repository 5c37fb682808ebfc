//! Sign-ins: one for each device, known by the hash of its token.

use protocol::{DeviceId, Timestamp, UserId, account::Device};

use crate::{
    Store, StoreError,
    db::{Conn, Sql, statements, values},
};

/// A sign-in to be kept.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub device_id: DeviceId,
    pub user_id: UserId,
    /// SHA-256 of the token: whoever reads the database cannot sign in with it.
    pub token_hash: [u8; 32],
    /// Such as "Firefox on Linux".
    pub name: String,
    pub at: Timestamp,
    pub expires_at: Timestamp,
}

/// A sign-in that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub name: String,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

statements! {
    INSERT_SESSION = Sql::both(
        "INSERT INTO sessions
            (device_id, user_id, token_hash, name, signed_in_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6)");
    SESSION = Sql::both(
        "SELECT s.user_id, s.device_id, s.name, s.last_seen_at, s.expires_at
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL");
    TOUCH_SESSION = Sql::both(
        "UPDATE sessions SET last_seen_at = $2 WHERE device_id = $1 AND last_seen_at < $2");
    DEVICES = Sql::both(
        "SELECT device_id, name, signed_in_at, last_seen_at
         FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, device_id");
    REVOKE = Sql::both("DELETE FROM sessions WHERE user_id = $1 AND device_id = $2");
    REVOKE_EXCEPT = Sql::each(
        "DELETE FROM sessions WHERE user_id = $1 AND device_id IS NOT $2 RETURNING device_id",
        "DELETE FROM sessions WHERE user_id = $1 AND device_id IS DISTINCT FROM $2
         RETURNING device_id");
    DELETE_EXPIRED = Sql::both(
        "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2");
}

impl Store {
    pub async fn create_session(&self, new: NewSession) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let values = values![
                    new.device_id,
                    new.user_id,
                    new.token_hash,
                    new.name,
                    new.at,
                    new.expires_at,
                ];
                conn.run(INSERT_SESSION, values).await.map(drop)
            })
        })
        .await
    }

    /// The sign-in with this token, unless it has expired or its person is disabled.
    pub async fn session(
        &self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let row = self
            .reader()
            .await?
            .one(SESSION, values![token_hash, now])
            .await?;
        row.map(|row| {
            Ok(Session {
                user_id: row.get("user_id")?,
                device_id: row.get("device_id")?,
                name: row.get("name")?,
                last_seen_at: row.get("last_seen_at")?,
                expires_at: row.get("expires_at")?,
            })
        })
        .transpose()
    }

    /// Notes that the device was used. A device signed out meanwhile is left alone.
    pub async fn touch_session(
        &self,
        device_id: DeviceId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                conn.run(TOUCH_SESSION, values![device_id, at])
                    .await
                    .map(drop)
            })
        })
        .await
    }

    /// Where a person is signed in, last used first. `current` is left to whoever asks.
    pub async fn devices(&self, user_id: UserId) -> Result<Vec<Device>, StoreError> {
        let rows = self.reader().await?.all(DEVICES, values![user_id]).await?;
        rows.iter()
            .map(|row| {
                Ok(Device {
                    id: row.get("device_id")?,
                    name: row.get("name")?,
                    signed_in_at: row.get("signed_in_at")?,
                    last_seen_at: row.get("last_seen_at")?,
                    current: false,
                })
            })
            .collect()
    }

    pub async fn revoke_session(
        &self,
        user_id: UserId,
        device_id: DeviceId,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                match conn.run(REVOKE, values![user_id, device_id]).await? {
                    0 => Err(StoreError::NotFound),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// Signs a person out everywhere, or everywhere else; tells on which devices.
    pub async fn revoke_sessions_except(
        &self,
        user_id: UserId,
        kept: Option<DeviceId>,
    ) -> Result<Vec<DeviceId>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let rows = conn.all(REVOKE_EXCEPT, values![user_id, kept]).await?;
                rows.iter().map(|row| row.get("device_id")).collect()
            })
        })
        .await
    }

    /// Forgets sign-ins that have expired, and those not used since `idle_since`.
    pub async fn delete_expired_sessions(
        &self,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(move |conn| {
            Box::pin(async move { conn.run(DELETE_EXPIRED, values![now, idle_since]).await })
        })
        .await
    }
}

pub(crate) async fn revoke_all(conn: &mut Conn, user_id: UserId) -> Result<(), StoreError> {
    conn.run(REVOKE_EXCEPT, values![user_id, None::<DeviceId>])
        .await
        .map(drop)
}
