//! All rooms of one worker: commands and datagrams in, datagrams and events out.
//!
//! Finds the connection a datagram is for, drives connections that have something to do, and keeps
//! their timers. What passes between people is [`crate::room`]'s.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use protocol::media::{Direction, Source};
use protocol::{CallId, PeerId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::AdmitError;
use crate::offer::outline;
use crate::peer::{Connection, Credentials, Engine, Identity, Polled, Signal};
use crate::room::{Room, TICK, check_lines};
use crate::router::{Route, Router, stun_fragment};

/// Rooms of one worker. A further one is not opened, and admissions to it fail.
pub const ROOMS_MAX: usize = 4096;
/// Turns of one connection before the others have theirs; what is left goes on at the next timeout.
const TURNS_MAX: usize = 512;

/// What a worker is made with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses browsers are told to send to. Datagrams for an address not among them count for
    /// the first of the same family.
    pub candidates: Vec<SocketAddr>,
    /// Shared by all workers.
    pub identity: Identity,
    /// From the operating system's randomness: passwords are drawn with it.
    pub seed: [u8; 32],
}

/// What happens outside.
#[derive(Debug)]
pub enum Input<'a> {
    Datagram {
        source: SocketAddr,
        destination: SocketAddr,
        contents: &'a [u8],
    },
    Timeout,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Transmit {
        destination: SocketAddr,
        source: SocketAddr,
        contents: Vec<u8>,
    },
    Event(Event),
}

/// What the call should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Media can pass. Comes again when a lost connection recovers.
    Connected {
        call: CallId,
        peer: PeerId,
        direction: Direction,
    },
    /// Nothing was heard for some seconds, or the connection ended. It may recover.
    Lost {
        call: CallId,
        peer: PeerId,
        direction: Direction,
    },
    /// Who talks, loudest first. At most five a second.
    Speaking { call: CallId, peers: Vec<PeerId> },
}

/// What was handled, since the worker began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    pub packets_received: u64,
    /// One for each receiver.
    pub packets_forwarded: u64,
    /// Media of no use: muted, malformed, of an unknown layer.
    pub packets_dropped: u64,
    /// Datagrams that belong to no connection.
    pub datagrams_unknown: u64,
    /// Datagrams of a connection that could not be read.
    pub datagrams_malformed: u64,
    /// Data channel messages that were not understood.
    pub messages_dropped: u64,
    pub key_frames_requested: u64,
}

/// How much is held, for tests and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Occupancy {
    pub rooms: usize,
    pub peers: usize,
    pub addresses: usize,
    pub names: usize,
    pub timers: usize,
}

/// What rooms leave behind for the worker.
#[derive(Default)]
pub(crate) struct Queue {
    outputs: VecDeque<Output>,
    woken: VecDeque<Route>,
    pub(crate) counters: Counters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Room(CallId),
    Connection(Route),
}

/// All rooms of one worker. See the crate's documentation.
pub struct Sfu {
    engine: Arc<Engine>,
    rooms: BTreeMap<CallId, Room>,
    router: Router,
    timers: BTreeSet<(Instant, Timer)>,
    queue: Queue,
    random: StdRng,
    serial: u64,
    /// The time of the newest input.
    now: Option<Instant>,
}

impl Sfu {
    pub fn new(config: Config) -> Self {
        Self {
            engine: Arc::new(Engine::new(config.identity, config.candidates)),
            rooms: BTreeMap::new(),
            router: Router::default(),
            timers: BTreeSet::new(),
            queue: Queue::default(),
            random: StdRng::from_seed(config.seed),
            serial: 0,
            now: None,
        }
    }

    /// Opens a room, if it is not open. False at [`ROOMS_MAX`].
    pub fn open_room(&mut self, call: CallId, now: Instant) -> bool {
        self.pass(now);
        if self.rooms.contains_key(&call) {
            return true;
        }
        if self.rooms.len() >= ROOMS_MAX {
            return false;
        }
        self.rooms.insert(call, Room::default());
        self.timers.insert((now + TICK, Timer::Room(call)));
        true
    }

