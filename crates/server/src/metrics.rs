//! Counts for an operator's Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub struct Metrics {
    pub requests: Counter,
    pub messages: Counter,
    pub sockets_opened: Counter,
    pub pushes_delivered: Counter,
    pub pushes_failed: Counter,
}

/// Only rises.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
