//! Virtual browsers: the WebRTC engine as a client, on a virtual clock and a virtual network.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use protocol::media::{
    ClientMediaMessage, Direction, SLOTS_CHANNEL, ServerMediaMessage, SlotView, Source,
};
use protocol::{CallId, PeerId};
use sfu::{Config, Event, Identity, Input, Output, Sfu};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::format::Codec;
use str0m::media::{MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Rtc};

pub(crate) const CALL: CallId = CallId::from_bytes([7; 16]);
pub(crate) const LAYERS: [(&str, u16); 3] = [("l", 180), ("m", 360), ("h", 720)];
const SERVER: ([u8; 4], u16) = ([203, 0, 113, 1], 7800);
/// How often browsers look at the clock; the server is woken to the point.
const STEP: Duration = Duration::from_millis(5);
/// Of the network, one way.
const DELAY: Duration = Duration::from_millis(10);

/// On its way.
struct Datagram {
    arrives: Instant,
    source: SocketAddr,
    destination: SocketAddr,
    contents: Vec<u8>,
}

pub(crate) fn peer(number: u8) -> PeerId {
    PeerId::from_bytes([number; 16])
}

/// A media packet as a browser got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) mid: String,
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) payload: Vec<u8>,
}

impl Received {
    pub(crate) fn picture_id(&self) -> u16 {
        u16::from_be_bytes([self.payload[2] & 0x7f, self.payload[3]])
    }

    /// Who sent it in which layer: the last two bytes of every test payload.
    pub(crate) fn origin(&self) -> (u8, u8) {
        let [.., sender, layer] = self.payload[..] else {
            panic!("a test payload")
        };
        (sender, layer)
    }
}

/// One connection of a browser.
pub(crate) struct Client {
    pub(crate) rtc: Rtc,
    address: SocketAddr,
    pub(crate) mids: Vec<Mid>,
    pending: Option<SdpPendingOffer>,
    channel: Option<ChannelId>,
    pub(crate) received: Vec<Received>,
    pub(crate) messages: Vec<ServerMediaMessage>,
    /// By layer, not answered yet.
    pub(crate) key_frames_asked: BTreeMap<String, u32>,
    pub(crate) key_frames_asked_ever: u32,
    /// The newest number of each stream.
    numbers: BTreeMap<(usize, Option<String>), u64>,
}

