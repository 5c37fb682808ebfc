//! One life: people, their devices, the network, the server, and a clock that jumps.

use std::{fmt, time::Duration};

use domain::call::{Call, CallRecord, Change, Input, Output, Reach};
use protocol::{
    CallId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallState, ParticipantChange, Ring},
    limits,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    device::Device,
    model,
    net::Queue,
    plan::{Act, Plan, Scene},
    server::{Server, Socket},
};

/// When a life begins. A round number reads well in failures.
const DAWN: Timestamp = Timestamp::from_millis(1_000_000_000_000);
/// Every message takes this long, since a socket keeps its order. What is drawn at random is when
/// people act, so that inputs meet in every order all the same.
const DELAY: Duration = Duration::from_millis(20);
/// What comes after the last act: long enough for every ring, lease and grace to have run out.
const EVENING: Duration = Duration::from_secs(180);

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
    /// How often each kind of input was taken.
    pub reached: Vec<(&'static str, u64)>,
}

/// A server, devices and the network between them.
pub struct World {
    seed: u64,
    pub now: Timestamp,
    random: StdRng,
    pub devices: Vec<Device>,
    pub(crate) server: Server,
    events: Queue<Event>,
    next_socket: u64,
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
    Join(CallId),
    Get(CallId),
    Leave(CallId, PeerId),
    EndForAll(CallId),
    Change(CallId, PeerId, ParticipantChange),
    MediaUp(CallId, PeerId),
    Acknowledge(CallId),
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
        let mut members = Vec::new();
        for (person, count) in scene.devices_of.iter().enumerate() {
            let user_id = UserId::from_parts(DAWN, person as u128);
            members.push(user_id);
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
            server: Server::new(scene.kind, members),
            events: Queue::default(),
            next_socket: 1,
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
        for user_id in world.server.members.clone() {
            let reach = match random.random_range(0..10) {
                0 => Reach::Busy,
                1 => Reach::DoNotDisturb,
                _ => Reach::Free,
            };
            world.server.reach.insert(user_id, reach);
        }
        world.play(&plan)
    }

    /// Plays a plan to its end, and the evening after it.
    pub fn play(mut self, plan: &Plan) -> Result<Life, Broken> {
        self.act_out(plan)?;
        self.run_until(self.now + EVENING)?;
        model::evening(&self).map_err(|what| self.broken(what))?;
        Ok(Life {
            calls: self.server.ended.len() + usize::from(self.server.live.is_some()),
            reached: self
                .server
                .reached
                .iter()
                .map(|(name, count)| (*name, *count))
                .collect(),
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
            self.handle(event);
            model::always(self).map_err(|what| self.broken(what))?;
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
                let outputs = self.server.closed(socket, page, self.now);
                self.announce(outputs);
            }
            Event::Second => {
                self.events
                    .put(self.now + Duration::from_secs(1), Event::Second);
                let outputs = self.server.sweep(self.now);
                self.announce(outputs);
                let sockets: Vec<u64> = self.server.sockets.keys().copied().collect();
                for socket in sockets {
                    let time = self.now;
                    self.push(socket, ToDevice::Ping(time));
                }
            }
        }
    }

