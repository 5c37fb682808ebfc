//! Whether a person can be reached, from what their sockets say and what they have chosen.

use protocol::presence::{Availability, Presence};

/// What others see. `sockets` says of each connected one whether the person is active there.
pub fn presence(availability: Availability, sockets: impl IntoIterator<Item = bool>) -> Presence {
    let mut sockets = sockets.into_iter().peekable();
    if sockets.peek().is_none() {
        return Presence::Offline;
    }
    match availability {
        Availability::DoNotDisturb => Presence::DoNotDisturb,
        Availability::Available if sockets.any(|active| active) => Presence::Online,
        Availability::Available => Presence::Away,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_active_device_is_enough() {
        let of = |sockets: &[bool]| presence(Availability::Available, sockets.iter().copied());
        assert_eq!(of(&[]), Presence::Offline);
        assert_eq!(of(&[false]), Presence::Away);
        assert_eq!(of(&[false, true]), Presence::Online);
    }

    #[test]
    fn who_does_not_want_to_be_disturbed_is_shown_so_only_while_connected() {
        let of = |sockets: &[bool]| presence(Availability::DoNotDisturb, sockets.iter().copied());
        assert_eq!(of(&[]), Presence::Offline);
        assert_eq!(of(&[true]), Presence::DoNotDisturb);
        assert_eq!(of(&[false]), Presence::DoNotDisturb);
    }
}