    /// Closes a room, if it is open, and every connection in it.
    pub fn close_room(&mut self, call: CallId, now: Instant) {
        self.pass(now);
        let Some(mut room) = self.rooms.remove(&call) else {
            return;
        };
        let peers: Vec<_> = room.peers().collect();
        for peer in peers {
            for connection in room.remove(peer) {
                self.retire(connection);
            }
        }
        self.timers.retain(|(_, timer)| *timer != Timer::Room(call));
    }

    /// Answers a browser's offer. The same session and certificate as before renegotiate the
    /// connection; others (the page was loaded anew) replace it, unless the session is older.
    pub fn admit(
        &mut self,
        call: CallId,
        peer: PeerId,
        direction: Direction,
        session: u32,
        offer_sdp: &str,
        now: Instant,
    ) -> Result<String, AdmitError> {
        self.pass(now);
        let lines = outline(offer_sdp)?;
        check_lines(direction, &lines)?;
        let room = self.rooms.get_mut(&call).ok_or(AdmitError::NoRoom)?;
        room.check_admission(peer)?;
        let current = room.connection(peer, direction);
        if current
            .as_ref()
            .is_some_and(|current| session < current.session)
        {
            return Err(AdmitError::OldSession);
        }
        let is_continued =
            current.is_some_and(|current| current.is_continued_by(session, offer_sdp));
        let random = &mut self.random;
        let route = if is_continued {
            let connection = room.connection(peer, direction).ok_or(AdmitError::NoRoom)?;
            let old = connection.credentials.fragment.clone();
            let answer = connection.answer(offer_sdp, lines);
            let route = connection.route;
            if old != connection.credentials.fragment {
                self.router
                    .rename(&old, &connection.credentials.fragment, route);
            }
            let answer = answer?;
            room.learn_lines(peer, direction, || random.random());
            self.queue.wake_route(room, route);
            return Ok(answer);
        } else {
            self.serial += 1;
            Route {
                call,
                peer,
                direction,
                serial: self.serial,
            }
        };
        let credentials = credentials(random);
        let mut connection = Connection::new(self.engine.clone(), route, session, credentials, now);
        let answer = connection.answer(offer_sdp, lines)?;
        self.router.name(&connection.credentials.fragment, route);
        let replaced = room.install(connection);
        room.learn_lines(peer, direction, || random.random());
        self.queue.wake_route(room, route);
        if let Some(replaced) = replaced {
            self.retire(replaced);
        }
        Ok(answer)
    }

    /// Ends a peer's connections.
    pub fn remove(&mut self, call: CallId, peer: PeerId, now: Instant) {
        self.pass(now);
        let Some(room) = self.rooms.get_mut(&call) else {
            return;
        };
        let connections: Vec<_> = room.remove(peer).collect();
        for connection in connections {
            self.retire(connection);
        }
    }

    /// Stops or lets pass what a peer publishes, whatever its browser does. Holds until the peer is
    /// removed.
    pub fn set_muted(
        &mut self,
        call: CallId,
        peer: PeerId,
        source: Source,
        muted: bool,
        now: Instant,
    ) {
        self.pass(now);
        if let Some(room) = self.rooms.get_mut(&call) {
            room.set_muted(peer, source, muted);
        }
    }

    /// Takes silence for loss sooner with this peer, or as with everybody again: of whom nothing but
    /// their media says that they are there, others are to see soon when they are not. Holds while the
    /// peer has connections.
    pub fn watch(&mut self, call: CallId, peer: PeerId, closely: bool, now: Instant) {
        self.pass(now);
        if let Some(room) = self.rooms.get_mut(&call) {
            room.watch(peer, closely);
        }
    }

