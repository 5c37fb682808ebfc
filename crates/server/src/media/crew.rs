//! The workers there are: the one that takes calls, and those that are being relieved of theirs.
//!
//! All read the one port, so a datagram may come to another than the one whose connection it is for.
//! While there is more than one, each hands on what is not its own.

use std::sync::{Arc, PoisonError, RwLock};

use super::inbox::Inbox;

/// Workers at once. Each holds buffers for batches of datagrams, and nobody drains one so often.
pub(super) const WORKERS_MAX: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) number: u32,
    pub(super) inbox: Arc<Inbox>,
}

/// Oldest first; the last one takes calls.
#[derive(Debug, Default)]
pub(super) struct Crew(RwLock<Vec<Member>>);

impl Crew {
    /// From now on it takes calls. False when there are [`WORKERS_MAX`] already.
    pub(super) fn join(&self, member: Member) -> bool {
        let mut members = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let has_room = members.len() < WORKERS_MAX;
        if has_room {
            members.push(member);
        }
        has_room
    }

    pub(super) fn leave(&self, number: u32) -> Option<Member> {
        let mut members = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let place = members.iter().position(|member| member.number == number)?;
        Some(members.remove(place))
    }

    /// The one that takes calls.
    pub(super) fn newest(&self) -> Option<Member> {
        self.all().pop()
    }

    pub(super) fn all(&self) -> Vec<Member> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Everybody but this one; in the ordinary case nobody.
    pub(super) fn others(&self, number: u32) -> Vec<Member> {
        let members = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if members.len() < 2 {
            return Vec::new();
        }
        let others = members.iter().filter(|member| member.number != number);
        others.cloned().collect()
    }
}
