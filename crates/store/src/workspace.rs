//! The workspace: one for each store, made by the setup.

use protocol::{
    ConversationId, Timestamp,
    account::{CallLogRetention, User, Workspace},
    conversation::Visibility,
};

use crate::{
    NewChannel, NewUser, Store, StoreError, Taken, conversations,
    db::{Conn, Row, Sql, Value, statements, values},
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

/// What of the workspace changes. None leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceChange {
    pub name: Option<String>,
    pub call_log: Option<CallLogRetention>,
    pub instant_answer: Option<bool>,
}

/// What [`workspace`] reads; `$of` is the table's name there and a dot, or nothing.
macro_rules! workspace_columns {
    ($of:literal) => {
        concat!(
            $of,
            "name AS workspace_name, ",
            $of,
            "call_log_days, ",
            $of,
            "instant_answer AS workspace_instant_answer",
        )
    };
}
pub(crate) use workspace_columns;

statements! {
    WORKSPACE = Sql::both(concat!("SELECT ", workspace_columns!(""), " FROM workspace"));
    GENERAL_ID = Sql::both("SELECT general FROM workspace");
    INSERT_WORKSPACE = Sql::both(
        "INSERT INTO workspace (workspace_id, name, general, created_at) VALUES (1, $1, $2, $3)");
    CHANGE_WORKSPACE = Sql::both(concat!(
        "UPDATE workspace SET name = COALESCE($1, name),
            call_log_days = CASE WHEN $2 THEN $3 ELSE call_log_days END,
            instant_answer = COALESCE($4, instant_answer)
         RETURNING ", workspace_columns!("")));
}

impl Store {
    /// None until the setup.
    pub async fn workspace(&self) -> Result<Option<Workspace>, StoreError> {
        let row = self.reader().await?.one(WORKSPACE, values![]).await?;
        row.as_ref().map(workspace).transpose()
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

    pub async fn change_workspace(&self, change: WorkspaceChange) -> Result<Workspace, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let days = change.call_log.and_then(|call_log| match call_log {
                    CallLogRetention::Forever => None,
                    CallLogRetention::Days { days } => Some(days),
                });
                let values = vec![
                    change.name.into(),
                    change.call_log.is_some().into(),
                    days.into(),
                    Value::Bool(change.instant_answer),
                ];
                let row = conn.one(CHANGE_WORKSPACE, values).await?;
                workspace(&row.ok_or(StoreError::NotFound)?)
            })
        })
        .await
    }
}

/// The workspace, in a row that has [`workspace_columns`].
pub(crate) fn workspace(row: &Row) -> Result<Workspace, StoreError> {
    let days = row.optional("call_log_days")?;
    Ok(Workspace {
        name: row.get("workspace_name")?,
        call_log: days.map_or(CallLogRetention::Forever, |days| CallLogRetention::Days {
            days,
        }),
        instant_answer: row.get("workspace_instant_answer")?,
    })
}

pub(crate) async fn general(conn: &mut Conn) -> Result<Option<ConversationId>, StoreError> {
    let row = conn.one(GENERAL_ID, values![]).await?;
    row.map(|row| row.get("general")).transpose()
}
