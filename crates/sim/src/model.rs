//! What must be true of every world, whatever people and networks do.

use std::{collections::BTreeSet, time::Duration};

use domain::call::{Call, CallRecord};
use protocol::{conversation::ConversationKind, limits};

use crate::{
    Device,
    world::{SHOWN_MAX, World},
};

/// After every step.
///
/// # Errors
/// The sentence of the first rule that does not hold.
pub fn always(world: &World) -> Result<(), String> {
    if let Some(live) = world.live_call() {
        one_leg_a_device(live)?;
        nobody_is_shown_for_long_after_they_are_gone(world, live)?;
        every_ring_ends(world, live)?;
        closed_pages_are_gone(world, live)?;
        two_are_two(live)?;
    }
    world
        .ended_calls()
        .iter()
        .try_for_each(what_has_ended_is_over)?;
    devices_stop_by_themselves(world)
}

/// After everybody has had the time to be noticed missing.
///
/// # Errors
/// The sentence of the first rule that does not hold.
pub fn evening(world: &World) -> Result<(), String> {
    for call in world.ended_calls() {
        one_outcome_a_person(call)?;
    }
    let somebody = |call: &CallRecord| call.legs.iter().any(|leg| leg.left.is_none());
    if world.live_call().is_some_and(|call| !somebody(call)) {
        return Err("a call goes on with nobody in it".to_owned());
    }
    let live = world.live_call().cloned().map(Call::from_record);
    let here = |device: &&Device| device.alive && device.plugged;
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
        if world.devices.iter().filter(here).find(knows).is_none() {
            return Err("somebody is in the call whose device does not know of it".to_owned());
        }
    }
    Ok(())
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
    let late = Duration::from_millis(1_100);
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
    let late = Duration::from_millis(1_100);
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

fn one_outcome_a_person(call: &CallRecord) -> Result<(), String> {
    let outcomes = Call::from_record(call.clone()).outcomes();
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
