//! What went through the port, for an operator's Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};

use sfu::{Counters, Occupancy};

/// Written by the worker, read by whoever asks.
#[derive(Debug, Default)]
pub struct Counts {
    pub(super) received: Count,
    pub(super) received_bytes: Count,
    pub(super) sent: Count,
    pub(super) sent_bytes: Count,
    /// First bytes no protocol of the port has.
    pub(super) unknown: Count,
    /// STUN from strangers beyond their budget, or malformed.
    pub(super) stun_unanswered: Count,
    /// Came faster than they could be forwarded.
    pub(super) overrun: Count,
    /// The system took no more, or had no way there.
    pub(super) unsent: Count,
    pub(super) restarts: Count,
    pub(super) rooms: Count,
    pub(super) peers: Count,
    stray: Count,
    malformed: Count,
    media_received: Count,
    media_forwarded: Count,
    media_dropped: Count,
    key_frames_requested: Count,
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

/// One line of `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    /// `counter` or `gauge`.
    pub kind: &'static str,
    pub help: &'static str,
    pub value: u64,
}

impl Counts {
    pub fn metrics(&self) -> Vec<Metric> {
        let counter = |name, help, count: &Count| Metric {
            name,
            kind: "counter",
            help,
            value: count.get(),
        };
        let gauge = |name, help, count: &Count| Metric {
            kind: "gauge",
            ..counter(name, help, count)
        };
        vec![
            gauge("connect_media_rooms", "Rooms open now", &self.rooms),
            gauge(
                "connect_media_peers",
                "Participants in rooms now",
                &self.peers,
            ),
            counter(
                "connect_media_datagrams_received_total",
                "Datagrams received",
                &self.received,
            ),
            counter(
                "connect_media_received_bytes_total",
                "Bytes received",
                &self.received_bytes,
            ),
            counter(
                "connect_media_datagrams_sent_total",
                "Datagrams sent",
                &self.sent,
            ),
            counter(
                "connect_media_sent_bytes_total",
                "Bytes sent",
                &self.sent_bytes,
            ),
            counter(
                "connect_media_unknown_total",
                "Datagrams of no protocol spoken here",
                &self.unknown,
            ),
            counter(
                "connect_media_stun_unanswered_total",
                "STUN requests malformed or beyond a network's budget",
                &self.stun_unanswered,
            ),
            counter(
                "connect_media_stray_total",
                "Datagrams that belong to no connection",
                &self.stray,
            ),
            counter(
                "connect_media_malformed_total",
                "Datagrams of a connection that could not be read",
                &self.malformed,
            ),
            counter(
                "connect_media_overrun_total",
                "Datagrams dropped because they came faster than they could be forwarded",
                &self.overrun,
            ),
            counter(
                "connect_media_unsent_total",
                "Datagrams the system did not take",
                &self.unsent,
            ),
            counter(
                "connect_media_packets_received_total",
                "Media packets received",
                &self.media_received,
            ),
            counter(
                "connect_media_packets_forwarded_total",
                "Media packets forwarded, one for each receiver",
                &self.media_forwarded,
            ),
            counter(
                "connect_media_packets_dropped_total",
                "Media packets of no use: muted, malformed, of an unknown layer",
                &self.media_dropped,
            ),
            counter(
                "connect_media_key_frames_requested_total",
                "Key frames asked of senders",
                &self.key_frames_requested,
            ),
            counter(
                "connect_media_restarts_total",
                "Times the media worker failed and was started again",
                &self.restarts,
            ),
        ]
    }

    /// Takes over what the SFU has counted since `before`, its last word. What it holds is told by
    /// the worker that takes calls only.
    pub(super) fn take_over(&self, now: Counters, before: Counters, held: Option<Occupancy>) {
        self.stray
            .add(now.datagrams_unknown - before.datagrams_unknown);
        self.malformed
            .add(now.datagrams_malformed - before.datagrams_malformed);
        self.media_received
            .add(now.packets_received - before.packets_received);
        self.media_forwarded
            .add(now.packets_forwarded - before.packets_forwarded);
        self.media_dropped
            .add(now.packets_dropped - before.packets_dropped);
        self.key_frames_requested
            .add(now.key_frames_requested - before.key_frames_requested);
        if let Some(occupancy) = held {
            self.rooms.set(occupancy.rooms);
            self.peers.set(occupancy.peers);
        }
    }
}

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
