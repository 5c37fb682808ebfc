//! Media: one UDP port, and a thread that carries its datagrams to and from the SFU.
//!
//! This is the handle the rest of the server holds. What passes between browsers is `sfu`'s, what
//! passes through the port is [`worker`]'s; here is only what a call asks of them: open a room,
//! answer an offer, remove, close; and back: connected, lost, speaking.

mod addresses;
mod counts;
mod crew;
mod inbox;
mod port;
mod standing;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use protocol::{
    CallId, PeerId,
    media::{Direction, Source},
};
use sfu::Identity;
use tokio::sync::{mpsc, oneshot};

use self::{
    crew::{Crew, Member},
    inbox::{Command, Inbox},
    port::Port,
    worker::Seat,
};

pub use self::{
    counts::{Counts, Metric},
    port::bind,
};

/// Events nobody has taken yet. At the bound speaking is dropped, and who is connected or lost is
/// told later, as it is then.
const EVENTS_MAX: usize = 1024;

/// What media has to say to calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// All connections the participant has offered carry media. Comes again after a loss.
    Connected { call: CallId, peer: PeerId },
    /// One of them is silent or gone. It may recover.
    Lost { call: CallId, peer: PeerId },
    /// Who talks, loudest first. At most five a second.
    Speaking { call: CallId, peers: Vec<PeerId> },
}

pub type MediaEvents = mpsc::Receiver<MediaEvent>;

/// Why an offer has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The worker is behind, full, or has just failed. The browser may try again.
    #[error("media is not available now")]
    Unavailable,
    #[error("{0}")]
    Refused(String),
}

/// The handle of the media workers. They end with the last clone.
#[derive(Debug, Clone)]
pub struct Media(Arc<Shared>);

/// A worker that takes no more calls, and goes on with those it has until it is dismissed.
#[derive(Debug)]
pub struct Relieved(u32);

#[derive(Debug)]
struct Shared {
    office: Office,
    socket: UdpSocket,
    numbers: AtomicU32,
    taken: Mutex<Option<MediaEvents>>,
    port: u16,
}

/// What workers have in common.
#[derive(Debug)]
struct Office {
    candidates: Vec<SocketAddr>,
    identity: Identity,
    crew: Arc<Crew>,
    counts: Arc<Counts>,
    events: mpsc::Sender<MediaEvent>,
}

impl Media {
    /// Starts the worker on a socket made by [`bind`]. Browsers are told to send to `addresses`;
    /// when there are none, to all addresses this host has.
    pub fn start(socket: UdpSocket, addresses: &[IpAddr]) -> io::Result<Self> {
        let local = socket.local_addr()?;
        let candidates = addresses::candidates(addresses, local.port(), local.is_ipv6());
        tracing::info!(?candidates, "media is forwarded");
        let (events, taken) = mpsc::channel(EVENTS_MAX);
        let media = Self(Arc::new(Shared {
            office: Office {
                candidates,
                identity: Identity::generate(),
                crew: Arc::default(),
                counts: Arc::default(),
                events,
            },
            socket,
            numbers: AtomicU32::new(0),
            taken: Mutex::new(Some(taken)),
            port: local.port(),
        }));
        media.hire()?;
        Ok(media)
    }

    /// Starts a worker, which takes calls from now on.
    fn hire(&self) -> io::Result<()> {
        let Shared {
            office,
            socket,
            numbers,
            ..
        } = &*self.0;
        let member = Member {
            number: numbers.fetch_add(1, Ordering::Relaxed),
            inbox: Arc::new(Inbox::new()?),
        };
        let seat = Seat::new(member.clone(), Port::new(socket.try_clone()?)?, office);
        let number = member.number;
        if !office.crew.join(member) {
            return Err(io::Error::other("there are too many media workers"));
        }
        thread::Builder::new()
            .name(format!("media-{number}"))
            .spawn(move || seat.work())
            .inspect_err(|_| {
                office.crew.leave(number);
            })?;
        Ok(())
    }

    /// Has another worker take all rooms that are opened from now on. Those of the relieved one go on
    /// until it is dismissed, and nothing is told of them any more.
    pub fn relieve(&self) -> io::Result<Relieved> {
        let crew = &self.0.office.crew;
        let before = crew.newest();
        self.hire()?;
        let before = before.ok_or_else(|| io::Error::other("there is no media worker"))?;
        before.inbox.tell(Command::Drain);
        Ok(Relieved(before.number))
    }

    /// Ends a relieved worker and the rooms it still has.
    pub fn dismiss(&self, relieved: Relieved) {
        if let Some(member) = self.0.office.crew.leave(relieved.0) {
            member.inbox.close();
        }
    }

    /// What happens in the rooms, for the one who asks first.
    pub fn events(&self) -> Option<MediaEvents> {
        self.0
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The UDP port, also of STUN.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    pub fn counts(&self) -> &Counts {
        &self.0.office.counts
    }

    /// Opens a call's room, if it is not open.
    pub async fn open_room(&self, call: CallId) {
        let is_open = self.ask(|answer| Command::OpenRoom { call, answer }).await;
        if is_open != Some(true) {
            tracing::warn!(%call, "a room could not be opened; the next offer tries again");
        }
    }

    /// Answers a browser's offer. A higher session is the same browser's newer connection, and
    /// takes the older one's place.
    pub async fn offer(
        &self,
        call: CallId,
        peer: PeerId,
        direction: Direction,
        session: u32,
        sdp: String,
    ) -> Result<String, MediaError> {
        self.ask(|answer| Command::Offer {
            call,
            peer,
            direction,
            session,
            sdp,
            answer,
        })
        .await
        .unwrap_or(Err(MediaError::Unavailable))
    }

    /// Ends a participant's connections.
    pub fn remove(&self, call: CallId, peer: PeerId) {
        self.tell_all(|| Command::Remove { call, peer });
    }

    /// Stops or lets pass what a participant publishes, whatever its browser sends. Holds until the
    /// participant is removed or the room is closed.
    pub fn set_muted(&self, call: CallId, peer: PeerId, source: Source, muted: bool) {
        self.tell_all(|| Command::SetMuted {
            call,
            peer,
            source,
            muted,
        });
    }

    /// Tells sooner that a participant is lost, or as with everybody again.
    pub fn watch(&self, call: CallId, peer: PeerId, closely: bool) {
        self.tell_all(|| Command::Watch {
            call,
            peer,
            closely,
        });
    }

    pub fn close_room(&self, call: CallId) {
        self.tell_all(|| Command::CloseRoom { call });
    }

    /// How long ago a participant's media was last heard; none when it never was.
    pub async fn silence(&self, call: CallId, peer: PeerId) -> Option<Duration> {
        let mut shortest = None;
        for member in self.0.office.crew.all() {
            let heard = ask(&member, |answer| Command::Silence { call, peer, answer }).await;
            shortest = shortest.into_iter().chain(heard.flatten()).min();
        }
        shortest
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        ask(&self.0.office.crew.newest()?, question).await
    }

    fn tell_all(&self, command: impl Fn() -> Command) {
        for member in self.0.office.crew.all() {
            member.inbox.tell(command());
        }
    }
}

/// None when the worker is too far behind to ask, or fails before it answers.
async fn ask<T>(
    member: &Member,
    question: impl FnOnce(oneshot::Sender<T>) -> Command,
) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    member.inbox.ask(question(answer)).then_some(())?;
    answered.await.ok()
}

impl Drop for Shared {
    fn drop(&mut self) {
        for member in self.office.crew.all() {
            member.inbox.close();
        }
    }
}