    pub fn handle_input(&mut self, input: Input<'_>, now: Instant) {
        self.pass(now);
        match input {
            Input::Datagram {
                source,
                destination,
                contents,
            } => {
                self.on_datagram(source, destination, contents, now);
            }
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// The next thing to do, until there is none. Connections are driven here, so that a batch of
    /// inputs before it costs each connection one turn.
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.queue.outputs.pop_front() {
                return Some(output);
            }
            let (route, now) = (self.queue.woken.pop_front()?, self.now?);
            self.drive(route, now);
        }
    }

    /// When [`Input::Timeout`] is due. Only meaningful once there are no more outputs.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Whether a STUN request with this user name (the part before the colon) is for one of our
    /// connections.
    pub fn owns_ufrag(&self, fragment: &str) -> bool {
        self.router.by_fragment(fragment).is_some()
    }

    /// Whether a datagram is for one of our connections, by its address or its STUN user name.
    pub fn owns(&self, source: SocketAddr, datagram: &[u8]) -> bool {
        match stun_fragment(datagram) {
            Some(fragment) => self.owns_ufrag(fragment),
            None => self.router.by_address(source).is_some(),
        }
    }

    /// When a peer was last heard on any of its connections.
    pub fn last_heard(&self, call: CallId, peer: PeerId) -> Option<Instant> {
        self.rooms.get(&call)?.last_heard(peer)
    }

    pub fn counters(&self) -> Counters {
        self.queue.counters
    }

    pub fn occupancy(&self) -> Occupancy {
        let (addresses, names) = self.router.len();
        Occupancy {
            rooms: self.rooms.len(),
            peers: self.rooms.values().map(|room| room.peers().count()).sum(),
            addresses,
            names,
            timers: self.timers.len(),
        }
    }

    fn pass(&mut self, now: Instant) {
        self.now = self.now.max(Some(now));
    }

    fn on_datagram(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
        now: Instant,
    ) {
        let Some(route) = self.route(source, contents) else {
            self.queue.counters.datagrams_unknown += 1;
            return;
        };
        let Some(connection) = connection(&mut self.rooms, route) else {
            return;
        };
        if connection.is_lost {
            connection.is_lost = false;
            self.queue.event(Event::connected(route));
        }
        if !connection.receive(source, destination, contents, now) {
            self.queue.counters.datagrams_malformed += 1;
        }
        // The engine holds one received packet at a time.
        let _ = self.drain(route, now);
        self.wake(route);
    }

    /// By user name first, since a new connection may have an old one's address.
    fn route(&mut self, source: SocketAddr, contents: &[u8]) -> Option<Route> {
        let by_address = self.router.by_address(source);
        let Some(fragment) = stun_fragment(contents) else {
            return by_address;
        };
        let route = self.router.by_fragment(fragment)?;
        if by_address != Some(route) {
            let connection = connection(&mut self.rooms, route)?;
            if !connection.is_authentic(contents) {
                return None;
            }
            self.router.bind(source, route, &mut connection.addresses);
        }
        Some(route)
    }

    fn on_timeout(&mut self, now: Instant) {
        while let Some((at, timer)) = self.timers.first().copied() {
            if at > now {
                break;
            }
            self.timers.pop_first();
            match timer {
                Timer::Connection(route) => {
                    if let Some(connection) = connection(&mut self.rooms, route) {
                        connection.wakes_at = None;
                        self.queue.wake(connection);
                    }
                }
                Timer::Room(call) => self.tick(call, now),
            }
        }
    }

    fn tick(&mut self, call: CallId, now: Instant) {
        let Some(room) = self.rooms.get_mut(&call) else {
            return;
        };
        room.tick(call, now, &mut self.queue);
        let dead = room.check_silence(now, &mut self.queue);
        let connections: Vec<_> = dead
            .into_iter()
            .filter_map(|(peer, direction)| room.take(peer, direction))
            .collect();
        for connection in connections {
            if !connection.is_lost {
                self.queue.event(Event::lost(connection.route));
            }
            self.retire(connection);
        }
        self.timers.insert((now + TICK, Timer::Room(call)));
    }

