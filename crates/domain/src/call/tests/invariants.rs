//! What holds of every call after every input.

use std::collections::BTreeSet;

use protocol::{
    DeviceId, Timestamp, UserId,
    call::{MediaMode, RingStatus},
    limits::CALL_PARTICIPANTS_MAX,
};

use crate::call::{Call, Change, Output, PREPARED_MAX, PersonRing};

/// Follows one call through its life.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Devices told to ring and not yet told to stop.
    pub(super) ringing: BTreeSet<(UserId, DeviceId)>,
    version: u64,
    over: bool,
}

impl Watch {
    pub(super) fn check(&mut self, call: &Call, outputs: &[Output], now: Timestamp) {
        let told_over = outputs
            .iter()
            .filter(|output| matches!(output, Output::Ended { .. }));
        let told_over = told_over.count();
        if self.over {
            assert_eq!(told_over, 0, "a call ends once");
        }
        if told_over > 0 {
            assert!(matches!(outputs.last(), Some(Output::Ended { .. })));
            assert!(call.record().ended.is_some());
        }
        self.over |= told_over > 0;
        assert_eq!(self.over, call.record().ended.is_some(), "an end is told");
        self.follow(outputs);
        self.check_record(call, now);
        check_outcomes(call);
    }

    fn follow(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Ring {
                    user_id, device_id, ..
                } => assert!(
                    self.ringing.insert((*user_id, *device_id)),
                    "a device rings once"
                ),
                Output::RingStopped {
                    user_id, device_id, ..
                } => {
                    self.ringing.remove(&(*user_id, *device_id));
                }
                Output::Tell(change) => {
                    self.version += 1;
                    assert_eq!(version_of(change), self.version, "no version is left out");
                }
                Output::Detached { .. }
                | Output::OpenRoom { .. }
                | Output::RemovePeer { .. }
                | Output::SetMuted { .. }
                | Output::Hosted { .. }
                | Output::CloseRoom
                | Output::Ended { .. } => {}
            }
        }
    }

    fn check_record(&self, call: &Call, now: Timestamp) {
        let record = call.record();
        assert_eq!(record.version, self.version);
        let mut devices = BTreeSet::new();
        for leg in call.live() {
            assert!(
                devices.insert((leg.user_id, leg.device_id)),
                "one participant a device"
            );
            assert!(leg.lease_until.is_some() == leg.socket_lost_at.is_some());
        }
        assert!(devices.len() <= CALL_PARTICIPANTS_MAX);
        if record.session.mode == MediaMode::Direct {
            assert!(devices.len() <= 2, "two browsers carry two");
        }
        for ring in &record.rings {
            assert!(ring.prepared.len() <= PREPARED_MAX);
            assert!(
                ring.goes_on() || ring.prepared.is_empty(),
                "nobody waits to answer what is over"
            );
            let came = |peer_id| record.legs.iter().any(|leg| leg.peer_id == peer_id);
            assert!(!ring.prepared.iter().any(|page| came(page.peer_id)));
        }
        for leg in &record.legs {
            assert!(leg.left.is_none_or(|left| left.at >= leg.joined_at));
        }
        for (ring, told) in record.rings.iter().zip(call.state().rings) {
            let rings = told.status == RingStatus::Ringing;
            assert!(!(ring.silent && rings), "what makes no sound does not ring");
            assert!(!ring.is_hushed() || told.devices == 0, "and is not said to");
            let loud = !ring.silent && ring.status != RingStatus::DoNotDisturb;
            assert!(
                ring.pushed || !loud || !ring.goes_on(),
                "what rings is pushed"
            );
        }
        if let Some(ended) = record.ended {
            assert!(devices.is_empty(), "nobody is in a call that is over");
            assert!(record.due.is_none());
            assert!(!record.rings.iter().any(PersonRing::goes_on));
            assert!(self.ringing.is_empty(), "no device rings on");
            assert!(ended.at >= record.started_at);
            let left = record.legs.iter().filter_map(|leg| leg.left);
            assert!(left.map(|left| left.at).all(|at| at <= ended.at));
        } else {
            let waits = record.rings.iter().any(PersonRing::goes_on)
                || devices.is_empty()
                || call.live().any(|leg| leg.lease_until.is_some());
            assert!(record.due.is_some() || !waits, "what waits is due");
            assert!(record.due.is_none_or(|due| due >= now));
        }
    }
}

fn version_of(change: &Change) -> u64 {
    match change {
        Change::Call(call) => call.version,
        Change::Participant { version, .. }
        | Change::ParticipantLeft { version, .. }
        | Change::Ring { version, .. } => *version,
    }
}

/// Once a call is over everybody it concerned has one outcome, and nobody else has.
fn check_outcomes(call: &Call) {
    let record = call.record();
    let outcomes = call.outcomes();
    let users: BTreeSet<_> = outcomes.iter().map(|person| person.user_id).collect();
    assert_eq!(users.len(), outcomes.len(), "one outcome each");
    if record.ended.is_some() {
        let mut concerned: BTreeSet<_> = record.legs.iter().map(|leg| leg.user_id).collect();
        concerned.extend(record.rings.iter().map(|ring| ring.user_id));
        concerned.insert(record.started_by);
        assert_eq!(users, concerned);
    }
}
