//! What strangers can send, thrown at the code that reads it. Each function is the body of a fuzz
//! target of its name; none may panic, hang or keep more than its bounds.
//!
//! `cargo fuzz run client_message` looks for inputs (with a nightly toolchain, or with
//! `RUSTC_BOOTSTRAP=1`); `cargo test` in this folder replays those in `corpus/`.

mod call;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use protocol::{CallId, PeerId, Timestamp, client::ClientFrame, media::Direction};
use sfu::{Config, Identity, Input, Sfu};
use turn::stun;

pub use call::call;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3478);
const PEERS: u128 = 4;

/// A frame of the socket.
pub fn client_message(data: &[u8]) {
    let Ok(frame) = serde_json::from_slice::<ClientFrame>(data) else {
        return;
    };
    let text = serde_json::to_vec(&frame).expect("what was read can be written");
    let again: ClientFrame = serde_json::from_slice(&text).expect("what was written can be read");
    assert_eq!(frame, again);
}

/// An offer, as either of the two connections; a second one renegotiates.
pub fn sdp(data: &[u8]) {
    let Ok(offer) = std::str::from_utf8(data) else {
        return;
    };
    let now = Instant::now();
    for direction in [Direction::Up, Direction::Down] {
        let mut room = Room::new(now);
        for _ in 0..2 {
            // Refused or answered: it must only return.
            let _ = room.sfu.admit(room.call, peer(0), direction, 1, offer, now);
            room.drain();
        }
    }
}

/// Datagrams to the media port, each behind two bytes of its length, from a few addresses. Two
/// people are admitted and unconnected, so STUN and DTLS can get as far as strangers get.
pub fn datagrams(data: &[u8]) {
    let mut now = Instant::now();
    let mut room = Room::new(now);
    for (index, (direction, offer)) in [
        (Direction::Up, include_str!("../corpus/sdp/chromium-up")),
        (Direction::Down, include_str!("../corpus/sdp/firefox-down")),
    ]
    .into_iter()
    .enumerate()
    {
        room.sfu
            .admit(room.call, peer(index as u128), direction, 1, offer, now)
            .expect("a browser's offer is good");
    }
    let mut stun = stun::server::Server::default();
    let mut rest = data;
    let mut source_port = 40_000;
    while let Some((length, after)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(after.len());
        let (contents, after) = after.split_at(length);
        rest = after;
        let source = SocketAddr::from((Ipv4Addr::LOCALHOST, source_port));
        source_port = 40_000 + (source_port + 1) % 4;
        let _ = turn::classify(contents);
        let _ = stun.handle(contents, source, now);
        room.sfu.handle_input(
            Input::Datagram {
                source,
                destination: SERVER,
                contents,
            },
            now,
        );
        room.drain();
        now += Duration::from_millis(20);
        room.sfu.handle_input(Input::Timeout, now);
        room.drain();
    }
    assert!(room.sfu.occupancy().peers as u128 <= PEERS);
}

struct Room {
    sfu: Sfu,
    call: CallId,
}

impl Room {
    fn new(now: Instant) -> Self {
        let mut sfu = Sfu::new(Config {
            candidates: vec![SERVER],
            identity: Identity::generate(),
            seed: [7; 32],
        });
        let call = CallId::from_parts(Timestamp::from_millis(0), 1);
        assert!(sfu.open_room(call, now), "the first room fits");
        Self { sfu, call }
    }

    fn drain(&mut self) {
        while self.sfu.poll_output().is_some() {}
    }
}

fn peer(number: u128) -> PeerId {
    PeerId::from_parts(Timestamp::from_millis(0), number)
}
