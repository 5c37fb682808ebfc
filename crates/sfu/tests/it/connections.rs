//! Coming, going, coming back.

use std::time::Duration;

use protocol::media::Direction;
use sfu::{AdmitError, Event};

use crate::browser::{CALL, World, peer};

const SECOND: Duration = Duration::from_secs(1);

fn connected(number: u8, direction: Direction) -> Event {
    Event::Connected {
        call: CALL,
        peer: peer(number),
        direction,
    }
}

fn lost(number: u8, direction: Direction) -> Event {
    Event::Lost {
        call: CALL,
        peer: peer(number),
        direction,
    }
}

#[test]
fn both_connections_come_up_within_half_a_second() {
    let mut world = World::new();
    world.join(1, 3, 1);
    world.run(SECOND / 2);
    assert!(world.events.contains(&connected(1, Direction::Up)));
    assert!(world.events.contains(&connected(1, Direction::Down)));
}

#[test]
fn a_silent_browser_is_lost_within_seconds_and_may_recover() {
    let mut world = World::with_people(2);
    world.events.clear();
    let gone = world.browser(2).addresses();
    let begin = world.now;
    world.loses = Box::new(move |address, now| gone.contains(&address) && now < begin + 8 * SECOND);
    world.run(7 * SECOND);
    assert_eq!(world.events, [], "its own packets still arrive");

    let begin = world.now;
    let gone = world.browser(2).addresses();
    world.loses_from =
        Box::new(move |address, now| gone.contains(&address) && now < begin + 8 * SECOND);
    world.run(7 * SECOND);
    assert!(world.events.contains(&lost(2, Direction::Up)));
    assert!(world.events.contains(&lost(2, Direction::Down)));
    let heard = world.sfu.last_heard(CALL, peer(2)).unwrap();
    assert!(heard <= begin + SECOND / 10);
    assert!(world.sfu.last_heard(CALL, peer(1)).unwrap() > begin + 3 * SECOND);

    world.events.clear();
    world.run(5 * SECOND);
    assert!(world.events.contains(&connected(2, Direction::Up)));
    world.browser(1).down.received.clear();
    world.run_with_media(SECOND);
    assert!(world.browsers[&1].heard(2) >= 40, "media passes again");
}

#[test]
fn whoever_is_watched_is_lost_sooner_and_only_when_silent() {
    let mut world = World::with_people(2);
    world.sfu.watch(CALL, peer(2), true, world.now);
    world.events.clear();
    world.run_with_media(10 * SECOND);
    assert_eq!(world.events, [], "they are heard");

    let begin = world.now;
    let gone = world.browser(2).addresses();
    world.loses_from =
        Box::new(move |address, now| gone.contains(&address) && now < begin + 5 * SECOND / 2);
    world.run_with_media(9 * SECOND / 4);
    assert!(world.events.contains(&lost(2, Direction::Up)));
    assert!(world.events.contains(&lost(2, Direction::Down)));
    world.run_with_media(SECOND);
    assert!(world.events.contains(&connected(2, Direction::Up)));

    world.sfu.watch(CALL, peer(2), false, world.now);
    world.run_with_media(2 * SECOND);
    world.events.clear();
    let begin = world.now;
    let gone = world.browser(2).addresses();
    world.loses_from =
        Box::new(move |address, now| gone.contains(&address) && now < begin + 4 * SECOND);
    world.run_with_media(6 * SECOND);
    assert_eq!(world.events, [], "nobody watches any more");
}

#[test]
fn a_reload_replaces_the_connection_and_an_old_page_cannot_come_back() {
    let mut world = World::with_people(2);
    world.run_with_media(SECOND);
    let mut up = world.client(2);
    let answer = world
        .sfu
        .admit(CALL, peer(2), Direction::Up, 2, &up.offer_up(), world.now)
        .unwrap();
    up.accept(&answer);
    world.browser(2).up = up;
    world.run(SECOND);
    world.clear();
    world.run_with_media(SECOND);
    assert!(world.browsers[&1].heard(2) >= 40);
    let offer = world.client(2).offer_up();
    // The same session from another page, as when one number was given twice.
    let mut twin = world.client(2);
    let answer = world
        .sfu
        .admit(CALL, peer(2), Direction::Up, 2, &twin.offer_up(), world.now)
        .unwrap();
    twin.accept(&answer);
    world.browser(2).up = twin;
    world.run(SECOND);
    world.clear();
    world.run_with_media(SECOND);
    assert!(world.browsers[&1].heard(2) >= 40);
    let stale = world
        .sfu
        .admit(CALL, peer(2), Direction::Up, 1, &offer, world.now);
    assert_eq!(stale, Err(AdmitError::OldSession));
    assert_eq!(world.sfu.occupancy().names, 4);
}

#[test]
fn receive_slots_are_added_by_a_later_offer() {
    let mut world = World::new();
    world.join(1, 3, 0);
    world.join(2, 3, 0);
    world.run_with_media(SECOND);
    let offer = world.browser(1).down.offer_down(0, 1);
    let answer = world
        .sfu
        .admit(CALL, peer(1), Direction::Down, 1, &offer, world.now)
        .unwrap();
    world.browser(1).down.accept(&answer);
    world.browser(1).down.view(&[(0, 2, 180)]);
    world.clear();
    world.run_with_media(SECOND);
    assert!(world.browsers[&1].seen(2) >= 25);
    assert!(world.browsers[&1].heard(2) >= 49, "voices go on meanwhile");
}

#[test]
fn a_page_that_closes_its_connections_is_lost_at_once() {
    let mut world = World::with_people(2);
    world.events.clear();
    let browser = world.browser(2);
    browser.up.rtc.close().unwrap();
    browser.down.rtc.close().unwrap();
    world.run(SECOND / 2);
    assert!(world.events.contains(&lost(2, Direction::Up)));
    assert!(world.events.contains(&lost(2, Direction::Down)));
    assert_eq!(world.sfu.occupancy().peers, 1);
}
