//! Which sockets a node has, by person and by conversation: one lookup, behind the hub's lock.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use cluster::Audience;
use protocol::{ConversationId, UserId};

use super::hub::Socket;

/// Sockets one person may have here. A further one is refused.
pub const SOCKETS_PER_PERSON_MAX: usize = 64;
#[derive(Debug, thiserror::Error)]
#[error("too many sockets of one person")]
pub struct TooManySockets;

#[derive(Default)]
pub(super) struct Registry {
    pub(super) people: HashMap<UserId, Person>,
    /// Members with a socket here.
    pub(super) members: HashMap<ConversationId, HashSet<UserId>>,
}

#[derive(Default)]
pub(super) struct Person {
    pub(super) sockets: Vec<Arc<Socket>>,
    conversations: HashSet<ConversationId>,
    /// Conversations lost while what the store says is still on its way here.
    lost_meanwhile: HashSet<ConversationId>,
}

impl Registry {
    pub(super) fn add(&mut self, socket: Arc<Socket>) -> Result<(), TooManySockets> {
        let person = self.people.entry(socket.user_id).or_default();
        if person.sockets.len() >= SOCKETS_PER_PERSON_MAX {
            return Err(TooManySockets);
        }
        person.sockets.push(socket);
        Ok(())
    }

    pub(super) fn join_all(
        &mut self,
        user: UserId,
        conversations: impl IntoIterator<Item = ConversationId>,
    ) {
        let Some(person) = self.people.get_mut(&user) else {
            return;
        };
        for conversation in conversations {
            if !person.lost_meanwhile.contains(&conversation) {
                person.conversations.insert(conversation);
                self.members.entry(conversation).or_default().insert(user);
            }
        }
    }

    pub(super) fn remove(&mut self, socket: &Socket) {
        let Some(person) = self.people.get_mut(&socket.user_id) else {
            return;
        };
        person.sockets.retain(|other| other.id != socket.id);
        if person.sockets.is_empty()
            && let Some(person) = self.people.remove(&socket.user_id)
        {
            for conversation in person.conversations {
                self.remove_member(conversation, socket.user_id);
            }
        }
    }

    pub(super) fn lose_member(&mut self, conversation: ConversationId, user: UserId) {
        if let Some(person) = self.people.get_mut(&user) {
            person.conversations.remove(&conversation);
            person.lost_meanwhile.insert(conversation);
        }
        self.remove_member(conversation, user);
    }

    pub(super) fn add_member(&mut self, conversation: ConversationId, user: UserId) {
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

    pub(super) fn each_socket(&self, audience: &Audience, mut each: impl FnMut(&Socket)) {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use protocol::{ConversationId, DeviceId, UserId};

    use super::{Audience, Registry, Socket};
    use crate::gateway::{hub::SocketId, outbox::Outbox};

    fn socket(number: u64, user_id: UserId) -> Arc<Socket> {
        Arc::new(Socket {
            id: SocketId::for_test(number),
            user_id,
            device_id: DeviceId::from_bytes([1; 16]),
            device_name: String::new(),
            tab: String::new(),
            outbox: Arc::new(Outbox::default()),
        })
    }

    fn reached(registry: &Registry, audience: &Audience) -> usize {
        let mut count = 0;
        registry.each_socket(audience, |_| count += 1);
        count
    }

    #[test]
    fn a_membership_lost_while_it_is_loaded_stays_lost() {
        let (omar, there) = (
            UserId::from_bytes([1; 16]),
            ConversationId::from_bytes([2; 16]),
        );
        let mut registry = Registry::default();
        registry.add(socket(1, omar)).unwrap();
        registry.lose_member(there, omar);
        registry.join_all(omar, [there]);
        assert_eq!(reached(&registry, &Audience::Conversation(there)), 0);
        registry.add_member(there, omar);
        assert_eq!(reached(&registry, &Audience::Conversation(there)), 1);
    }

    #[test]
    fn the_last_socket_takes_everything_with_it() {
        let (omar, there) = (
            UserId::from_bytes([1; 16]),
            ConversationId::from_bytes([2; 16]),
        );
        let mut registry = Registry::default();
        let (phone, laptop) = (socket(1, omar), socket(2, omar));
        registry.add(Arc::clone(&phone)).unwrap();
        registry.add(Arc::clone(&laptop)).unwrap();
        registry.join_all(omar, [there]);
        registry.remove(&phone);
        assert_eq!(reached(&registry, &Audience::Conversation(there)), 1);
        registry.remove(&laptop);
        assert!(registry.people.is_empty() && registry.members.is_empty());
    }
}
