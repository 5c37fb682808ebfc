//! The sockets of this node: who has which, and which of them hear of a conversation.
//!
//! Whatever is announced goes over the bus and comes back to [`Hub::deliver`], on this node as on
//! any other. Membership is known here only for people with a socket here; it is loaded when they
//! connect and kept current by notices, so that a message to a channel needs no query.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use cluster::{Audience, Bus, Notice, Weight};
use protocol::{
    ConversationId, DeviceId, UserId,
    server::ServerMessage,
    timeline::{Entry, EntryBody},
};

use super::{
    order::Order,
    outbox::{Closing, Outbox},
};

/// Sockets one person may have here. A further one is refused.
pub const SOCKETS_PER_PERSON_MAX: usize = 64;
/// How long an entry waits for the number before it.
const ORDER_WAIT: Duration = Duration::from_millis(250);
const ORDER_SHARDS: usize = 16;

/// A socket, for as long as this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

/// Whose socket it is.
#[derive(Debug, Clone)]
pub struct Socket {
    pub id: SocketId,
    pub user_id: UserId,
    pub device_id: DeviceId,
    /// Such as "Firefox on Linux".
    pub device_name: String,
    /// The tab's own word, kept over its reloads.
    pub tab: String,
    pub outbox: Arc<Outbox>,
}

#[derive(Debug, thiserror::Error)]
#[error("too many sockets of one person")]
pub struct TooManySockets;

pub struct Hub {
    bus: Bus,
    registry: RwLock<Registry>,
    order: [Mutex<Order<OrderedEntry>>; ORDER_SHARDS],
    next_socket: AtomicU64,
}

#[derive(Default)]
struct Registry {
    people: HashMap<UserId, Person>,
    /// Members with a socket here.
    members: HashMap<ConversationId, HashSet<UserId>>,
}

#[derive(Default)]
struct Person {
    sockets: Vec<Arc<Socket>>,
    conversations: HashSet<ConversationId>,
    /// Conversations lost while what the store says is still on its way here.
    lost_meanwhile: HashSet<ConversationId>,
}

/// An entry ready to go out: as its author sees it and as everybody else does.
struct OrderedEntry {
    conversation_id: ConversationId,
    author: UserId,
    for_author: Option<Bytes>,
    for_others: Bytes,
}

impl Hub {
    pub fn new(bus: Bus) -> Arc<Self> {
        let hub = Arc::new(Self {
            bus,
            registry: RwLock::default(),
            order: std::array::from_fn(|_| Mutex::default()),
            next_socket: AtomicU64::new(1),
        });
        let weak = Arc::downgrade(&hub);
        hub.bus.subscribe(move |notice| {
            if let Some(hub) = weak.upgrade() {
                hub.deliver(notice);
            }
        });
        hub
    }

