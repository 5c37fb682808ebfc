//! Who is in which live call, as last announced here: for what is of the moment only (who talks,
//! who is busy). The truth is in the store.

use std::collections::HashMap;

use protocol::{CallId, ConversationId, PeerId, UserId};

#[derive(Debug, Default)]
pub(super) struct Roster {
    calls: HashMap<CallId, Listed>,
}

#[derive(Debug)]
struct Listed {
    conversation_id: ConversationId,
    people: HashMap<PeerId, UserId>,
}

impl Roster {
    /// A call's people are these.
    pub(super) fn set(
        &mut self,
        call_id: CallId,
        conversation_id: ConversationId,
        people: impl IntoIterator<Item = (PeerId, UserId)>,
    ) {
        let people = people.into_iter().collect();
        self.calls.insert(call_id, Listed { conversation_id, people });
    }

    pub(super) fn remove(&mut self, call_id: CallId) {
        self.calls.remove(&call_id);
    }

    pub(super) fn is_in_a_call(&self, user: UserId) -> bool {
        self.calls.values().any(|call| call.people.values().any(|other| *other == user))
    }

    /// The people behind these peers, each once, and where they talk.
    pub(super) fn people(
        &self,
        call_id: CallId,
        peers: &[PeerId],
    ) -> Option<(ConversationId, Vec<UserId>)> {
        let call = self.calls.get(&call_id)?;
        let mut users: Vec<UserId> = Vec::new();
        for peer in peers {
            if let Some(user) = call.people.get(peer)
                && !users.contains(user)
            {
                users.push(*user);
            }
        }
        Some((call.conversation_id, users))
    }
}
