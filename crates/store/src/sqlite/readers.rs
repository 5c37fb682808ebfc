//! Those who read: a few threads, each with a connection of its own, since reading blocks.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{
    closed,
    connection::{SqliteConnection, Use},
};
use crate::StoreError;

const READERS: usize = 4;

type Errand = Box<dyn FnOnce(&mut SqliteConnection) + Send>;
/// None once nobody reads any more.
type Idle = Mutex<Option<Vec<mpsc::UnboundedSender<Errand>>>>;

pub(super) struct Readers {
    /// As many as there are idle readers.
    permits: Arc<Semaphore>,
    idle: Arc<Idle>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut idle = Vec::with_capacity(READERS);
        let mut threads = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let mut conn = SqliteConnection::open(path, Use::Reading)?;
            let (thread, mut errands) = mpsc::unbounded_channel::<Errand>();
            idle.push(thread);
            let reading = move || {
                while let Some(errand) = errands.blocking_recv() {
                    errand(&mut conn);
                }
            };
            threads.push(super::spawn("sqlite-reader", reading)?);
        }
        Ok(Self {
            permits: Arc::new(Semaphore::new(READERS)),
            idle: Arc::new(Mutex::new(Some(idle))),
            threads: Mutex::new(threads),
        })
    }

    /// Waits for one that is idle, longest waiting first.
    pub(super) async fn take(&self) -> Result<Reader, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| closed())?;
        // The one that read last has the most in its cache.
        let thread = locked(&self.idle).as_mut().and_then(Vec::pop);
        Ok(Reader {
            thread: thread.ok_or_else(closed)?,
            idle: Arc::clone(&self.idle),
            _permit: permit,
        })
    }

    /// Lets nobody read any more, and waits until what is being read has been. Blocks.
    pub(super) fn close(&self) {
        self.permits.close();
        locked(&self.idle).take();
        for thread in locked(&self.threads).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader did not end in order");
            }
        }
    }
}

/// A thread that reads for whoever holds this.
pub(crate) struct Reader {
    thread: mpsc::UnboundedSender<Errand>,
    idle: Arc<Idle>,
    /// Given back after the thread is.
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let errand = move |conn: &mut SqliteConnection| {
            // Whoever asked may have gone.
            let _ = reply.send(work(conn));
        };
        self.thread.send(Box::new(errand)).map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(idle) = locked(&self.idle).as_mut() {
            idle.push(self.thread.clone());
        }
    }
}

/// What is locked here is whole between any two lines.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
