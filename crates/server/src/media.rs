//! Media: one UDP port, and one thread that carries its datagrams to and from the SFU.
//!
//! This is the handle the rest of the server holds. What passes between browsers is `sfu`'s, what
//! passes through the port is [`worker`]'s; here is only what a call asks of them: open a room,
//! answer an offer, remove, close; and back: connected, lost, speaking.

mod addresses;
mod counts;
mod inbox;
mod port;
mod standing;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    io,
    net::{IpAddr, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use protocol::{
    CallId, PeerId,
    media::{Direction, Source},
};
use tokio::sync::{mpsc, oneshot};

use self::{
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

/// The media worker's handle. The worker ends with the last clone.
#[derive(Debug, Clone)]
pub struct Media(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inbox: Arc<Inbox>,
    counts: Arc<Counts>,
    events: Mutex<Option<MediaEvents>>,
    port: u16,
}

impl Media {
    /// Starts the worker on a socket made by [`bind`]. Browsers are told to send to `addresses`;
    /// when there are none, to all addresses this host has.
    pub fn start(socket: UdpSocket, addresses: &[IpAddr]) -> io::Result<Self> {
        let port = Port::new(socket)?;
        let number = port.number();
        let candidates = addresses::candidates(addresses, number, port.has_ipv6());
        tracing::info!(?candidates, "media is forwarded");
        let inbox = Arc::new(Inbox::new()?);
        let counts = Arc::new(Counts::default());
        let (events_in, events) = mpsc::channel(EVENTS_MAX);
        let seat = Seat::new(
            port,
            candidates,
            Arc::clone(&inbox),
            Arc::clone(&counts),
            events_in,
        );
        thread::Builder::new()
            .name("media-0".to_owned())
            .spawn(move || seat.work())?;
        Ok(Self(Arc::new(Shared {
            inbox,
            counts,
            events: Mutex::new(Some(events)),
            port: number,
        })))
    }

    /// What happens in the rooms, for the one who asks first.
    pub fn events(&self) -> Option<MediaEvents> {
        self.0
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The UDP port, also of STUN.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    pub fn counts(&self) -> &Counts {
        &self.0.counts
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
        self.0.inbox.tell(Command::Remove { call, peer });
    }

    /// Stops or lets pass what a participant publishes, whatever its browser sends. Holds until the
    /// participant is removed or the room is closed.
    pub fn set_muted(&self, call: CallId, peer: PeerId, source: Source, muted: bool) {
        self.0.inbox.tell(Command::SetMuted {
            call,
            peer,
            source,
            muted,
        });
    }

    pub fn close_room(&self, call: CallId) {
        self.0.inbox.tell(Command::CloseRoom { call });
    }

    /// How long ago a participant's media was last heard; none when it never was.
    pub async fn silence(&self, call: CallId, peer: PeerId) -> Option<Duration> {
        self.ask(|answer| Command::Silence { call, peer, answer })
            .await
            .flatten()
    }

    /// None when the worker is too far behind to ask, or fails before it answers.
    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.0.inbox.ask(question(answer)).then_some(())?;
        answered.await.ok()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.inbox.close();
    }
}