    fn act(&mut self, number: usize, act: Act) {
        let device = &self.devices[number];
        let shown = device.call.as_ref().map(|call| call.id);
        let own = device.peer;
        match act {
            Act::Call if own.is_none() => self.send(number, ToServer::Call),
            Act::Join => {
                let rung = device.ringing.as_ref().map(|ring| ring.call_id);
                if let Some(call_id) = rung.or(shown)
                    && own.is_none()
                {
                    self.devices[number].ringing = None;
                    self.send(number, ToServer::Join(call_id));
                }
            }
            Act::Decline => {
                if let Some(ring) = self.devices[number].ringing.take() {
                    self.send(number, ToServer::Decline(ring.call_id));
                }
            }
            Act::Leave => {
                if let Some((call_id, peer_id)) = self.devices[number].peer.take() {
                    self.send(number, ToServer::Leave(call_id, peer_id));
                }
            }
            Act::EndForAll => {
                if let Some((call_id, _)) = own {
                    self.send(number, ToServer::EndForAll(call_id));
                }
            }
            Act::ToggleMicrophone => {
                if let Some((call_id, peer_id)) = own {
                    let on = !self.devices[number].microphone;
                    self.devices[number].microphone = on;
                    let change = ParticipantChange {
                        microphone: Some(on),
                        ..Default::default()
                    };
                    self.send(number, ToServer::Change(call_id, peer_id, change));
                }
            }
            Act::RaiseHand => {
                if let Some((call_id, peer_id)) = own {
                    let up = !self.devices[number].hand;
                    self.devices[number].hand = up;
                    let change = ParticipantChange {
                        hand: Some(up),
                        ..Default::default()
                    };
                    self.send(number, ToServer::Change(call_id, peer_id, change));
                }
            }
            Act::Reload if self.devices[number].alive => {
                let device = &mut self.devices[number];
                let socket = device.socket.take();
                device.forget();
                self.close(number, socket, true);
                let away = self.random.random_range(300..4_000);
                self.events.put(
                    self.now + Duration::from_millis(away),
                    Event::Connect { device: number },
                );
            }
            Act::Unplug => self.devices[number].plugged = false,
            Act::PlugIn if !self.devices[number].plugged => {
                self.devices[number].plugged = true;
                // The client sees that the network is there and starts over.
                let socket = self.devices[number].socket.take();
                self.close(number, socket, false);
                self.events.put(
                    self.now + Duration::from_millis(100),
                    Event::Connect { device: number },
                );
            }
            Act::Close => {
                let socket = self.devices[number].socket;
                self.close(number, socket, true);
                let device = &mut self.devices[number];
                device.alive = false;
                device.forget();
                device.peer = None;
            }
            Act::Die => {
                let device = &mut self.devices[number];
                device.alive = false;
                device.forget();
                device.peer = None;
            }
            Act::RestartServer => {
                let outputs = self.server.restart(self.now);
                self.announce(outputs);
                for device in 0..self.devices.len() {
                    self.devices[device].socket = None;
                    let pause = self.random.random_range(500..3_000);
                    self.events.put(
                        self.now + Duration::from_millis(pause),
                        Event::Connect { device },
                    );
                }
            }
            Act::Call | Act::Reload | Act::PlugIn => {}
        }
    }

    fn close(&mut self, device: usize, socket: Option<u64>, page: bool) {
        if let Some(socket) = socket
            && self.devices[device].plugged
        {
            self.events
                .put(self.now + DELAY, Event::Closed { socket, page });
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
            self.events
                .put(self.now + DELAY, Event::ToServer { socket, message });
        }
    }

    fn push(&mut self, socket: u64, message: ToDevice) {
        if let Some(device) = self.server.sockets.get(&socket).map(|socket| socket.device) {
            self.events.put(
                self.now + DELAY,
                Event::ToDevice {
                    device,
                    socket,
                    message,
                },
            );
        }
    }

