//! The store as a whole: opening, reading, writing, closing.

use std::{path::Path, sync::Arc};

use crate::{
    StoreError,
    db::{Conn, Sql, statements, values},
    postgres::Postgres,
    sqlite::Sqlite,
    work::{Doing, Failing},
};

/// Where the store is.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Connections to Postgres at most.
    pub connections_max: u32,
}

impl StoreConfig {
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections_max: 16,
        }
    }
}

/// Everything that lasts. Cheap to clone; all clones are the same store.
///
/// A method that changes something is whole or not at all, and has reached the disk when it
/// returns. Dropping its future does not undo it.
#[derive(Clone)]
pub struct Store {
    pub(crate) engine: Arc<Engine>,
}

pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

statements! {
    ANSWERS = Sql::both("SELECT 1 AS one");
}

impl Store {
    /// Opens the database, makes it where it is a file that is missing, and brings its schema
    /// forward.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let engine = if config.url.starts_with("sqlite:") {
            Engine::Sqlite(Sqlite::open(config).await?)
        } else if config.url.starts_with("postgres:") || config.url.starts_with("postgresql:") {
            Engine::Postgres(Postgres::open(config).await?)
        } else {
            return Err(StoreError::Unsupported(
                "a database address begins with sqlite:// or postgres://",
            ));
        };
        Ok(Self {
            engine: Arc::new(engine),
        })
    }

    /// Finishes what was asked for and closes the database.
    pub async fn close(&self) {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.reader().await?.one(ANSWERS, values![]).await.map(drop)
    }

    /// Copies everything committed into a new file at `path`, while the server runs.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => {
                let path = path.to_str().ok_or(StoreError::Unsupported(
                    "the path of a backup must be readable text",
                ))?;
                sqlite.backup(path).await
            }
            Engine::Postgres(_) => Err(StoreError::Unsupported(
                "Postgres is backed up with its own tools, such as pg_dump",
            )),
        }
    }

    /// Has the database read every statement there is, without running one. Tells how many.
    pub async fn check_statements(&self) -> Result<usize, StoreError> {
        let mut conn = self.reader().await?;
        let mut count = 0;
        for (name, sql) in crate::all_statements() {
            let prepared = conn.prepare(*sql).await;
            prepared.map_err(|error| StoreError::Corrupt(format!("{name}: {error}")))?;
            count += 1;
        }
        Ok(count)
    }

    pub(crate) async fn reader(&self) -> Result<Conn, StoreError> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.reader().await,
            Engine::Postgres(postgres) => postgres.connection().await,
        }
    }

    /// Runs work in a transaction; it has been committed when this returns.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Clone + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(Failing::Anything, work).await,
            Engine::Postgres(postgres) => postgres.write(work).await,
        }
    }

    /// Runs work in a transaction that cannot be tried again.
    pub(crate) async fn write_once<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(Failing::Anything, work).await,
            Engine::Postgres(postgres) => postgres.write_once(work).await,
        }
    }
}
