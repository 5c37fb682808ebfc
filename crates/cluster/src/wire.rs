//! Bytes between nodes, by subject: what a bus runs on once there is more than one node.
//!
//! Delivery is at most once and in the order of each publisher. A subscriber that falls behind is
//! told that it lagged, and recovers from the store what it missed; nobody waits for it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot},
    time,
};

use crate::subject::{Pattern, Subject};

/// Messages that wait for one subscriber. Further ones are dropped, and it is told so at once, before
/// those that wait: all of it is in the store by then.
pub const QUEUE_MAX: usize = 1024;

/// A message as its subscriber gets it.
#[derive(Debug)]
pub struct Delivery {
    pub subject: Subject,
    pub payload: Bytes,
    /// Where an answer goes, when one is waited for.
    pub reply: Option<Reply>,
}

/// What comes to a subscriber next.
#[derive(Debug)]
pub enum Received {
    Message(Delivery),
    /// So many messages were dropped, after those that still wait.
    Lagged(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Nobody listens to this subject.
    #[error("nobody listens")]
    NobodyListens,
    /// Whoever listens did not answer, or not in time.
    #[error("no answer")]
    NoAnswer,
}

/// A way between nodes.
#[derive(Debug, Clone)]
pub enum Wire {
    /// Within this process.
    Local(LocalWire),
}

impl Wire {
    pub fn local() -> Self {
        Self::Local(LocalWire::default())
    }

    /// Hands the message to everybody who listens now, without waiting for anybody.
    pub fn publish(&self, subject: &Subject, payload: Bytes) {
        match self {
            Self::Local(wire) => wire.publish(subject, &payload),
        }
    }

    /// Listens until the subscription is dropped.
    pub fn subscribe(&self, pattern: Pattern) -> Subscription {
        match self {
            Self::Local(wire) => wire.subscribe(pattern),
        }
    }

    /// Asks one of those who listen.
    pub async fn request(
        &self,
        subject: &Subject,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Bytes, RequestError> {
        let answer = match self {
            Self::Local(wire) => wire.ask(subject, payload)?,
        };
        match time::timeout(timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(RequestError::NoAnswer),
        }
    }
}

/// Where the answer to a request goes.
#[derive(Debug)]
pub struct Reply(oneshot::Sender<Bytes>);

impl Reply {
    pub fn send(self, answer: Bytes) {
        // Whoever asked may have given up.
        let _ = self.0.send(answer);
    }
}

/// Hears what is published under a pattern.
#[derive(Debug)]
pub struct Subscription {
    queue: mpsc::Receiver<Delivery>,
    lost: Arc<Lost>,
    /// The message to give after having told that others were dropped.
    held: Option<Delivery>,
}

impl Subscription {
    /// None once the wire is gone.
    pub async fn next(&mut self) -> Option<Received> {
        if let Some(delivery) = self.held.take() {
            return Some(Received::Message(delivery));
        }
        let delivery = self.queue.recv().await?;
        match self.lost.count.swap(0, Ordering::AcqRel) {
            0 => Some(Received::Message(delivery)),
            lost => {
                self.held = Some(delivery);
                Some(Received::Lagged(lost))
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.lost.over.store(true, Ordering::Release);
    }
}

#[derive(Debug, Default)]
struct Lost {
    count: AtomicU64,
    over: AtomicBool,
}

/// A wire within one process.
#[derive(Debug, Clone, Default)]
pub struct LocalWire {
    listeners: Arc<Mutex<Vec<Listener>>>,
}

#[derive(Debug)]
struct Listener {
    pattern: Pattern,
    queue: mpsc::Sender<Delivery>,
    lost: Arc<Lost>,
}

impl Listener {
    /// False when the queue is full.
    fn offer(&self, delivery: Delivery) -> bool {
        let taken = self.queue.try_send(delivery).is_ok();
        if !taken {
            self.lost.count.fetch_add(1, Ordering::AcqRel);
        }
        taken
    }
}

impl LocalWire {
    fn publish(&self, subject: &Subject, payload: &Bytes) {
        self.for_each(subject, |listener| {
            listener.offer(Delivery {
                subject: subject.clone(),
                payload: payload.clone(),
                reply: None,
            });
            false
        });
    }

    fn ask(
        &self,
        subject: &Subject,
        payload: Bytes,
    ) -> Result<oneshot::Receiver<Bytes>, RequestError> {
        let (reply, answer) = oneshot::channel();
        let mut request = Some((payload, Reply(reply)));
        self.for_each(subject, |listener| {
            if let Some((payload, reply)) = request.take() {
                listener.offer(Delivery {
                    subject: subject.clone(),
                    payload,
                    reply: Some(reply),
                });
            }
            true
        });
        match request {
            Some(_) => Err(RequestError::NobodyListens),
            None => Ok(answer),
        }
    }

    fn subscribe(&self, pattern: Pattern) -> Subscription {
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        let lost = Arc::new(Lost::default());
        let listener = Listener {
            pattern,
            queue,
            lost: Arc::clone(&lost),
        };
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| !listener.lost.over.load(Ordering::Acquire));
        listeners.push(listener);
        Subscription {
            queue: receiver,
            lost,
            held: None,
        }
    }

    /// Goes through those who listen, in order of coming, until told to stop.
    fn for_each(&self, subject: &Subject, mut visit: impl FnMut(&Listener) -> bool) {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let hearing = listeners.iter().filter(|listener| {
            !listener.lost.over.load(Ordering::Acquire) && listener.pattern.matches(subject)
        });
        for listener in hearing {
            if visit(listener) {
                break;
            }
        }
    }
}
