//! How the media flows, and which messages belong to how it flows now.

use protocol::{
    ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{MediaMode, MediaSession},
    conversation::ConversationKind,
    limits::DIRECT_PATH_TIMEOUT,
};

use super::{Call, CallError, Changed, MovedFrom, Output};

/// Participants two browsers can carry between themselves.
const DIRECT_PARTICIPANTS_MAX: usize = 2;

pub(super) fn first(kind: ConversationKind, member_count: usize) -> MediaSession {
    let mode = match kind {
        ConversationKind::Direct if member_count <= DIRECT_PARTICIPANTS_MAX => MediaMode::Direct,
        ConversationKind::Direct | ConversationKind::Channel | ConversationKind::Group => {
            MediaMode::Forwarded
        }
    };
    MediaSession { epoch: 1, mode }
}

/// A browser that signals: a participant's, or one that has prepared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalEnd {
    pub user_id: UserId,
    pub device_id: DeviceId,
    is_in: bool,
}

impl Call {
    /// The browser a signal from another one goes to. One of the two is in the call.
    pub fn signal_target(
        &self,
        from: PeerId,
        to: PeerId,
        epoch: u32,
    ) -> Result<SignalEnd, CallError> {
        self.check_mode(MediaMode::Direct, epoch)?;
        let end = |peer_id| self.signal_end(peer_id).ok_or(CallError::NotInCall);
        let (from_end, to_end) = (end(from)?, end(to)?);
        match from != to && (from_end.is_in || to_end.is_in) {
            true => Ok(to_end),
            false => Err(CallError::NotInCall),
        }
    }

    fn signal_end(&self, peer_id: PeerId) -> Option<SignalEnd> {
        let participant = self.participant(peer_id).map(|leg| SignalEnd {
            user_id: leg.user_id,
            device_id: leg.device_id,
            is_in: true,
        });
        participant.or_else(|| {
            let mut prepared = self.preparations();
            let (ring, page) = prepared.find(|(_, page)| page.peer_id == peer_id)?;
            Some(SignalEnd {
                user_id: ring.user_id,
                device_id: page.device_id,
                is_in: false,
            })
        })
    }

    /// Whether an offer of this epoch may go to the media node.
    pub fn check_offer(&self, from: PeerId, epoch: u32) -> Result<(), CallError> {
        self.check_mode(MediaMode::Forwarded, epoch)?;
        self.participant(from)
            .map(|_| ())
            .ok_or(CallError::NotInCall)
    }

    pub(super) fn check_epoch(&self, epoch: u32) -> Result<(), CallError> {
        match epoch == self.record.session.epoch {
            true => Ok(()),
            false => Err(CallError::StaleEpoch),
        }
    }

    pub(super) fn move_to(&mut self, mode: MediaMode) -> Result<(), CallError> {
        if mode == MediaMode::Direct
            && (self.record.kind != ConversationKind::Direct
                || self.live().count() > DIRECT_PARTICIPANTS_MAX)
        {
            return Err(CallError::WrongMode);
        }
        self.close_room();
        self.record.session = MediaSession {
            epoch: self.record.session.epoch + 1,
            mode,
        };
        self.record.path_down_since = None;
        self.open_room();
        self.changed.push(Changed::Whole);
        Ok(())
    }

    /// Two browsers that do not find each other, or lose each other for that long, are carried by
    /// the media node.
    pub(super) fn leave_a_path_that_is_down(&mut self, now: Timestamp) {
        if self.record.ended.is_none() && self.path_due().is_some_and(|due| due <= now) {
            self.move_to(MediaMode::Forwarded)
                .expect("a media node carries any call");
        }
    }

    /// Notes whether the two browsers of a direct call carry it, while both are there.
    pub(super) fn note_path(&mut self, now: Timestamp) {
        let (mut there, mut up) = (0, 0);
        for leg in self.live().filter(|leg| !leg.is_away()) {
            there += 1;
            up += usize::from(leg.media);
        }
        let is_down = self.record.ended.is_none()
            && self.record.session.mode == MediaMode::Direct
            && there == DIRECT_PARTICIPANTS_MAX
            && up < there;
        self.record.path_down_since = match is_down {
            true => self.record.path_down_since.or(Some(now)),
            false => None,
        };
    }

    pub(super) fn path_due(&self) -> Option<Timestamp> {
        let since = self.record.path_down_since;
        since.map(|since| since + DIRECT_PATH_TIMEOUT)
    }

    /// People were added to a direct message's call. Between the two nothing changes until a third
    /// comes in.
    pub(super) fn go_on_in(
        &mut self,
        by: UserId,
        conversation_id: ConversationId,
        now: Timestamp,
    ) -> Result<(), CallError> {
        if !self.is_in(by) {
            return Err(CallError::NotInCall);
        }
        if self.record.kind != ConversationKind::Direct {
            return Err(CallError::WrongMode);
        }
        self.record.moved = Some(MovedFrom {
            conversation_id: self.record.conversation_id,
            card_seq: self.record.card_seq.take(),
            at: now,
        });
        self.record.conversation_id = conversation_id;
        self.record.kind = ConversationKind::Group;
        self.changed.push(Changed::Whole);
        Ok(())
    }

    /// A third participant is one more than two browsers carry between themselves.
    pub(super) fn make_room_for_more(&mut self) {
        match self.record.session.mode {
            MediaMode::Direct if self.live().count() > DIRECT_PARTICIPANTS_MAX => {
                self.move_to(MediaMode::Forwarded)
                    .expect("a media node carries any number of participants");
            }
            MediaMode::Direct | MediaMode::Forwarded => {}
        }
    }

    pub(super) fn open_room(&mut self) {
        if self.record.session.mode == MediaMode::Forwarded {
            let epoch = self.record.session.epoch;
            self.outputs.push_back(Output::OpenRoom { epoch });
            let held_back = self.live().filter(|leg| leg.is_turned_off());
            for peer_id in held_back.map(|leg| leg.peer_id).collect::<Vec<_>>() {
                self.hold_back(peer_id);
            }
        }
    }

    pub(super) fn remove_from_room(&mut self, peer_id: PeerId) {
        self.tell_room(Output::RemovePeer { peer_id });
    }

    pub(super) fn close_room(&mut self) {
        self.tell_room(Output::CloseRoom);
    }

    pub(super) fn tell_room(&mut self, output: Output) {
        if self.record.session.mode == MediaMode::Forwarded {
            self.outputs.push_back(output);
        }
    }

    fn check_mode(&self, mode: MediaMode, epoch: u32) -> Result<(), CallError> {
        if let Some(ended) = self.record.ended {
            return Err(CallError::Ended(ended.reason));
        }
        self.check_epoch(epoch)?;
        match self.record.session.mode == mode {
            true => Ok(()),
            false => Err(CallError::WrongMode),
        }
    }
}
