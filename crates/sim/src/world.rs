//! One life: people, their devices, the network, the server, and a clock that jumps.

mod acts;
mod wire;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    time::Duration,
};

use domain::call::{Call, CallRecord, Cell, Change, Input, Output, PrepareInput, Reach};
use protocol::{
    CallId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallState, HostAct, MediaMode, ParticipantChange, Ring},
    conversation::ConversationKind,
    limits,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    device::Device,
    model,
    net::Queue,
    plan::{Act, Plan, Scene},
    server::{Server, Socket, Told},
};

/// When a life begins. A round number reads well in failures.
const DAWN: Timestamp = Timestamp::from_millis(1_000_000_000_000);
/// A message takes so many milliseconds. A socket keeps the order of its messages; those of
/// different sockets overtake one another, and what is on its way when a socket breaks is lost.
const DELAY_MIN: Duration = Duration::from_millis(5);
/// No message is longer on its way.
pub const DELAY_MAX: Duration = Duration::from_millis(250);
/// Every socket hears a ping that often.
const PING_SECONDS: u64 = 5;
/// What comes after the last act: long enough for every ring, lease and grace to have run out.
const EVENING: Duration = Duration::from_secs(120);
/// Tenths of a second waited after it for messages still on their way.
const LAST_WORDS: u32 = 50;

/// The rules did not hold.
#[derive(Debug)]
pub struct Broken {
    pub seed: u64,
    pub at: Timestamp,
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.at.since(DAWN).as_secs_f64();
        write!(
            f,
            "{} (at {second:.3} s; SEED={} plays it again)",
            self.what, self.seed
        )
    }
}

/// What a whole life came to.
#[derive(Debug)]
pub struct Life {
    pub calls: usize,
    /// How often each input met each state of what it is about.
    pub reached: HashMap<Cell, u64>,
}

/// A server, devices and the network between them.
pub struct World {
    seed: u64,
    pub now: Timestamp,
    random: StdRng,
    people: Vec<UserId>,
    pub devices: Vec<Device>,
    pub(crate) server: Server,
    events: Queue<Event>,
    next_socket: u64,
    /// When the newest message of a socket arrives, to the server or from it.
    arrivals: BTreeMap<(u64, bool), Timestamp>,
    seconds: u64,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a call's state goes through here more often than anything else"
)]
enum Event {
    /// Reaches the server on that socket.
    ToServer {
        socket: u64,
        message: ToServer,
    },
    /// Reaches the device, if it still has that socket.
    ToDevice {
        device: usize,
        socket: u64,
        message: ToDevice,
    },
    Connect {
        device: usize,
    },
    /// The server sees that a socket was closed.
    Closed {
        socket: u64,
        /// Whether because its page closes.
        page: bool,
    },
    Act {
        device: usize,
        act: Act,
    },
    Second,
}

#[derive(Clone)]
enum ToServer {
    Hello,
    Pong,
    Call,
    Join(CallId, bool),
    Get(CallId),
    Leave(CallId, PeerId),
    EndForAll(CallId),
    Change(CallId, PeerId, ParticipantChange),
    Media(CallId, PeerId, u32, bool),
    Host(CallId, HostAct),
    Add(CallId, UserId),
    StopRinging(CallId, UserId),
    Stay(CallId, PeerId),
    SignOut,
    Acknowledge(CallId),
    Prepare(CallId),
    Decline(CallId),
}

#[derive(Clone)]
enum ToDevice {
    Ping(Timestamp),
    Snapshot {
        time: Timestamp,
        call: Option<CallState>,
        ring: Option<Ring>,
    },
    Joined {
        peer_id: PeerId,
        call: CallState,
    },
    Got(CallState),
    Changed(Change),
    Ended(CallId),
    Ring(Ring),
    RingStopped(CallId),
    Detached(PeerId),
}

