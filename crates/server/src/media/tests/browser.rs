//! A browser's connection over a real socket on loopback: the WebRTC engine as a client.

use std::{
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use protocol::media::SLOTS_CHANNEL;
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcError,
    change::{SdpAnswer, SdpPendingOffer},
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::{ExtensionValues, RtpWrite},
};

/// No test waits longer; each normally waits for milliseconds.
const DEADLINE: Duration = Duration::from_secs(20);
const BETWEEN_PACKETS: Duration = Duration::from_millis(20);

pub(crate) struct Client {
    rtc: Rtc,
    pub(crate) socket: UdpSocket,
    address: SocketAddr,
    mids: Vec<Mid>,
    pending: Option<SdpPendingOffer>,
    /// Packets said, when it talks.
    said: u64,
    talks_at: Option<Instant>,
    pub(crate) is_connected: bool,
    pub(crate) is_closed: bool,
    /// Payloads of voice that came.
    pub(crate) heard: Vec<Vec<u8>>,
}

impl Client {
    pub(crate) fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            rtc,
            socket,
            address,
            mids: Vec::new(),
            pending: None,
            said: 0,
            talks_at: None,
            is_connected: false,
            is_closed: false,
            heard: Vec::new(),
        }
    }

    /// A microphone.
    pub(crate) fn offer_up(&mut self) -> String {
        self.offer(false, Direction::SendOnly)
    }

    /// A slot for a voice.
    pub(crate) fn offer_down(&mut self) -> String {
        self.offer(true, Direction::RecvOnly)
    }

    fn offer(&mut self, has_channel: bool, direction: Direction) -> String {
        let mut api = self.rtc.sdp_api();
        if has_channel {
            api.add_channel(SLOTS_CHANNEL.to_owned());
        }
        self.mids
            .push(api.add_media(MediaKind::Audio, direction, None, None, None));
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc
            .sdp_api()
            .accept_answer(self.pending.take().unwrap(), answer)
            .unwrap();
    }

    /// From now on it says its number, fifty times a second.
    pub(crate) fn talk(&mut self) {
        self.talks_at = Some(Instant::now());
    }

    /// What the browser does by itself.
    fn go_on(&mut self) {
        let mut buffer = [0; 2048];
        while let Ok((bytes, source)) = self.socket.recv_from(&mut buffer) {
            let datagram = Receive::new(Protocol::Udp, source, self.address, &buffer[..bytes]);
            if let Ok(datagram) = datagram {
                self.hand_in(|now| Input::Receive(now, datagram));
            }
        }
        if let Some(at) = self.talks_at.filter(|at| *at <= Instant::now()) {
            self.talks_at = Some(at + BETWEEN_PACKETS);
            self.say();
        }
        self.hand_in(Input::Timeout);
    }

    fn hand_in<'a>(&mut self, input: impl FnOnce(Instant) -> Input<'a>) {
        // The engine fails in several ways once the server has closed the connection.
        let handled = self.rtc.handle_input(input(Instant::now()));
        if handled.and_then(|()| self.take_outputs()).is_err() {
            self.is_closed = true;
        }
    }

    fn say(&mut self) {
        self.said += 1;
        let number = self.said;
        let opus = self
            .rtc
            .codec_config()
            .find(|codec| codec.spec().codec.is_audio())
            .unwrap()
            .pt();
        let extensions = ExtensionValues {
            audio_level: Some(-20),
            voice_activity: Some(true),
            ..ExtensionValues::default()
        };
        let payload = number.to_be_bytes().to_vec();
        let time = u32::try_from(number * 960).unwrap();
        let write =
            RtpWrite::new(opus, number.into(), time, Instant::now(), payload).ext_vals(extensions);
        let mut direct = self.rtc.direct_api();
        direct
            .stream_tx_by_mid(self.mids[0], None)
            .unwrap()
            .write_rtp(write);
    }

    fn take_outputs(&mut self) -> Result<(), RtcError> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(_) => return Ok(()),
                Output::Transmit(transmit) => {
                    // The engine tries addresses that loopback does not reach.
                    let _ = self
                        .socket
                        .send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::Connected) => self.is_connected = true,
                Output::Event(Event::Closed) => self.is_closed = true,
                Output::Event(Event::RtpPacket(packet)) => self.heard.push(packet.payload.to_vec()),
                Output::Event(_) => {}
            }
        }
    }
}

/// Lets browsers go on until `done` is so.
pub(crate) async fn run<const N: usize>(
    mut clients: [&mut Client; N],
    what: &str,
    mut done: impl FnMut(&[&mut Client; N]) -> bool,
) {
    let start = Instant::now();
    while !done(&clients) {
        assert!(start.elapsed() < DEADLINE, "no {what} within {DEADLINE:?}");
        for client in &mut clients {
            client.go_on();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
