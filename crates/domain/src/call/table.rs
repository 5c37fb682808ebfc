//! The states and inputs of `docs/calls.md` by their names there: which state of what an input meets.
//! For the test that holds that page against the rules, and for simulations that count what they
//! have reached.

use protocol::{
    DeviceId, PeerId, UserId,
    call::{Connection, HostAct, MediaMode, RingStatus},
};

use super::{Call, Input, PersonRing};

/// One cell of the page: an input, and the state of what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    pub table: Table,
    pub input: &'static str,
    pub state: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    Call,
    Participant,
    Ring,
}

impl Table {
    pub const ALL: [Self; 3] = [Self::Call, Self::Participant, Self::Ring];

    /// The columns, as on the page.
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Self::Call => &["ringing", "waiting", "talking", "empty", "ended"],
            Self::Participant => &[
                "never in",
                "connecting",
                "connected",
                "reconnecting",
                "closing",
                "left",
                "call ended",
            ],
            Self::Ring => &[
                "not rung",
                "calling",
                "notified",
                "ringing",
                "offline",
                "busy",
                "do_not_disturb",
                "answered",
                "declined",
                "no_answer",
                "call ended",
            ],
        }
    }

    /// The rows, as on the page.
    pub fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::Call => &[
                "join",
                "join while locked",
                "join after removal",
                "end for all",
                "host: mute others",
                "host: let in",
                "host: lock",
                "host: unlock",
                "move to direct",
                "move to forwarded",
                "restarted",
                "due",
            ],
            Self::Participant => &[
                "join again",
                "join from another tab",
                "leave",
                "change",
                "media state",
                "media state of an old epoch",
                "socket lost",
                "socket back",
                "evidence",
                "page closing",
                "host: mute",
                "host: stop screen",
                "host: lower hand",
                "host: remove",
                "signed out",
            ],
            Self::Ring => &[
                "join",
                "acknowledge",
                "decline",
                "device connected",
                "host: remove",
                "no member any more",
            ],
        }
    }

    pub fn cells(self) -> impl Iterator<Item = Cell> {
        let states = self.states();
        self.inputs().iter().flat_map(move |input| {
            states.iter().map(move |state| Cell {
                table: self,
                input,
                state,
            })
        })
    }
}

impl Call {
    /// The cells this input meets: what it is about, as it is now.
    pub fn cells(&self, input: &Input) -> Vec<Cell> {
        let call = |input| Cell {
            table: Table::Call,
            input,
            state: self.call_state_name(),
        };
        let participant = |peer_id, input| Cell {
            table: Table::Participant,
            input,
            state: self.participant_state_name(peer_id),
        };
        let ring = |user_id, input| Cell {
            table: Table::Ring,
            input,
            state: self.ring_state_name(user_id),
        };
        match input {
            Input::Join(join) => {
                let ring = ring(join.user_id, "join");
                match self.seat(join.user_id, join.device_id) {
                    Some((peer_id, tab)) if tab == join.tab => {
                        vec![participant(peer_id, "join again")]
                    }
                    Some((peer_id, _)) => vec![participant(peer_id, "join from another tab")],
                    None if self.record.removed.contains(&join.user_id) => {
                        vec![call("join after removal")]
                    }
                    None if self.record.lock.is_some() => vec![call("join while locked"), ring],
                    None => vec![call("join"), ring],
                }
            }
            Input::Leave { peer_id } => vec![participant(*peer_id, "leave")],
            Input::EndForAll => vec![call("end for all")],
            Input::Host { act, .. } => match act {
                HostAct::Mute { peer_id } => vec![participant(*peer_id, "host: mute")],
                HostAct::MuteOthers => vec![call("host: mute others")],
                HostAct::StopScreen { peer_id } => vec![participant(*peer_id, "host: stop screen")],
                HostAct::LowerHand { peer_id } => vec![participant(*peer_id, "host: lower hand")],
                HostAct::Remove { user_id } => {
                    let legs = self.record.legs.iter().rev();
                    let leg = legs.clone().find(|leg| leg.user_id == *user_id);
                    leg.map(|leg| participant(leg.peer_id, "host: remove"))
                        .into_iter()
                        .chain([ring(*user_id, "host: remove")])
                        .collect()
                }
                HostAct::LetIn { .. } => vec![call("host: let in")],
                HostAct::Lock => vec![call("host: lock")],
                HostAct::Unlock => vec![call("host: unlock")],
            },
            Input::Remove {
                user_id,
                device_id: None,
            } => vec![ring(*user_id, "no member any more")],
            Input::Remove {
                user_id,
                device_id: Some(device_id),
            } => {
                let seat = self.seat(*user_id, *device_id);
                seat.map(|(peer_id, _)| participant(peer_id, "signed out"))
                    .into_iter()
                    .collect()
            }
            Input::Change { peer_id, .. } => vec![participant(*peer_id, "change")],
            Input::MediaState { peer_id, epoch, .. } => {
                let input = match *epoch == self.record.session.epoch {
                    true => "media state",
                    false => "media state of an old epoch",
                };
                vec![participant(*peer_id, input)]
            }
            Input::SocketLost { peer_id, .. } => vec![participant(*peer_id, "socket lost")],
            Input::SocketBack { peer_id } => vec![participant(*peer_id, "socket back")],
            Input::Evidence { peer_id, .. } => vec![participant(*peer_id, "evidence")],
            Input::PageClosing { peer_id } => vec![participant(*peer_id, "page closing")],
            Input::Restarted => vec![call("restarted")],
            Input::RingAcknowledged { user_id, .. } => vec![ring(*user_id, "acknowledge")],
            Input::RingDeclined { user_id, .. } => vec![ring(*user_id, "decline")],
            Input::DeviceConnected { user_id, .. } => vec![ring(*user_id, "device connected")],
            Input::MoveTo(MediaMode::Direct) => vec![call("move to direct")],
            Input::MoveTo(MediaMode::Forwarded) => vec![call("move to forwarded")],
            Input::Timeout => vec![call("due")],
        }
    }

