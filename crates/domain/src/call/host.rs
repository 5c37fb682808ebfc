//! What is done to others: ending the call for all, taking people out.

use protocol::{
    DeviceId, Timestamp, UserId,
    call::{EndReason, RingStopReason},
    server::DetachReason,
};

use super::{Call, Changed};

impl Call {
    pub(super) fn end_for_all(&mut self, now: Timestamp) {
        self.end(EndReason::EndedForAll, now);
    }

    /// Takes a person, or one of their devices, out of the call and of the ring.
    pub(super) fn remove(&mut self, user: UserId, device: Option<DeviceId>, now: Timestamp) {
        let one = |id: DeviceId| device.is_none_or(|device| device == id);
        let peers = self.detach(
            |leg| leg.user_id == user && one(leg.device_id),
            DetachReason::Ended,
            now,
        );
        for peer_id in peers {
            self.changed.push(Changed::Left(peer_id));
            self.remove_from_room(peer_id);
        }
        if device.is_none() {
            self.stop_ring(user, None, RingStopReason::Ended, now);
        }
    }
}
