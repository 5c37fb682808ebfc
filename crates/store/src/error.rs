//! Why the store did not do something: the cases a caller can act on.

use rusqlite::ffi;

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing, or not in that place.
    #[error("there is no such thing")]
    NotFound,
    #[error("{0} is taken already")]
    AlreadyExists(Taken),
    /// The thing is not in a state in which this is possible.
    #[error("the thing is not in a state in which this is possible")]
    Conflict,
    /// The conversation is archived: nothing can be added.
    #[error("the conversation is archived")]
    Archived,
    /// It would leave the workspace without an admin who can sign in.
    #[error("the workspace needs an admin")]
    LastAdmin,
    /// An invitation that is used up, revoked, expired or was never given out.
    #[error("the invitation is used up, revoked or expired")]
    LinkInvalid,
    /// The database does not answer, or cannot take more; trying again can help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// It lost against other work at the same moment, also when tried again.
    #[error("other work came first")]
    Lost,
    /// The database holds or says what it should not. A fault of ours or of the disk.
    #[error("the database is not as it should be: {0}")]
    Corrupt(String),
    /// The work given to the store panicked; nothing of it was kept.
    #[error("the work panicked and nothing of it was kept")]
    Panicked,
    /// Not with this database.
    #[error("{0}")]
    Unsupported(&'static str),
}

impl StoreError {
    /// Whether the rules said no, and not the database, the disk or a fault.
    pub(crate) const fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound
            | Self::AlreadyExists(_)
            | Self::Conflict
            | Self::Archived
            | Self::LastAdmin
            | Self::LinkInvalid => true,
            Self::Unavailable(_)
            | Self::Lost
            | Self::Corrupt(_)
            | Self::Panicked
            | Self::Unsupported(_) => false,
        }
    }
}

/// What somebody or something has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Workspace,
    Email,
    ChannelName,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Workspace => "the workspace",
            Self::Email => "the e-mail address",
            Self::ChannelName => "the channel's name",
        })
    }
}

/// SQLite's primary result codes for a database that is busy, unreadable for now, or full.
const SQLITE_PASSING: [i32; 6] = [
    ffi::SQLITE_BUSY,
    ffi::SQLITE_LOCKED,
    ffi::SQLITE_NOMEM,
    ffi::SQLITE_IOERR,
    ffi::SQLITE_FULL,
    ffi::SQLITE_CANTOPEN,
];

/// Postgres' classes of errors that pass: connection, resources, intervention of its operator.
const POSTGRES_PASSING: [&str; 3] = ["08", "53", "57"];

/// Postgres' class of a transaction that lost against another: a deadlock, a conflict.
const POSTGRES_LOST: &str = "40";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        if let sqlx::Error::Database(fault) = &error {
            if fault.is_unique_violation() {
                return taken(fault.constraint().unwrap_or(fault.message()));
            }
            if fault.is_foreign_key_violation() {
                return Self::NotFound;
            }
            let code = fault.code().unwrap_or_default();
            if code.starts_with(POSTGRES_LOST) {
                return Self::Lost;
            }
            let passing = POSTGRES_PASSING.iter().any(|class| code.starts_with(class));
            return match passing {
                true => Self::Unavailable(text),
                false => Self::Corrupt(text),
            };
        }
        let unavailable = matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Configuration(_)
        );
        match unavailable {
            true => Self::Unavailable(text),
            false => Self::Corrupt(text),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let rusqlite::Error::SqliteFailure(fault, _) = error else {
            return Self::Corrupt(text);
        };
        match fault.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => taken(&text),
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Self::NotFound,
            // Extended codes carry the primary one in their low byte.
            code if SQLITE_PASSING.contains(&(code & 0xff)) => Self::Unavailable(text),
            _ => Self::Corrupt(text),
        }
    }
}

/// Reads what is taken from the name of the constraint, or on SQLite from its sentence.
fn taken(constraint: &str) -> StoreError {
    if constraint.contains("email") {
        StoreError::AlreadyExists(Taken::Email)
    } else if constraint.contains("name_key") {
        StoreError::AlreadyExists(Taken::ChannelName)
    } else if constraint.contains("workspace") {
        StoreError::AlreadyExists(Taken::Workspace)
    } else {
        StoreError::Conflict
    }
}
