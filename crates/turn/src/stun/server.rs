//! Answers Binding requests: where a client's packets come from.
//!
//! It speaks to anybody, so it says little and not often: an answer is hardly larger than its
//! request, names no software, and each network gets a few a second. Everything else is silence.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use stun_types::attribute::{Fingerprint, XorMappedAddress};
use stun_types::message::{
    BINDING, Message, MessageClass, MessageWrite as _, MessageWriteExt as _, MessageWriteVec,
};

/// Answers a network gets at once.
const BURST: f64 = 20.0;
/// Answers a network gets in the long run.
const PER_SECOND: f64 = 10.0;
/// Networks remembered. At the bound those that used nothing lately are forgotten; if all did, new
/// ones go unanswered.
pub const NETWORKS_MAX: usize = 8_192;
/// A request is no longer than this; browsers' are 20 to 100 bytes.
const REQUEST_BYTES_MAX: usize = 548;
/// The full table is searched for idle networks no oftener, or strangers could buy CPU.
const SWEEP_INTERVAL: Duration = Duration::from_millis(250);

/// A Binding server.
#[derive(Debug, Default)]
pub struct Server {
    buckets: BTreeMap<Network, Bucket>,
    swept_at: Option<Instant>,
}

/// What shares a budget: people behind one address, and whoever can take many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Network {
    /// A /24.
    V4([u8; 3]),
    /// A /56.
    V6([u8; 7]),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Server {
    /// The answer to send back, if the datagram deserves one.
    pub fn handle(&mut self, datagram: &[u8], source: SocketAddr, now: Instant) -> Option<Vec<u8>> {
        // No answer can reach port 0; asking from it is an attack on somebody else.
        if source.port() == 0 || !is_binding_request(datagram) {
            return None;
        }
        let request = Message::from_bytes(datagram).ok()?;
        if !self.take_token(Network::of(source.ip()), now) {
            return None;
        }
        answer(&request, source)
    }

    fn take_token(&mut self, network: Network, now: Instant) -> bool {
        if self.buckets.len() >= NETWORKS_MAX && !self.buckets.contains_key(&network) {
            self.sweep(now);
            if self.buckets.len() >= NETWORKS_MAX {
                return false;
            }
        }
        let bucket = self.buckets.entry(network).or_insert(Bucket {
            tokens: BURST,
            filled_at: now,
        });
        bucket.tokens = bucket.tokens_at(now);
        bucket.filled_at = bucket.filled_at.max(now);
        let has_token = bucket.tokens >= 1.0;
        if has_token {
            bucket.tokens -= 1.0;
        }
        has_token
    }

    fn sweep(&mut self, now: Instant) {
        let is_due = self
            .swept_at
            .is_none_or(|at| now.saturating_duration_since(at) >= SWEEP_INTERVAL);
        if is_due {
            self.buckets
                .retain(|_, bucket| bucket.tokens_at(now) < BURST);
            self.swept_at = Some(now);
        }
    }
}

impl Bucket {
    fn tokens_at(&self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.filled_at);
        (self.tokens + elapsed.as_secs_f64() * PER_SECOND).min(BURST)
    }
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g])
            }
        }
    }
}

/// Looks before parsing: most of what strangers send is not even this.
fn is_binding_request(datagram: &[u8]) -> bool {
    const TYPE: [u8; 2] = [0, 1];
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
    let Some(header) = datagram.first_chunk::<20>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    header[..2] == TYPE
        && header[4..8] == COOKIE
        && datagram.len() <= REQUEST_BYTES_MAX
        && datagram.len() == header.len() + length
}

fn answer(request: &Message<'_>, source: SocketAddr) -> Option<Vec<u8>> {
    if !request.has_class(MessageClass::Request) || !request.has_method(BINDING) {
        return None;
    }
    // A dual-stack socket shows IPv4 clients as mapped IPv6 ones.
    let source = SocketAddr::new(source.ip().to_canonical(), source.port());
    let mapped = XorMappedAddress::new(source, request.transaction_id());
    let mut answer = Message::builder_success(request, MessageWriteVec::new());
    answer.add_attribute(&mapped).ok()?;
    if request.attribute::<Fingerprint>().is_ok() {
        answer.add_fingerprint().ok()?;
    }
    Some(answer.finish())
}

#[cfg(test)]
mod tests;
