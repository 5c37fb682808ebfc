//! Tells whether an H.264 payload (RFC 6184) begins a picture a decoder can start from.

const NAL_SLICE_IDR: u8 = 5;
const NAL_SEQUENCE_PARAMETERS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

/// Whether a decoder can start with this packet.
pub(crate) fn begins_key_frame(payload: &[u8]) -> bool {
    let Some(&first) = payload.first() else {
        return false;
    };
    match first & 0x1f {
        NAL_STAP_A => payload
            .get(3)
            .is_some_and(|nal| starts_decoding(nal & 0x1f)),
        NAL_FU_A => payload
            .get(1)
            .is_some_and(|header| header & 0x80 != 0 && starts_decoding(header & 0x1f)),
        kind => starts_decoding(kind),
    }
}

fn starts_decoding(kind: u8) -> bool {
    matches!(kind, NAL_SLICE_IDR | NAL_SEQUENCE_PARAMETERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_and_idr_slices_begin_key_frames() {
        assert!(begins_key_frame(&[0x67, 0x42]));
        assert!(begins_key_frame(&[0x78, 0x00, 0x10, 0x67]));
        assert!(begins_key_frame(&[0x7c, 0x85]));
        assert!(
            !begins_key_frame(&[0x7c, 0x05]),
            "the middle of a fragmented slice"
        );
        assert!(!begins_key_frame(&[0x41, 0x9a]));
        assert!(!begins_key_frame(&[]));
    }
}