impl World {
    /// People with their devices, connected.
    pub fn new(scene: &Scene, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut devices = Vec::new();
        let mut people = Vec::new();
        for (person, count) in scene.devices_of.iter().enumerate() {
            let user_id = UserId::from_parts(DAWN, person as u128);
            people.push(user_id);
            for _ in 0..*count {
                let number = devices.len();
                let device_id = DeviceId::from_parts(DAWN, number as u128);
                let skew = random.random_range(-300_000..300_000);
                devices.push(Device::new(
                    user_id,
                    device_id,
                    format!("tab{number}"),
                    skew,
                ));
            }
        }
        let mut world = Self {
            seed,
            now: DAWN,
            random,
            server: Server::new(scene.kind, people[..people.len() - scene.outside].to_vec()),
            people,
            events: Queue::default(),
            next_socket: 1,
            arrivals: BTreeMap::new(),
            seconds: 0,
            devices,
        };
        for device in 0..world.devices.len() {
            world.connect(device);
        }
        world
            .events
            .put(DAWN + Duration::from_secs(1), Event::Second);
        world
            .run_until(DAWN + Duration::from_secs(2))
            .unwrap_or_else(|broken| panic!("{broken}"));
        world
    }

    /// A whole life drawn from one number.
    pub fn live(scene: &Scene, seed: u64) -> Result<Life, Broken> {
        let mut random = StdRng::seed_from_u64(seed.rotate_left(32));
        let plan = Plan::random(scene, &mut random);
        let mut world = Self::new(scene, seed);
        for user_id in world.people.clone() {
            let reach = match random.random_range(0..10) {
                0 => Reach::Busy,
                1 => Reach::DoNotDisturb,
                2 => Reach::Quiet,
                3 => Reach::OffHours,
                _ => Reach::Free,
            };
            world.server.reach.insert(user_id, reach);
            if random.random_range(0..5) == 0 {
                world.server.muted.insert(user_id);
            }
        }
        for device in &mut world.devices {
            device.drowsy = random.random_range(0..5) == 0;
        }
        world.play(&plan)
    }

    /// Plays a plan to its end, and the evening after it.
    pub fn play(mut self, plan: &Plan) -> Result<Life, Broken> {
        self.act_out(plan)?;
        self.run_until(self.now + EVENING)?;
        // What has just happened has yet to be told.
        let on_its_way = |event: &Event| match event {
            Event::ToServer { .. } | Event::ToDevice { .. } => true,
            Event::Connect { .. } | Event::Closed { .. } | Event::Act { .. } | Event::Second => {
                false
            }
        };
        for _ in 0..LAST_WORDS {
            if !self.events.has(on_its_way) {
                break;
            }
            self.run_for(Duration::from_millis(100))?;
        }
        model::evening(&self).map_err(|what| self.broken(what))?;
        Ok(Life {
            calls: self.server.ended.len() + usize::from(self.server.live.is_some()),
            reached: self.server.reached,
        })
    }

    /// Plays a plan up to and with its last act.
    pub fn act_out(&mut self, plan: &Plan) -> Result<(), Broken> {
        let mut at = self.now;
        for (pause, device, act) in &plan.steps {
            at = at + *pause;
            self.events.put(
                at,
                Event::Act {
                    device: *device,
                    act: *act,
                },
            );
        }
        self.run_until(at)
    }

    /// Lets time pass.
    pub fn run_for(&mut self, duration: Duration) -> Result<(), Broken> {
        self.run_until(self.now + duration)
    }

    fn run_until(&mut self, until: Timestamp) -> Result<(), Broken> {
        while let Some((at, event)) = self.events.take_until(until) {
            self.now = self.now.max(at);
            for device in &mut self.devices {
                device.tick(self.now);
            }
            let is_second = matches!(event, Event::Second);
            self.handle(event);
            if let Some(fault) = self.server.fault.take() {
                return Err(self.broken(fault));
            }
            if is_second {
                model::always(self).map_err(|what| self.broken(what))?;
            }
        }
        self.now = until;
        Ok(())
    }

