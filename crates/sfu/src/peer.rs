//! One browser's connection in one direction.
//!
//! With `peer/` and [`crate::egress`] this is the only place that names the WebRTC engine; everything
//! else sees lines, layers and packets. The engine runs full ICE, not lite: Firefox nominates
//! aggressively and waits long after a lite server is gone, and our own checks tell within seconds
//! whether a browser still answers. Browsers need no candidates in their offers, because the engine
//! learns their addresses from their checks.

mod dtls;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::bwe::{Bitrate, BweKind};
use str0m::change::SdpOffer;
use str0m::channel::ChannelId;
use str0m::crypto::CryptoProvider;
use str0m::crypto::dtls::DtlsCert;
use str0m::format::Codec as EngineCodec;
use str0m::ice::StunMessage;
use str0m::media::{KeyframeRequestKind, Mid, Pt, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Candidate, IceCreds, Rtc};

use crate::AdmitError;
use crate::forward::{Codec, Packet};
use crate::offer::{self, Line, LineKind};
use crate::router::Route;

/// Assumed of a receiver until feedback comes.
pub(crate) const INITIAL_BITS_PER_SECOND: u64 = 2_000_000;
/// Bytes of one data channel message from a browser; longer ones are not announced as acceptable and
/// are dropped.
pub const CHANNEL_MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Incoming streams whose place is remembered. At the bound all are looked up again.
const STREAMS_MAX: usize = 64;

/// A certificate and its key. Workers share one, so that an answer does not depend on the worker.
#[derive(Debug, Clone)]
pub struct Identity(DtlsCert);

impl Identity {
    /// Draws a new key from the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness.
    pub fn generate() -> Self {
        let certificate = dtls::provider().dtls_provider.generate_certificate();
        Self(certificate.expect("making a certificate needs only randomness"))
    }
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Engine {
    provider: Arc<CryptoProvider>,
    certificate: DtlsCert,
    candidates: Vec<SocketAddr>,
}

/// The name and password browsers use in their checks.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) fragment: String,
    pub(crate) password: String,
}

/// What a connection tells its room.
#[derive(Debug)]
pub(crate) enum Signal {
    Established,
    Media {
        line: usize,
        layer: usize,
        packet: Packet,
    },
    KeyFrameWanted {
        line: usize,
    },
    Estimate {
        bits_per_second: u64,
    },
    ChannelOpen,
    Message(Vec<u8>),
}

pub(crate) enum Polled {
    Transmit {
        source: SocketAddr,
        destination: SocketAddr,
        contents: Vec<u8>,
    },
    Signal(Signal),
    Wait(Instant),
}

/// A media line as the engine knows it.
#[derive(Debug)]
pub(crate) struct MediaLine {
    pub(crate) name: String,
    pub(crate) kind: LineKind,
    pub(crate) layers: Vec<String>,
    pub(super) mid: Mid,
    /// Our own stream, when the line carries one.
    pub(crate) ssrc: Option<Ssrc>,
    pub(crate) payload_types: Vec<(Codec, Pt)>,
}

pub(crate) struct Connection {
    pub(crate) route: Route,
    pub(crate) rtc: Rtc,
    engine: Arc<Engine>,
    pub(crate) credentials: Credentials,
    pub(crate) session: u32,
    /// The browser's certificate, from its first offer.
    fingerprint: Option<String>,
    pub(crate) lines: Vec<MediaLine>,
    /// Pictures wait for their turn, so that voices need not.
    is_paced: bool,
    streams: BTreeMap<u32, (usize, usize)>,
    channel: Option<ChannelId>,
    pub(crate) addresses: VecDeque<SocketAddr>,
    pub(crate) opened_at: Instant,
    pub(crate) last_heard: Option<Instant>,
    pub(crate) is_established: bool,
    pub(crate) is_lost: bool,
    is_closed: bool,
    /// In the list of connections to be driven.
    pub(crate) is_woken: bool,
    pub(crate) wakes_at: Option<Instant>,
}

impl Engine {
    pub(crate) fn new(identity: Identity, candidates: Vec<SocketAddr>) -> Self {
        Self {
            provider: Arc::new(dtls::provider()),
            certificate: identity.0,
            candidates,
        }
    }

    /// The candidate a datagram came in on: the address itself, or the one that stands for it when
    /// the socket is bound to all addresses or behind a one-to-one NAT.
    pub(crate) fn local(&self, destination: SocketAddr) -> SocketAddr {
        if self.candidates.contains(&destination) {
            return destination;
        }
        let same_family = |candidate: &&SocketAddr| candidate.is_ipv4() == destination.is_ipv4();
        self.candidates
            .iter()
            .find(same_family)
            .copied()
            .unwrap_or(destination)
    }
}

