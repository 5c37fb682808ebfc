//! What an offer holds, line by line, read before the WebRTC engine sees it.
//!
//! The engine parses and answers the description; this keeps the bounds and the order of the media
//! lines, because a track is told by the place of its line in the offer.

use crate::AdmitError;

/// A longer description is refused.
pub const SDP_BYTES_MAX: usize = 64 * 1024;
/// Lines of one connection. An offer with more is refused.
pub const MEDIA_LINES_MAX: usize = 64;
/// Simulcast layers of one line. An offer with more is refused.
pub const LAYERS_MAX: usize = 4;
/// The engine keeps this many bytes of a `mid` and would confuse longer ones.
const MID_BYTES_MAX: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    Audio,
    Video,
    Data,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: LineKind,
    pub(crate) mid: String,
    /// In the order of `a=simulcast:send`, which is from low to high; empty without simulcast.
    pub(crate) rids: Vec<String>,
}

/// The browser's certificate, as far as the offer names it. Another one means another connection.
pub(crate) fn fingerprint(sdp: &str) -> Option<&str> {
    sdp.lines()
        .find_map(|line| line.strip_prefix("a=fingerprint:"))
}

/// Reads the media lines.
pub(crate) fn outline(sdp: &str) -> Result<Vec<Line>, AdmitError> {
    if sdp.len() > SDP_BYTES_MAX {
        return Err(AdmitError::TooLarge);
    }
    let mut lines: Vec<Line> = Vec::new();
    for text in sdp.lines() {
        if let Some(media) = text.strip_prefix("m=") {
            if lines.len() == MEDIA_LINES_MAX {
                return Err(AdmitError::TooLarge);
            }
            let kind = match media.split(' ').next() {
                Some("audio") => LineKind::Audio,
                Some("video") => LineKind::Video,
                Some("application") => LineKind::Data,
                Some(_) | None => return Err(AdmitError::Malformed("unknown kind of media line")),
            };
            lines.push(Line {
                kind,
                mid: String::new(),
                rids: Vec::new(),
            });
        }
        let Some(line) = lines.last_mut() else {
            continue;
        };
        if let Some(mid) = text.strip_prefix("a=mid:") {
            mid.clone_into(&mut line.mid);
        } else if let Some(send) = text.strip_prefix("a=simulcast:send ") {
            line.rids = rids(send)?;
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let is_told_apart = (1..=MID_BYTES_MAX).contains(&line.mid.len())
            && line.mid.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && lines[..index].iter().all(|other| other.mid != line.mid);
        if !is_told_apart {
            return Err(AdmitError::Malformed("a media line has no mid of its own"));
        }
    }
    Ok(lines)
}

/// `l;m;~h recv x`: alternatives are not used here, a tilde marks a layer paused for now.
fn rids(send: &str) -> Result<Vec<String>, AdmitError> {
    let list = send.split(' ').next().unwrap_or_default();
    let rids: Vec<String> = list
        .split(';')
        .map(|rid| rid.trim_start_matches('~').to_owned())
        .collect();
    if rids.len() > LAYERS_MAX {
        return Err(AdmitError::TooLarge);
    }
    let are_words = rids
        .iter()
        .all(|rid| !rid.is_empty() && rid.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    are_words.then_some(rids).ok_or(AdmitError::Malformed(
        "simulcast layers must have plain names",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_keep_their_order_and_layers() {
        let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=video 9 x 96\r\na=mid:1\r\n\
                   a=simulcast:send l;m;~h\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";
        let lines = outline(sdp).unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].kind, LineKind::Audio);
        assert_eq!(lines[1].rids, ["l", "m", "h"]);
        assert_eq!(
            (lines[2].kind, lines[2].mid.as_str()),
            (LineKind::Data, "2")
        );
    }

    #[test]
    fn an_offer_at_the_bounds_is_read_and_beyond_refused() {
        let lines = |count: usize| -> String {
            (0..count)
                .map(|index| format!("m=audio 9 x 1\na=mid:{index}\n"))
                .collect()
        };
        assert!(outline(&lines(MEDIA_LINES_MAX)).is_ok());
        assert!(matches!(
            outline(&lines(MEDIA_LINES_MAX + 1)),
            Err(AdmitError::TooLarge)
        ));
        assert!(outline(&" ".repeat(SDP_BYTES_MAX)).is_ok());
        assert!(matches!(
            outline(&" ".repeat(SDP_BYTES_MAX + 1)),
            Err(AdmitError::TooLarge)
        ));
        let layers = |count: usize| {
            let rids = ["a", "b", "c", "d", "e"][..count].join(";");
            outline(&format!(
                "m=video 9 x 1\na=mid:0\na=simulcast:send {rids}\n"
            ))
        };
        assert!(layers(LAYERS_MAX).is_ok());
        assert!(matches!(layers(LAYERS_MAX + 1), Err(AdmitError::TooLarge)));
    }

    #[test]
    fn a_mid_is_needed_and_must_be_its_own() {
        let malformed = |sdp| matches!(outline(sdp), Err(AdmitError::Malformed(_)));
        assert!(malformed("m=audio 9 x 1\n"));
        assert!(malformed(
            "m=audio 9 x 1\na=mid:0\nm=audio 9 x 1\na=mid:0\n"
        ));
        assert!(malformed("m=audio 9 x 1\na=mid:12345678901234567\n"));
        assert!(malformed("m=video 9 x 1\na=mid:0\na=simulcast:send a;;b\n"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(m=|a=mid:|a=simulcast:send |audio|video|[ -~]|\n){0,60}") {
            let _ = outline(&text);
        }
    }
}
