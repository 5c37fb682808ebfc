//! The network: messages on their way, in the order they arrive.

use std::collections::BTreeMap;

use protocol::Timestamp;

/// Things that happen at times, earliest first; those of one time in the order they were put in.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    events: BTreeMap<(Timestamp, u64), T>,
    next: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            events: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<T> Queue<T> {
    pub(crate) fn put(&mut self, at: Timestamp, event: T) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }

    /// Whether any of them is still to come.
    pub(crate) fn has(&self, pick: impl Fn(&T) -> bool) -> bool {
        self.events.values().any(pick)
    }

    /// The next that happens by then.
    pub(crate) fn take_until(&mut self, until: Timestamp) -> Option<(Timestamp, T)> {
        let next = self.events.first_entry()?;
        let (at, _) = *next.key();
        (at <= until).then(|| (at, next.remove()))
    }
}
