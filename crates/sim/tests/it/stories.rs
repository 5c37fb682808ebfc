use std::time::Duration;

use protocol::{
    call::{Connection, EndReason, RingStatus},
    conversation::ConversationKind,
};
use sim::{Act, Plan, Scene, World};

const LEAH: usize = 0;
const ANA_LAPTOP: usize = 1;
const ANA_PHONE: usize = 2;

/// Leah with one device, Ana with two.
fn two_people() -> World {
    World::new(
        &Scene {
            kind: ConversationKind::Direct,
            devices_of: vec![1, 2],
            outside: 0,
        },
        1,
    )
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn a_ring_reaches_both_devices_and_the_answer_stops_the_other() {
    let mut world = two_people();
    world
        .act_out(&Plan::default().then(0, LEAH, Act::Call))
        .unwrap();
    world.run_for(seconds(1)).unwrap();
    assert!(world.devices[ANA_LAPTOP].ringing.is_some());
    assert!(world.devices[ANA_PHONE].ringing.is_some());
    assert_eq!(
        world.live_call().unwrap().rings[0].status,
        RingStatus::Ringing
    );

    world
        .act_out(&Plan::default().then(0, ANA_PHONE, Act::Join))
        .unwrap();
    // To the server and back.
    world.run_for(2 * sim::DELAY_MAX).unwrap();
    assert!(world.devices[ANA_LAPTOP].ringing.is_none());
    assert!(world.devices[ANA_PHONE].peer.is_some());
}

#[test]
fn a_ring_nobody_answers_ends_after_forty_five_seconds() {
    let mut world = two_people();
    world
        .act_out(&Plan::default().then(0, LEAH, Act::Call))
        .unwrap();
    world.run_for(seconds(44)).unwrap();
    assert!(world.live_call().is_some());
    world.run_for(seconds(3)).unwrap();
    assert_eq!(
        world.ended_calls()[0].ended.unwrap().reason,
        EndReason::NoAnswer
    );
    assert!(world.devices[ANA_LAPTOP].ringing.is_none());
}

#[test]
fn a_device_without_a_network_stops_ringing_by_its_own_clock() {
    let mut world = two_people();
    let plan = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(1_000, ANA_PHONE, Act::Unplug);
    world.act_out(&plan).unwrap();
    world.run_for(seconds(46)).unwrap();
    assert!(world.devices[ANA_PHONE].ringing.is_none());
}

#[test]
fn two_who_press_at_once_are_in_one_call() {
    let mut world = two_people();
    let plan = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(0, ANA_LAPTOP, Act::Call);
    world.act_out(&plan).unwrap();
    world.run_for(seconds(1)).unwrap();
    let call = world.live_call().unwrap();
    assert_eq!(call.legs.len(), 2);
    assert!(call.answered_at.is_some());
    assert!(world.devices[ANA_PHONE].ringing.is_none());
}

#[test]
fn a_killed_tab_is_reconnecting_and_then_gone_thirty_seconds_after_its_last_word() {
    let mut world = two_people();
    let answered = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(500, ANA_LAPTOP, Act::Join);
    world.act_out(&answered).unwrap();
    world.run_for(seconds(5)).unwrap();
    world
        .act_out(&Plan::default().then(0, ANA_LAPTOP, Act::Die))
        .unwrap();
    world.run_for(seconds(17)).unwrap();
    let leg = world.live_call().unwrap().legs[1].clone();
    assert!(matches!(leg.connection, Connection::Reconnecting { .. }));
    world.run_for(seconds(15)).unwrap();
    let call = &world.ended_calls()[0];
    assert_eq!(call.ended.unwrap().reason, EndReason::ConnectionLost);
    assert!(call.legs[1].left.unwrap().lost);
}

#[test]
fn a_reload_comes_back_as_the_same_participant() {
    let mut world = two_people();
    let plan = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(500, ANA_LAPTOP, Act::Join)
        .then(5_000, ANA_LAPTOP, Act::Reload);
    world.act_out(&plan).unwrap();
    let joined_at = world.live_call().unwrap().legs[1].joined_at;
    world.run_for(seconds(6)).unwrap();
    let call = world.live_call().unwrap();
    assert_eq!(call.legs.len(), 2);
    assert_eq!(call.legs[1].joined_at, joined_at);
    assert_eq!(call.legs[1].connection, Connection::Connected);
}

#[test]
fn a_restart_of_the_server_keeps_the_call_and_its_start() {
    let mut world = two_people();
    let plan = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(500, ANA_LAPTOP, Act::Join)
        .then(5_000, LEAH, Act::RestartServer);
    world.act_out(&plan).unwrap();
    let started_at = world.live_call().unwrap().started_at;
    world.run_for(seconds(40)).unwrap();
    let call = world.live_call().unwrap();
    assert_eq!(call.started_at, started_at);
    assert_eq!(call.legs.iter().filter(|leg| leg.left.is_none()).count(), 2);
}

#[test]
fn a_rooms_call_ends_a_while_after_the_last_has_left() {
    let scene = Scene {
        kind: ConversationKind::Channel,
        devices_of: vec![1, 1, 1],
        outside: 0,
    };
    let mut world = World::new(&scene, 2);
    let plan = Plan::default()
        .then(0, 0, Act::Call)
        .then(500, 1, Act::Join)
        .then(500, 2, Act::Join);
    world.act_out(&plan).unwrap();
    world.run_for(seconds(1)).unwrap();
    let leaving = Plan::default()
        .then(0, 0, Act::Leave)
        .then(0, 1, Act::Leave)
        .then(0, 2, Act::Leave);
    world.act_out(&leaving).unwrap();
    world.run_for(seconds(9)).unwrap();
    assert!(world.live_call().is_some());
    world.run_for(seconds(3)).unwrap();
    assert!(world.live_call().is_none());
}

#[test]
fn a_page_loaded_again_before_it_heard_that_it_joined_leaves_nobody_behind() {
    let scene = Scene {
        kind: ConversationKind::Channel,
        devices_of: vec![1, 1],
        outside: 0,
    };
    let mut world = World::new(&scene, 3);
    let plan = Plan::default()
        .then(0, 0, Act::Call)
        .then(500, 1, Act::Join)
        .then(10, 1, Act::Reload);
    world.act_out(&plan).unwrap();
    world.run_for(seconds(1)).unwrap();
    let present = |world: &World| {
        let call = world.live_call().unwrap();
        call.legs.iter().filter(|leg| leg.left.is_none()).count()
    };
    assert_eq!(present(&world), 2);
    world.run_for(seconds(11)).unwrap();
    assert_eq!(present(&world), 1);
}

#[test]
fn a_closed_tab_has_left_ten_seconds_later() {
    let mut world = two_people();
    let plan = Plan::default()
        .then(0, LEAH, Act::Call)
        .then(500, ANA_LAPTOP, Act::Join)
        .then(5_000, ANA_LAPTOP, Act::Close);
    world.act_out(&plan).unwrap();
    world.run_for(seconds(9)).unwrap();
    assert!(world.live_call().is_some());
    world.run_for(seconds(3)).unwrap();
    let call = &world.ended_calls()[0];
    assert_eq!(call.ended.unwrap().reason, EndReason::Left);
    assert!(!call.legs[1].left.unwrap().lost);
}
