//! The media worker: one thread, one port, one SFU.
//!
//! It takes turns: commands, what waits at the port, time, then everything that is to be sent. It
//! decides nothing but where a datagram goes: to the SFU, to the STUN server, or nowhere.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sfu::{AdmitError, Counters, Event, Identity, Input, Output, Sfu};
use tokio::sync::mpsc;
use turn::{Protocol, classify, stun};

use super::{
    MediaError, MediaEvent, Office,
    counts::Counts,
    crew::{Crew, Member},
    inbox::{Command, Inbox},
    port::{Datagram, Outgoing, OwnAddresses, Port},
    standing::Standings,
};
use crate::clock;

/// Batches read before what they cause is sent.
const BATCHES_PER_TURN: usize = 2;
/// Datagrams sent before the port is read again, or its buffer would overflow in a large call.
const SENT_BETWEEN_READS: usize = 256;
/// Datagrams read while sending that wait for the turn's end; further ones are dropped.
const BACKLOG_MAX: usize = 4096;
/// How soon events for a full channel are tried again.
const RETRY: Duration = Duration::from_millis(50);
/// How often the SFU's counts are published.
const COUNT_INTERVAL: Duration = Duration::from_secs(1);
/// After a panic, so that a cause that stays does not take a whole core.
const RESTART_PAUSE: Duration = Duration::from_millis(100);

/// What outlives a worker that fails.
pub(super) struct Seat {
    number: u32,
    crew: Arc<Crew>,
    /// Its calls are moved to another worker, which tells of them.
    is_draining: bool,
    port: Port,
    candidates: Vec<SocketAddr>,
    own: OwnAddresses,
    identity: Identity,
    inbox: Arc<Inbox>,
    counts: Arc<Counts>,
    events: mpsc::Sender<MediaEvent>,
    standings: Standings,
}

struct Worker<'a> {
    seat: &'a mut Seat,
    sfu: Sfu,
    stun: stun::server::Server,
    outgoing: Vec<Outgoing>,
    /// Came while sending.
    backlog: VecDeque<(Instant, SocketAddr, SocketAddr, Vec<u8>)>,
    /// The SFU's counts when last published, and when to publish them next.
    counted: Counters,
    count_at: Instant,
}

impl Seat {
    pub(super) fn new(member: Member, port: Port, office: &Office) -> Self {
        let Office {
            candidates,
            identity,
            crew,
            counts,
            events,
            ..
        } = office;
        Self {
            number: member.number,
            crew: Arc::clone(crew),
            is_draining: false,
            port,
            own: OwnAddresses::among(candidates),
            candidates: candidates.clone(),
            identity: identity.clone(),
            inbox: member.inbox,
            counts: Arc::clone(counts),
            events: events.clone(),
            standings: Standings::default(),
        }
    }

    /// Works until the inbox is closed. A worker that panics has lost its rooms, and a new one
    /// takes its place.
    pub(super) fn work(mut self) {
        while catch_unwind(AssertUnwindSafe(|| Worker::new(&mut self).run())).is_err() {
            tracing::error!("the media worker failed; its rooms are lost and it starts again");
            self.counts.restarts.add(1);
            self.standings.all_lost();
            thread::sleep(RESTART_PAUSE);
        }
    }
}

impl<'a> Worker<'a> {
    fn new(seat: &'a mut Seat) -> Self {
        let sfu = Sfu::new(sfu::Config {
            candidates: seat.candidates.clone(),
            identity: seat.identity.clone(),
            seed: clock::random(),
        });
        Self {
            seat,
            sfu,
            stun: stun::server::Server::default(),
            outgoing: Vec::new(),
            backlog: VecDeque::new(),
            counted: Counters::default(),
            count_at: Instant::now(),
        }
    }

    fn run(&mut self) {
        while let Some(commands) = self.seat.inbox.take() {
            let now = Instant::now();
            for command in commands {
                self.carry_out(command, now);
            }
            self.receive();
            let now = Instant::now();
            if self.sfu.poll_timeout().is_some_and(|at| at <= now) {
                self.sfu.handle_input(Input::Timeout, now);
            }
            self.send();
            let all_told = self.seat.standings.tell(&self.seat.events);
            if now >= self.count_at {
                self.count_at = now + COUNT_INTERVAL;
                let counters = self.sfu.counters();
                let held = (!self.seat.is_draining).then(|| self.sfu.occupancy());
                self.seat.counts.take_over(counters, self.counted, held);
                self.counted = counters;
            }
            self.wait(all_told);
        }
    }

