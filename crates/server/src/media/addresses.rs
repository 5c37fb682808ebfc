//! Where browsers are told to send their media.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses told to browsers. Each costs every browser checks, so further ones are left out.
const CANDIDATES_MAX: usize = 8;

/// The given addresses, or else all that this host has: first those by which it reaches the
/// world, loopback last, for browsers on this machine.
pub(super) fn candidates(given: &[IpAddr], port: u16, has_ipv6: bool) -> Vec<SocketAddr> {
    let own = if given.is_empty() {
        host_addresses()
    } else {
        Vec::new()
    };
    let mut found: Vec<SocketAddr> = Vec::new();
    let usable = |address: &&IpAddr| address.is_ipv4() || has_ipv6;
    for address in given.iter().chain(&own).filter(usable) {
        let candidate = SocketAddr::new(*address, port);
        if found.len() < CANDIDATES_MAX && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// Addresses datagrams may be sent from; a given address may be a router's instead.
pub(super) fn is_own(address: IpAddr) -> bool {
    interface_addresses().contains(&address)
}

fn host_addresses() -> Vec<IpAddr> {
    let mut interfaces = interface_addresses();
    interfaces.sort_by_key(|address| address.is_loopback());
    let loopback = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    let has = |address: &IpAddr| interfaces.contains(address);
    // Loopback keeps its place even on a host with very many addresses.
    let loopback: Vec<_> = loopback.into_iter().filter(has).collect();
    let towards_world = towards_world();
    let others = towards_world
        .iter()
        .chain(&interfaces)
        .filter(|address| !address.is_loopback());
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in others {
        if !addresses.contains(address) {
            addresses.push(*address);
        }
    }
    addresses.truncate(CANDIDATES_MAX - loopback.len());
    addresses.extend(loopback);
    addresses
}

/// Without link-local ones: browsers do not use those.
fn interface_addresses() -> Vec<IpAddr> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            tracing::warn!(%error, "the addresses of this host cannot be listed");
            Vec::new()
        }
    }
}

/// The addresses the system would send from to the world. Connecting a UDP socket sends nothing.
fn towards_world() -> Vec<IpAddr> {
    // Addresses kept for documentation (RFC 5737, RFC 3849): nobody has them.
    let world: [(IpAddr, IpAddr); 2] = [
        (
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::new(192, 0, 2, 1).into(),
        ),
        (
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        ),
    ];
    let source = |(any, far): (IpAddr, IpAddr)| {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect((far, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    world
        .into_iter()
        .filter_map(source)
        .filter(|address| !address.is_unspecified())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_addresses_are_the_only_ones() {
        let given = [
            IpAddr::from([203, 0, 113, 7]),
            IpAddr::from([203, 0, 113, 7]),
        ];
        assert_eq!(
            candidates(&given, 3478, false),
            [SocketAddr::from(([203, 0, 113, 7], 3478))]
        );
    }

    #[test]
    fn loopback_comes_last_and_is_always_there() {
        let found = candidates(&[], 3478, false);
        assert_eq!(
            found.last(),
            Some(&SocketAddr::from(([127, 0, 0, 1], 3478)))
        );
        assert!(found.len() <= CANDIDATES_MAX);
        assert!(found.iter().all(SocketAddr::is_ipv4));
    }
}
