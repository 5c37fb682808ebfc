//! The workspace: one for each store, made by the setup.

use protocol::{
    ConversationId, Timestamp,
    account::{User, Workspace},
    conversation::Visibility,
};

use crate::{
    NewChannel, NewUser, Store, StoreError, Taken, conversations,
    db::{Conn, Sql, statements, values},
    people,
};

/// The channel everybody comes into.
const GENERAL: &str = "general";

/// What makes a workspace: its name and its first admin.
#[derive(Debug, Clone)]
pub struct SetUp {
    pub workspace_name: String,
    pub user: NewUser,
    /// Of the channel "general".
    pub general: ConversationId,
    pub at: Timestamp,
}

statements! {
    WORKSPACE = Sql::both("SELECT name FROM workspace");
    GENERAL_ID = Sql::both("SELECT general FROM workspace");
    INSERT_WORKSPACE = Sql::both(
        "INSERT INTO workspace (workspace_id, name, general, created_at) VALUES (1, $1, $2, $3)");
    RENAME_WORKSPACE = Sql::both("UPDATE workspace SET name = $1");
}

impl Store {
    /// None until the setup.
    pub async fn workspace(&self) -> Result<Option<Workspace>, StoreError> {
        let row = self.reader().await?.one(WORKSPACE, values![]).await?;
        row.map(|row| {
            Ok(Workspace {
                name: row.get("name")?,
            })
        })
        .transpose()
    }

    /// Makes the workspace with its first admin and the channel "general", once.
    pub async fn set_up(&self, set_up: SetUp) -> Result<User, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                if general(conn).await?.is_some() {
                    return Err(StoreError::AlreadyExists(Taken::Workspace));
                }
                let user = people::insert(conn, set_up.user).await?;
                let channel = NewChannel {
                    id: set_up.general,
                    name: GENERAL.to_owned(),
                    topic: String::new(),
                    visibility: Visibility::Public,
                    created_by: user.id,
                    at: set_up.at,
                };
                conversations::insert_channel(conn, &channel).await?;
                let values = values![set_up.workspace_name, set_up.general, set_up.at];
                conn.run(INSERT_WORKSPACE, values).await?;
                Ok(user)
            })
        })
        .await
    }

    pub async fn rename_workspace(&self, name: &str) -> Result<Workspace, StoreError> {
        let name = name.to_owned();
        self.write(move |conn| {
            Box::pin(async move {
                match conn.run(RENAME_WORKSPACE, values![name.as_str()]).await? {
                    0 => Err(StoreError::NotFound),
                    _ => Ok(Workspace { name }),
                }
            })
        })
        .await
    }
}

pub(crate) async fn general(conn: &mut Conn) -> Result<Option<ConversationId>, StoreError> {
    let row = conn.one(GENERAL_ID, values![]).await?;
    row.map(|row| row.get("general")).transpose()
}
