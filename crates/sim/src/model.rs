//! What must be true of every world, whatever people and networks do.

use std::{collections::BTreeSet, time::Duration};

use domain::call::{Call, CallRecord};
use protocol::{call::Toggle, conversation::ConversationKind, limits};

use crate::{
    Device,
    world::{SHOWN_MAX, World},
};

/// The sweep looks once a second.
const SWEEP: Duration = Duration::from_millis(1_100);

/// What is told has arrived by then.
const TOLD: Duration = Duration::from_secs(1);

/// After every input.
///
/// # Errors
/// The sentence of the first rule that does not hold.
pub fn after_an_input(call: &Call) -> Result<(), String> {
    let record = call.record();
    if record.ended.is_some() {
        what_has_ended_is_over(record)?;
        return one_outcome_a_person(call);
    }
    one_leg_a_device(record)?;
    two_are_two(record)?;
    hosts_are_obeyed(record)
}

/// Every second.
///
/// # Errors
/// The sentence of the first rule that does not hold.
pub fn always(world: &World) -> Result<(), String> {
    if let Some(live) = world.live_call() {
        no_call_outlives_its_people(world, live)?;
        nobody_is_shown_for_long_after_they_are_gone(world, live)?;
        every_ring_ends(world, live)?;
        closed_pages_are_gone(world, live)?;
        nobody_is_alone_for_long(world, live)?;
    }
    devices_stop_by_themselves(world)?;
    nothing_rings_on(world)
}

/// After everybody has had the time to be noticed missing.
///
/// # Errors
/// The sentence of the first rule that does not hold.
pub fn evening(world: &World) -> Result<(), String> {
    let somebody = |call: &CallRecord| call.legs.iter().any(|leg| leg.left.is_none());
    if world.live_call().is_some_and(|call| !somebody(call)) {
        return Err("a call goes on with nobody in it".to_owned());
    }
    let live = world.live_call().cloned().map(Call::from_record);
    let members = &world.server.members;
    let here =
        |device: &&Device| device.alive && device.plugged && members.contains(&device.user_id);
    let state = live.as_ref().map(Call::state);
    for device in world.devices.iter().filter(here) {
        if device.call != state {
            return Err(format!(
                "a connected device shows {:?}, and {state:?} is live",
                device.call
            ));
        }
    }
    let present = live.iter().flat_map(Call::live);
    for leg in present {
        let knows = |device: &&Device| device.peer.is_some_and(|(_, peer)| peer == leg.peer_id);
        if !world
            .devices
            .iter()
            .filter(here)
            .any(|device| knows(&device))
        {
            return Err("somebody is in the call whose device does not know of it".to_owned());
        }
        let device = world.devices.iter().find(knows);
        if leg.microphone.by.is_some() && device.is_some_and(|device| device.microphone) {
            return Err("a device that a host has muted sends on".to_owned());
        }
    }
    Ok(())
}

/// What a host has turned off is off, whoever is kept out is out.
fn hosts_are_obeyed(call: &CallRecord) -> Result<(), String> {
    for leg in call.legs.iter().filter(|leg| leg.left.is_none()) {
        let on = |toggle: Toggle| toggle.on && toggle.by.is_some();
        if on(leg.microphone) || on(leg.screen) {
            return Err("what a host has turned off is on".to_owned());
        }
        if call.removed.contains(&leg.user_id) {
            return Err("somebody is in the call who was taken out of it".to_owned());
        }
    }
    Ok(())
}

/// An empty room is over after its grace, and the sweep's second.
fn no_call_outlives_its_people(world: &World, call: &CallRecord) -> Result<(), String> {
    if call.legs.iter().any(|leg| leg.left.is_none()) {
        return Ok(());
    }
    let left = call.legs.iter().filter_map(|leg| leg.left);
    let last = left.map(|left| left.at).max();
    let late = limits::PARTICIPANT_LEASE + limits::EMPTY_CALL_GRACE + SWEEP;
    match last {
        Some(last) if world.now <= last + late => Ok(()),
        Some(_) | None => Err("a call goes on with nobody in it".to_owned()),
    }
}

