//! Makes one continuous outgoing stream out of pieces of several incoming ones.
//!
//! Owns the mapping of sequence numbers, timestamps and VP8 counters for one receive slot. Which
//! packets belong to the stream is decided elsewhere ([`super::select`]).

use std::collections::VecDeque;
use std::time::Instant;

/// Beyond this jump a receiver could not tell the packet's rollover counter.
const GAP_MAX: u64 = 0x7fff;
/// Padding left out this often within the reordering window forgets the oldest mapping; packets that
/// late are dropped.
const SPANS_MAX: usize = 32;
/// Packets later than this many are dropped.
const WINDOW: u64 = 1024;
const PICTURE_ID_MASK: u16 = 0x7fff;

/// The numbers of a packet as its publisher sent it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming {
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) arrived: Instant,
    pub(crate) picture_id: Option<u16>,
    pub(crate) base_layer_index: Option<u8>,
}

/// The numbers it leaves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) picture_id: Option<u16>,
    pub(crate) base_layer_index: Option<u8>,
}

/// Incoming numbers from `first` on leave `offset` higher.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: u64,
    offset: i64,
}

#[derive(Debug, Clone, Copy)]
struct Highest {
    seq: u64,
    timestamp: u32,
    arrived: Instant,
    marker: bool,
}

#[derive(Debug)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    first_seq: u64,
    /// Empty until the first switch; oldest first.
    spans: VecDeque<Span>,
    highest_in: u64,
    highest: Option<Highest>,
    sent: SentWindow,
    timestamp_offset: u32,
    picture_id: Counter,
    base_layer_index: Counter,
}

impl Rewriter {
    /// `first_seq` should be random and must leave room below 2^15, so that the receiver's rollover
    /// counter begins at zero.
    pub(crate) fn new(clock_rate: u32, first_seq: u16) -> Self {
        Self {
            clock_rate,
            first_seq: u64::from(first_seq & 0x3fff) + 1,
            spans: VecDeque::new(),
            highest_in: 0,
            highest: None,
            sent: SentWindow::default(),
            timestamp_offset: 0,
            picture_id: Counter::default(),
            base_layer_index: Counter::default(),
        }
    }

    /// Continues the stream with another incoming one, beginning with this packet. Everything of the
    /// new stream before it is dropped from now on.
    pub(crate) fn switch(&mut self, first: &Incoming) {
        let (seq, timestamp) = match self.highest {
            None => (self.first_seq, first.timestamp),
            Some(highest) => {
                // A gap tells the decoder that the frame it waits to complete may never be.
                let seq = highest.seq + if highest.marker { 1 } else { 2 };
                let elapsed = first.arrived.saturating_duration_since(highest.arrived);
                let ticks = (elapsed.as_micros() * u128::from(self.clock_rate) / 1_000_000).max(1);
                // Timestamps wrap.
                let timestamp = highest.timestamp.wrapping_add(ticks as u32);
                (seq, timestamp)
            }
        };
        self.spans.clear();
        self.spans.push_back(Span {
            first: first.seq,
            offset: seq.cast_signed() - first.seq.cast_signed(),
        });
        self.highest_in = first.seq.saturating_sub(1);
        self.timestamp_offset = timestamp.wrapping_sub(first.timestamp);
        self.picture_id.continue_with(first.picture_id);
        self.base_layer_index
            .continue_with(first.base_layer_index.map(u16::from));
    }

    /// The outgoing numbers, or `None` for a packet from before the switch, sent already or too late.
    pub(crate) fn forward(&mut self, packet: &Incoming) -> Option<Outgoing> {
        if packet.seq > self.highest_in + GAP_MAX {
            let highest = self.highest?;
            self.spans.push_back(Span {
                first: packet.seq,
                offset: (highest.seq + 2).cast_signed() - packet.seq.cast_signed(),
            });
        }
        let span = self
            .spans
            .iter()
            .rev()
            .find(|span| span.first <= packet.seq)?;
        let seq = packet.seq.checked_add_signed(span.offset)?;
        if !self.sent.insert(seq) {
            return None;
        }
        self.highest_in = self.highest_in.max(packet.seq);
        let outgoing = Outgoing {
            seq,
            timestamp: packet.timestamp.wrapping_add(self.timestamp_offset),
            picture_id: packet
                .picture_id
                .map(|id| self.picture_id.map(id) & PICTURE_ID_MASK),
            base_layer_index: packet
                .base_layer_index
                .map(|index| self.base_layer_index.map(u16::from(index)).to_le_bytes()[0]),
        };
        if self.highest.is_none_or(|highest| highest.seq < seq) {
            self.highest = Some(Highest {
                seq,
                timestamp: outgoing.timestamp,
                arrived: packet.arrived,
                marker: packet.marker,
            });
            self.picture_id.last = outgoing.picture_id.or(self.picture_id.last);
            self.base_layer_index.last = outgoing
                .base_layer_index
                .map(u16::from)
                .or(self.base_layer_index.last);
        }
        Some(outgoing)
    }

    /// Leaves out a packet without a gap. One that comes out of order leaves its gap.
    pub(crate) fn skip(&mut self, seq: u64) {
        let Some(last) = self.spans.back().copied() else {
            return;
        };
        if seq != self.highest_in + 1 || seq < last.first {
            return;
        }
        self.highest_in = seq;
        self.spans.push_back(Span {
            first: seq + 1,
            offset: last.offset - 1,
        });
        if self.spans.len() > SPANS_MAX {
            self.spans.pop_front();
        }
    }
}

/// A counter that must count on when its source changes.
#[derive(Debug, Default)]
struct Counter {
    offset: u16,
    last: Option<u16>,
}

impl Counter {
    fn continue_with(&mut self, first: Option<u16>) {
        if let (Some(last), Some(first)) = (self.last, first) {
            self.offset = last.wrapping_add(1).wrapping_sub(first);
        }
    }

    fn map(&self, value: u16) -> u16 {
        value.wrapping_add(self.offset)
    }
}

/// Which of the last [`WINDOW`] outgoing numbers were used. A number used twice would be a nonce used
/// twice.
#[derive(Debug, Default)]
struct SentWindow {
    bits: [u64; (WINDOW / 64) as usize],
    /// One more than the highest number.
    end: u64,
}

impl SentWindow {
    /// False when the number was used or is too old to know.
    fn insert(&mut self, seq: u64) -> bool {
        if seq + WINDOW < self.end {
            return false;
        }
        if seq >= self.end {
            let begin = self.end.max((seq + 1).saturating_sub(WINDOW));
            for fresh in begin..=seq {
                let (word, bit) = Self::place(fresh);
                self.bits[word] &= !bit;
            }
            self.end = seq + 1;
        }
        let (word, bit) = Self::place(seq);
        let is_new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        is_new
    }

    fn place(seq: u64) -> (usize, u64) {
        let index = seq % WINDOW;
        let word = (index / 64) as usize;
        (word, 1 << (index % 64))
    }
}

#[cfg(test)]
mod tests;