    fn carry_out(&mut self, command: Command, now: Instant) {
        // Whoever asked may have gone: an answer nobody waits for is dropped.
        match command {
            Command::OpenRoom { call, answer } => {
                let _ = answer.send(self.sfu.open_room(call, now));
            }
            Command::Offer {
                call,
                peer,
                direction,
                session,
                sdp,
                answer,
            } => {
                if answer.is_closed() {
                    return;
                }
                let answered = self.sfu.admit(call, peer, direction, session, &sdp, now);
                if let Err(error) = &answered {
                    tracing::debug!(%call, %peer, ?direction, %error, "an offer was refused");
                } else {
                    self.seat.standings.offered(call, peer, direction);
                }
                let _ = answer.send(answered.map_err(refuse));
            }
            Command::Remove { call, peer } => {
                self.sfu.remove(call, peer, now);
                self.seat.standings.removed(call, peer);
            }
            Command::SetMuted {
                call,
                peer,
                source,
                muted,
            } => self.sfu.set_muted(call, peer, source, muted, now),
            Command::Watch {
                call,
                peer,
                closely,
            } => self.sfu.watch(call, peer, closely, now),
            Command::CloseRoom { call } => {
                self.sfu.close_room(call, now);
                self.seat.standings.closed(call);
            }
            Command::Silence { call, peer, answer } => {
                let heard = self.sfu.last_heard(call, peer);
                let _ = answer.send(heard.map(|at| now.saturating_duration_since(at)));
            }
            Command::Stray {
                came_at,
                source,
                destination,
                contents,
            } => {
                let input = Input::Datagram {
                    source,
                    destination,
                    contents: &contents,
                };
                self.sfu.handle_input(input, came_at);
            }
            Command::Drain => {
                self.seat.is_draining = true;
                self.seat.standings = Standings::default();
            }
            #[cfg(test)]
            Command::Fail => panic!("told to"),
        }
    }

    /// Hands in what waits at the port, older first.
    fn receive(&mut self) {
        let Self {
            seat,
            sfu,
            stun,
            outgoing,
            backlog,
            ..
        } = self;
        let others = seat.crew.others(seat.number);
        for (came_at, source, destination, contents) in backlog.drain(..) {
            let datagram = Datagram {
                source,
                destination,
                contents: &contents,
            };
            outgoing.extend(hand_in(sfu, stun, &others, &seat.counts, datagram, came_at));
        }
        for _ in 0..BATCHES_PER_TURN {
            let now = Instant::now();
            let counts = &seat.counts;
            let more = seat.port.receive(counts, |datagram| {
                outgoing.extend(hand_in(sfu, stun, &others, counts, datagram, now));
            });
            if !more {
                break;
            }
        }
    }

