//! What waits to be written to one socket: bounded, so that a client that reads slowly costs
//! nobody else anything.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use cluster::Weight;
use protocol::server::ServerMessage;
use tokio::sync::Notify;

/// A client this far behind is told to resync and closed. What is of the moment goes first.
pub const OUTBOX_MESSAGES_MAX: usize = 256;
/// The same, for few but large messages.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;

/// Filled by many, emptied by the socket's writer.
#[derive(Debug, Default)]
pub struct Outbox {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The answer to `hello`. Pushes wait behind it, so that none is older than the snapshot a
    /// client gets after it.
    greeting: VecDeque<Utf8Bytes>,
    greeted: bool,
    queue: VecDeque<Waiting>,
    bytes: usize,
    closing: Option<Closing>,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    message: Utf8Bytes,
    weight: Weight,
}

/// Why the server ends a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    Resync,
    SignedOut,
    GoingAway {
        retry_after_ms: u64,
    },
    /// The client does what no client does.
    Violation(&'static str),
    Fault,
}

/// The writer's next step.
#[derive(Debug, PartialEq)]
pub enum Outgoing {
    Message(Utf8Bytes),
    Close(Closing),
}

impl Outbox {
    /// Puts a push behind the others, or ends the socket when it is too far behind.
    pub fn push(&self, message: Utf8Bytes, weight: Weight) {
        let mut state = self.lock();
        if state.closing.is_some() {
            return;
        }
        state.push(message, weight);
        drop(state);
        self.wake.notify_one();
    }

    /// Puts the answer to `hello` in front of everything, whatever its size, and lets the writer
    /// begin.
    pub fn greet(&self, greeting: impl IntoIterator<Item = Utf8Bytes>) {
        let mut state = self.lock();
        state.greeting.extend(greeting);
        state.greeted = true;
        drop(state);
        self.wake.notify_one();
    }

    /// Ends the socket once. What waits is still written, unless the client may not have it or
    /// must fetch it anew.
    pub fn close(&self, closing: Closing) {
        let mut state = self.lock();
        if state.closing.is_none() {
            state.close(closing);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// What to write next; waits while there is nothing. Nothing comes after a close.
    pub async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.lock().next() {
                return outgoing;
            }
            self.wake.notified().await;
        }
    }

    /// Whether the writer would have to wait.
    pub fn is_idle(&self) -> bool {
        let state = self.lock();
        state.greeting.is_empty() && state.queue.is_empty() && state.closing.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, message: Utf8Bytes, weight: Weight) {
        if let Weight::Ephemeral { .. } = weight
            && let Some(older) = self.queue.iter_mut().find(|older| older.weight == weight)
        {
            self.bytes = self.bytes + message.len() - older.message.len();
            older.message = message;
            return;
        }
        if !self.has_room(message.len()) {
            self.drop_ephemeral();
        }
        if self.has_room(message.len()) {
            self.bytes += message.len();
            self.queue.push_back(Waiting { message, weight });
        } else if weight == Weight::Durable {
            self.close(Closing::Resync);
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.queue.len() < OUTBOX_MESSAGES_MAX && self.bytes + bytes <= OUTBOX_BYTES_MAX
    }

    fn drop_ephemeral(&mut self) {
        self.queue
            .retain(|waiting| waiting.weight == Weight::Durable);
        self.bytes = self.queue.iter().map(|waiting| waiting.message.len()).sum();
    }

    fn close(&mut self, closing: Closing) {
        match closing {
            Closing::Resync | Closing::SignedOut => {
                self.greeting.clear();
                self.queue.clear();
                self.bytes = 0;
            }
            Closing::GoingAway { .. } | Closing::Violation(_) | Closing::Fault => {}
        }
        self.closing = Some(closing);
        self.greeted = true;
    }

    fn next(&mut self) -> Option<Outgoing> {
        if !self.greeted || self.closed {
            return None;
        }
        if let Some(message) = self.greeting.pop_front() {
            return Some(Outgoing::Message(message));
        }
        if let Some(waiting) = self.queue.pop_front() {
            self.bytes -= waiting.message.len();
            return Some(Outgoing::Message(waiting.message));
        }
        self.closed = self.closing.is_some();
        self.closing.map(Outgoing::Close)
    }
}

impl Closing {
    /// What the client is told before the socket closes.
    pub fn last_words(self) -> Option<ServerMessage> {
        match self {
            Self::Resync => Some(ServerMessage::Resync),
            Self::SignedOut => Some(ServerMessage::SignedOut),
            Self::GoingAway { retry_after_ms } => Some(ServerMessage::GoingAway { retry_after_ms }),
            Self::Violation(_) | Self::Fault => None,
        }
    }

    /// The WebSocket's close code (RFC 6455, section 7.4; from 4000 on, ours).
    pub fn code(self) -> u16 {
        match self {
            Self::Resync => 4008,
            Self::SignedOut => 4001,
            Self::GoingAway { .. } => 1012,
            Self::Violation(_) => 1008,
            Self::Fault => 1011,
        }
    }

    pub fn reason(self) -> &'static str {
        match self {
            Self::Resync => "resync",
            Self::SignedOut => "signed out",
            Self::GoingAway { .. } => "going away",
            Self::Violation(reason) => reason,
            Self::Fault => "fault",
        }
    }
}

#[cfg(test)]
mod tests;
