//! Puts entries that were committed at the same time back into the order of their numbers before
//! they are pushed. A client would recover from any order, but at the price of a request.

use std::collections::{BTreeMap, HashMap};

use protocol::ConversationId;

/// Entries held back for one that is missing; beyond it they go out as they are.
const HELD_MAX: usize = 64;
/// Conversations remembered; beyond it those with nothing held are forgotten, and their next
/// entry goes out at once.
const CONVERSATIONS_MAX: usize = 10_000;

/// Entries on their way out, by conversation.
#[derive(Debug)]
pub(super) struct Order<T> {
    conversations: HashMap<ConversationId, Line<T>>,
}

#[derive(Debug)]
struct Line<T> {
    /// The newest number let out.
    last: u64,
    held: BTreeMap<u64, T>,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self {
            conversations: HashMap::new(),
        }
    }
}

impl<T> Order<T> {
    /// Takes an entry and gives those that may go out now. When it has to wait, the caller
    /// calls [`Self::release`] a little later.
    pub(super) fn offer(&mut self, conversation: ConversationId, seq: u64, entry: T) -> Vec<T> {
        if self.conversations.len() >= CONVERSATIONS_MAX {
            self.conversations.retain(|_, line| !line.held.is_empty());
        }
        let line = self
            .conversations
            .entry(conversation)
            .or_insert_with(|| Line {
                last: seq.saturating_sub(1),
                held: BTreeMap::new(),
            });
        if seq <= line.last {
            // It was given up on, or the line began after it.
            return vec![entry];
        }
        line.held.insert(seq, entry);
        if line.held.len() > HELD_MAX {
            return line.release();
        }
        let mut out = Vec::new();
        while let Some(entry) = line.held.remove(&(line.last + 1)) {
            line.last += 1;
            out.push(entry);
        }
        out
    }

    /// Whether something waits for a missing number.
    pub(super) fn holds(&self, conversation: ConversationId) -> bool {
        self.conversations
            .get(&conversation)
            .is_some_and(|line| !line.held.is_empty())
    }

    /// Gives up on what is missing: whoever wrote it did not live to announce it.
    pub(super) fn release(&mut self, conversation: ConversationId) -> Vec<T> {
        self.conversations
            .get_mut(&conversation)
            .map_or_else(Vec::new, Line::release)
    }
}

impl<T> Line<T> {
    fn release(&mut self) -> Vec<T> {
        if let Some((newest, _)) = self.held.last_key_value() {
            self.last = *newest;
        }
        std::mem::take(&mut self.held).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ConversationId, Timestamp};

    use super::Order;

    const SOMEWHERE: fn() -> ConversationId =
        || ConversationId::from_parts(Timestamp::from_millis(1), 1);

    #[test]
    fn entries_go_out_in_the_order_of_their_numbers() {
        let mut order = Order::default();
        assert_eq!(order.offer(SOMEWHERE(), 7, 7), [7]);
        assert!(order.offer(SOMEWHERE(), 9, 9).is_empty());
        assert!(order.offer(SOMEWHERE(), 10, 10).is_empty());
        assert_eq!(order.offer(SOMEWHERE(), 8, 8), [8, 9, 10]);
        assert!(!order.holds(SOMEWHERE()));
    }

    #[test]
    fn a_missing_entry_is_given_up_on() {
        let mut order = Order::default();
        order.offer(SOMEWHERE(), 1, 1);
        order.offer(SOMEWHERE(), 3, 3);
        assert!(order.holds(SOMEWHERE()));
        assert_eq!(order.release(SOMEWHERE()), [3]);
        assert_eq!(order.offer(SOMEWHERE(), 2, 2), [2], "late, but not lost");
        assert_eq!(order.offer(SOMEWHERE(), 4, 4), [4]);
    }

    #[test]
    fn no_more_than_a_bounded_number_is_held() {
        let mut order = Order::default();
        order.offer(SOMEWHERE(), 1, 1);
        let mut out = Vec::new();
        for seq in 3..200 {
            out.extend(order.offer(SOMEWHERE(), seq, seq));
        }
        assert!(out.len() > 130);
    }
}