    /// Takes everything out of the SFU and sends it, with a look at the port now and then.
    fn send(&mut self) {
        while let Some(output) = self.sfu.poll_output() {
            match output {
                Output::Transmit {
                    source,
                    destination,
                    contents,
                } => {
                    self.outgoing.push(Outgoing {
                        source,
                        destination,
                        contents,
                    });
                    if self.outgoing.len() >= SENT_BETWEEN_READS {
                        self.flush();
                        self.put_by();
                    }
                }
                Output::Event(event) => self.note(event),
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        let Seat {
            port, own, counts, ..
        } = &mut *self.seat;
        port.send(&self.outgoing, own, counts);
        self.outgoing.clear();
    }

    /// Keeps what waits at the port for the turn's end.
    fn put_by(&mut self) {
        let Self { seat, backlog, .. } = self;
        let now = Instant::now();
        let counts = &seat.counts;
        seat.port.receive(
            counts,
            |Datagram {
                 source,
                 destination,
                 contents,
             }| {
                if backlog.len() < BACKLOG_MAX {
                    backlog.push_back((now, source, destination, contents.to_vec()));
                } else {
                    counts.overrun.add(1);
                }
            },
        );
    }

    fn note(&mut self, event: Event) {
        if self.seat.is_draining {
            return;
        }
        match event {
            Event::Connected {
                call,
                peer,
                direction,
            } => {
                tracing::debug!(%call, %peer, ?direction, "media connected");
                self.seat.standings.connected(call, peer, direction);
            }
            Event::Lost {
                call,
                peer,
                direction,
            } => {
                tracing::debug!(%call, %peer, ?direction, "media lost");
                self.seat.standings.lost(call, peer, direction);
            }
            Event::Speaking { call, peers } => {
                // The next is at most 200 ms away.
                let _ = self
                    .seat
                    .events
                    .try_send(MediaEvent::Speaking { call, peers });
            }
        }
    }

    /// Sleeps until there is something to do.
    fn wait(&self, all_told: bool) {
        if !self.backlog.is_empty() {
            return;
        }
        let now = Instant::now();
        let retry = (!all_told).then_some(now + RETRY);
        let wake_at = self.sfu.poll_timeout().into_iter().chain(retry).min();
        let timeout = wake_at.map(|at| at.saturating_duration_since(now));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let inbox = &self.seat.inbox;
        let mut sources = [
            PollFd::new(self.seat.port.socket(), PollFlags::IN),
            PollFd::new(inbox.bell(), PollFlags::IN),
        ];
        // An interrupted sleep is a short one.
        let _ = poll(&mut sources, timeout.as_ref());
        if !sources[1].revents().is_empty() {
            inbox.silence_bell();
        }
    }
}

/// Gives a datagram to whom it is for; answers what to send back at once.
fn hand_in(
    sfu: &mut Sfu,
    stun: &mut stun::server::Server,
    others: &[Member],
    counts: &Counts,
    datagram: Datagram<'_>,
    now: Instant,
) -> Option<Outgoing> {
    let Datagram {
        source,
        destination,
        contents,
    } = datagram;
    match classify(contents) {
        Protocol::Stun if is_strangers(contents) => {
            let answer = stun.handle(contents, source, now);
            if answer.is_none() {
                counts.stun_unanswered.add(1);
            }
            answer.map(|contents| Outgoing {
                source: destination,
                destination: source,
                contents,
            })
        }
        Protocol::Stun | Protocol::Dtls | Protocol::Rtp
            if !others.is_empty() && !sfu.owns(source, contents) =>
        {
            // Nobody knows whose it is but its owner.
            for other in others {
                let stray = Command::Stray {
                    came_at: now,
                    source,
                    destination,
                    contents: contents.to_vec(),
                };
                if !other.inbox.hand_on(stray) {
                    counts.overrun.add(1);
                }
            }
            None
        }
        Protocol::Stun | Protocol::Dtls | Protocol::Rtp => {
            sfu.handle_input(
                Input::Datagram {
                    source,
                    destination,
                    contents,
                },
                now,
            );
            None
        }
        Protocol::ChannelData | Protocol::Unknown => {
            counts.unknown.add(1);
            None
        }
    }
}

/// Whether a STUN message is a request without a user name: somebody, a participant perhaps, asks
/// what address it has. With one it is a connectivity check.
fn is_strangers(message: &[u8]) -> bool {
    const REQUEST: [u8; 2] = [0, 1];
    const USERNAME: [u8; 2] = [0, 6];
    let Some((header, mut attributes)) = message.split_at_checked(20) else {
        return true;
    };
    if header[..2] != REQUEST {
        return false;
    }
    while let Some((&[kind_high, kind_low, high, low], rest)) = attributes.split_first_chunk() {
        if [kind_high, kind_low] == USERNAME {
            return false;
        }
        let length = usize::from(u16::from_be_bytes([high, low])).next_multiple_of(4);
        attributes = rest.get(length..).unwrap_or_default();
    }
    true
}

fn refuse(error: AdmitError) -> MediaError {
    match error {
        // Rooms are opened before offers come, so there were too many, or the worker has failed
        // in between.
        AdmitError::NoRoom => MediaError::Unavailable,
        AdmitError::Full { .. }
        | AdmitError::OldSession
        | AdmitError::TooLarge
        | AdmitError::Malformed(_)
        | AdmitError::Refused(_) => MediaError::Refused(error.to_string()),
    }
}