fn nobody_is_alone_for_long(world: &World, call: &CallRecord) -> Result<(), String> {
    match call.alone_since {
        Some(since) if world.now > since + limits::ALONE_END + SWEEP => {
            Err("somebody is alone in a call for too long".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

fn one_leg_a_device(call: &CallRecord) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for leg in call.legs.iter().filter(|leg| leg.left.is_none()) {
        if !seen.insert((leg.user_id, leg.device_id)) {
            return Err("a device is in the call twice".to_owned());
        }
    }
    Ok(())
}

fn nobody_is_shown_for_long_after_they_are_gone(
    world: &World,
    call: &CallRecord,
) -> Result<(), String> {
    for leg in call.legs.iter().filter(|leg| leg.left.is_none()) {
        let heard = world
            .server
            .sockets
            .values()
            .filter(|socket| socket.peers.contains(&leg.peer_id))
            .map(|socket| socket.heard_at)
            .max()
            .map_or(leg.evidence_at, |heard| heard.max(leg.evidence_at));
        // After a restart of the server everybody has one lease to come back.
        let granted = leg
            .lease_until
            .map_or(heard, |until| until - limits::PARTICIPANT_LEASE);
        if world.now.since(heard.max(granted)) > SHOWN_MAX {
            return Err(format!(
                "a ghost: {:?} after the last sign of life",
                world.now.since(heard)
            ));
        }
    }
    Ok(())
}

fn closed_pages_are_gone(world: &World, call: &CallRecord) -> Result<(), String> {
    let late = SWEEP;
    let present = call.legs.iter().filter(|leg| leg.left.is_none());
    let kept = |until| world.now > until + late;
    match present
        .filter_map(|leg| leg.reload_until)
        .find(|until| kept(*until))
    {
        None => Ok(()),
        Some(_) => Err("a closed page is held longer than a reload takes".to_owned()),
    }
}

fn every_ring_ends(world: &World, call: &CallRecord) -> Result<(), String> {
    let late = SWEEP;
    let going = call.rings.iter().filter(|ring| ring.goes_on());
    match going
        .filter(|ring| world.now > ring.expires_at + late)
        .count()
    {
        0 => Ok(()),
        count => Err(format!("{count} rings go on after their time")),
    }
}

fn two_are_two(call: &CallRecord) -> Result<(), String> {
    if call.kind != ConversationKind::Direct || call.answered_at.is_none() {
        return Ok(());
    }
    let present = call.legs.iter().filter(|leg| leg.left.is_none());
    let people: BTreeSet<_> = present.map(|leg| leg.user_id).collect();
    match people.len() {
        2 => Ok(()),
        count => Err(format!("a direct call goes on with {count} of two")),
    }
}

fn what_has_ended_is_over(call: &CallRecord) -> Result<(), String> {
    let is_over = call.due.is_none()
        && call.legs.iter().all(|leg| leg.left.is_some())
        && call.rings.iter().all(|ring| !ring.goes_on());
    if is_over {
        Ok(())
    } else {
        Err("something goes on in a call that has ended".to_owned())
    }
}

fn one_outcome_a_person(call: &Call) -> Result<(), String> {
    let outcomes = call.outcomes();
    let call = call.record();
    let people: BTreeSet<_> = outcomes.iter().map(|person| person.user_id).collect();
    let mut expected: BTreeSet<_> = call.legs.iter().map(|leg| leg.user_id).collect();
    expected.extend(call.rings.iter().map(|ring| ring.user_id));
    expected.insert(call.started_by);
    if people.len() == outcomes.len() && people == expected {
        Ok(())
    } else {
        Err(format!(
            "outcomes {outcomes:?} are not one for each of {expected:?}"
        ))
    }
}

/// A device without a network must not ring on. Its clock is corrected once it has heard a ping.
fn devices_stop_by_themselves(world: &World) -> Result<(), String> {
    for device in &world.devices {
        if let Some(ring) = &device.ringing
            && world.now > ring.expires_at + Duration::from_millis(1_200)
        {
            return Err("a device rings after the ring's end".to_owned());
        }
    }
    Ok(())
}

/// A device that hears what is told shows no ring that is over.
fn nothing_rings_on(world: &World) -> Result<(), String> {
    for device in world.devices.iter().filter(|device| device.is_told()) {
        let Some(shown) = &device.ringing else {
            continue;
        };
        let calls = world.ended_calls().iter().chain(world.live_call());
        let rings = calls.filter(|call| call.id == shown.call_id);
        let mut rings = rings.flat_map(|call| &call.rings);
        let ring = rings.find(|ring| ring.user_id == device.user_id);
        let ended_at = ring.and_then(|ring| ring.ended_at);
        if ended_at.is_some_and(|at| world.now > at + TOLD) {
            return Err("a device rings on although it was told that it is over".to_owned());
        }
    }
    Ok(())
}
