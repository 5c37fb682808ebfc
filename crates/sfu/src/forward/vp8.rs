//! Reads the VP8 payload descriptor (RFC 7741): what forwarding must know and rewrite, no more.

/// What one packet's descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Descriptor {
    /// 7 or 15 bits wide; a stream keeps its width.
    pub(crate) picture_id: Option<u16>,
    pub(crate) base_layer_index: Option<u8>,
    /// The picture's height, on the first packet of a key frame only.
    pub(crate) key_frame_height: Option<u16>,
}

/// Reads the descriptor; `None` for a payload too short or malformed to be VP8.
pub(crate) fn parse(payload: &[u8]) -> Option<Descriptor> {
    let (&first, mut rest) = payload.split_first()?;
    let mut descriptor = Descriptor::default();
    if first & 0x80 != 0 {
        let extension = take(&mut rest)?;
        if extension & 0x80 != 0 {
            let high = take(&mut rest)?;
            descriptor.picture_id = Some(if high & 0x80 != 0 {
                u16::from_be_bytes([high & 0x7f, take(&mut rest)?])
            } else {
                u16::from(high)
            });
        }
        if extension & 0x40 != 0 {
            descriptor.base_layer_index = Some(take(&mut rest)?);
        }
        if extension & 0x30 != 0 {
            take(&mut rest)?;
        }
    }
    let begins_frame = first & 0x17 == 0x10;
    if begins_frame {
        descriptor.key_frame_height = key_frame_height(rest);
    }
    (!rest.is_empty()).then_some(descriptor)
}

/// RFC 6386, section 9.1: three bytes of tag, the start code, width, height.
fn key_frame_height(frame: &[u8]) -> Option<u16> {
    let header: &[u8; 10] = frame.first_chunk()?;
    let is_key_frame = header[0] & 1 == 0 && header[3..6] == [0x9d, 0x01, 0x2a];
    is_key_frame.then(|| u16::from_le_bytes([header[8], header[9]]) & 0x3fff)
}

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (&byte, after) = rest.split_first()?;
    *rest = after;
    Some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_frame_tells_its_height() {
        let payload = [
            0x90, 0xe0, 0x92, 0x34, 7, 0x20, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00,
        ];
        let expected = Descriptor {
            picture_id: Some(0x1234),
            base_layer_index: Some(7),
            key_frame_height: Some(180),
        };
        assert_eq!(parse(&payload), Some(expected));
    }

    #[test]
    fn a_short_picture_id_is_read_as_seven_bits() {
        let descriptor = parse(&[0x90, 0x80, 0x7f, 0x01]).unwrap();
        assert_eq!(descriptor.picture_id, Some(0x7f));
        assert_eq!(descriptor.key_frame_height, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(&bytes);
        }
    }
}