    fn server_hears(&mut self, socket: u64, message: ToServer) {
        let now = self.now;
        let Some(known) = self.server.sockets.get_mut(&socket) else {
            return;
        };
        known.heard_at = now;
        let (user_id, device_id) = (known.user_id, known.device_id);
        let mut claimed = Vec::new();
        if let ToServer::Change(call_id, peer_id, _) | ToServer::MediaUp(call_id, peer_id) =
            &message
        {
            claimed = self.server.claim(socket, *call_id, *peer_id, now);
        }
        self.announce(claimed);
        let outputs = match message {
            ToServer::Pong => Vec::new(),
            ToServer::Hello => {
                let live = self.server.live.clone().map(Call::from_record);
                let ring = live.as_ref().and_then(|call| call.ring_for(user_id));
                let call = live.map(|call| call.state());
                self.push(
                    socket,
                    ToDevice::Snapshot {
                        time: now,
                        call,
                        ring,
                    },
                );
                self.server.opened(socket, now)
            }
            ToServer::Call => self.joined(socket, None),
            ToServer::Join(call_id) => self.joined(socket, Some(call_id)),
            ToServer::Get(call_id) => {
                let live = self.server.live.clone().filter(|live| live.id == call_id);
                if let Some(live) = live {
                    let call = Call::from_record(live).state();
                    self.push(socket, ToDevice::Got(call));
                }
                Vec::new()
            }
            ToServer::Leave(call_id, peer_id) => {
                self.server
                    .hand_in(call_id, "leave", Input::Leave { peer_id }, now)
                    .1
            }
            ToServer::EndForAll(call_id) => {
                self.server
                    .hand_in(call_id, "end for all", Input::EndForAll, now)
                    .1
            }
            ToServer::Change(call_id, peer_id, change) => {
                self.server
                    .hand_in(call_id, "change", Input::Change { peer_id, change }, now)
                    .1
            }
            ToServer::MediaUp(call_id, peer_id) => {
                let epoch = self
                    .server
                    .live
                    .as_ref()
                    .map_or(1, |live| live.session.epoch);
                let input = Input::MediaState {
                    peer_id,
                    epoch,
                    connected: true,
                };
                self.server.hand_in(call_id, "media state", input, now).1
            }
            ToServer::Acknowledge(call_id) => {
                let input = Input::RingAcknowledged { user_id, device_id };
                self.server
                    .hand_in(call_id, "ring acknowledged", input, now)
                    .1
            }
            ToServer::Decline(call_id) => {
                let input = Input::RingDeclined { user_id, device_id };
                self.server.hand_in(call_id, "ring declined", input, now).1
            }
        };
        self.announce(outputs);
    }

    /// Has the server take somebody in and tells them so.
    fn joined(&mut self, socket: u64, call_id: Option<CallId>) -> Vec<Output> {
        let (joined, outputs) = match call_id {
            None => self.server.call(socket, self.now),
            Some(call_id) => self.server.join(socket, call_id, self.now),
        };
        if let Ok(peer_id) = joined
            && let Some(live) = self.server.live.clone()
        {
            let call = Call::from_record(live).state();
            self.push(socket, ToDevice::Joined { peer_id, call });
        }
        outputs
    }

    fn announce(&mut self, outputs: Vec<Output>) {
        let everybody = |world: &mut Self, message: &ToDevice| {
            let sockets: Vec<u64> = world.server.sockets.keys().copied().collect();
            for socket in sockets {
                world.push(socket, message.clone());
            }
        };
        for output in outputs {
            match output {
                Output::Ring {
                    user_id: _,
                    device_id,
                    ring,
                } => {
                    self.push_to(device_id, &ToDevice::Ring(ring));
                }
                Output::RingStopped {
                    user_id: _,
                    device_id,
                    reason: _,
                } => {
                    let call_id = self.server.live.as_ref().map(|live| live.id);
                    let call_id = call_id.or(self.server.ended.last().map(|call| call.id));
                    if let Some(call_id) = call_id {
                        self.push_to(device_id, &ToDevice::RingStopped(call_id));
                    }
                }
                Output::Tell(change) => everybody(self, &ToDevice::Changed(change)),
                Output::Detached {
                    device_id, peer_id, ..
                } => {
                    self.push_to(device_id, &ToDevice::Detached(peer_id));
                }
                Output::Ended { .. } => {
                    if let Some(call_id) = self.server.ended.last().map(|call| call.id) {
                        everybody(self, &ToDevice::Ended(call_id));
                    }
                }
                Output::Hosted { .. }
                | Output::OpenRoom { .. }
                | Output::RemovePeer { .. }
                | Output::SetMuted { .. }
                | Output::CloseRoom => {}
            }
        }
    }

