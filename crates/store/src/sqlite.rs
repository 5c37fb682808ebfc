//! SQLite: a few readers, and one writer that commits many pieces of work at once.
//!
//! A durable commit costs a flush of the disk. The writer takes all the work that waits, up to
//! [`BATCH_MAX`], into one transaction and answers after the commit. Work that could leave half of
//! itself behind gets a savepoint.

use std::{mem, time::Duration};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    StoreConfig, StoreError,
    db::{Conn, Sql, values},
    migrate,
    work::{Doing, Failing, Job, TypedJob},
};

/// Pieces of work in one commit.
const BATCH_MAX: usize = 64;
/// Pieces of work that may wait. Beyond, whoever asks waits for a place in the queue.
const QUEUE_MAX: usize = 1024;
const READERS: u32 = 4;
/// How long another process, such as a command run beside the server, may hold the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const BEGIN: Sql = Sql::both("BEGIN IMMEDIATE");
const COMMIT: Sql = Sql::both("COMMIT");
const ROLLBACK: Sql = Sql::both("ROLLBACK");
const SAVE: Sql = Sql::both("SAVEPOINT job");
const KEEP: Sql = Sql::both("RELEASE job");
const UNDO: Sql = Sql::both("ROLLBACK TO job; RELEASE job");
const BACKUP: Sql = Sql::both("VACUUM INTO $1");

pub(crate) struct Sqlite {
    readers: SqlitePool,
    queue: mpsc::Sender<Order>,
    writer: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    options: Box<SqliteConnectOptions>,
}

enum Order {
    Do(Box<dyn Job>),
    Stop,
}

impl Sqlite {
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let options = config
            .url
            .parse::<SqliteConnectOptions>()?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(256)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-32768")
            // Erased words are overwritten where that costs no further writing.
            .pragma("secure_delete", "fast");
        let mut conn = Conn::SqliteWriter(SqliteConnection::connect_with(&options).await?);
        migrate::migrate(&mut conn).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_with(options.clone().pragma("query_only", "on"))
            .await?;
        let (queue, orders) = mpsc::channel(QUEUE_MAX);
        let writer = tokio::spawn(write(conn, orders));
        Ok(Self {
            readers,
            queue,
            writer: tokio::sync::Mutex::new(Some(writer)),
            options: Box::new(options),
        })
    }

    pub(crate) async fn reader(&self) -> Result<Conn, StoreError> {
        Ok(Conn::SqliteReader(self.readers.acquire().await?))
    }

    pub(crate) async fn write<T, F>(&self, failing: Failing, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
    {
        let (job, result) = TypedJob::new(failing, work);
        let closed = || StoreError::Unavailable("it is closed".to_owned());
        self.queue
            .send(Order::Do(job))
            .await
            .map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }

    /// A copy of everything committed by now, made while the server runs.
    pub(crate) async fn backup(&self, path: &str) -> Result<(), StoreError> {
        let mut conn = Conn::SqliteWriter(SqliteConnection::connect_with(&self.options).await?);
        let copied = conn.run(BACKUP, values![path]).await;
        conn.close().await;
        copied.map(drop)
    }

    pub(crate) async fn close(&self) {
        // The writer is gone already when the queue does not take this.
        let _ = self.queue.send(Order::Stop).await;
        if let Some(writer) = self.writer.lock().await.take()
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the writer did not end in order");
        }
        self.readers.close().await;
    }
}

/// Commits work until told to stop, or until nobody can give any.
async fn write(mut conn: Conn, mut orders: mpsc::Receiver<Order>) {
    let mut taken = Vec::with_capacity(BATCH_MAX);
    let mut going = true;
    while going && orders.recv_many(&mut taken, BATCH_MAX).await > 0 {
        let mut jobs = Vec::with_capacity(taken.len());
        for order in taken.drain(..) {
            match order {
                Order::Do(job) => jobs.push(job),
                Order::Stop => going = false,
            }
        }
        if !jobs.is_empty() {
            let committed = carry_out(&mut conn, &mut jobs).await;
            if let Err(error) = &committed {
                tracing::error!(%error, jobs = jobs.len(), "a transaction was not committed");
                // Fails when SQLite has rolled back by itself, which is as good.
                let _ = conn.run(ROLLBACK, values![]).await;
            }
            for job in mem::take(&mut jobs) {
                job.acknowledge(committed.clone());
            }
        }
    }
    conn.close().await;
}

async fn carry_out(conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    conn.run(BEGIN, values![]).await?;
    for job in jobs {
        match job.failing() {
            Failing::Anything => {
                conn.run(SAVE, values![]).await?;
                let kept = job.run(conn).await.is_ok();
                conn.run(if kept { KEEP } else { UNDO }, values![]).await?;
            }
            Failing::Clean => match job.run(conn).await {
                Err(error) if !error.is_refusal() => return Err(error),
                Ok(()) | Err(_) => {}
            },
        }
    }
    conn.run(COMMIT, values![]).await?;
    Ok(())
}
