//! One call, from the first ring to the last leave. Sockets, storage and packets live elsewhere:
//! this takes [`Input`]s with the time they happened and queues [`Output`]s for its owner to carry
//! out once the changed record is kept.
//!
//! What holds after every input:
//!
//! * at most one participant for each device of each person;
//! * `version` has risen by one for each [`Change`] told;
//! * with nobody heard of any more, a call has ended within the longest of ring, lease and grace;
//! * once ended it never changes again, nothing is due, nobody is in it and nothing rings;
//! * everybody who was rung or came has exactly one outcome.

mod alone;
mod ending;
mod host;
mod input;
mod lease;
mod output;
mod participant;
mod prepare;
mod reach;
mod record;
mod ring;
mod session;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, mem};

use protocol::{
    ErrorCode, PeerId, Timestamp, UserId, call::EndReason, conversation::ConversationKind,
};

pub use host::DOOR_LIST_MAX;
pub use input::{Input, JoinInput, PrepareInput, Reach, RingTarget, StartInput};
pub use output::{Change, Output};
pub use participant::LEGS_KEPT_MAX;
pub use prepare::PREPARED_MAX;
pub use reach::{Circumstances, rings_with_all};
pub use record::{
    CallRecord, Carried, DeviceRing, DeviceRingState, Ended, Left, Leg, MovedFrom, PersonRing,
    Prepared,
};
pub use ring::{DEVICES_RUNG_MAX, RINGS_MAX, is_called_over_and_over};
pub use snapshot::is_missed;
pub use table::{Cell, Table};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("there is nobody else in this conversation to call")]
    NobodyToCall,
    #[error("the call has ended")]
    Ended(EndReason),
    #[error("the call is full ({limit} people)")]
    Full { limit: usize },
    #[error("the call is locked")]
    Locked,
    #[error("a host has taken this person out of the call")]
    Removed,
    #[error("neither of two who talk directly is the host")]
    NoHost,
    #[error("whoever wants to go leaves")]
    Oneself,
    #[error("not in this call with this connection")]
    NotInCall,
    #[error("this media session has been replaced")]
    StaleEpoch,
    #[error("this person is not rung by this call")]
    NotRung,
    #[error("only a direct message's call is carried between two browsers")]
    WrongMode,
    #[error("this ring is not one to prepare for, or others of the person's pages have")]
    NotToPrepare,
}

impl CallError {
    /// What clients match on.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NobodyToCall
            | Self::NoHost
            | Self::Oneself
            | Self::NotRung
            | Self::WrongMode
            | Self::NotToPrepare => ErrorCode::Conflict,
            Self::Ended(_) => ErrorCode::CallEnded,
            Self::Full { .. } => ErrorCode::CallFull,
            Self::Locked => ErrorCode::CallLocked,
            Self::Removed => ErrorCode::CallRemoved,
            Self::NotInCall => ErrorCode::NotInCall,
            Self::StaleEpoch => ErrorCode::StaleEpoch,
        }
    }
}

/// One call. Kept as its [`CallRecord`] between inputs.
#[derive(Debug, Clone)]
pub struct Call {
    record: CallRecord,
    outputs: VecDeque<Output>,
    changed: Vec<Changed>,
    /// Whether the input at hand has ended it.
    ends: bool,
}

/// What one input has changed of the live state. Told once, when the input has been taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changed {
    /// More than one part.
    Whole,
    Participant(PeerId),
    Left(PeerId),
    Ring(UserId),
}

impl Call {
    /// A new call with its starter in it. Where the conversation has a live one, that is joined
    /// instead; one call for each conversation is kept by whoever keeps the records.
    pub fn start(input: StartInput, now: Timestamp) -> Result<Self, CallError> {
        if input.kind == ConversationKind::Direct && input.member_count < 2 {
            return Err(CallError::NobodyToCall);
        }
        let mut call = Self::from_record(CallRecord {
            id: input.call_id,
            conversation_id: input.conversation_id,
            kind: input.kind,
            media: input.media,
            started_by: input.starter.user_id,
            started_at: now,
            answered_at: None,
            ended: None,
            version: 0,
            session: session::first(input.kind, input.member_count),
            card_seq: None,
            legs: vec![Leg::new(input.starter, now)],
            rings: Vec::new(),
            lock: None,
            removed: Vec::new(),
            let_in: Vec::new(),
            alone_since: None,
            path_down_since: None,
            moved: None,
            due: None,
        });
        call.open_room();
        if input.kind != ConversationKind::Channel {
            call.ring(None, input.ring, input.ring_timeout, now);
        }
        call.note_alone(now);
        call.changed.push(Changed::Whole);
        call.finish(now);
        Ok(call)
    }

    pub fn from_record(record: CallRecord) -> Self {
        Self {
            record,
            outputs: VecDeque::new(),
            changed: Vec::new(),
            ends: false,
        }
    }

    pub fn record(&self) -> &CallRecord {
        &self.record
    }

    pub fn into_record(self) -> CallRecord {
        self.record
    }

    /// Its card has this number in the timeline.
    pub fn set_card_seq(&mut self, seq: u64) {
        self.record.card_seq = Some(seq);
    }

