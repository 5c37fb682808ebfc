//! Notices, and the ways they travel.

use std::sync::OnceLock;

use bytes::Bytes;
use protocol::{ConversationId, DeviceId, UserId};

/// What a node tells the nodes that hold sockets, itself among them.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A message for sockets, serialised once for all of them.
    Push {
        audience: Audience,
        weight: Weight,
        /// JSON of a `protocol::server::ServerMessage`.
        message: Bytes,
    },
    /// These people are members from now on.
    MembersAdded {
        conversation_id: ConversationId,
        users: Vec<UserId>,
    },
    /// This person is none any more.
    MemberRemoved {
        conversation_id: ConversationId,
        user_id: UserId,
    },
    /// A sign-in is over.
    SignedOut {
        user_id: UserId,
        device_id: DeviceId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    Users(Vec<UserId>),
    /// The conversation's members.
    Conversation(ConversationId),
    ConversationExcept(ConversationId, UserId),
    Device(UserId, DeviceId),
}

/// How much a push matters to a socket that falls behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Kept, or the socket starts over.
    Durable,
    /// Of the moment: dropped first, and replaced by a newer one with the same key.
    Ephemeral { key: u64 },
}

/// Carries notices.
pub enum Bus {
    /// Within this process.
    Local(LocalBus),
}

impl Bus {
    pub fn local() -> Self {
        Self::Local(LocalBus::default())
    }

    /// Sets who takes this node's notices, once, before anything is published.
    pub fn subscribe(&self, deliver: impl Fn(Notice) + Send + Sync + 'static) {
        match self {
            Self::Local(bus) => bus.subscribe(Box::new(deliver)),
        }
    }

    /// Notices of one publisher arrive in the order they were published.
    pub fn publish(&self, notice: Notice) {
        match self {
            Self::Local(bus) => bus.publish(notice),
        }
    }
}

type Deliver = Box<dyn Fn(Notice) + Send + Sync>;

/// Hands each notice over in the publisher's own call: no queue, so no bound to keep.
#[derive(Default)]
pub struct LocalBus {
    deliver: OnceLock<Deliver>,
}

impl LocalBus {
    fn subscribe(&self, deliver: Deliver) {
        let first = self.deliver.set(deliver).is_ok();
        assert!(first, "a local bus has one subscriber");
    }

    fn publish(&self, notice: Notice) {
        if let Some(deliver) = self.deliver.get() {
            deliver(notice);
        }
    }
}
