//! A device as a script: what its client does with what it hears.

use protocol::{
    CallId, DeviceId, PeerId, Timestamp, UserId,
    call::{CallState, Ring},
};

use domain::call::Change;

/// One person's browser.
#[derive(Debug, Clone)]
pub struct Device {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub tab: String,
    /// Whether packets get through.
    pub plugged: bool,
    /// Whether its media goes on while its messages do not get through.
    pub(crate) sounds: bool,
    /// Whether the page is there.
    pub alive: bool,
    /// The socket it has, by its own opinion.
    pub(crate) socket: Option<u64>,
    /// The socket it was last greeted on: from then on it hears all that is told.
    pub(crate) greeted: Option<u64>,
    /// Milliseconds its clock is ahead of the server's.
    pub(crate) skew_ms: i64,
    /// What it has learned of that skew.
    pub(crate) correction_ms: i64,
    /// The ring it shows.
    pub ringing: Option<Ring>,
    /// The call it shows, and its own place in it.
    pub call: Option<CallState>,
    pub peer: Option<(CallId, PeerId)>,
    /// Whether the page was loaded since it was last in a call.
    pub(crate) fresh: bool,
    pub microphone: bool,
    pub hand: bool,
    /// Whether it shows rings without ever saying that it does.
    pub drowsy: bool,
}

impl Device {
    pub(crate) fn new(user_id: UserId, device_id: DeviceId, tab: String, skew_ms: i64) -> Self {
        Self {
            user_id,
            device_id,
            tab,
            plugged: true,
            sounds: false,
            alive: true,
            socket: None,
            greeted: None,
            skew_ms,
            correction_ms: 0,
            ringing: None,
            call: None,
            peer: None,
            fresh: true,
            microphone: true,
            hand: false,
            drowsy: false,
        }
    }

    /// The server's time by this device's own clock.
    pub(crate) fn server_time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis() + self.skew_ms - self.correction_ms)
    }

    /// Learns the server's time from a message that has just come.
    pub(crate) fn correct(&mut self, now: Timestamp, server_time: Timestamp) {
        self.correction_ms = now.as_millis() + self.skew_ms - server_time.as_millis();
    }

    /// Stops by its own clock, with or without a network.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        let time = self.server_time(now);
        if self
            .ringing
            .as_ref()
            .is_some_and(|ring| ring.expires_at <= time)
        {
            self.ringing = None;
        }
    }

    /// Takes a change of the call it shows; whether it has missed one before and needs the whole.
    pub(crate) fn change(&mut self, change: Change) -> bool {
        let Some(call) = &mut self.call else {
            return false;
        };
        let version = match &change {
            Change::Call(whole) => {
                if whole.id != call.id || whole.version > call.version {
                    *call = whole.clone();
                }
                return false;
            }
            Change::Participant { version, .. }
            | Change::ParticipantLeft { version, .. }
            | Change::Ring { version, .. } => *version,
        };
        if version <= call.version {
            return false;
        }
        if version > call.version + 1 {
            return true;
        }
        call.version = version;
        match change {
            Change::Call(_) => {}
            Change::Participant { participant, .. } => {
                let known = &mut call.participants;
                match known
                    .iter_mut()
                    .find(|other| other.peer_id == participant.peer_id)
                {
                    Some(other) => *other = participant,
                    None => known.push(participant),
                }
            }
            Change::ParticipantLeft { peer_id, .. } => {
                call.participants.retain(|other| other.peer_id != peer_id);
            }
            Change::Ring { ring, .. } => {
                match call
                    .rings
                    .iter_mut()
                    .find(|other| other.user_id == ring.user_id)
                {
                    Some(other) => *other = ring,
                    None => call.rings.push(ring),
                }
            }
        }
        false
    }

    /// A microphone that a host has turned off is closed here too.
    pub(crate) fn obey(&mut self) {
        let (Some(call), Some((_, peer))) = (&self.call, self.peer) else {
            return;
        };
        let own = call.participants.iter().find(|one| one.peer_id == peer);
        if own.is_some_and(|own| own.microphone.by.is_some()) {
            self.microphone = false;
        }
    }

    /// Whether what the server tells reaches it.
    pub(crate) fn is_told(&self) -> bool {
        self.alive && self.plugged && self.socket.is_some() && self.socket == self.greeted
    }

    /// The page is new: it knows nothing but its tab's word.
    pub(crate) fn forget(&mut self) {
        self.socket = None;
        self.ringing = None;
        self.call = None;
        self.fresh = true;
    }
}