    /// Takes one input. Also when it is refused, what was due by `now` has happened: the record is
    /// to be kept and the outputs carried out either way.
    pub fn handle_input(&mut self, input: Input, now: Timestamp) -> Result<(), CallError> {
        if let Some(ended) = self.record.ended {
            return self.take_after_end(input, ended.reason);
        }
        // A sign of life counts before what its absence would have brought about.
        let mut result = match &input {
            Input::Evidence { peer_id, at } => {
                self.note_evidence(*peer_id, *at, now);
                Ok(())
            }
            Input::Restarted => {
                self.renew_leases(now);
                Ok(())
            }
            Input::Join(_)
            | Input::Leave { .. }
            | Input::EndForAll
            | Input::Host { .. }
            | Input::Ring { .. }
            | Input::StopRinging { .. }
            | Input::GoOnIn { .. }
            | Input::Stay { .. }
            | Input::Remove { .. }
            | Input::Change { .. }
            | Input::MediaState { .. }
            | Input::SocketLost { .. }
            | Input::SocketBack { .. }
            | Input::PageClosing { .. }
            | Input::RingAcknowledged { .. }
            | Input::RingDeclined { .. }
            | Input::DeviceConnected { .. }
            | Input::Prepare(_)
            | Input::MoveTo(_)
            | Input::Timeout => Ok(()),
        };
        self.expire_rings(now);
        self.expire_leases(now);
        self.settle(now);
        self.leave_a_path_that_is_down(now);
        result = result.and_then(|()| match self.record.ended {
            Some(ended) => self.take_after_end(input, ended.reason),
            None => self.take(input, now),
        });
        self.take_over(now);
        self.settle(now);
        self.note_alone(now);
        self.note_path(now);
        self.finish(now);
        result
    }

    /// What to carry out, in order, until there is no more.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back with [`Input::Timeout`] if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.record.due
    }

    fn take(&mut self, input: Input, now: Timestamp) -> Result<(), CallError> {
        match input {
            Input::Join(join) => self.join(join, now),
            Input::Leave { peer_id } => self.leave(peer_id, now),
            Input::EndForAll => {
                self.end_for_all(now);
                Ok(())
            }
            Input::Host { by, act } => self.host_act(by, act, now),
            Input::Ring {
                by,
                targets,
                timeout,
            } => self.ring_more(by, targets, timeout, now),
            Input::StopRinging { by, user_id } => self.stop_ringing(by, user_id, now),
            Input::GoOnIn {
                by,
                conversation_id,
            } => self.go_on_in(by, conversation_id, now),
            Input::Stay { peer_id } => self.stay(peer_id, now),
            Input::Remove { user_id, device_id } => {
                self.remove(user_id, device_id, now);
                Ok(())
            }
            Input::Change { peer_id, change } => self.change(peer_id, change, now),
            Input::MediaState {
                peer_id,
                epoch,
                connected,
            } => self.media_state(peer_id, epoch, connected, now),
            Input::SocketLost {
                peer_id,
                evidence_at,
            } => {
                self.socket_lost(peer_id, evidence_at, now);
                Ok(())
            }
            Input::SocketBack { peer_id } => self.socket_back(peer_id, now),
            Input::PageClosing { peer_id } => self.page_closing(peer_id, now),
            Input::RingAcknowledged { user_id, device_id } => {
                self.ring_acknowledged(user_id, device_id, now)
            }
            Input::RingDeclined { user_id, device_id } => {
                self.ring_declined(user_id, device_id, now)
            }
            Input::DeviceConnected { user_id, device_id } => {
                self.device_connected(user_id, device_id, now);
                Ok(())
            }
            Input::Prepare(page) => self.prepare(page),
            Input::MoveTo(mode) => self.move_to(mode),
            Input::Evidence { .. } | Input::Restarted | Input::Timeout => Ok(()),
        }
    }

    /// Going, and hearing that time has passed, is never wrong; doing something in it is.
    fn take_after_end(&mut self, input: Input, reason: EndReason) -> Result<(), CallError> {
        match input {
            Input::RingAcknowledged { user_id, device_id } => {
                self.stop_late_ring(user_id, device_id);
                Ok(())
            }
            Input::Leave { peer_id } => match self.known(peer_id) {
                true => Ok(()),
                false => Err(CallError::NotInCall),
            },
            Input::Remove { .. }
            | Input::SocketLost { .. }
            | Input::Evidence { .. }
            | Input::PageClosing { .. }
            | Input::Restarted
            | Input::RingDeclined { .. }
            | Input::DeviceConnected { .. }
            | Input::Timeout => Ok(()),
            Input::Join(_)
            | Input::EndForAll
            | Input::Host { .. }
            | Input::Ring { .. }
            | Input::StopRinging { .. }
            | Input::GoOnIn { .. }
            | Input::Stay { .. }
            | Input::Change { .. }
            | Input::MediaState { .. }
            | Input::SocketBack { .. }
            | Input::Prepare(_)
            | Input::MoveTo(_) => Err(CallError::Ended(reason)),
        }
    }

    /// Tells what has changed, as one change where it is more than one part, and looks up what is
    /// due next.
    fn finish(&mut self, now: Timestamp) {
        let mut changed = mem::take(&mut self.changed);
        changed.dedup();
        if let Some(Ended { reason, .. }) = self.record.ended {
            self.record.due = None;
            if mem::take(&mut self.ends) {
                let missed = self.missed();
                self.outputs.push_back(Output::Ended { reason, missed });
            }
            return;
        }
        if let Some(first) = changed.first() {
            self.record.version += 1;
            let only = if changed.len() == 1 {
                *first
            } else {
                Changed::Whole
            };
            let change = self.describe(only);
            self.outputs.push_back(Output::Tell(change));
        }
        self.record.due = self.next_due().map(|due| due.max(now));
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.rings_due()
            .into_iter()
            .chain(self.leases_due())
            .chain(self.empty_due())
            .chain(self.alone_due())
            .chain(self.path_due())
            .chain(self.take_over_due())
            .min()
    }
}
