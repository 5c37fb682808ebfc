//! The sockets of this node: who has which, and which of them hear of a conversation.
//!
//! Whatever is announced goes over the bus and comes back to [`Hub::deliver`], on this node as on
//! any other. Membership is known here only for people with a socket here; it is loaded when they
//! connect and kept current by notices, so that a message to a channel needs no query.

use std::{
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
    push::{serialise, weight},
    registry::{Registry, TooManySockets},
};

/// How long an entry waits for the number before it.
const ORDER_WAIT: Duration = Duration::from_millis(250);
const ORDER_SHARDS: usize = 16;

/// A socket, for as long as this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

#[cfg(test)]
impl SocketId {
    pub const fn for_test(number: u64) -> Self {
        Self(number)
    }
}

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

pub struct Hub {
    bus: Bus,
    registry: RwLock<Registry>,
    order: [Mutex<Order<OrderedEntry>>; ORDER_SHARDS],
    next_socket: AtomicU64,
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
        self.write().add(socket)
    }

    /// The conversations of a person just registered, as the store had them after that.
    pub fn join_all(&self, user: UserId, conversations: impl IntoIterator<Item = ConversationId>) {
        self.write().join_all(user, conversations);
    }

    /// Lets a socket go.
    pub fn unregister(&self, socket: &Socket) {
        self.write().remove(socket);
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
                self.write().lose_member(conversation_id, user_id);
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
