//! Postgres: a pool, and transactions of their own.

use std::time::Duration;

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    StoreConfig, StoreError,
    db::{Conn, Sql, values},
    migrate,
    work::{Doing, caught},
};

/// How often work is done that loses against other work.
pub(crate) const ATTEMPTS_MAX: usize = 4;
/// A process that stands still in the middle of a transaction loses it after so many milliseconds,
/// so that it does not hold a conversation for the others.
const FROZEN_MS: &str = "15000";
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

const BEGIN: Sql = Sql::both("BEGIN");
const COMMIT: Sql = Sql::both("COMMIT");
const ROLLBACK: Sql = Sql::both("ROLLBACK");

pub(crate) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let options = config
            .url
            .parse::<PgConnectOptions>()?
            .application_name("connect")
            .options([("idle_in_transaction_session_timeout", FROZEN_MS)])
            .statement_cache_capacity(256);
        let pool = PgPoolOptions::new()
            .max_connections(config.connections_max)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        migrate::migrate(&mut Conn::Postgres(pool.acquire().await?)).await?;
        Ok(Self { pool })
    }

    pub(crate) async fn connection(&self) -> Result<Conn, StoreError> {
        Ok(Conn::Postgres(self.pool.acquire().await?))
    }

    /// Runs work in a transaction, again when it lost against other work.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Clone + Send + 'static,
    {
        for _ in 1..ATTEMPTS_MAX {
            match self.write_once(work.clone()).await {
                Err(StoreError::Lost) => {}
                result => return result,
            }
        }
        self.write_once(work).await
    }

    /// Runs work in a transaction. In a task of its own, so that whoever asked and went away does
    /// not leave a transaction open.
    pub(crate) async fn write_once<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
    {
        let mut conn = self.connection().await?;
        let task = tokio::spawn(async move {
            conn.run(BEGIN, values![]).await?;
            match caught(work, &mut conn).await {
                Ok(value) => {
                    conn.run(COMMIT, values![]).await?;
                    Ok(value)
                }
                Err(error) => {
                    if let Err(fault) = conn.run(ROLLBACK, values![]).await {
                        tracing::warn!(error = %fault, "a transaction was not rolled back in order");
                        conn.close().await;
                    }
                    Err(error)
                }
            }
        });
        task.await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