impl Connection {
    pub(crate) fn new(
        engine: Arc<Engine>,
        route: Route,
        session: u32,
        credentials: Credentials,
        now: Instant,
    ) -> Self {
        let mut config = Rtc::builder()
            .set_rtp_mode(true)
            .set_crypto_provider(engine.provider.clone())
            .set_dtls_cert(engine.certificate.clone())
            .set_local_ice_credentials(IceCreds {
                ufrag: credentials.fragment.clone(),
                pass: credentials.password.clone(),
            })
            .set_sctp_max_message_size(CHANNEL_MESSAGE_BYTES_MAX as u32)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true);
        if route.direction == protocol::media::Direction::Down {
            config = config.enable_bwe(Some(Bitrate::from(INITIAL_BITS_PER_SECOND)));
        }
        let mut rtc = config.build(now);
        for address in &engine.candidates {
            match Candidate::host(*address, "udp") {
                Ok(candidate) => {
                    rtc.add_local_candidate(candidate);
                }
                Err(error) => tracing::warn!(%address, %error, "an address is no candidate"),
            }
        }
        Self {
            route,
            rtc,
            engine,
            credentials,
            session,
            fingerprint: None,
            lines: Vec::new(),
            is_paced: true,
            streams: BTreeMap::new(),
            channel: None,
            addresses: VecDeque::new(),
            opened_at: now,
            last_heard: None,
            is_established: false,
            is_lost: false,
            is_closed: false,
            is_woken: false,
            wakes_at: None,
        }
    }

    /// Whether an offer continues this connection rather than beginning another.
    pub(crate) fn is_continued_by(&self, session: u32, sdp: &str) -> bool {
        self.session == session && self.fingerprint.as_deref() == offer::fingerprint(sdp)
    }

    /// Takes the first offer or a later one. An offer that is refused may still have restarted ICE.
    pub(crate) fn answer(&mut self, sdp: &str, outline: Vec<Line>) -> Result<String, AdmitError> {
        let refused = |reason: String| AdmitError::Refused(reason);
        let parsed = SdpOffer::from_sdp_string(sdp).map_err(|error| refused(error.to_string()))?;
        let answer = self.rtc.sdp_api().accept_offer(parsed);
        let IceCreds { ufrag, pass } = self.rtc.direct_api().local_ice_credentials();
        self.credentials = Credentials {
            fragment: ufrag,
            password: pass,
        };
        let answer = answer.map_err(|error| refused(error.to_string()))?;
        self.fingerprint = offer::fingerprint(sdp).map(str::to_owned);
        self.streams.clear();
        self.lines = outline.into_iter().map(|line| self.learn(line)).collect();
        Ok(answer.to_sdp_string())
    }

    fn learn(&mut self, line: Line) -> MediaLine {
        let mid = Mid::from(line.mid.as_str());
        let ssrc = self
            .rtc
            .direct_api()
            .stream_tx_by_mid(mid, None)
            .map(|stream| {
                stream.set_unpaced(line.kind == LineKind::Audio || !self.is_paced);
                stream.ssrc()
            });
        let accepted = self
            .rtc
            .media(mid)
            .map(|media| media.remote_pts())
            .unwrap_or_default();
        let mut payload_types: Vec<(Codec, Pt)> = Vec::new();
        for pt in accepted {
            let codec = self.codec(*pt);
            if let Some(codec) = codec
                && payload_types.iter().all(|(known, _)| *known != codec)
            {
                payload_types.push((codec, *pt));
            }
        }
        MediaLine {
            name: line.mid,
            kind: line.kind,
            layers: line.rids,
            mid,
            ssrc,
            payload_types,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only what was enabled is negotiated"
    )]
    fn codec(&self, pt: Pt) -> Option<Codec> {
        let params = self.rtc.codec_config().find(|params| params.pt() == pt)?;
        match params.spec().codec {
            EngineCodec::Opus => Some(Codec::Opus),
            EngineCodec::Vp8 => Some(Codec::Vp8),
            EngineCodec::H264 => Some(Codec::H264),
            _ => None,
        }
    }

    /// Whether a STUN request was made by somebody who knows the password.
    pub(crate) fn is_authentic(&self, datagram: &[u8]) -> bool {
        let hmac = |key: &[u8], payloads: &[&[u8]]| {
            self.engine
                .provider
                .sha1_hmac_provider
                .sha1_hmac(key, payloads)
        };
        StunMessage::parse(datagram)
            .is_ok_and(|message| message.verify(self.credentials.password.as_bytes(), hmac))
    }

    /// Takes a datagram; false when it could not be read.
    pub(crate) fn receive(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
        now: Instant,
    ) -> bool {
        let local = self.engine.local(destination);
        let Ok(datagram) = Receive::new(Protocol::Udp, source, local, contents) else {
            return false;
        };
        self.last_heard = Some(now);
        self.rtc
            .handle_input(str0m::Input::Receive(now, datagram))
            .is_ok()
    }

    pub(crate) fn advance(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(str0m::Input::Timeout(now)) {
            tracing::debug!(peer = %self.route.peer, %error, "the engine gave up a connection");
            self.rtc.disconnect();
        }
    }

    /// False once the browser has ended it or the engine has given up.
    pub(crate) fn is_alive(&self) -> bool {
        self.rtc.is_alive() && !self.is_closed
    }

    /// Says goodbye; what is to be sent comes out of [`Self::poll`].
    pub(crate) fn close(&mut self, now: Instant) {
        if self.rtc.close().is_ok() {
            self.advance(now);
        }
    }

    /// To be called until it says to wait.
    pub(crate) fn poll(&mut self) -> Polled {
        loop {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Timeout(at)) => return Polled::Wait(at),
                Ok(str0m::Output::Transmit(transmit)) => {
                    return Polled::Transmit {
                        source: transmit.source,
                        destination: transmit.destination,
                        contents: transmit.contents.into(),
                    };
                }
                Ok(str0m::Output::Event(event)) => {
                    if let Some(signal) = self.signal(event) {
                        return Polled::Signal(signal);
                    }
                }
                Err(error) => {
                    tracing::debug!(peer = %self.route.peer, %error, "the engine gave up a connection");
                    self.rtc.disconnect();
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the engine's events may grow"
    )]
    fn signal(&mut self, event: str0m::Event) -> Option<Signal> {
        match event {
            str0m::Event::Connected => {
                self.is_established = true;
                Some(Signal::Established)
            }
            str0m::Event::RtpPacket(packet) => self.media(packet),
            str0m::Event::KeyframeRequest(request) => {
                let line = self.lines.iter().position(|line| line.mid == request.mid)?;
                Some(Signal::KeyFrameWanted { line })
            }
            str0m::Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                Some(Signal::Estimate {
                    bits_per_second: estimate.as_u64(),
                })
            }
            str0m::Event::ChannelOpen(id, label) if label == protocol::media::SLOTS_CHANNEL => {
                self.channel = Some(id);
                Some(Signal::ChannelOpen)
            }
            str0m::Event::ChannelData(data) if self.channel == Some(data.id) => {
                Some(Signal::Message(data.data))
            }
            str0m::Event::ChannelClose(id) if self.channel == Some(id) => {
                self.channel = None;
                None
            }
            str0m::Event::Closed => {
                self.is_closed = true;
                None
            }
            _ => None,
        }
    }

    fn media(&mut self, packet: RtpPacket) -> Option<Signal> {
        let (line, layer) = self.place(packet.header.ssrc)?;
        let codec = self.codec(packet.header.payload_type)?;
        let extensions = &packet.header.ext_vals;
        let packet = Packet {
            codec,
            seq: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            arrived: packet.timestamp,
            audio_level: extensions.audio_level.map(i8::unsigned_abs),
            has_voice: extensions.voice_activity,
            rotation: extensions.video_orientation.map(|rotation| rotation as u8),
            payload: packet.payload,
        };
        Some(Signal::Media {
            line,
            layer,
            packet,
        })
    }

    /// Which line and layer a stream belongs to. Names come on a stream's first packets only.
    fn place(&mut self, ssrc: Ssrc) -> Option<(usize, usize)> {
        if let Some(place) = self.streams.get(&ssrc) {
            return Some(*place);
        }
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let line = self.lines.iter().position(|line| line.mid == mid)?;
        let layer = match rid {
            Some(rid) => {
                let layers = &self.lines[line].layers;
                layers
                    .iter()
                    .position(|name| Rid::from(name.as_str()) == rid)?
            }
            None => 0,
        };
        if self.streams.len() >= STREAMS_MAX {
            self.streams.clear();
        }
        self.streams.insert(*ssrc, (line, layer));
        Some((line, layer))
    }

    /// Asks the browser for a key frame of one of its layers.
    pub(crate) fn request_key_frame(&mut self, line: usize, layer: usize) {
        let Some(line) = self.lines.get(line) else {
            return;
        };
        let rid = line.layers.get(layer).map(|name| Rid::from(name.as_str()));
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(line.mid, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    pub(crate) fn is_paced(&self) -> bool {
        self.is_paced
    }

    /// Whether pictures wait for their turn in the engine.
    pub(crate) fn set_paced(&mut self, paced: bool) {
        if self.is_paced == paced {
            return;
        }
        self.is_paced = paced;
        let mut direct = self.rtc.direct_api();
        for line in self
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Video)
        {
            if let Some(stream) = direct.stream_tx_by_mid(line.mid, None) {
                stream.set_unpaced(!paced);
            }
        }
    }

    /// What to prove by padding, and what would be of use.
    pub(crate) fn set_rates(&mut self, wanted_next: u64, desired: u64) {
        self.rtc
            .bwe()
            .set_bitrate(Bitrate::from(wanted_next), Bitrate::from(desired));
    }

    pub(crate) fn has_channel(&self) -> bool {
        self.channel.is_some()
    }

    /// False when the message was not taken and is to be tried again.
    pub(crate) fn send(&mut self, message: &str) -> bool {
        let Some(mut channel) = self.channel.and_then(|id| self.rtc.channel(id)) else {
            return false;
        };
        channel.write(false, message.as_bytes()).unwrap_or(false)
    }
}
