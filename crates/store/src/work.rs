//! Pieces of work that change the database, each whole or not at all.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use crate::{StoreError, db::Conn};

/// What work yields while it borrows the connection.
pub(crate) type Doing<'c, T> = BoxFuture<'c, Result<T, StoreError>>;

/// A piece of work in a queue, its type forgotten.
pub(crate) trait Job: Send {
    /// Runs it; false when nothing of it may stay.
    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> BoxFuture<'c, bool>;
    /// Tells whoever asked: what came of it, or that it could not be committed.
    fn acknowledge(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(crate) struct TypedJob<T, F> {
    work: Option<F>,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> TypedJob<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> Doing<'c, T> + Send + 'static,
{
    pub(crate) fn new(work: F) -> (Box<Self>, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, result) = oneshot::channel();
        let job = Box::new(Self {
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
    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let work = self.work.take().expect("a job is run once");
            self.result = caught(work, conn).await;
            self.result.is_ok()
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
