//! Whose turn it is: what happens to one conversation's call is announced in the order in which it
//! was stored.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use protocol::ConversationId;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Conversations that share a place wait for each other, so there are many more places than
/// commands under way.
const PLACES: usize = 1024;

#[derive(Debug)]
pub(super) struct Turns(Box<[Arc<Mutex<()>>]>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Arc::default()).collect())
    }
}

impl Turns {
    /// Waits for the conversation's turn, which lasts until the guard is dropped.
    pub(super) async fn take(&self, conversation: ConversationId) -> OwnedMutexGuard<()> {
        let mut hasher = DefaultHasher::new();
        conversation.hash(&mut hasher);
        let places = u64::try_from(self.0.len()).unwrap_or(1);
        let place = usize::try_from(hasher.finish() % places).unwrap_or(0);
        Arc::clone(&self.0[place]).lock_owned().await
    }
}
