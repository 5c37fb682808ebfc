//! Who hears and sees whom.

use std::time::Duration;

use protocol::media::{AudioSlot, LimitReason, ServerMediaMessage, Source, VideoSlot};
use sfu::{Event, Occupancy};

use crate::browser::{Browser, CALL, World, peer};

const SECOND: Duration = Duration::from_secs(1);

fn told(browser: &Browser) -> (Vec<AudioSlot>, Vec<VideoSlot>) {
    let Some(ServerMediaMessage::Slots { audio, video }) = browser.down.slots() else {
        panic!("nothing was told")
    };
    (audio.clone(), video.clone())
}

fn voices(browser: &Browser) -> Vec<Option<protocol::PeerId>> {
    told(browser).0.iter().map(|slot| slot.peer_id).collect()
}

#[test]
fn three_people_hear_and_see_each_other() {
    let mut world = World::with_people(3);
    for number in 1..=3u8 {
        let others = (1..=3).filter(|other| *other != number);
        let view: Vec<_> = others
            .zip(0..)
            .map(|(other, slot)| (slot, other, 180))
            .collect();
        world.browser(number).down.view(&view);
    }
    world.run_with_media(SECOND);
    world.clear();
    world.run_with_media(2 * SECOND);
    for number in 1..=3u8 {
        let browser = &world.browsers[&number];
        assert_eq!(browser.from(number).len(), 0, "nobody gets their own media");
        for other in (1..=3).filter(|other| *other != number) {
            let audio = browser.heard(other);
            assert!(
                (99..=101).contains(&audio),
                "{number} heard {audio} packets of {other}"
            );
            let video = browser.from(other).len() - audio;
            assert!(
                (65..=68).contains(&video),
                "{number} saw {video} frames of {other}"
            );
        }
    }
}

#[test]
fn a_slot_changes_hands_without_renegotiation() {
    let mut world = World::with_people(3);
    world.browser(1).down.view(&[(0, 2, 180)]);
    world.run_with_media(SECOND);
    world.browser(1).down.view(&[(0, 3, 180)]);
    world.run_with_media(SECOND);
    world.clear();
    world.run_with_media(SECOND);
    let browser = &world.browsers[&1];
    assert_eq!(browser.seen(2), 0);
    assert!(browser.seen(3) >= 32);
    let (_, video) = told(browser);
    assert_eq!(video[0].peer_id, peer(3));
    assert_eq!(video[0].mid, browser.down.mids[3].to_string());
    assert_eq!((video[0].height_px, video[0].reason), (Some(180), None));
}

#[test]
fn who_is_removed_disappears_from_the_others_slots() {
    let mut world = World::with_people(3);
    world.browser(1).down.view(&[(0, 2, 180), (1, 3, 180)]);
    world.run_with_media(2 * SECOND);
    assert!(voices(&world.browsers[&1]).contains(&Some(peer(2))));
    world.sfu.remove(CALL, peer(2), world.now);
    world.run_with_media(SECOND / 10);
    world.clear();
    world.run_with_media(SECOND);
    let browser = &world.browsers[&1];
    assert!(!voices(browser).contains(&Some(peer(2))));
    let (_, video) = told(browser);
    assert_eq!(
        (video[0].height_px, video[0].reason),
        (None, Some(LimitReason::Off))
    );
    assert_eq!(video[1].reason, None);
    assert_eq!(browser.from(2).len(), 0);
    assert!(browser.heard(3) >= 49);
}

#[test]
fn the_one_who_speaks_takes_a_slot_of_the_silent() {
    let mut world = World::new();
    for number in 1..=6 {
        world.join(number, 2, 0);
    }
    world.run_with_media(3 * SECOND);
    let before = voices(&world.browsers[&1]);
    assert_eq!(
        before.iter().flatten().count(),
        2,
        "silence is carried when there is room"
    );
    world.browser(6).level = 10;
    world.run_with_media(SECOND);
    assert!(voices(&world.browsers[&1]).contains(&Some(peer(6))));
    assert!(
        !voices(&world.browsers[&6]).contains(&Some(peer(6))),
        "not to the speaker"
    );
    let spoke = Event::Speaking {
        call: CALL,
        peers: vec![peer(6)],
    };
    assert!(world.events.contains(&spoke));
    let told = ServerMediaMessage::Speakers {
        peers: vec![peer(6)],
    };
    assert!(world.browsers[&1].down.messages.contains(&told));
}

#[test]
fn who_is_muted_by_command_is_not_heard() {
    let mut world = World::with_people(2);
    world.run_with_media(SECOND);
    world
        .sfu
        .set_muted(CALL, peer(2), Source::Microphone, true, world.now);
    world.run_with_media(SECOND / 10);
    world.clear();
    world.run_with_media(SECOND);
    assert_eq!(world.browsers[&1].heard(2), 0);
    world
        .sfu
        .set_muted(CALL, peer(2), Source::Microphone, false, world.now);
    world.run_with_media(SECOND);
    assert!(world.browsers[&1].heard(2) >= 40);
}

#[test]
fn closing_a_room_frees_everything() {
    let mut world = World::with_people(3);
    world.run_with_media(SECOND);
    assert_ne!(world.sfu.occupancy(), Occupancy::default());
    world.sfu.close_room(CALL, world.now);
    world.sfu.close_room(CALL, world.now);
    world.run(SECOND);
    assert_eq!(world.sfu.occupancy(), Occupancy::default());
    assert_eq!(world.sfu.poll_timeout(), None);
    for browser in world.browsers.values() {
        assert!(!browser.down.rtc.is_alive(), "browsers are told at once");
    }
}
