//! Who is here: kept in memory from what sockets say, announced when it has changed.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cluster::Audience;
use protocol::{
    DeviceId, UserId,
    presence::{Availability, Presence},
    server::{ServerMessage, UserPresence},
};
use tokio::time;

use crate::{
    app::App,
    gateway::hub::{Socket, SocketId},
    http::error::ApiError,
};

/// Everybody with a socket here, and whoever of them was announced last.
#[derive(Debug, Default)]
pub struct Presences {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    people: HashMap<UserId, Person>,
    /// Signs of activity so far: their order, whatever clocks say.
    signs: u64,
    /// Whose presence may differ from what was announced.
    touched: HashSet<UserId>,
}

#[derive(Debug)]
struct Person {
    sockets: HashMap<SocketId, Here>,
    availability: Availability,
    announced: Presence,
}

/// What is known of one socket.
#[derive(Debug)]
struct Here {
    device_id: DeviceId,
    /// Whether the person is active there.
    active: bool,
    /// The number of the last sign that they are or have been.
    sign: u64,
}

impl Person {
    fn presence(&self) -> Presence {
        let active = self.sockets.values().map(|here| here.active);
        domain::presence::presence(self.availability, active)
    }
}

impl Presences {
    /// A person has come to a socket; a new one is active until it says otherwise.
    pub fn connected(&self, socket: &Socket, availability: Availability) {
        let mut state = self.lock();
        let sign = state.next_sign();
        let person = state
            .people
            .entry(socket.user_id)
            .or_insert_with(|| Person {
                sockets: HashMap::new(),
                availability,
                announced: Presence::Offline,
            });
        person.availability = availability;
        let here = Here {
            device_id: socket.device_id,
            active: true,
            sign,
        };
        person.sockets.insert(socket.id, here);
        state.touched.insert(socket.user_id);
    }

    pub fn disconnected(&self, socket: &Socket) {
        let mut state = self.lock();
        if let Some(person) = state.people.get_mut(&socket.user_id) {
            person.sockets.remove(&socket.id);
            state.touched.insert(socket.user_id);
        }
    }

    pub fn activity(&self, socket: &Socket, active: bool) {
        let mut state = self.lock();
        let sign = state.next_sign();
        let known = state
            .people
            .get_mut(&socket.user_id)
            .and_then(|person| person.sockets.get_mut(&socket.id));
        if let Some(known) = known {
            known.active = active;
            known.sign = sign;
            state.touched.insert(socket.user_id);
        }
    }

    /// So many of the person's devices, those they use now or have used last.
    pub fn latest_devices(&self, user: UserId, count: usize) -> Vec<DeviceId> {
        let state = self.lock();
        let person = state.people.get(&user);
        let sockets = person
            .into_iter()
            .flat_map(|person| person.sockets.values());
        let mut latest_first: Vec<_> = sockets.collect();
        latest_first.sort_unstable_by_key(|here| Reverse((here.active, here.sign)));
        let mut devices = Vec::new();
        for here in latest_first {
            if devices.len() < count && !devices.contains(&here.device_id) {
                devices.push(here.device_id);
            }
        }
        devices
    }

    fn available(&self, user: UserId, availability: Availability) {
        let mut state = self.lock();
        if let Some(person) = state.people.get_mut(&user) {
            person.availability = availability;
            state.touched.insert(user);
        }
    }

    /// Everybody who is not offline.
    pub fn all(&self) -> Vec<UserPresence> {
        let state = self.lock();
        let people = state.people.iter().map(|(user_id, person)| UserPresence {
            user_id: *user_id,
            presence: person.presence(),
        });
        people
            .filter(|person| person.presence != Presence::Offline)
            .collect()
    }

    /// What has changed since the last time this was asked.
    fn take_changes(&self) -> Vec<UserPresence> {
        let mut state = self.lock();
        let State {
            people, touched, ..
        } = &mut *state;
        let mut changes = Vec::new();
        for user_id in touched.drain() {
            let Some(person) = people.get_mut(&user_id) else {
                continue;
            };
            let presence = person.presence();
            if presence != person.announced {
                person.announced = presence;
                changes.push(UserPresence { user_id, presence });
            }
            if person.sockets.is_empty() {
                people.remove(&user_id);
            }
        }
        changes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_sign(&mut self) -> u64 {
        self.signs += 1;
        self.signs
    }
}

/// Keeps what the person has chosen and tells their devices.
pub async fn set_availability(
    app: &Arc<App>,
    user: UserId,
    availability: Availability,
) -> Result<(), ApiError> {
    let own = Arc::clone(app);
    app.carry_through(async move {
        own.store.set_availability(user, availability).await?;
        own.presence.available(user, availability);
        let message = ServerMessage::Availability { availability };
        own.hub.publish(Audience::Users(vec![user]), &message);
        Ok(())
    })
    .await
}

/// Announces changes, gathered: a page that reloads is gone for less than one round.
pub async fn announce(app: Arc<App>) {
    let mut round = time::interval(app.timing.presence);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        for UserPresence { user_id, presence } in app.presence.take_changes() {
            let message = ServerMessage::Presence { user_id, presence };
            app.hub.publish(Audience::Everybody, &message);
        }
    }
}
