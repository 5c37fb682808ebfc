//! The states and inputs of `docs/calls.md` by their names there: which state of what an input meets.
//! For the test that holds that page against the rules, and for simulations that count what they
//! have reached.

use protocol::{
    DeviceId, PeerId, UserId,
    call::{Connection, HostAct, MediaMode, RingStatus},
    conversation::ConversationKind,
};

use super::{Call, Input, JoinInput, Leg, PersonRing};

/// One cell of the page: an input, and the state of what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    pub table: Table,
    pub input: &'static str,
    pub state: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// A group's or a channel's call.
    Room,
    /// A direct message's.
    Direct,
    Participant,
    Ring,
}

impl Table {
    pub const ALL: [Self; 4] = [Self::Room, Self::Direct, Self::Participant, Self::Ring];

    /// The columns, as on the page.
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Self::Room => &["ringing", "waiting", "talking", "empty", "ended"],
            Self::Direct => &["ringing", "waiting", "talking", "ended"],
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
                "off_hours",
                "quiet",
                "do_not_disturb",
                "muted",
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
            Self::Room => &[
                "join",
                "join while locked",
                "join after removal",
                "join with a second device",
                "join to move here",
                "end for all",
                "host: mute others",
                "host: let in",
                "host: lock",
                "host: unlock",
                "ring more people",
                "go on in a group",
                "prepare",
                "move to direct",
                "move to forwarded",
                "restarted",
                "due",
            ],
            Self::Direct => &[
                "join",
                "join with a second device",
                "join to move here",
                "the caller leaves",
                "the other leaves",
                "the other declines",
                "end for all",
                "host",
                "ring more people",
                "go on in a group",
                "prepare",
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
                "stay",
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
                "stop ringing",
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

impl Cell {
    /// Whether there is such a meeting: nobody comes back who was never there.
    pub fn can_be(self) -> bool {
        !matches!(
            (self.table, self.input, self.state),
            (
                Table::Room | Table::Direct,
                "join with a second device" | "join to move here",
                "empty" | "ended",
            ) | (Table::Direct, "join" | "the other declines", "talking")
                | (
                    Table::Direct,
                    "the other leaves",
                    "ringing" | "waiting" | "ended"
                )
                | (Table::Direct, "the other declines", "waiting" | "ended")
                | (Table::Direct, "the caller leaves", "ended")
                | (
                    Table::Participant,
                    "join again" | "join from another tab" | "signed out",
                    "never in" | "left" | "call ended",
                )
                | (Table::Participant, "host: remove", "never in")
        )
    }
}

impl Call {
    /// The cells this input meets: what it is about, as it is now.
    pub fn cells(&self, input: &Input) -> Vec<Cell> {
        let is_direct = self.record.kind == ConversationKind::Direct;
        let call = |input| Cell {
            table: match is_direct {
                true => Table::Direct,
                false => Table::Room,
            },
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
        let only = |cell| vec![cell];
        match input {
            Input::Join(join) => self.joins(join, call, participant, ring),
            Input::Leave { peer_id } => {
                let leg = self.record.legs.iter().find(|leg| leg.peer_id == *peer_id);
                let is_last = |leg: &&Leg| {
                    leg.left.is_none()
                        && self
                            .live()
                            .filter(|other| other.user_id == leg.user_id)
                            .count()
                            == 1
                };
                let who = match leg.filter(is_last) {
                    Some(leg) if leg.user_id == self.record.started_by => "the caller leaves",
                    Some(_) | None => "the other leaves",
                };
                let meets = leg.is_some_and(|leg| is_last(&leg));
                let direct = (is_direct && meets).then(|| call(who));
                let own = participant(*peer_id, "leave");
                direct.into_iter().chain([own]).collect()
            }
            Input::EndForAll => only(call("end for all")),
            Input::Host { .. } if is_direct => only(call("host")),
            Input::Host { act, .. } => match act {
                HostAct::Mute { peer_id } => only(participant(*peer_id, "host: mute")),
                HostAct::MuteOthers => only(call("host: mute others")),
                HostAct::StopScreen { peer_id } => only(participant(*peer_id, "host: stop screen")),
                HostAct::LowerHand { peer_id } => only(participant(*peer_id, "host: lower hand")),
                HostAct::Remove { user_id } => {
                    let mut latest_first = self.record.legs.iter().rev();
                    let leg = latest_first.find(|leg| leg.user_id == *user_id);
                    leg.map(|leg| participant(leg.peer_id, "host: remove"))
                        .into_iter()
                        .chain([ring(*user_id, "host: remove")])
                        .collect()
                }
                HostAct::LetIn { .. } => only(call("host: let in")),
                HostAct::Lock => only(call("host: lock")),
                HostAct::Unlock => only(call("host: unlock")),
            },
            Input::Ring { .. } => only(call("ring more people")),
            Input::StopRinging { user_id, .. } => only(ring(*user_id, "stop ringing")),
            Input::GoOnIn { .. } => only(call("go on in a group")),
            Input::Stay { peer_id } => only(participant(*peer_id, "stay")),
            Input::Remove {
                user_id,
                device_id: None,
            } => only(ring(*user_id, "no member any more")),
            Input::Remove {
                user_id,
                device_id: Some(device_id),
            } => {
                let seat = self.seat(*user_id, *device_id);
                seat.map(|(peer_id, _)| participant(peer_id, "signed out"))
                    .into_iter()
                    .collect()
            }
            Input::Change { peer_id, .. } => only(participant(*peer_id, "change")),
            Input::MediaState { peer_id, epoch, .. } => {
                only(match *epoch == self.record.session.epoch {
                    true => participant(*peer_id, "media state"),
                    false => participant(*peer_id, "media state of an old epoch"),
                })
            }
            Input::SocketLost { peer_id, .. } => only(participant(*peer_id, "socket lost")),
            Input::SocketBack { peer_id } => only(participant(*peer_id, "socket back")),
            Input::Evidence { peer_id, .. } => only(participant(*peer_id, "evidence")),
            Input::PageClosing { peer_id } => only(participant(*peer_id, "page closing")),
            Input::Restarted => only(call("restarted")),
            Input::RingAcknowledged { user_id, .. } => only(ring(*user_id, "acknowledge")),
            Input::RingDeclined { user_id, .. } => {
                let rung = self
                    .record
                    .rings
                    .iter()
                    .any(|ring| ring.user_id == *user_id);
                let is_live = self.record.ended.is_none();
                let meets = is_direct && is_live && rung && !self.is_in(*user_id);
                let direct = meets.then(|| call("the other declines"));
                let own = ring(*user_id, "decline");
                direct.into_iter().chain([own]).collect()
            }
            Input::DeviceConnected { user_id, .. } => only(ring(*user_id, "device connected")),
            Input::Prepare(_) => only(call("prepare")),
            Input::MoveTo(MediaMode::Direct) => only(call("move to direct")),
            Input::MoveTo(MediaMode::Forwarded) => only(call("move to forwarded")),
            Input::Timeout => only(call("due")),
        }
    }

    fn joins(
        &self,
        join: &JoinInput,
        call: impl Fn(&'static str) -> Cell,
        participant: impl Fn(PeerId, &'static str) -> Cell,
        ring: impl Fn(UserId, &'static str) -> Cell,
    ) -> Vec<Cell> {
        let user = join.user_id;
        match self.seat(user, join.device_id) {
            Some((peer_id, tab)) if tab == join.tab => vec![participant(peer_id, "join again")],
            Some((peer_id, _)) => vec![participant(peer_id, "join from another tab")],
            None if self.is_in(user) && join.move_here => vec![call("join to move here")],
            None if self.is_in(user) => vec![call("join with a second device")],
            None if self.record.removed.contains(&user) => vec![call("join after removal")],
            None if self.record.lock.is_some() => {
                vec![call("join while locked"), ring(user, "join")]
            }
            None => vec![call("join"), ring(user, "join")],
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
                | RingStatus::OffHours
                | RingStatus::Quiet
                | RingStatus::DoNotDisturb
                | RingStatus::NoAnswer => "no_answer",
            },
            Some(ring) if ring.is_hushed() => "muted",
            Some(ring) => match ring.status {
                RingStatus::Calling => "calling",
                RingStatus::Ringing => "ringing",
                RingStatus::Notified => "notified",
                RingStatus::Offline => "offline",
                RingStatus::Busy => "busy",
                RingStatus::OffHours => "off_hours",
                RingStatus::Quiet => "quiet",
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
