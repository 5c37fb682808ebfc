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
    speaking: Speaking,
}

#[derive(Debug, Default)]
struct Speaking {
    now: Vec<UserId>,
    told: Vec<UserId>,
}

impl Roster {
    /// A call's people are these. Gives those who are not any more.
    pub(super) fn set(
        &mut self,
        call_id: CallId,
        conversation_id: ConversationId,
        people: HashMap<PeerId, UserId>,
    ) -> Vec<PeerId> {
        let listed = self.calls.entry(call_id).or_insert_with(|| Listed {
            conversation_id,
            people: HashMap::new(),
            speaking: Speaking::default(),
        });
        // People were added to it, and it goes on in their group.
        listed.conversation_id = conversation_id;
        let before = std::mem::replace(&mut listed.people, people);
        before
            .into_keys()
            .filter(|peer| !listed.people.contains_key(peer))
            .collect()
    }

    /// The call is over. Gives those who were in it.
    pub(super) fn remove(&mut self, call_id: CallId) -> Vec<PeerId> {
        let listed = self.calls.remove(&call_id);
        listed.map_or_else(Vec::new, |listed| listed.people.into_keys().collect())
    }

    pub(super) fn conversation(&self, call_id: CallId) -> Option<ConversationId> {
        self.calls.get(&call_id).map(|call| call.conversation_id)
    }

    pub(super) fn is_in_a_call(&self, user: UserId) -> bool {
        self.calls
            .values()
            .any(|call| call.people.values().any(|other| *other == user))
    }

    /// These talk now, loudest first.
    pub(super) fn speak(&mut self, call_id: CallId, peers: &[PeerId]) {
        let Some(call) = self.calls.get_mut(&call_id) else {
            return;
        };
        let mut users: Vec<UserId> = Vec::new();
        for user in peers.iter().filter_map(|peer| call.people.get(peer)) {
            if !users.contains(user) {
                users.push(*user);
            }
        }
        call.speaking.now = users;
    }

    /// Who talks where, for each call in which that is not what was taken last.
    pub(super) fn take_speaking(&mut self) -> Vec<(CallId, ConversationId, Vec<UserId>)> {
        let mut changed = Vec::new();
        for (call_id, call) in &mut self.calls {
            if call.speaking.now != call.speaking.told {
                call.speaking.told.clone_from(&call.speaking.now);
                changed.push((*call_id, call.conversation_id, call.speaking.now.clone()));
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId::from_bytes([1; 16]);
    const PLACE: ConversationId = ConversationId::from_bytes([2; 16]);

    fn peer(number: u8) -> PeerId {
        PeerId::from_bytes([number; 16])
    }

    fn person(number: u8) -> UserId {
        UserId::from_bytes([number; 16])
    }

    fn people(pairs: &[(u8, u8)]) -> HashMap<PeerId, UserId> {
        pairs
            .iter()
            .map(|(number, user)| (peer(*number), person(*user)))
            .collect()
    }

    #[test]
    fn who_talks_is_told_once_and_by_person() {
        let mut roster = Roster::default();
        roster.set(CALL, PLACE, people(&[(1, 1), (2, 1), (3, 2)]));
        roster.speak(CALL, &[peer(1), peer(3), peer(2), peer(9)]);
        assert_eq!(
            roster.take_speaking(),
            [(CALL, PLACE, vec![person(1), person(2)])]
        );
        assert_eq!(roster.take_speaking(), []);
        roster.speak(CALL, &[]);
        assert_eq!(roster.take_speaking(), [(CALL, PLACE, vec![])]);
    }

    #[test]
    fn who_is_in_no_call_is_not_busy() {
        let mut roster = Roster::default();
        assert_eq!(roster.set(CALL, PLACE, people(&[(1, 1), (2, 2)])), []);
        assert!(roster.is_in_a_call(person(1)));
        assert_eq!(roster.set(CALL, PLACE, people(&[(2, 2)])), [peer(1)]);
        assert!(!roster.is_in_a_call(person(1)));
        assert_eq!(roster.remove(CALL), [peer(2)]);
        assert!(!roster.is_in_a_call(person(2)));
    }
}