    /// The live call as the store has it.
    pub fn live_call(&self) -> Option<&CallRecord> {
        self.server.live.as_ref()
    }

    /// Calls that are over, oldest first.
    pub fn ended_calls(&self) -> &[CallRecord] {
        &self.server.ended
    }

    fn broken(&self, what: String) -> Broken {
        Broken {
            seed: self.seed,
            at: self.now,
            what,
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Act { device, act } => self.act(device, act),
            Event::Connect { device } => self.connect(device),
            Event::ToServer { socket, message } => self.server_hears(socket, message),
            Event::ToDevice {
                device,
                socket,
                message,
            } => {
                let reachable = &self.devices[device];
                if reachable.alive && reachable.plugged && reachable.socket == Some(socket) {
                    self.device_hears(device, message);
                }
            }
            Event::Closed { socket, page } => {
                let told = self.server.closed(socket, page, self.now);
                self.announce(told);
            }
            Event::Second => {
                self.events
                    .put(self.now + Duration::from_secs(1), Event::Second);
                let sounding = self.sounding();
                let told = self.server.sweep(&sounding, self.now);
                self.announce(told);
                self.seconds += 1;
                if !self.seconds.is_multiple_of(PING_SECONDS) {
                    return;
                }
                let sockets: Vec<u64> = self.server.sockets.keys().copied().collect();
                for socket in sockets {
                    let time = self.now;
                    self.push(socket, ToDevice::Ping(time));
                }
            }
        }
    }

    /// Participants whose media the media node hears although their messages do not get through.
    fn sounding(&self) -> Vec<PeerId> {
        let devices = self.devices.iter();
        let sounding = devices.filter(|device| device.alive && device.sounds);
        let peers = sounding.filter_map(|device| device.peer);
        peers.map(|(_, peer_id)| peer_id).collect()
    }

    /// When a message sent now arrives: after those sent before on the same socket.
    fn arrival(&mut self, socket: u64, to_server: bool) -> Timestamp {
        let delay = self.random.random_range(DELAY_MIN..DELAY_MAX);
        let alone = self.now + delay;
        let newest = self.arrivals.entry((socket, to_server)).or_insert(alone);
        *newest = alone.max(*newest);
        *newest
    }

    fn close(&mut self, device: usize, socket: Option<u64>, page: bool) {
        if let Some(socket) = socket
            && self.devices[device].plugged
        {
            let at = self.arrival(socket, true);
            self.events.put(at, Event::Closed { socket, page });
        }
    }

    fn connect(&mut self, number: usize) {
        let device = &mut self.devices[number];
        if !device.alive || !device.plugged || device.socket.is_some() {
            return;
        }
        let socket = self.next_socket;
        self.next_socket += 1;
        device.socket = Some(socket);
        let (user_id, device_id, tab) = (device.user_id, device.device_id, device.tab.clone());
        let heard_at = self.now;
        let peers = Vec::new();
        let entry = Socket {
            device: number,
            user_id,
            device_id,
            tab,
            heard_at,
            peers,
        };
        self.server.sockets.insert(socket, entry);
        self.send(number, ToServer::Hello);
    }

    fn send(&mut self, number: usize, message: ToServer) {
        let device = &self.devices[number];
        if let Some(socket) = device.socket
            && device.alive
            && device.plugged
        {
            let at = self.arrival(socket, true);
            self.events.put(at, Event::ToServer { socket, message });
        }
    }

    fn push(&mut self, socket: u64, message: ToDevice) {
        if let Some(device) = self.server.sockets.get(&socket).map(|socket| socket.device) {
            let at = self.arrival(socket, false);
            self.events.put(
                at,
                Event::ToDevice {
                    device,
                    socket,
                    message,
                },
            );
        }
    }
}

/// A participant is shown no longer than this after its last sign of life: the lease, and the
/// second until the sweep looks.
pub(crate) const SHOWN_MAX: Duration =
    limits::PARTICIPANT_LEASE.saturating_add(Duration::from_millis(1_100));