    pub fn next_id(&self) -> SocketId {
        SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes a socket in. Pushes to its person reach its outbox from now on; those to
    /// conversations once [`Self::join_all`] has said which.
    pub fn register(&self, socket: Arc<Socket>) -> Result<(), TooManySockets> {
        let mut registry = self.write();
        let person = registry.people.entry(socket.user_id).or_default();
        if person.sockets.len() >= SOCKETS_PER_PERSON_MAX {
            return Err(TooManySockets);
        }
        if person.sockets.is_empty() {
            person.lost_meanwhile.clear();
        }
        person.sockets.push(socket);
        Ok(())
    }

    /// The conversations of a person just registered, as the store had them after that.
    pub fn join_all(&self, user: UserId, conversations: impl IntoIterator<Item = ConversationId>) {
        let mut registry = self.write();
        let Registry { people, members } = &mut *registry;
        let Some(person) = people.get_mut(&user) else {
            return;
        };
        for conversation in conversations {
            if !person.lost_meanwhile.contains(&conversation) {
                person.conversations.insert(conversation);
                members.entry(conversation).or_default().insert(user);
            }
        }
    }

    /// Lets a socket go.
    pub fn unregister(&self, socket: &Socket) {
        let mut registry = self.write();
        let Some(person) = registry.people.get_mut(&socket.user_id) else {
            return;
        };
        person.sockets.retain(|other| other.id != socket.id);
        if person.sockets.is_empty()
            && let Some(person) = registry.people.remove(&socket.user_id)
        {
            for conversation in person.conversations {
                registry.remove_member(conversation, socket.user_id);
            }
        }
    }

    /// Announces a message. Call it after the commit of what it tells.
    pub fn publish(&self, audience: Audience, message: &ServerMessage) {
        self.bus.publish(Notice::Push {
            audience,
            weight: weight(message),
            message: serialise(message),
        });
    }

    /// Announces new entries, each conversation's in the order of their numbers. Their authors
    /// must see them too: their other devices do not know of them.
    pub fn publish_entries(self: &Arc<Self>, entries: Vec<Entry>) {
        for entry in entries {
            let (conversation_id, seq) = (entry.conversation_id, entry.seq);
            let ready = OrderedEntry::new(entry);
            let mut order = self.order(conversation_id);
            for entry in order.offer(conversation_id, seq, ready) {
                self.publish_ordered(entry);
            }
            if order.holds(conversation_id) {
                let hub = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep(ORDER_WAIT).await;
                    let mut order = hub.order(conversation_id);
                    for entry in order.release(conversation_id) {
                        hub.publish_ordered(entry);
                    }
                });
            }
        }
    }

    /// These people hear of the conversation from now on.
    pub fn publish_members_added(&self, conversation_id: ConversationId, users: Vec<UserId>) {
        self.bus.publish(Notice::MembersAdded {
            conversation_id,
            users,
        });
    }

    /// This person hears no more of the conversation.
    pub fn publish_member_removed(&self, conversation_id: ConversationId, user_id: UserId) {
        self.bus.publish(Notice::MemberRemoved {
            conversation_id,
            user_id,
        });
    }

    /// Ends the sockets of a sign-in.
    pub fn publish_signed_out(&self, user_id: UserId, device_id: DeviceId) {
        self.bus.publish(Notice::SignedOut { user_id, device_id });
    }

    /// Whether the person has a socket on this node.
    pub fn is_connected(&self, user: UserId) -> bool {
        self.read().people.contains_key(&user)
    }

    /// The person's devices with a socket on this node, each once.
    pub fn devices(&self, user: UserId) -> Vec<DeviceId> {
        let registry = self.read();
        let mut devices: Vec<_> = registry
            .people
            .get(&user)
            .into_iter()
            .flat_map(|person| person.sockets.iter().map(|socket| socket.device_id))
            .collect();
        devices.sort_unstable();
        devices.dedup();
        devices
    }

    /// Everybody with a socket on this node.
    pub fn people_here(&self) -> Vec<UserId> {
        self.read().people.keys().copied().collect()
    }

    /// The conversation's members with a socket on this node.
    pub fn members_here(&self, conversation: ConversationId) -> Vec<UserId> {
        let registry = self.read();
        registry
            .members
            .get(&conversation)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    pub fn socket_count(&self) -> usize {
        self.read()
            .people
            .values()
            .map(|person| person.sockets.len())
            .sum()
    }

    /// Ends every socket; each client is told a time of its own to come back.
    pub fn close_all(&self, closing: impl Fn() -> Closing) {
        for person in self.read().people.values() {
            for socket in &person.sockets {
                socket.outbox.close(closing());
            }
        }
    }

    fn deliver(&self, notice: Notice) {
        match notice {
            Notice::Push {
                audience,
                weight,
                message,
            } => {
                let Ok(message) = Utf8Bytes::try_from(message) else {
                    tracing::error!("a push that is not text was dropped");
                    return;
                };
                self.read().each_socket(&audience, |socket| {
                    socket.outbox.push(message.clone(), weight);
                });
            }
            Notice::MembersAdded {
                conversation_id,
                users,
            } => {
                let mut registry = self.write();
                for user in users {
                    registry.add_member(conversation_id, user);
                }
            }
            Notice::MemberRemoved {
                conversation_id,
                user_id,
            } => {
                let mut registry = self.write();
                if let Some(person) = registry.people.get_mut(&user_id) {
                    person.conversations.remove(&conversation_id);
                    person.lost_meanwhile.insert(conversation_id);
                }
                registry.remove_member(conversation_id, user_id);
            }
            Notice::SignedOut { user_id, device_id } => {
                let device = Audience::Device(user_id, device_id);
                self.read().each_socket(&device, |socket| {
                    socket.outbox.close(Closing::SignedOut);
                });
            }
        }
    }

    fn publish_ordered(&self, entry: OrderedEntry) {
        let push = |audience, message| Notice::Push {
            audience,
            weight: Weight::Durable,
            message,
        };
        match entry.for_author {
            None => self.bus.publish(push(
                Audience::Conversation(entry.conversation_id),
                entry.for_others,
            )),
            Some(for_author) => {
                self.bus
                    .publish(push(Audience::Users(vec![entry.author]), for_author));
                self.bus.publish(push(
                    Audience::ConversationExcept(entry.conversation_id, entry.author),
                    entry.for_others,
                ));
            }
        }
    }

    fn order(&self, conversation: ConversationId) -> MutexGuard<'_, Order<OrderedEntry>> {
        let shard = usize::from(conversation.to_bytes()[15]) % ORDER_SHARDS;
        self.order[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Registry> {
        self.registry
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn add_member(&mut self, conversation: ConversationId, user: UserId) {
        if let Some(person) = self.people.get_mut(&user) {
            person.lost_meanwhile.remove(&conversation);
            person.conversations.insert(conversation);
            self.members.entry(conversation).or_default().insert(user);
        }
    }

    fn remove_member(&mut self, conversation: ConversationId, user: UserId) {
        if let Some(members) = self.members.get_mut(&conversation) {
            members.remove(&user);
            if members.is_empty() {
                self.members.remove(&conversation);
            }
        }
    }

    fn each_socket(&self, audience: &Audience, mut each: impl FnMut(&Socket)) {
        let mut each_of = |user: &UserId| {
            if let Some(person) = self.people.get(user) {
                person.sockets.iter().for_each(|socket| each(socket));
            }
        };
        match audience {
            Audience::Everybody => self.people.keys().for_each(each_of),
            Audience::Users(users) => users.iter().for_each(each_of),
            Audience::Conversation(conversation) => {
                self.members
                    .get(conversation)
                    .into_iter()
                    .flatten()
                    .for_each(each_of);
            }
            Audience::ConversationExcept(conversation, except) => self
                .members
                .get(conversation)
                .into_iter()
                .flatten()
                .filter(|user| *user != except)
                .for_each(&mut each_of),
            Audience::Device(user, device) => self
                .people
                .get(user)
                .into_iter()
                .flat_map(|person| &person.sockets)
                .filter(|socket| socket.device_id == *device)
                .for_each(|socket| each(socket)),
        }
    }
}

impl OrderedEntry {
    fn new(mut entry: Entry) -> Self {
        let (conversation_id, author) = (entry.conversation_id, entry.author);
        let mut for_author = None;
        if let EntryBody::Message { message } = &mut entry.body
            && message.nonce.is_some()
        {
            let with_nonce = ServerMessage::Entry {
                entry: entry.clone(),
            };
            for_author = Some(serialise(&with_nonce));
            if let EntryBody::Message { message } = &mut entry.body {
                message.nonce = None;
            }
        }
        Self {
            conversation_id,
            author,
            for_author,
            for_others: serialise(&ServerMessage::Entry { entry }),
        }
    }
}

/// The JSON of a message.
pub fn serialise(message: &ServerMessage) -> Bytes {
    serde_json::to_vec(message)
        .expect("wire types have string keys only")
        .into()
}

/// What a push is worth to a client that falls behind.
fn weight(message: &ServerMessage) -> Weight {
    match message {
        ServerMessage::Ping { .. } => ephemeral("ping"),
        ServerMessage::Typing {
            conversation_id,
            user_id,
        } => ephemeral(("typing", conversation_id, user_id)),
        ServerMessage::Presence { user_id, .. } => ephemeral(("presence", user_id)),
        ServerMessage::CallSpeaking { call_id, .. } => ephemeral(("speaking", call_id)),
        ServerMessage::Reply { .. }
        | ServerMessage::Failed { .. }
        | ServerMessage::Snapshot { .. }
        | ServerMessage::Resumed { .. }
        | ServerMessage::Resync
        | ServerMessage::GoingAway { .. }
        | ServerMessage::SignedOut
        | ServerMessage::Entry { .. }
        | ServerMessage::Conversation { .. }
        | ServerMessage::ConversationGone { .. }
        | ServerMessage::Read { .. }
        | ServerMessage::User { .. }
        | ServerMessage::Me { .. }
        | ServerMessage::Availability { .. }
        | ServerMessage::Call { .. }
        | ServerMessage::CallParticipant { .. }
        | ServerMessage::CallParticipantLeft { .. }
        | ServerMessage::CallRing { .. }
        | ServerMessage::CallEnded { .. }
        | ServerMessage::Ring { .. }
        | ServerMessage::RingStopped { .. }
        | ServerMessage::MissedCalls { .. }
        | ServerMessage::CallSignal { .. }
        | ServerMessage::CallDetached { .. } => Weight::Durable,
    }
}

/// Only the newest about the same thing is worth sending.
fn ephemeral(thing: impl Hash) -> Weight {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    Weight::Ephemeral {
        key: hasher.finish(),
    }
}