impl Client {
    fn new(address: SocketAddr, now: Instant) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            rtc,
            address,
            mids: Vec::new(),
            pending: None,
            channel: None,
            received: Vec::new(),
            messages: Vec::new(),
            key_frames_asked: BTreeMap::new(),
            key_frames_asked_ever: 0,
            numbers: BTreeMap::new(),
        }
    }

    /// Microphone, camera in three layers, screen, screen audio.
    pub(crate) fn offer_up(&mut self) -> String {
        let mut simulcast = Simulcast::new();
        for (name, _) in LAYERS {
            simulcast.add_send_layer(SimulcastLayer::new(name));
        }
        let mut api = self.rtc.sdp_api();
        for (kind, simulcast) in [
            (MediaKind::Audio, None),
            (MediaKind::Video, Some(simulcast)),
            (MediaKind::Video, None),
            (MediaKind::Audio, None),
        ] {
            let direction = str0m::media::Direction::SendOnly;
            self.mids
                .push(api.add_media(kind, direction, None, None, simulcast));
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn offer_down(&mut self, audio: usize, video: usize) -> String {
        let mut api = self.rtc.sdp_api();
        self.channel
            .get_or_insert_with(|| api.add_channel(SLOTS_CHANNEL.to_owned()));
        for index in 0..audio + video {
            let kind = if index < audio {
                MediaKind::Audio
            } else {
                MediaKind::Video
            };
            let direction = str0m::media::Direction::RecvOnly;
            self.mids
                .push(api.add_media(kind, direction, None, None, None));
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn accept(&mut self, answer: &str) {
        let pending = self.pending.take().unwrap();
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    fn write(
        &mut self,
        line: usize,
        rid: Option<&str>,
        write: impl FnOnce(RtpWrite) -> RtpWrite,
        payload: Vec<u8>,
        timestamp: u32,
        now: Instant,
    ) {
        let number = self
            .numbers
            .entry((line, rid.map(str::to_owned)))
            .or_default();
        *number += 1;
        let seq = (*number).into();
        let mid = self.mids[line];
        let codec = if line == 0 || line == 3 {
            Codec::Opus
        } else {
            Codec::Vp8
        };
        let pt = self
            .rtc
            .codec_config()
            .find(|params| params.spec().codec == codec)
            .unwrap()
            .pt();
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, rid.map(Rid::from)) else {
            panic!("line {line} has no stream {rid:?}")
        };
        stream.write_rtp(write(
            RtpWrite::new(pt, seq, timestamp, now, payload).marker(true),
        ));
    }

    pub(crate) fn say(&mut self, sender: u8, level: u8, timestamp: u32, now: Instant) {
        let extensions = ExtensionValues {
            audio_level: Some(-level.cast_signed()),
            voice_activity: Some(level < 127),
            ..ExtensionValues::default()
        };
        self.write(
            0,
            None,
            |write| write.ext_vals(extensions),
            vec![0xfc, 0, sender, 0],
            timestamp,
            now,
        );
    }

    /// One frame of one layer, in one packet of `bytes`.
    pub(crate) fn show(
        &mut self,
        sender: u8,
        layer: usize,
        frame: u16,
        is_key: bool,
        bytes: usize,
        now: Instant,
    ) {
        let (name, height) = LAYERS[layer];
        let [high, low] = frame.to_be_bytes();
        let [height_low, height_high] = height.to_le_bytes();
        let mut payload = vec![0x90, 0xe0, 0x80 | (high & 0x7f), low, low, 0x20];
        payload.extend([
            u8::from(!is_key),
            0,
            0,
            0x9d,
            0x01,
            0x2a,
            0,
            1,
            height_low,
            height_high,
        ]);
        payload.resize(bytes.max(20), 0);
        payload.extend([sender, layer as u8]);
        // Every layer has its own clock, as in browsers.
        let timestamp = u32::from(frame)
            .wrapping_mul(3_000)
            .wrapping_add(layer as u32 * 777_777);
        self.write(
            1,
            Some(name),
            |write| write.nackable(true),
            payload,
            timestamp,
            now,
        );
    }

    fn take_outputs(&mut self, now: Instant, sent: &mut VecDeque<Datagram>) {
        loop {
            match self.rtc.poll_output().unwrap() {
                str0m::Output::Timeout(_) => break,
                str0m::Output::Transmit(transmit) => {
                    sent.push_back(Datagram {
                        arrives: now + DELAY,
                        source: transmit.source,
                        destination: transmit.destination,
                        contents: transmit.contents.into(),
                    });
                }
                str0m::Output::Event(event) => self.on_event(event),
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a browser acts on few of the engine's events"
    )]
    fn on_event(&mut self, event: str0m::Event) {
        match event {
            str0m::Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let Some(mid) = self
                    .rtc
                    .direct_api()
                    .stream_rx(&ssrc)
                    .map(|stream| stream.mid())
                else {
                    return;
                };
                self.received.push(Received {
                    mid: mid.to_string(),
                    seq: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    payload: packet.payload.to_vec(),
                });
            }
            str0m::Event::KeyframeRequest(request) => {
                let layer = request.rid.map(|rid| rid.to_string()).unwrap_or_default();
                *self.key_frames_asked.entry(layer).or_default() += 1;
                self.key_frames_asked_ever += 1;
            }
            str0m::Event::ChannelData(data) => {
                self.messages
                    .push(serde_json::from_slice(&data.data).unwrap());
            }
            _ => {}
        }
    }

    pub(crate) fn send_text(&mut self, text: &[u8]) {
        let channel = self.channel.and_then(|id| self.rtc.channel(id));
        channel
            .expect("the channel is open")
            .write(false, text)
            .unwrap();
    }

    pub(crate) fn view(&mut self, slots: &[(u8, u8, u16)]) {
        let slots = slots.iter().map(|(slot, sender, height_px)| SlotView {
            slot: *slot,
            peer_id: peer(*sender),
            source: Source::Camera,
            height_px: *height_px,
            pinned: false,
        });
        let message = ClientMediaMessage::View {
            slots: slots.collect(),
        };
        self.send_text(&serde_json::to_vec(&message).unwrap());
    }

    /// What the slots carried when last told.
    pub(crate) fn slots(&self) -> Option<&ServerMediaMessage> {
        self.messages
            .iter()
            .rev()
            .find(|message| matches!(message, ServerMediaMessage::Slots { .. }))
    }
}

/// One person's page.
pub(crate) struct Browser {
    pub(crate) number: u8,
    pub(crate) up: Client,
    pub(crate) down: Client,
    pub(crate) level: u8,
    /// Bytes of a frame in each layer; none is not sent.
    pub(crate) layers: [Option<usize>; 3],
    frame: u16,
}

/// A call with its server and browsers.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) start: Instant,
    pub(crate) sfu: Sfu,
    pub(crate) browsers: BTreeMap<u8, Browser>,
    pub(crate) events: Vec<Event>,
    /// Answers whether a datagram for this address is lost.
    pub(crate) loses: Box<dyn FnMut(SocketAddr, Instant) -> bool>,
    /// Answers whether a datagram from this address is lost.
    pub(crate) loses_from: Box<dyn FnMut(SocketAddr, Instant) -> bool>,
    /// Answers whether a datagram for this address and of this size is lost.
    pub(crate) loses_sized: Box<dyn FnMut(SocketAddr, usize, Instant) -> bool>,
    /// Damages what browsers send, when set.
    damage: Option<u64>,
    /// Real time spent in the server.
    pub(crate) spent: Duration,
    fragment: String,
    sent: VecDeque<Datagram>,
    ports: u16,
}

impl World {
    #[expect(clippy::disallowed_methods, reason = "the epoch of the virtual clock")]
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let mut sfu = Sfu::new(Config {
            candidates: vec![SERVER.into()],
            identity: Identity::generate(),
            seed: [3; 32],
        });
        assert!(sfu.open_room(CALL, now));
        Self {
            now,
            start: now,
            sfu,
            browsers: BTreeMap::new(),
            events: Vec::new(),
            loses: Box::new(|_, _| false),
            loses_from: Box::new(|_, _| false),
            loses_sized: Box::new(|_, _, _| false),
            damage: None,
            spent: Duration::ZERO,
            fragment: String::new(),
            sent: VecDeque::new(),
            ports: 1_000,
        }
    }

    pub(crate) fn with_people(count: u8) -> Self {
        let mut world = Self::new();
        for number in 1..=count {
            world.join(number, 3, usize::from(count));
        }
        world.run(Duration::from_secs(2));
        world
    }

    pub(crate) fn client(&mut self, number: u8) -> Client {
        self.ports += 1;
        Client::new(([198, 51, 100, number], self.ports).into(), self.now)
    }

    pub(crate) fn join(&mut self, number: u8, audio: usize, video: usize) {
        let (mut up, mut down) = (self.client(number), self.client(number));
        let mut admit = |direction, offer: String| {
            self.sfu
                .admit(CALL, peer(number), direction, 1, &offer, self.now)
                .unwrap()
        };
        let answer = admit(Direction::Up, up.offer_up());
        up.accept(&answer);
        let answer = admit(Direction::Down, down.offer_down(audio, video));
        down.accept(&answer);
        let fragment = answer
            .lines()
            .find_map(|line| line.strip_prefix("a=ice-ufrag:"));
        self.fragment = fragment.unwrap().to_owned();
        let browser = Browser {
            number,
            up,
            down,
            level: 127,
            layers: [Some(400), Some(900), Some(1_100)],
            frame: 0,
        };
        self.browsers.insert(number, browser);
    }

    /// From now on a third of what browsers send arrives damaged.
    pub(crate) fn damage(&mut self, seed: u64) {
        self.damage = Some(seed);
    }

    fn damage_datagram(&mut self, contents: &mut Vec<u8>) {
        let Some(state) = &mut self.damage else {
            return;
        };
        let mut random = |below: usize| {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*state >> 33) as usize % below.max(1)
        };
        match random(9) {
            0 => contents.truncate(random(contents.len())),
            1 => contents.extend([0xff; 7]),
            2 => {
                for _ in 0..=random(8) {
                    let place = random(contents.len());
                    contents[place] = random(256) as u8;
                }
            }
            _ => {}
        }
    }

    /// The name a browser was last told to use.
    pub(crate) fn seen_fragment(&self) -> String {
        self.fragment.clone()
    }

    pub(crate) fn browser(&mut self, number: u8) -> &mut Browser {
        self.browsers.get_mut(&number).unwrap()
    }

    /// Forgets what everybody got so far.
    pub(crate) fn clear(&mut self) {
        for browser in self.browsers.values_mut() {
            browser.down.received.clear();
            browser.up.key_frames_asked.clear();
        }
    }

    /// Lets everybody talk every 20 ms and show every 30 ms.
    pub(crate) fn run_with_media(&mut self, length: Duration) {
        let end = self.now + length;
        while self.now < end {
            let elapsed = self.now.duration_since(self.start).as_millis();
            for browser in self.browsers.values_mut() {
                if elapsed.is_multiple_of(20) {
                    let timestamp = (elapsed * 48) as u32;
                    browser
                        .up
                        .say(browser.number, browser.level, timestamp, self.now);
                }
                if elapsed.is_multiple_of(30) {
                    browser.show(self.now);
                }
            }
            self.step();
        }
    }

    pub(crate) fn run(&mut self, length: Duration) {
        let end = self.now + length;
        while self.now < end {
            self.step();
        }
    }

    fn step(&mut self) {
        for browser in self.browsers.values_mut() {
            for client in [&mut browser.up, &mut browser.down] {
                client
                    .rtc
                    .handle_input(str0m::Input::Timeout(self.now))
                    .unwrap();
                client.take_outputs(self.now, &mut self.sent);
            }
        }
        let end = self.now + STEP;
        loop {
            self.take_outputs();
            let arrives = self.sent.front().map(|datagram| datagram.arrives);
            let next = self.sfu.poll_timeout().into_iter().chain(arrives).min();
            let Some(next) = next.filter(|next| *next < end) else {
                break;
            };
            self.now = self.now.max(next);
            while let Some(datagram) = self.sent.pop_front_if(|sent| sent.arrives <= self.now) {
                self.deliver(datagram.source, datagram.destination, &datagram.contents);
            }
            if self.sfu.poll_timeout().is_some_and(|at| at <= self.now) {
                let now = self.now;
                self.in_server(|sfu| sfu.handle_input(Input::Timeout, now));
            }
        }
        self.now = end;
    }

    fn take_outputs(&mut self) {
        while let Some(output) = self.in_server(Sfu::poll_output) {
            match output {
                Output::Transmit {
                    destination,
                    source,
                    contents,
                } => self.sent.push_back(Datagram {
                    arrives: self.now + DELAY,
                    source,
                    destination,
                    contents,
                }),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the bench measures with a real clock"
    )]
    fn in_server<T>(&mut self, work: impl FnOnce(&mut Sfu) -> T) -> T {
        let begin = Instant::now();
        let result = work(&mut self.sfu);
        self.spent += begin.elapsed();
        result
    }

    fn deliver(&mut self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let is_lost = (self.loses)(destination, self.now)
            || (self.loses_from)(source, self.now)
            || (self.loses_sized)(destination, contents.len(), self.now);
        if is_lost {
            return;
        }
        if destination == SERVER.into() {
            let mut contents = contents.to_vec();
            self.damage_datagram(&mut contents);
            let input = Input::Datagram {
                source,
                destination,
                contents: &contents,
            };
            let now = self.now;
            self.in_server(|sfu| sfu.handle_input(input, now));
            return;
        }
        let mut clients = self
            .browsers
            .values_mut()
            .flat_map(|browser| [&mut browser.up, &mut browser.down]);
        let Some(client) = clients.find(|client| client.address == destination) else {
            return;
        };
        let datagram = Receive::new(Protocol::Udp, source, destination, contents).unwrap();
        client
            .rtc
            .handle_input(str0m::Input::Receive(self.now, datagram))
            .unwrap();
        client.take_outputs(self.now, &mut self.sent);
    }
}

impl Browser {
    fn show(&mut self, now: Instant) {
        self.frame += 1;
        for (layer, (name, _)) in LAYERS.into_iter().enumerate() {
            let Some(bytes) = self.layers[layer] else {
                continue;
            };
            let asked = self.up.key_frames_asked.remove(name);
            let is_key = self.frame == 1 || asked.is_some();
            self.up
                .show(self.number, layer, self.frame, is_key, bytes, now);
        }
    }

    pub(crate) fn addresses(&self) -> [SocketAddr; 2] {
        [self.up.address, self.down.address]
    }

    /// How many voice packets of one sender came.
    pub(crate) fn heard(&self, sender: u8) -> usize {
        self.from(sender)
            .iter()
            .filter(|packet| packet.payload.len() == 4)
            .count()
    }

    /// How many pictures of one sender came.
    pub(crate) fn seen(&self, sender: u8) -> usize {
        self.from(sender).len() - self.heard(sender)
    }

    /// Packets of one sender on the down connection.
    pub(crate) fn from(&self, sender: u8) -> Vec<&Received> {
        self.down
            .received
            .iter()
            .filter(|packet| packet.origin().0 == sender)
            .collect()
    }
}
