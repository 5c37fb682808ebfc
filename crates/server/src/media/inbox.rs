//! Commands on their way to the worker, and the bell that wakes it.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::SocketAddr,
    os::unix::net::UnixStream,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use protocol::{
    CallId, PeerId,
    media::{Direction, Source},
};
use tokio::sync::oneshot;

use super::MediaError;

/// Questions waiting for the worker. A further one is refused, and its browser tries again.
const QUESTIONS_MAX: usize = 256;
/// Datagrams other workers have handed on that wait. Further ones are lost, as on a network.
const STRAYS_MAX: usize = 4096;

/// What the worker is told or asked.
#[derive(Debug)]
pub(super) enum Command {
    OpenRoom {
        call: CallId,
        answer: oneshot::Sender<bool>,
    },
    Offer {
        call: CallId,
        peer: PeerId,
        direction: Direction,
        session: u32,
        sdp: String,
        answer: oneshot::Sender<Result<String, MediaError>>,
    },
    Remove {
        call: CallId,
        peer: PeerId,
    },
    SetMuted {
        call: CallId,
        peer: PeerId,
        source: Source,
        muted: bool,
    },
    Watch {
        call: CallId,
        peer: PeerId,
        closely: bool,
    },
    CloseRoom {
        call: CallId,
    },
    Silence {
        call: CallId,
        peer: PeerId,
        answer: oneshot::Sender<Option<Duration>>,
    },
    /// Came to another worker, which does not know it.
    Stray {
        came_at: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        contents: Vec<u8>,
    },
    /// Nothing that happens in its rooms is told any more: their calls are moved to another worker.
    Drain,
    /// Makes the worker panic.
    #[cfg(test)]
    Fail,
}

#[derive(Debug)]
pub(super) struct Inbox {
    queue: Mutex<Queue>,
    button: UnixStream,
    bell: UnixStream,
}

#[derive(Debug, Default)]
struct Queue {
    commands: VecDeque<Command>,
    questions: usize,
    strays: usize,
    is_closed: bool,
}

impl Inbox {
    pub(super) fn new() -> io::Result<Self> {
        let (button, bell) = UnixStream::pair()?;
        button.set_nonblocking(true)?;
        bell.set_nonblocking(true)?;
        Ok(Self {
            queue: Mutex::default(),
            button,
            bell,
        })
    }

    /// Puts a question in, unless there are too many.
    pub(super) fn ask(&self, question: Command) -> bool {
        let mut queue = self.queue();
        if queue.questions >= QUESTIONS_MAX {
            return false;
        }
        queue.questions += 1;
        self.put(queue, question);
        true
    }

    /// Puts in what must not be lost. It only takes away what questions have brought in, so their
    /// bound holds for it.
    pub(super) fn tell(&self, command: Command) {
        self.put(self.queue(), command);
    }

    /// Puts in a datagram that came to another worker. False when too many wait.
    pub(super) fn hand_on(&self, stray: Command) -> bool {
        let mut queue = self.queue();
        if queue.strays >= STRAYS_MAX {
            return false;
        }
        queue.strays += 1;
        self.put(queue, stray);
        true
    }

    /// Ends the worker.
    pub(super) fn close(&self) {
        self.queue().is_closed = true;
        self.ring();
    }

    /// All commands, in their order; none once the inbox is closed.
    pub(super) fn take(&self) -> Option<VecDeque<Command>> {
        let mut queue = self.queue();
        if queue.is_closed {
            return None;
        }
        queue.questions = 0;
        queue.strays = 0;
        Some(std::mem::take(&mut queue.commands))
    }

    /// Is readable once there are commands.
    pub(super) fn bell(&self) -> &UnixStream {
        &self.bell
    }

    /// To be called before [`Self::take`], or a command could wait for the next.
    pub(super) fn silence_bell(&self) {
        let mut rings = [0; 64];
        while (&self.bell)
            .read(&mut rings)
            .is_ok_and(|count| count == rings.len())
        {}
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, mut queue: MutexGuard<'_, Queue>, command: Command) {
        let is_first = queue.commands.is_empty();
        queue.commands.push_back(command);
        drop(queue);
        // Whoever made it non-empty has rung for all.
        if is_first {
            self.ring();
        }
    }

    fn ring(&self) {
        // It can only fail because the bell rings already.
        let _ = (&self.button).write(&[1]);
    }
}
