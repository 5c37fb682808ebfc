//! Answering at once: while a direct call rings, pages of the one who is called bring up their
//! connection to the caller, so that an answer has only to attach tracks. Until then no media flows;
//! but the two browsers learn each other's addresses, so whoever asks has to be allowed that.

use protocol::{DeviceId, PeerId, UserId, call::MediaMode, conversation::ConversationKind};

use super::{Call, CallError, Leg, PersonRing, PrepareInput, Prepared};

/// Pages that prepare for one ring. Each is one more connection at the caller's, and one more that
/// knows the caller's address.
pub const PREPARED_MAX: usize = 2;

impl Call {
    /// Lets a page prepare, as the participant it will be if it answers. Asked again, it stays that.
    pub(super) fn prepare(&mut self, page: PrepareInput) -> Result<(), CallError> {
        let is_between_two = self.record.kind == ConversationKind::Direct
            && self.record.session.mode == MediaMode::Direct
            && self.live().count() == 1;
        if !is_between_two {
            return Err(CallError::WrongMode);
        }
        let ring = self.ring_mut(page.user_id)?;
        if !ring.goes_on() || !ring.is_heard() {
            return Err(CallError::NotToPrepare);
        }
        match ring
            .prepared
            .iter()
            .find(|before| before.device_id == page.device_id)
        {
            Some(before) if before.tab == page.tab => return Ok(()),
            Some(_) => return Err(CallError::NotToPrepare),
            None => {}
        }
        if ring.prepared.len() >= PREPARED_MAX {
            return Err(CallError::NotToPrepare);
        }
        ring.prepared.push(Prepared {
            device_id: page.device_id,
            tab: page.tab,
            peer_id: page.peer_id,
        });
        Ok(())
    }

    /// The participant this page has prepared to be.
    pub fn prepared(&self, user: UserId, device: DeviceId, tab: &str) -> Option<PeerId> {
        let mut of_person = self
            .preparations()
            .filter(|(ring, _)| ring.user_id == user)
            .map(|(_, page)| page);
        let own = of_person.find(|page| page.device_id == device && page.tab == tab);
        own.map(|page| page.peer_id)
    }

    /// Whether a page of this device has prepared to be this participant.
    pub fn has_prepared(&self, peer_id: PeerId, user: UserId, device: DeviceId) -> bool {
        self.preparations().any(|(ring, page)| {
            page.peer_id == peer_id && ring.user_id == user && page.device_id == device
        })
    }

    /// Whom a page that prepares connects to: whoever called.
    pub fn caller(&self) -> Option<&Leg> {
        self.live().next()
    }

    pub(super) fn preparations(&self) -> impl Iterator<Item = (&PersonRing, &Prepared)> {
        let rings = self.record.rings.iter();
        rings.flat_map(|ring| ring.prepared.iter().map(move |page| (ring, page)))
    }
}
