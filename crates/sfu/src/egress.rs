//! The only place where downlink packets are handed to the WebRTC engine. A packet path of our own
//! would be put here.

use str0m::rtp::{ExtensionValues, RtpWrite, VideoOrientation, Vp8Descriptor};

use crate::forward::rewrite::Outgoing;
use crate::forward::{Codec, Packet};
use crate::peer::Connection;

/// Queues one packet on one line. False when the line cannot carry it: the receiver has no such codec.
pub(crate) fn write(
    connection: &mut Connection,
    line: usize,
    packet: &Packet,
    outgoing: &Outgoing,
) -> bool {
    let Some(line) = connection.lines.get(line) else {
        return false;
    };
    let payload_type = line
        .payload_types
        .iter()
        .find(|(codec, _)| *codec == packet.codec);
    let (Some(ssrc), Some((_, payload_type))) = (line.ssrc, payload_type) else {
        return false;
    };
    let extensions = ExtensionValues {
        audio_level: packet
            .audio_level
            .map(|level| -level.min(127).cast_signed()),
        voice_activity: packet.has_voice,
        video_orientation: packet.rotation.map(VideoOrientation::from),
        ..ExtensionValues::default()
    };
    let mut write = RtpWrite::new(
        *payload_type,
        outgoing.seq.into(),
        outgoing.timestamp,
        packet.arrived,
        packet.payload.clone(),
    )
    .marker(packet.marker)
    .nackable(packet.codec != Codec::Opus)
    .ext_vals(extensions);
    if packet.codec == Codec::Vp8
        && let Some(patch) = vp8_patch(&packet.payload, outgoing)
    {
        write = write.vp8_patch(patch);
    }
    let mut direct = connection.rtc.direct_api();
    let Some(stream) = direct.stream_tx(&ssrc) else {
        return false;
    };
    stream.write_rtp(write);
    true
}

fn vp8_patch(payload: &[u8], outgoing: &Outgoing) -> Option<str0m::rtp::Vp8Patch> {
    let descriptor = Vp8Descriptor::parse(payload).ok()?;
    let picture_id = outgoing.picture_id?;
    let with_counters = |picture_id| {
        let patch = descriptor.patch().picture_id(picture_id);
        match outgoing.base_layer_index {
            Some(index) => patch.tl0_pic_idx(index).build(),
            None => patch.build(),
        }
    };
    // A field of seven bits refuses more.
    with_counters(picture_id)
        .or_else(|_| with_counters(picture_id & 0x7f))
        .ok()
}
