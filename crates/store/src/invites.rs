//! Invitations to the workspace, known by the hash of their token.

use protocol::{
    InviteId, Timestamp, UserId,
    account::{Invite, InvitePreview},
};

use crate::{
    NewUser, Person, Store, StoreError,
    db::{Row, Sql, statements, values},
    people,
};

/// An invitation to be kept.
#[derive(Debug, Clone)]
pub struct NewInvite {
    pub id: InviteId,
    pub token_hash: [u8; 32],
    pub created_by: UserId,
    pub at: Timestamp,
    /// None: never.
    pub expires_at: Option<Timestamp>,
    /// None: any number.
    pub uses_max: Option<u32>,
}

macro_rules! open {
    () => {
        "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
         AND (uses_max IS NULL OR uses < uses_max)"
    };
}

macro_rules! columns {
    () => {
        "id, created_by, created_at, expires_at, uses_max, uses, revoked_at"
    };
}

statements! {
    INSERT_INVITE = Sql::both(concat!(
        "INSERT INTO invites (id, token_hash, created_by, created_at, expires_at, uses_max)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING ", columns!()));
    INVITES = Sql::both(concat!("SELECT ", columns!(), " FROM invites ORDER BY id DESC"));
    REVOKE_INVITE = Sql::both(concat!(
        "UPDATE invites SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1
         RETURNING ", columns!()));
    PREVIEW = Sql::both(concat!(
        "SELECT i.expires_at, u.name AS invited_by, w.name AS workspace_name
         FROM invites i JOIN users u ON u.id = i.created_by, workspace w
         WHERE i.token_hash = $1 AND ", open!()));
    CLAIM = Sql::both(concat!(
        "UPDATE invites SET uses = uses + 1 WHERE token_hash = $1 AND ", open!()));
}

impl Store {
    pub async fn create_invite(&self, new: NewInvite) -> Result<Invite, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let values = values![
                    new.id,
                    new.token_hash,
                    new.created_by,
                    new.at,
                    new.expires_at,
                    new.uses_max,
                ];
                let row = conn.one(INSERT_INVITE, values).await?;
                invite(&row.ok_or(StoreError::NotFound)?)
            })
        })
        .await
    }

    /// All that were ever made, newest first.
    pub async fn invites(&self) -> Result<Vec<Invite>, StoreError> {
        let rows = self.reader().await?.all(INVITES, values![]).await?;
        rows.iter().map(invite).collect()
    }

    pub async fn revoke_invite(&self, id: InviteId, at: Timestamp) -> Result<Invite, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let row = conn.one(REVOKE_INVITE, values![id, at]).await?;
                invite(&row.ok_or(StoreError::NotFound)?)
            })
        })
        .await
    }

    /// What a person with the link sees; [`StoreError::LinkInvalid`] when it cannot be used.
    pub async fn invite(
        &self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<InvitePreview, StoreError> {
        let row = self
            .reader()
            .await?
            .one(PREVIEW, values![token_hash, now])
            .await?;
        let row = row.ok_or(StoreError::LinkInvalid)?;
        Ok(InvitePreview {
            workspace_name: row.get("workspace_name")?,
            invited_by: row.get("invited_by")?,
            expires_at: row.optional("expires_at")?,
        })
    }

    /// Takes one use of the invitation and makes the person. An address that is taken costs no use.
    pub async fn accept_invite(
        &self,
        token_hash: [u8; 32],
        user: NewUser,
        at: Timestamp,
    ) -> Result<Person, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                match conn.run(CLAIM, values![token_hash, at]).await? {
                    0 => Err(StoreError::LinkInvalid),
                    _ => people::come_in(conn, user).await,
                }
            })
        })
        .await
    }
}

fn invite(row: &Row) -> Result<Invite, StoreError> {
    Ok(Invite {
        id: row.get("id")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        expires_at: row.optional("expires_at")?,
        uses_max: row.optional("uses_max")?,
        uses: row.get("uses")?,
        revoked_at: row.optional("revoked_at")?,
    })
}
