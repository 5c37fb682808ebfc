use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use stun_types::attribute::Software;

use super::*;

/// RFC 5769, section 2.1.
const SAMPLE_REQUEST: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
\x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\
\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\
\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

/// The XOR-MAPPED-ADDRESS of RFC 5769, section 2.2, with its header: 192.0.2.1:32853.
const SAMPLE_MAPPED: &[u8] = b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43";
/// That of section 2.3: [2001:db8:1234:5678:11:2233:4455:6677]:32853.
const SAMPLE_MAPPED_V6: &[u8] =
    b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";

#[expect(clippy::disallowed_methods, reason = "a test's epoch")]
fn epoch() -> Instant {
    Instant::now()
}

fn client(last: u8) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, last), 32853).into()
}

fn request() -> Vec<u8> {
    Message::builder_request(BINDING, MessageWriteVec::new()).finish()
}

#[test]
fn the_sample_request_gets_the_sample_address() {
    let answer = Server::default()
        .handle(SAMPLE_REQUEST, client(1), epoch())
        .unwrap();
    assert_eq!(answer[..2], [1, 1], "a success response to Binding");
    assert_eq!(
        answer[4..20],
        SAMPLE_REQUEST[4..20],
        "cookie and transaction"
    );
    assert_eq!(&answer[20..32], SAMPLE_MAPPED);
    assert_eq!(
        answer[32..36],
        [0x80, 0x28, 0, 4],
        "a fingerprint, because the request had one"
    );
    let parsed = Message::from_bytes(&answer).unwrap();
    assert!(parsed.attribute::<Software>().is_err());
}

#[test]
fn the_sample_address_of_ipv6_comes_back() {
    let address = Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0x5678, 0x11, 0x2233, 0x4455, 0x6677);
    let source = (address, 32853).into();
    let answer = Server::default()
        .handle(SAMPLE_REQUEST, source, epoch())
        .unwrap();
    assert_eq!(&answer[20..44], SAMPLE_MAPPED_V6);
}

#[test]
fn a_mapped_ipv4_address_is_told_as_ipv4() {
    let source = (Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped(), 32853).into();
    let answer = Server::default()
        .handle(SAMPLE_REQUEST, source, epoch())
        .unwrap();
    assert_eq!(&answer[20..32], SAMPLE_MAPPED);
}

#[test]
fn a_bare_request_gets_a_bare_answer() {
    let answer = Server::default()
        .handle(&request(), client(1), epoch())
        .unwrap();
    assert_eq!(answer.len(), 32);
}

#[test]
fn everything_else_is_silence() {
    let now = epoch();
    let mut server = Server::default();
    let port_zero = (Ipv4Addr::new(192, 0, 2, 1), 0).into();
    assert_eq!(server.handle(&request(), port_zero, now), None);
    let mut indication = request();
    indication[1] = 0x11;
    assert_eq!(server.handle(&indication, client(1), now), None);
    let mut allocate = request();
    allocate[1] = 3;
    assert_eq!(server.handle(&allocate, client(1), now), None);
    let mut forged = SAMPLE_REQUEST.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(
        server.handle(&forged, client(1), now),
        None,
        "a wrong fingerprint"
    );
    let mut trailing = request();
    trailing.push(0);
    assert_eq!(server.handle(&trailing, client(1), now), None);
    assert!(server.buckets.is_empty(), "nonsense is not remembered");
}

#[test]
fn a_network_has_a_burst_and_a_rate() {
    let mut now = epoch();
    let mut server = Server::default();
    let mut asked = |count: usize, now| {
        // Neighbours share the budget.
        (0..count)
            .filter(|index| {
                server
                    .handle(&request(), client((index % 250) as u8), now)
                    .is_some()
            })
            .count()
    };
    assert_eq!(asked(100, now), 20);
    now += Duration::from_secs(1);
    assert_eq!(asked(100, now), 10);
    assert!(
        server
            .handle(&request(), ([198, 51, 100, 1], 9).into(), now)
            .is_some()
    );
}

#[test]
fn the_table_of_networks_is_bounded() {
    let now = epoch();
    let mut server = Server::default();
    let source = |index: usize| -> SocketAddr {
        let [.., a, b] = index.to_be_bytes();
        ([10, a, b, 1], 9).into()
    };
    for index in 0..NETWORKS_MAX {
        assert!(server.handle(&request(), source(index), now).is_some());
    }
    assert_eq!(server.handle(&request(), source(NETWORKS_MAX), now), None);
    let later = now + Duration::from_secs(3);
    assert!(
        server
            .handle(&request(), source(NETWORKS_MAX), later)
            .is_some()
    );
    assert_eq!(server.buckets.len(), 1, "the idle are forgotten");
}

proptest! {
    #[test]
    fn any_bytes_are_handled(bytes in proptest::collection::vec(any::<u8>(), 0..200), looks_right in any::<bool>()) {
        let mut bytes = bytes;
        if looks_right && bytes.len() >= 20 {
            let length = (bytes.len() - 20) as u16;
            bytes[..2].copy_from_slice(&[0, 1]);
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        if let Some(answer) = Server::default().handle(&bytes, client(1), epoch()) {
            prop_assert_eq!(&answer[8..20], &bytes[8..20]);
        }
    }
}
