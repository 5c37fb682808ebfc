//! SQLite: a few readers, and one writer that commits many pieces of work at once.
//!
//! A durable commit costs a flush of the disk. The writer takes all the work that waits, up to
//! [`BATCH_MAX`], into one transaction and answers after the commit. Work that could leave half of
//! itself behind gets a savepoint.
//!
//! The writer is a thread of its own, and so is each reader. Work that writes is a future like on
//! Postgres, but never waits: it is run to its end where it is.

mod connection;
mod readers;

use std::{mem, path::PathBuf, sync::Arc, thread};

use futures_util::FutureExt;
use tokio::{sync::mpsc, task};

use self::{connection::Use, readers::Readers};
pub(crate) use self::{
    connection::{SqliteConnection, SqliteRow},
    readers::Reader,
};
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

const BEGIN: Sql = Sql::both("BEGIN IMMEDIATE");
const COMMIT: Sql = Sql::both("COMMIT");
const ROLLBACK: Sql = Sql::both("ROLLBACK");
const SAVE: Sql = Sql::both("SAVEPOINT job");
const KEEP: Sql = Sql::both("RELEASE job");
const UNDO: Sql = Sql::both("ROLLBACK TO job");
const BACKUP: Sql = Sql::both("VACUUM INTO $1");

pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Arc<Readers>,
    queue: mpsc::Sender<Order>,
    writer: tokio::sync::Mutex<Option<thread::JoinHandle<()>>>,
}

enum Order {
    Do(Box<dyn Job>),
    Stop,
}

impl Sqlite {
    /// Opens the file that `sqlite://path` names; makes it where it is missing.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let url = config.url.as_str();
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
        blocking(move || {
            let mut conn = Conn::SqliteWriter(SqliteConnection::open(&path, Use::Writing)?);
            at_once(migrate::migrate(&mut conn))?;
            let readers = Arc::new(Readers::open(&path)?);
            let (queue, orders) = mpsc::channel(QUEUE_MAX);
            let writer = spawn("sqlite-writer", move || write(conn, orders))?;
            Ok(Self {
                path,
                readers,
                queue,
                writer: tokio::sync::Mutex::new(Some(writer)),
            })
        })
        .await
    }

    pub(crate) async fn reader(&self) -> Result<Conn, StoreError> {
        Ok(Conn::SqliteReader(self.readers.take().await?))
    }

    pub(crate) async fn write<T, F>(&self, failing: Failing, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
    {
        let (job, result) = TypedJob::new(failing, work);
        self.queue
            .send(Order::Do(job))
            .await
            .map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }

    /// A copy of everything committed by now, made while the server runs.
    pub(crate) async fn backup(&self, to: &str) -> Result<(), StoreError> {
        let (path, to) = (self.path.clone(), to.to_owned());
        blocking(move || {
            let mut conn = Conn::SqliteWriter(SqliteConnection::open(&path, Use::Writing)?);
            at_once(async {
                let copied = conn.run(BACKUP, values![to]).await;
                conn.close().await;
                copied.map(drop)
            })
        })
        .await
    }

    pub(crate) async fn close(&self) {
        // The writer is gone already when the queue does not take this.
        let _ = self.queue.send(Order::Stop).await;
        let writer = self.writer.lock().await.take();
        let readers = Arc::clone(&self.readers);
        let ended = blocking(move || {
            readers.close();
            match writer.map(thread::JoinHandle::join) {
                Some(Err(_)) => Err(StoreError::Panicked),
                Some(Ok(())) | None => Ok(()),
            }
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "the writer did not end in order");
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

/// Runs what blocks where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
}

fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<thread::JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Runs what never waits.
fn at_once<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    work.now_or_never().unwrap_or_else(|| {
        Err(StoreError::Corrupt(
            "work that writes waited for something else".to_owned(),
        ))
    })
}

/// Commits work until told to stop, or until nobody can give any.
fn write(mut conn: Conn, mut orders: mpsc::Receiver<Order>) {
    let mut taken = Vec::with_capacity(BATCH_MAX);
    let mut going = true;
    while going && orders.blocking_recv_many(&mut taken, BATCH_MAX) > 0 {
        let mut jobs = Vec::with_capacity(taken.len());
        for order in taken.drain(..) {
            match order {
                Order::Do(job) => jobs.push(job),
                Order::Stop => going = false,
            }
        }
        if !jobs.is_empty() {
            let committed = carry_out(&mut conn, &mut jobs);
            if let Err(error) = &committed {
                tracing::error!(%error, jobs = jobs.len(), "a transaction was not committed");
                // Fails when SQLite has rolled back by itself, which is as good.
                let _ = run(&mut conn, ROLLBACK);
            }
            for job in mem::take(&mut jobs) {
                job.acknowledge(committed.clone());
            }
        }
    }
    let _ = at_once(conn.close().map(Ok));
}

fn carry_out(conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    run(conn, BEGIN)?;
    for job in jobs {
        match job.failing() {
            Failing::Anything => {
                run(conn, SAVE)?;
                if at_once(job.run(conn)).is_err() {
                    run(conn, UNDO)?;
                }
                run(conn, KEEP)?;
            }
            Failing::Clean => match at_once(job.run(conn)) {
                Err(error) if !error.is_refusal() => return Err(error),
                Ok(()) | Err(_) => {}
            },
        }
    }
    run(conn, COMMIT)
}

fn run(conn: &mut Conn, sql: Sql) -> Result<(), StoreError> {
    at_once(conn.run(sql, values![])).map(drop)
}
