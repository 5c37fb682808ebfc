//! Which connection a datagram belongs to: by where it comes from, or by the name in its STUN request.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use protocol::media::Direction;
use protocol::{CallId, PeerId};

/// Paths of one connection that are remembered; the oldest is forgotten for a newer.
pub const ADDRESSES_PER_CONNECTION_MAX: usize = 8;

/// One connection's place. The serial tells it from an earlier one in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    pub(crate) call: CallId,
    pub(crate) peer: PeerId,
    pub(crate) direction: Direction,
    pub(crate) serial: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Router {
    by_address: HashMap<SocketAddr, Route>,
    by_fragment: HashMap<String, Route>,
}

impl Router {
    pub(crate) fn by_address(&self, address: SocketAddr) -> Option<Route> {
        self.by_address.get(&address).copied()
    }

    pub(crate) fn by_fragment(&self, fragment: &str) -> Option<Route> {
        self.by_fragment.get(fragment).copied()
    }

    pub(crate) fn name(&mut self, fragment: &str, route: Route) {
        self.by_fragment.insert(fragment.to_owned(), route);
    }

    /// After an ICE restart.
    pub(crate) fn rename(&mut self, old: &str, new: &str, route: Route) {
        self.by_fragment.remove(old);
        self.name(new, route);
    }

    /// Binds an address that has proved to be the connection's. `known` is the connection's own list.
    pub(crate) fn bind(
        &mut self,
        address: SocketAddr,
        route: Route,
        known: &mut VecDeque<SocketAddr>,
    ) {
        self.by_address.insert(address, route);
        known.retain(|other| *other != address);
        known.push_back(address);
        if known.len() > ADDRESSES_PER_CONNECTION_MAX
            && let Some(oldest) = known.pop_front()
        {
            self.unbind(oldest, route);
        }
    }

    pub(crate) fn forget(&mut self, route: Route, fragment: &str, known: &VecDeque<SocketAddr>) {
        if self.by_fragment(fragment) == Some(route) {
            self.by_fragment.remove(fragment);
        }
        for address in known {
            self.unbind(*address, route);
        }
    }

    /// Another connection may have the address by now.
    fn unbind(&mut self, address: SocketAddr, route: Route) {
        if self.by_address(address) == Some(route) {
            self.by_address.remove(&address);
        }
    }

    pub(crate) fn len(&self) -> (usize, usize) {
        (self.by_address.len(), self.by_fragment.len())
    }
}

/// The receiver's half of the user name in a STUN request (RFC 8445, section 7.2.2), if the datagram
/// is one.
pub(crate) fn stun_fragment(datagram: &[u8]) -> Option<&str> {
    const REQUEST: [u8; 2] = [0, 1];
    const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
    const USERNAME: u16 = 0x0006;
    let (header, mut attributes) = datagram.split_at_checked(20)?;
    if header[..2] != REQUEST || header[4..8] != COOKIE {
        return None;
    }
    while let Some((&[a, b, c, d], rest)) = attributes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([c, d]));
        let value = rest.get(..length)?;
        if u16::from_be_bytes([a, b]) == USERNAME {
            return str::from_utf8(value).ok()?.split(':').next();
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn route(serial: u64) -> Route {
        Route {
            call: CallId::from_bytes([1; 16]),
            peer: PeerId::from_bytes([2; 16]),
            direction: Direction::Up,
            serial,
        }
    }

    fn address(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn the_oldest_path_is_forgotten_at_the_bound() {
        let mut router = Router::default();
        let mut known = VecDeque::new();
        let ports = 1..=ADDRESSES_PER_CONNECTION_MAX as u16 + 1;
        for port in ports {
            router.bind(address(port), route(1), &mut known);
        }
        assert_eq!(known.len(), ADDRESSES_PER_CONNECTION_MAX);
        assert_eq!(router.by_address(address(1)), None);
        assert_eq!(router.by_address(address(2)), Some(route(1)));
    }

    #[test]
    fn forgetting_a_connection_leaves_its_successors_address() {
        let mut router = Router::default();
        let (mut old, mut new) = (VecDeque::new(), VecDeque::new());
        router.bind(address(1), route(1), &mut old);
        router.bind(address(1), route(2), &mut new);
        router.forget(route(1), "old", &old);
        assert_eq!(router.by_address(address(1)), Some(route(2)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), stun in any::<bool>()) {
            let mut bytes = bytes;
            if stun && bytes.len() >= 20 {
                bytes[..8].copy_from_slice(&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
            }
            let _ = stun_fragment(&bytes);
        }
    }
}