    /// What a call is: `waiting` is with somebody in it, nobody rung and nobody come yet.
    pub fn call_state_name(&self) -> &'static str {
        let record = &self.record;
        if record.ended.is_some() {
            "ended"
        } else if self.live().next().is_none() {
            "empty"
        } else if record.answered_at.is_some() {
            "talking"
        } else if record.rings.iter().any(PersonRing::goes_on) {
            "ringing"
        } else {
            "waiting"
        }
    }

    pub fn participant_state_name(&self, peer_id: PeerId) -> &'static str {
        if self.record.ended.is_some() {
            return "call ended";
        }
        match self.participant(peer_id) {
            None if self.known(peer_id) => "left",
            None => "never in",
            Some(leg) if leg.reload_until.is_some() => "closing",
            Some(leg) => match leg.connection {
                Connection::Connecting => "connecting",
                Connection::Connected => "connected",
                Connection::Reconnecting { .. } => "reconnecting",
            },
        }
    }

    pub fn ring_state_name(&self, user_id: UserId) -> &'static str {
        if self.record.ended.is_some() {
            return "call ended";
        }
        let mut rings = self.record.rings.iter();
        match rings.find(|ring| ring.user_id == user_id) {
            None => "not rung",
            Some(ring) if !ring.goes_on() => match ring.status {
                RingStatus::Answered => "answered",
                RingStatus::Declined => "declined",
                RingStatus::Calling
                | RingStatus::Ringing
                | RingStatus::Notified
                | RingStatus::Offline
                | RingStatus::Busy
                | RingStatus::DoNotDisturb
                | RingStatus::NoAnswer => "no_answer",
            },
            Some(ring) => match ring.status {
                RingStatus::Calling => "calling",
                RingStatus::Ringing => "ringing",
                RingStatus::Notified => "notified",
                RingStatus::Offline => "offline",
                RingStatus::Busy => "busy",
                RingStatus::DoNotDisturb => "do_not_disturb",
                RingStatus::Answered => "answered",
                RingStatus::Declined => "declined",
                RingStatus::NoAnswer => "no_answer",
            },
        }
    }

    fn seat(&self, user: UserId, device: DeviceId) -> Option<(PeerId, &str)> {
        let leg = self
            .live()
            .find(|leg| leg.user_id == user && leg.device_id == device);
        leg.map(|leg| (leg.peer_id, leg.tab.as_str()))
    }
}
