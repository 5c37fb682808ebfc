//! Pieces of work that change the database, each whole or not at all.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use crate::{StoreError, db::Conn};

/// What work yields while it borrows the connection.
pub(crate) type Doing<'c, T> = BoxFuture<'c, Result<T, StoreError>>;

/// A piece of work in a queue, its type forgotten.
pub(crate) trait Job: Send {
    /// How much of it may be in the database when it has failed.
    fn failing(&self) -> Failing;
    /// Runs it; an error when nothing of it may stay.
    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), StoreError>>;
    /// Tells whoever asked: what came of it, or that it could not be committed.
    fn acknowledge(self: Box<Self>, committed: Result<(), StoreError>);
}

/// What failed work leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failing {
    /// Some of what it did, until that is undone.
    Anything,
    /// Nothing, where the error is a refusal: what refuses is the first statement that writes.
    Clean,
}

pub(crate) struct TypedJob<T, F> {
    failing: Failing,
    work: Option<F>,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> TypedJob<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
{
    pub(crate) fn new(
        failing: Failing,
        work: F,
    ) -> (Box<Self>, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, result) = oneshot::channel();
        let job = Box::new(Self {
            failing,
            work: Some(work),
            result: Err(StoreError::Unavailable("it did not come to it".to_owned())),
            reply,
        });
        (job, result)
    }
}

impl<T, F> Job for TypedJob<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
{
    fn failing(&self) -> Failing {
        self.failing
    }

    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            let work = self.work.take().expect("a job is run once");
            self.result = caught(work, conn).await;
            self.result.as_ref().map(drop).map_err(Clone::clone)
        })
    }

    fn acknowledge(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            (Ok(_), Err(error)) => Err(error),
            (result, Ok(()) | Err(_)) => result,
        };
        // Whoever asked may have gone; the work is done all the same.
        let _ = self.reply.send(result);
    }
}

/// Runs work so that its panic is an error like others. Its panic cannot leave the connection in
/// the middle of an exchange: the pure code that may panic runs between two of them.
pub(crate) async fn caught<T, F>(work: F, conn: &mut Conn) -> Result<T, StoreError>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T>,
{
    let work = AssertUnwindSafe(async { work(conn).await });
    match work.catch_unwind().await {
        Ok(result) => result,
        Err(_) => {
            tracing::error!("work given to the store panicked");
            Err(StoreError::Panicked)
        }
    }
}