    fn push_to(&mut self, device_id: DeviceId, message: &ToDevice) {
        let sockets = self.server.sockets.iter();
        let of_device = sockets.filter(|(_, socket)| socket.device_id == device_id);
        let sockets: Vec<u64> = of_device.map(|(id, _)| *id).collect();
        for socket in sockets {
            self.push(socket, message.clone());
        }
    }

    fn device_hears(&mut self, number: usize, message: ToDevice) {
        let now = self.now;
        let device = &mut self.devices[number];
        match message {
            ToDevice::Ping(time) => {
                device.correct(now, time);
                self.send(number, ToServer::Pong);
            }
            ToDevice::Snapshot { time, call, ring } => {
                device.correct(now, time);
                device.ringing = ring;
                let still_in = call.as_ref().is_some_and(|call| {
                    device.peer.is_some_and(|(call_id, peer_id)| {
                        call.id == call_id
                            && call
                                .participants
                                .iter()
                                .any(|other| other.peer_id == peer_id)
                    })
                });
                let was_in = device.peer.take();
                let fresh = device.fresh;
                device.call = call;
                if let Some((call_id, peer_id)) = was_in.filter(|_| still_in) {
                    if fresh {
                        // A page that was loaded again has new media and joins as who it was.
                        self.send(number, ToServer::Join(call_id));
                    } else {
                        device.peer = was_in;
                        self.send(number, ToServer::MediaUp(call_id, peer_id));
                    }
                } else if let Some(ring) = device.ringing.clone() {
                    self.send(number, ToServer::Acknowledge(ring.call_id));
                }
            }
            ToDevice::Joined { peer_id, call } => {
                device.peer = Some((call.id, peer_id));
                device.fresh = false;
                let call_id = call.id;
                device.call = Some(call);
                device.ringing = None;
                self.send(number, ToServer::MediaUp(call_id, peer_id));
            }
            ToDevice::Got(call) => {
                let held = device.call.as_ref();
                if held.is_some_and(|held| held.id == call.id && held.version < call.version) {
                    device.call = Some(call);
                }
            }
            ToDevice::Changed(change) => {
                if device.call.is_none()
                    && let Change::Call(call) = &change
                {
                    device.call = Some(call.clone());
                }
                let call_id = device.call.as_ref().map(|call| call.id);
                if device.change(change)
                    && let Some(call_id) = call_id
                {
                    self.send(number, ToServer::Get(call_id));
                }
            }
            ToDevice::Ended(call_id) => {
                if device.call.as_ref().is_some_and(|call| call.id == call_id) {
                    device.call = None;
                }
                if device.peer.is_some_and(|(own, _)| own == call_id) {
                    device.peer = None;
                }
                if device
                    .ringing
                    .as_ref()
                    .is_some_and(|ring| ring.call_id == call_id)
                {
                    device.ringing = None;
                }
            }
            ToDevice::Ring(ring) => {
                let call_id = ring.call_id;
                if device.peer.is_none() && ring.expires_at > device.server_time(now) {
                    device.ringing = Some(ring);
                    self.send(number, ToServer::Acknowledge(call_id));
                }
            }
            ToDevice::RingStopped(call_id) => {
                if device
                    .ringing
                    .as_ref()
                    .is_some_and(|ring| ring.call_id == call_id)
                {
                    device.ringing = None;
                }
            }
            ToDevice::Detached(peer_id) => {
                if device.peer.is_some_and(|(_, own)| own == peer_id) {
                    device.peer = None;
                }
            }
        }
    }
}

/// A participant is shown no longer than this after its last sign of life: the lease, and the
/// second until the sweep looks.
pub(crate) const SHOWN_MAX: Duration =
    limits::PARTICIPANT_LEASE.saturating_add(Duration::from_millis(1_100));
