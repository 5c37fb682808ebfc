//! The UDP port: datagrams in batches, with the address they came to; and out in as few calls to
//! the system as it allows.

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{addresses::is_own, counts::Counts};

/// What is asked of the system for each direction; it may give less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// With less than this, a burst of key frames does not fit while the worker is sending.
const BUFFER_BYTES_ENOUGH: usize = 1024 * 1024;
/// The largest UDP datagram, or run of datagrams that the system has put together.
const RUN_BYTES_MAX: usize = 65_536;
/// What a run may hold when sent: an IPv6 packet without its headers.
const SENT_RUN_BYTES_MAX: usize = 65_000;

/// Takes a UDP port on all addresses, of both families where the host has both.
pub fn bind(port: u16) -> io::Result<UdpSocket> {
    let dual_stack = || -> io::Result<UdpSocket> {
        let socket = Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_only_v6(false)?;
        socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
        Ok(UdpSocket::from(socket))
    };
    match dual_stack() {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        // Without IPv6, creating or binding fails in several ways.
        Err(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)),
        bound => bound,
    }
}

pub(super) struct Port {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    buffer: Vec<u8>,
    run: Vec<u8>,
}

/// Came in. Addresses are never IPv4 in IPv6's clothes.
pub(super) struct Datagram<'a> {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) contents: &'a [u8],
}

/// Is to go out.
pub(super) struct Outgoing {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) contents: Vec<u8>,
}

impl Port {
    pub(super) fn new(socket: UdpSocket) -> io::Result<Self> {
        enlarge_buffers(&socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let local = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            local,
            buffer: vec![0; BATCH_SIZE * RUN_BYTES_MAX],
            run: Vec::new(),
        })
    }

    pub(super) fn has_ipv6(&self) -> bool {
        self.local.is_ipv6()
    }

    /// Is readable once there are datagrams.
    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Hands over what waits, one batch at most; answers whether there may be more.
    pub(super) fn receive(&mut self, counts: &Counts, mut take: impl FnMut(Datagram<'_>)) -> bool {
        let mut places = self
            .buffer
            .chunks_exact_mut(RUN_BYTES_MAX)
            .map(IoSliceMut::new);
        let mut places: [IoSliceMut<'_>; BATCH_SIZE] = std::array::from_fn(|_| {
            places
                .next()
                .expect("the buffer has a place for each run of a batch")
        });
        let mut runs = [RecvMeta::default(); BATCH_SIZE];
        let socket = UdpSockRef::from(&self.socket);
        // An error is about one datagram, or that there is none.
        let Ok(count) = self.state.recv(socket, &mut places, &mut runs) else {
            return false;
        };
        for (run, place) in runs.iter().zip(&places).take(count) {
            let source = SocketAddr::new(run.addr.ip().to_canonical(), run.addr.port());
            let ip = run
                .dst_ip
                .map_or_else(|| unspecified(source), |ip| ip.to_canonical());
            let destination = SocketAddr::new(ip, self.local.port());
            for contents in place[..run.len].chunks(run.stride.max(1)) {
                counts.received.add(1);
                counts.received_bytes.add(contents.len() as u64);
                take(Datagram {
                    source,
                    destination,
                    contents,
                });
            }
        }
        count == BATCH_SIZE
    }

    /// Sends all. Neighbours for the same browser go as one run, when they are of one size but for
    /// a smaller last one.
    pub(super) fn send(&mut self, mut batch: &[Outgoing], own: &OwnAddresses, counts: &Counts) {
        while let Some(first) = batch.first() {
            let (run, rest) = batch.split_at(run_length(batch, self.state.max_gso_segments()));
            batch = rest;
            // The engine also tries ways that do not exist, between loopback and elsewhere.
            if first.source.ip().is_loopback() != first.destination.ip().is_loopback() {
                continue;
            }
            let source = own.source(first.source.ip());
            let bytes: usize = run.iter().map(|one| one.contents.len()).sum();
            if run.len() > 1 {
                self.run.clear();
                self.run.extend(run.iter().flat_map(|one| &one.contents));
                let segment = Some(first.contents.len());
                if self
                    .transmit(first.destination, source, &self.run, segment)
                    .is_ok()
                {
                    counts.sent.add(run.len() as u64);
                    counts.sent_bytes.add(bytes as u64);
                    continue;
                }
                // Some interfaces take no runs.
            }
            for one in run {
                match self.transmit(one.destination, source, &one.contents, None) {
                    Ok(()) => {
                        counts.sent.add(1);
                        counts.sent_bytes.add(one.contents.len() as u64);
                    }
                    Err(error) => {
                        tracing::trace!(destination = %one.destination, %error, "a datagram was not sent");
                        counts.unsent.add(1);
                    }
                }
            }
        }
    }

    fn transmit(
        &self,
        destination: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment_size: Option<usize>,
    ) -> io::Result<()> {
        let destination = match (destination, self.has_ipv6()) {
            (SocketAddr::V4(v4), true) => SocketAddr::from((v4.ip().to_ipv6_mapped(), v4.port())),
            (SocketAddr::V4(_) | SocketAddr::V6(_), _) => destination,
        };
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size,
            src_ip: source,
        };
        self.state
            .try_send(UdpSockRef::from(&self.socket), &transmit)
    }
}

