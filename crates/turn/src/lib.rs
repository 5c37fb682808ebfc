//! STUN (later TURN) as state machines that know nothing of Connect: no sockets, no clock.
//!
//! [`classify`] tells the protocols of one port apart; [`stun::server`] answers Binding requests.

pub mod stun;

/// What a datagram on a shared port is, by its first byte (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Stun,
    Dtls,
    /// TURN's.
    ChannelData,
    /// RTP or RTCP.
    Rtp,
    Unknown,
}

/// Tells what a datagram is.
pub fn classify(datagram: &[u8]) -> Protocol {
    match datagram.first() {
        Some(0..=3) => Protocol::Stun,
        Some(20..=63) => Protocol::Dtls,
        Some(64..=79) => Protocol::ChannelData,
        Some(128..=191) => Protocol::Rtp,
        Some(_) | None => Protocol::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells() {
        let borders = [
            (0, Protocol::Stun),
            (3, Protocol::Stun),
            (4, Protocol::Unknown),
            (19, Protocol::Unknown),
            (20, Protocol::Dtls),
            (63, Protocol::Dtls),
            (64, Protocol::ChannelData),
            (79, Protocol::ChannelData),
            (80, Protocol::Unknown),
            (127, Protocol::Unknown),
            (128, Protocol::Rtp),
            (191, Protocol::Rtp),
            (192, Protocol::Unknown),
        ];
        for (byte, protocol) in borders {
            assert_eq!(classify(&[byte, 0]), protocol, "first byte {byte}");
        }
        assert_eq!(classify(&[]), Protocol::Unknown);
    }
}