    /// Gives a connection its turn: time passes, outputs are taken.
    fn drive(&mut self, route: Route, now: Instant) {
        if let Some(connection) = connection(&mut self.rooms, route) {
            connection.is_woken = false;
        }
        for _ in 0..TURNS_MAX {
            let Some(connection) = connection(&mut self.rooms, route) else {
                return;
            };
            connection.advance(now);
            let Some(wakes_at) = self.drain(route, now) else {
                return;
            };
            if wakes_at > now {
                self.schedule(route, wakes_at);
                return;
            }
        }
        self.schedule(route, now);
    }

    /// Takes all outputs of a connection; answers when it wants to be woken.
    fn drain(&mut self, route: Route, now: Instant) -> Option<Instant> {
        let mut signals: Vec<Signal> = Vec::new();
        let connection = connection(&mut self.rooms, route)?;
        let wakes_at = loop {
            match connection.poll() {
                Polled::Transmit {
                    source,
                    destination,
                    contents,
                } => {
                    self.queue.outputs.push_back(Output::Transmit {
                        destination,
                        source,
                        contents,
                    });
                }
                Polled::Signal(signal) => signals.push(signal),
                Polled::Wait(at) => break at,
            }
        };
        let room = self.rooms.get_mut(&route.call)?;
        for signal in signals {
            room.on_signal(route.peer, route.direction, signal, now, &mut self.queue);
        }
        Some(wakes_at)
    }

    fn schedule(&mut self, route: Route, at: Instant) {
        let Some(connection) = connection(&mut self.rooms, route) else {
            return;
        };
        if connection.wakes_at == Some(at) {
            return;
        }
        if let Some(old) = connection.wakes_at.replace(at) {
            self.timers.remove(&(old, Timer::Connection(route)));
        }
        self.timers.insert((at, Timer::Connection(route)));
    }

    fn wake(&mut self, route: Route) {
        if let Some(connection) = connection(&mut self.rooms, route) {
            self.queue.wake(connection);
        }
    }

    /// Lets a connection say goodbye and forgets it.
    fn retire(&mut self, mut connection: Connection) {
        let route = connection.route;
        self.router.forget(
            route,
            &connection.credentials.fragment,
            &connection.addresses,
        );
        if let Some(at) = connection.wakes_at {
            self.timers.remove(&(at, Timer::Connection(route)));
        }
        if let Some(now) = self.now {
            connection.close(now);
        }
        while let Polled::Transmit {
            source,
            destination,
            contents,
        } = connection.poll()
        {
            self.queue.outputs.push_back(Output::Transmit {
                destination,
                source,
                contents,
            });
        }
    }
}

fn connection(rooms: &mut BTreeMap<CallId, Room>, route: Route) -> Option<&mut Connection> {
    let connection = rooms
        .get_mut(&route.call)?
        .connection(route.peer, route.direction)?;
    (connection.route == route).then_some(connection)
}

/// RFC 8445, section 5.3, asks for 24 and 128 bits of randomness at least.
fn credentials(random: &mut StdRng) -> Credentials {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut word = |length: usize| -> String {
        (0..length)
            .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
            .collect()
    };
    Credentials {
        fragment: word(12),
        password: word(24),
    }
}

impl Queue {
    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Puts a connection in the list of those to be driven.
    pub(crate) fn wake(&mut self, connection: &mut Connection) {
        if !connection.is_woken {
            connection.is_woken = true;
            self.woken.push_back(connection.route);
        }
    }

    fn wake_route(&mut self, room: &mut Room, route: Route) {
        if let Some(connection) = room.connection(route.peer, route.direction) {
            self.wake(connection);
        }
    }
}

impl Event {
    pub(crate) fn connected(
        Route {
            call,
            peer,
            direction,
            ..
        }: Route,
    ) -> Self {
        Self::Connected {
            call,
            peer,
            direction,
        }
    }

    pub(crate) fn lost(
        Route {
            call,
            peer,
            direction,
            ..
        }: Route,
    ) -> Self {
        Self::Lost {
            call,
            peer,
            direction,
        }
    }
}
