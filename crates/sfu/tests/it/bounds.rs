//! What strangers and broken browsers send.

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use protocol::CallId;
use protocol::media::Direction;
use sfu::{AdmitError, Input, ROOMS_MAX, VIEW_SLOTS_MAX};

use crate::browser::{CALL, World, peer};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn rooms_are_bounded() {
    let mut world = World::new();
    let call = |index: usize| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&index.to_be_bytes());
        CallId::from_bytes(bytes)
    };
    for index in 1..ROOMS_MAX {
        assert!(world.sfu.open_room(call(index), world.now));
    }
    assert!(!world.sfu.open_room(call(ROOMS_MAX), world.now));
    assert!(
        world.sfu.open_room(call(1), world.now),
        "an open room is still open"
    );
    let offer = world.client(1).offer_up();
    let refused = world.sfu.admit(
        call(ROOMS_MAX),
        peer(1),
        Direction::Up,
        1,
        &offer,
        world.now,
    );
    assert_eq!(refused, Err(AdmitError::NoRoom));
}

#[test]
fn messages_that_make_no_sense_are_dropped_and_counted() {
    let mut world = World::with_people(2);
    let view = |count: usize| {
        let slots: Vec<_> = (0..count).map(|_| format!(
            r#"{{"slot":0,"peer_id":"{}","source":"camera","height_px":180,"pinned":false}}"#, peer(2)
        )).collect();
        format!(r#"{{"kind":"view","slots":[{}]}}"#, slots.join(","))
    };
    let own = view(1).replace(&peer(2).to_string(), &peer(1).to_string());
    let bad = [
        "garbage".to_owned(),
        r#"{"kind":"view"}"#.to_owned(),
        view(1).replace("\"slot\":0", "\"slot\":2"),
        view(1).replace("camera", "microphone"),
        own,
        view(VIEW_SLOTS_MAX + 1),
    ];
    for message in &bad {
        world.browser(1).down.send_text(message.as_bytes());
    }
    world.run(SECOND);
    assert_eq!(world.sfu.counters().messages_dropped, bad.len() as u64);
    world
        .browser(1)
        .down
        .send_text(view(VIEW_SLOTS_MAX).as_bytes());
    world.run(SECOND);
    assert_eq!(
        world.sfu.counters().messages_dropped,
        bad.len() as u64,
        "at the bound it is read"
    );
}

#[test]
fn strangers_are_counted_and_change_nothing() {
    let mut world = World::with_people(1);
    let before = world.sfu.occupancy();
    let stranger: SocketAddr = ([192, 0, 2, 66], 6666).into();
    for contents in [&[0u8; 40][..], &[22; 100], &[128; 100], &[]] {
        let input = Input::Datagram {
            source: stranger,
            destination: ([203, 0, 113, 1], 7800).into(),
            contents,
        };
        world.sfu.handle_input(input, world.now);
    }
    assert_eq!(world.sfu.counters().datagrams_unknown, 4);
    assert_eq!(world.sfu.occupancy(), before);
    assert!(!world.sfu.owns(stranger, &[128; 100]));
    assert!(!world.sfu.owns_ufrag("nobody"));
}

#[test]
fn a_checked_name_with_a_wrong_password_binds_no_address() {
    let mut world = World::with_people(1);
    let before = world.sfu.occupancy();
    let fragment = world.seen_fragment();
    assert!(world.sfu.owns_ufrag(&fragment));
    let mut forged = vec![
        0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ];
    let name = format!("{fragment}:x");
    forged.extend([0, 6, 0, name.len() as u8]);
    forged.extend(name.bytes());
    forged.resize(forged.len().next_multiple_of(4), 0);
    forged.extend([0, 0x24, 0, 4, 1, 2, 3, 4, 0, 8, 0, 20]);
    forged.extend([9; 20]);
    let length = (forged.len() - 20) as u16;
    forged[2..4].copy_from_slice(&length.to_be_bytes());
    let input = Input::Datagram {
        source: ([192, 0, 2, 66], 6666).into(),
        destination: ([203, 0, 113, 1], 7800).into(),
        contents: &forged,
    };
    world.sfu.handle_input(input, world.now);
    assert_eq!(world.sfu.occupancy(), before);
    assert_eq!(world.sfu.counters().datagrams_unknown, 1);
}

#[test]
fn an_offer_in_the_wrong_order_is_refused() {
    let mut world = World::new();
    let offer = world.client(1).offer_down(1, 1);
    let up = world.client(1).offer_up();
    let now = world.now;
    let mut admit =
        |direction, offer: &str| world.sfu.admit(CALL, peer(1), direction, 1, offer, now);
    assert!(matches!(
        admit(Direction::Down, &up),
        Err(AdmitError::Malformed(_))
    ));
    assert!(
        admit(Direction::Up, &offer).is_ok(),
        "microphone and camera are a beginning"
    );
    let reversed = up
        .replace("m=audio", "m=x")
        .replace("m=video", "m=audio")
        .replace("m=x", "m=video");
    assert!(matches!(
        admit(Direction::Up, &reversed),
        Err(AdmitError::Malformed(_))
    ));
    assert!(matches!(
        admit(Direction::Up, ""),
        Err(AdmitError::Malformed(_))
    ));
    let bare = "v=0\nm=audio 9 x 1\na=mid:0\n";
    let refused = world.sfu.admit(CALL, peer(9), Direction::Up, 1, bare, now);
    assert!(matches!(refused, Err(AdmitError::Refused(_))));
    assert_eq!(world.sfu.occupancy().peers, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn damaged_datagrams_never_panic(seed in any::<u64>()) {
        let mut world = World::with_people(2);
        world.browser(1).down.view(&[(0, 2, 720)]);
        world.damage(seed);
        world.run_with_media(SECOND);
        let counters = world.sfu.counters();
        prop_assert!(counters.packets_received > 0);
    }

    #[test]
    fn damaged_offers_never_panic(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<char>()), 1..200)) {
        let mut world = World::new();
        let offer = world.client(1).offer_up();
        for (place, how, letter) in cuts {
            let mut lines: Vec<String> = offer.lines().map(str::to_owned).collect();
            let index = place.index(lines.len());
            match how {
                0 => drop(lines.remove(index)),
                1 => lines[index].push(letter),
                2 => { let copy = lines[index].clone(); lines.push(copy); }
                _ => { let half = lines[index].len() / 2; lines[index].truncate(half); }
            }
            let offer = lines.join("\r\n") + "\r\n";
            let _ = world.sfu.admit(CALL, peer(1), Direction::Up, 1, &offer, world.now);
        }
    }
}
