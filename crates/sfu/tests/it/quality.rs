//! Layers, key frames and bandwidth.

use std::time::Duration;

use protocol::media::{LimitReason, ServerMediaMessage};

use crate::browser::{Received, World};

const SECOND: Duration = Duration::from_secs(1);

/// Every frame is one packet, so numbers, picture ids and time all go on by steps.
fn assert_continuous(packets: &[&Received]) {
    for pair in packets.windows(2) {
        let [before, after] = pair else {
            continue;
        };
        assert_eq!(after.seq, before.seq + 1, "numbers leave none out");
        assert_eq!(after.picture_id(), (before.picture_id() + 1) & 0x7fff);
        assert_eq!(
            after.payload[4],
            before.payload[4].wrapping_add(1),
            "base layer index"
        );
        let ticks = after.timestamp.wrapping_sub(before.timestamp);
        assert!((1..=9_000).contains(&ticks), "{ticks} ticks between frames");
    }
}

#[test]
fn a_layer_switch_is_one_stream_to_the_receiver() {
    let mut world = World::with_people(2);
    world.browser(1).down.view(&[(0, 2, 180)]);
    world.run_with_media(2 * SECOND);
    world.browser(1).down.view(&[(0, 2, 720)]);
    world.run_with_media(2 * SECOND);
    world.browser(1).down.view(&[(0, 2, 300)]);
    world.run_with_media(2 * SECOND);
    let browser = &world.browsers[&1];
    let video: Vec<_> = browser
        .from(2)
        .into_iter()
        .filter(|packet| packet.payload.len() > 4)
        .collect();
    let mut layers: Vec<_> = video.iter().map(|packet| packet.origin().1).collect();
    layers.dedup();
    assert_eq!(layers, [0, 2, 1]);
    assert_continuous(&video);
    assert!(video.len() >= 195, "{} of 200 frames", video.len());
}

#[test]
fn many_who_begin_to_watch_cost_the_publisher_one_key_frame_a_layer() {
    let mut world = World::with_people(8);
    world.run_with_media(SECOND);
    let before = world.browser(1).up.key_frames_asked_ever;
    for number in 2..=8 {
        world.browser(number).down.view(&[(0, 1, 360)]);
    }
    world.run_with_media(SECOND);
    let asked = world.browser(1).up.key_frames_asked_ever - before;
    assert!((1..=2).contains(&asked), "asked for {asked} key frames");
    for number in 2..=8 {
        assert!(world.browsers[&number].seen(1) >= 25, "{number} sees");
    }
}

#[test]
fn a_layer_that_stops_is_replaced_by_a_lower_one() {
    let mut world = World::with_people(2);
    world.browser(1).down.view(&[(0, 2, 720)]);
    world.run_with_media(2 * SECOND);
    world.clear();
    world.browser(2).layers = [Some(400), None, None];
    world.run_with_media(SECOND);
    // 33 frames, but for those of less than half a second.
    let seen = world.browsers[&1].seen(2);
    assert!(seen >= 18, "{seen} frames");
    world.run_with_media(SECOND);
    let browser = &world.browsers[&1];
    let Some(ServerMediaMessage::Slots { video, .. }) = browser.down.slots() else {
        panic!("slots are told")
    };
    assert_eq!(
        (video[0].height_px, video[0].reason),
        (Some(180), Some(LimitReason::TheirUpload))
    );
}

#[test]
fn a_narrow_link_costs_layers_but_never_voices() {
    let mut world = World::with_people(7);
    let view: Vec<_> = (2..=7)
        .zip(0..)
        .map(|(other, slot)| (slot, other, 720))
        .collect();
    world.browser(1).down.view(&view);
    world.run_with_media(4 * SECOND);
    // 700 kbit/s with 60 ms of room, for voices of 15 kbit/s and pictures of up to 290 kbit/s each.
    let narrow = world.browser(1).addresses();
    let (begin, mut spent) = (world.now, 0.0);
    world.loses_sized = Box::new(move |address, bytes, now| {
        if !narrow.contains(&address) {
            return false;
        }
        let room = (now - begin).as_secs_f64() * 700_000.0 / 8.0;
        let is_full = spent > room + 5_000.0;
        if !is_full {
            spent = f64::max(spent, room) + bytes as f64;
        }
        is_full
    });
    world.run_with_media(15 * SECOND);
    world.clear();
    world.run_with_media(5 * SECOND);
    let browser = &world.browsers[&1];
    let Some(ServerMediaMessage::Slots { audio, video }) = browser.down.slots() else {
        panic!("slots are told")
    };
    assert!(
        video
            .iter()
            .any(|slot| slot.reason == Some(LimitReason::YourConnection)),
        "{video:?}"
    );
    for slot in audio {
        let number = (2..=7)
            .find(|number| Some(crate::browser::peer(*number)) == slot.peer_id)
            .unwrap();
        let heard = browser.heard(number);
        assert!(heard >= 225, "{heard} of 250 packets of {number}");
    }
}

#[test]
fn what_a_lossy_link_drops_is_sent_again() {
    let mut world = World::with_people(2);
    world.browser(1).down.view(&[(0, 2, 180)]);
    world.run_with_media(SECOND);
    let receiver = world.browser(1).addresses()[1];
    let publisher = world.browser(2).addresses()[0];
    let (mut down, mut up) = (0u32, 0u32);
    world.loses = Box::new(move |address, _| {
        down += u32::from(address == receiver);
        address == receiver && down.is_multiple_of(20)
    });
    world.loses_from = Box::new(move |address, _| {
        up += u32::from(address == publisher);
        address == publisher && up.is_multiple_of(25)
    });
    world.clear();
    world.run_with_media(6 * SECOND);
    let seen = world.browsers[&1].seen(2);
    assert!(seen >= 197, "{seen} of 200 frames");
}
