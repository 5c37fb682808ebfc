//! What stands between a person and a ring, and how loud that leaves it.

use protocol::{
    conversation::{ConversationKind, Preferences},
    presence::Availability,
};

use super::Reach;

/// What is known of a person at the moment a call would ring them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    pub availability: Availability,
    pub in_a_call: bool,
    /// Whether they have working hours, and this is outside of them.
    pub off_hours: bool,
    /// Whether the same caller has just called them in vain ([`super::is_called_over_and_over`]).
    pub called_over_and_over: bool,
}

/// Whether a member is rung when whoever starts the call rings the conversation. Who is not sees the
/// call as they see a channel's, and may be asked in by name.
pub fn rings_with_all(kind: ConversationKind, preferences: Preferences) -> bool {
    match kind {
        ConversationKind::Direct => true,
        ConversationKind::Group => preferences.rings,
        ConversationKind::Channel => false,
    }
}

impl Circumstances {
    /// The first of these that is so. Those that leave less of a ring come first; of those that
    /// leave as much, what tells the caller more.
    pub fn reach(self) -> Reach {
        if self.availability == Availability::DoNotDisturb {
            Reach::DoNotDisturb
        } else if self.in_a_call {
            Reach::Busy
        } else if self.off_hours {
            Reach::OffHours
        } else if self.called_over_and_over {
            Reach::Quiet
        } else {
            Reach::Free
        }
    }
}

impl Reach {
    /// Whether devices show the ring and make no sound.
    pub(super) fn is_silent(self) -> bool {
        match self {
            Self::Busy | Self::OffHours | Self::Quiet => true,
            Self::Free | Self::DoNotDisturb => false,
        }
    }

    /// Whether devices without a page hear of it: a phone that lights up disturbs without a sound.
    pub(super) fn is_pushed(self) -> bool {
        match self {
            Self::Free | Self::Busy | Self::Quiet => true,
            Self::OffHours | Self::DoNotDisturb => false,
        }
    }
}