/// Which of the addresses told to browsers datagrams can be sent from.
pub(super) struct OwnAddresses(Vec<IpAddr>);

impl OwnAddresses {
    pub(super) fn among(candidates: &[SocketAddr]) -> Self {
        Self(
            candidates
                .iter()
                .map(SocketAddr::ip)
                .filter(|address| is_own(*address))
                .collect(),
        )
    }

    /// A browser takes an answer only from the address it has asked. Behind a router the system
    /// chooses, and the router puts in the address.
    fn source(&self, address: IpAddr) -> Option<IpAddr> {
        self.0.contains(&address).then_some(address)
    }
}

fn run_length(batch: &[Outgoing], segments_max: usize) -> usize {
    let Some(first) = batch.first() else {
        return 0;
    };
    let size = first.contents.len();
    let segments_max = segments_max.min(SENT_RUN_BYTES_MAX / size.max(1)).max(1);
    let alike = |one: &&Outgoing| {
        one.destination == first.destination
            && one.source == first.source
            && one.contents.len() == size
    };
    let length = batch.iter().take(segments_max).take_while(alike).count();
    let is_smaller_last = |last: &Outgoing| {
        last.destination == first.destination
            && last.source == first.source
            && (1..size).contains(&last.contents.len())
    };
    if length < segments_max && batch.get(length).is_some_and(is_smaller_last) {
        length + 1
    } else {
        length
    }
}

fn unspecified(like: SocketAddr) -> IpAddr {
    match like {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// A single port for all media needs room for bursts.
fn enlarge_buffers(socket: &UdpSocket) {
    let socket = SockRef::from(socket);
    // Refused sizes are cut to the system's limit, which is reported below.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    if let Ok(bytes) = socket.recv_buffer_size()
        && bytes < BUFFER_BYTES_ENOUGH
    {
        tracing::info!(
            bytes,
            wanted = BUFFER_BYTES,
            "the system limits the media port's receive buffer; raise net.core.rmem_max for large calls"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(port: u16, bytes: usize) -> Outgoing {
        Outgoing {
            source: ([127, 0, 0, 1], 1).into(),
            destination: ([127, 0, 0, 1], port).into(),
            contents: vec![0; bytes],
        }
    }

    #[test]
    fn a_run_is_of_one_size_but_for_a_smaller_last() {
        let length = |sizes: &[usize]| {
            let batch: Vec<_> = sizes.iter().map(|bytes| outgoing(5, *bytes)).collect();
            run_length(&batch, 4)
        };
        assert_eq!(length(&[9, 9, 9]), 3);
        assert_eq!(length(&[9, 9, 5, 5]), 3);
        assert_eq!(length(&[9, 12]), 1);
        assert_eq!(length(&[9, 9, 9, 9, 9]), 4);
        assert_eq!(length(&[9, 0]), 1);
        assert_eq!(
            length(&[40_000, 40_000]),
            1,
            "a run is no larger than a packet"
        );
        assert_eq!(run_length(&[outgoing(5, 9), outgoing(6, 9)], 4), 1);
        assert_eq!(run_length(&[], 4), 0);
    }

    #[test]
    fn runs_arrive_as_they_were() {
        let mut port = Port::new(bind(0).unwrap()).unwrap();
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver
            .set_read_timeout(Some(std::time::Duration::from_secs(5)))
            .unwrap();
        let source = ([127, 0, 0, 1], port.local.port()).into();
        let destination = receiver.local_addr().unwrap();
        let batch: Vec<_> = [100, 100, 60, 200, 7]
            .into_iter()
            .zip(0..)
            .map(|(bytes, number)| Outgoing {
                source,
                destination,
                contents: vec![number; bytes],
            })
            .collect();
        let counts = Counts::default();
        port.send(&batch, &OwnAddresses::among(&[source]), &counts);
        let mut buffer = [0; 512];
        for sent in &batch {
            let (bytes, from) = receiver.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..bytes], from), (&*sent.contents, source));
        }
        assert_eq!((counts.sent.get(), counts.unsent.get()), (5, 0));
    }

    #[test]
    fn datagrams_tell_which_address_they_came_to() {
        let mut port = Port::new(bind(0).unwrap()).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender
            .send_to(b"", ("127.0.0.1", port.local.port()))
            .unwrap();
        sender
            .send_to(b"hello", ("127.0.0.1", port.local.port()))
            .unwrap();
        let mut came = Vec::new();
        port.receive(&Counts::default(), |datagram| {
            came.push((
                datagram.source,
                datagram.destination,
                datagram.contents.to_vec(),
            ));
        });
        let source = sender.local_addr().unwrap();
        let destination = ([127, 0, 0, 1], port.local.port()).into();
        assert_eq!(came, [(source, destination, b"hello".to_vec())]);
    }
}
