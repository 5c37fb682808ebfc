//! The worker over real sockets.

mod browser;

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use protocol::{CallId, PeerId, media::Direction};
use tokio::time::timeout;

use self::browser::{Client, run};
use super::{Media, MediaError, MediaEvent, MediaEvents, bind, inbox::Command};

const CALL: CallId = CallId::from_bytes([7; 16]);
const ALICE: PeerId = PeerId::from_bytes([1; 16]);
const BOB: PeerId = PeerId::from_bytes([2; 16]);
const DEADLINE: Duration = Duration::from_secs(20);

fn start() -> (Media, MediaEvents) {
    let media = Media::start(bind(0).unwrap(), &[]).unwrap();
    let events = media.events().unwrap();
    (media, events)
}

async fn next(events: &mut MediaEvents) -> MediaEvent {
    timeout(DEADLINE, events.recv())
        .await
        .expect("an event in time")
        .unwrap()
}

/// The next event about connections.
async fn next_state(events: &mut MediaEvents) -> MediaEvent {
    loop {
        match next(events).await {
            MediaEvent::Speaking { .. } => {}
            state @ (MediaEvent::Connected { .. } | MediaEvent::Lost { .. }) => return state,
        }
    }
}

async fn admit_up(media: &Media, peer: PeerId) -> Client {
    let mut client = Client::new();
    let offer = client.offer_up();
    let answer = media
        .offer(CALL, peer, Direction::Up, 1, offer)
        .await
        .unwrap();
    client.accept(&answer);
    client
}

async fn admit_down(media: &Media, peer: PeerId) -> Client {
    let mut client = Client::new();
    let offer = client.offer_down();
    let answer = media
        .offer(CALL, peer, Direction::Down, 1, offer)
        .await
        .unwrap();
    client.accept(&answer);
    client
}

/// Alice, who talks, and Bob, who has heard her.
async fn conversation(media: &Media, events: &mut MediaEvents) -> (Client, Client) {
    media.open_room(CALL).await;
    let mut alice = admit_up(media, ALICE).await;
    let mut bob = admit_down(media, BOB).await;
    run([&mut alice, &mut bob], "connection", |clients| {
        clients.iter().all(|client| client.is_connected)
    })
    .await;
    for _ in 0..2 {
        assert!(matches!(
            next_state(events).await,
            MediaEvent::Connected { .. }
        ));
    }
    alice.talk();
    run([&mut alice, &mut bob], "voice", |[_, bob]| {
        bob.heard.len() >= 10
    })
    .await;
    (alice, bob)
}

fn stun_request() -> [u8; 20] {
    let mut request = [9; 20];
    request[..8].copy_from_slice(&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
    request
}

/// A client on loopback, of either family.
fn stranger(address: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind((address.ip(), 0)).unwrap();
    socket.connect(address).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

#[test]
fn stun_tells_a_stranger_its_address() {
    let (media, _events) = start();
    let socket = stranger(SocketAddr::from((Ipv4Addr::LOCALHOST, media.port())));
    socket.send(&stun_request()).unwrap();
    let mut answer = [0; 64];
    let bytes = socket.recv(&mut answer).unwrap();
    let port = socket.local_addr().unwrap().port() ^ 0x2112;
    let [high, low] = port.to_be_bytes();
    // XOR-MAPPED-ADDRESS of 127.0.0.1.
    let mapped = [
        0,
        0x20,
        0,
        8,
        0,
        1,
        high,
        low,
        0x21 ^ 127,
        0x12,
        0xa4,
        0x42 ^ 1,
    ];
    assert_eq!(answer[..2], [1, 1]);
    assert_eq!(answer[8..20], stun_request()[8..20]);
    assert_eq!(answer[20..bytes], mapped);
}

#[tokio::test]
async fn people_hear_each_other_through_the_port() {
    let (media, mut events) = start();
    let (mut alice, mut bob) = conversation(&media, &mut events).await;
    run([&mut alice, &mut bob], "voice", |[_, bob]| {
        bob.heard.len() >= 25
    })
    .await;
    let numbers: Vec<_> = bob
        .heard
        .iter()
        .map(|said| u64::from_be_bytes(said[..].try_into().unwrap()))
        .collect();
    let first = numbers[0];
    assert_eq!(
        numbers,
        (first..first + numbers.len() as u64).collect::<Vec<_>>()
    );
    assert_eq!(
        next(&mut events).await,
        MediaEvent::Speaking {
            call: CALL,
            peers: vec![ALICE]
        }
    );
    let silence = media.silence(CALL, ALICE).await.unwrap();
    assert!(silence < Duration::from_secs(1), "{silence:?}");
    assert_eq!(media.silence(CALL, PeerId::from_bytes([3; 16])).await, None);
}

#[tokio::test]
async fn a_participants_browser_may_ask_its_address_too() {
    let (media, mut events) = start();
    let (alice, _bob) = conversation(&media, &mut events).await;
    let socket = alice.socket;
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
        .send_to(&stun_request(), (Ipv4Addr::LOCALHOST, media.port()))
        .unwrap();
    let mut answer = [0; 2048];
    loop {
        let (bytes, _) = socket.recv_from(&mut answer).unwrap();
        if bytes >= 20 && answer[..2] == [1, 1] && answer[8..20] == stun_request()[8..20] {
            return;
        }
    }
}

#[tokio::test]
async fn a_closed_room_is_lost_to_its_people() {
    let (media, mut events) = start();
    let (mut alice, mut bob) = conversation(&media, &mut events).await;
    media.close_room(CALL);
    run([&mut alice, &mut bob], "end", |clients| {
        clients.iter().all(|client| client.is_closed)
    })
    .await;
    let offer = Client::new().offer_up();
    let refused = media.offer(CALL, ALICE, Direction::Up, 2, offer).await;
    assert_eq!(refused, Err(MediaError::Unavailable));
    assert_eq!(media.silence(CALL, ALICE).await, None);
}

#[tokio::test]
async fn who_is_removed_is_not_heard_any_more() {
    let (media, mut events) = start();
    let (mut alice, mut bob) = conversation(&media, &mut events).await;
    media.remove(CALL, ALICE);
    run([&mut alice, &mut bob], "end", |[alice, _]| alice.is_closed).await;
    assert!(!bob.is_closed);
    assert_eq!(media.silence(CALL, ALICE).await, None);
    assert!(media.silence(CALL, BOB).await.is_some());
}

#[tokio::test]
async fn garbage_does_nothing() {
    let (media, mut events) = start();
    let (mut alice, mut bob) = conversation(&media, &mut events).await;
    let socket = stranger(SocketAddr::from((Ipv4Addr::LOCALHOST, media.port())));
    let mut state = 1_u32;
    let mut sent = 0;
    for first in 0..=255 {
        for length in [1, 2, 19, 20, 21, 100, 1200] {
            let mut garbage: Vec<u8> = Vec::with_capacity(length);
            garbage.push(first);
            garbage.resize_with(length, || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            });
            socket.send(&garbage).unwrap();
            sent += 1;
        }
        let heard = bob.heard.len();
        if first % 64 == 63 {
            run([&mut alice, &mut bob], "voice", |[_, bob]| {
                bob.heard.len() > heard + 1
            })
            .await;
        }
    }
    socket.set_nonblocking(true).unwrap();
    assert!(
        socket.recv(&mut [0; 64]).is_err(),
        "garbage is not answered"
    );
    assert!(media.counts().received.get() >= sent);
    assert!(media.counts().unknown.get() > 500);
    assert_eq!(media.counts().restarts.get(), 0);
}

#[tokio::test]
async fn an_offer_of_nonsense_is_refused() {
    let (media, _events) = start();
    media.open_room(CALL).await;
    let refused = media
        .offer(CALL, ALICE, Direction::Up, 1, "v=0\r\nnonsense".to_owned())
        .await;
    assert!(
        matches!(refused, Err(MediaError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_worker_that_fails_is_replaced_and_its_people_come_back() {
    let (media, mut events) = start();
    let (_alice, _bob) = conversation(&media, &mut events).await;
    media
        .0
        .office
        .crew
        .newest()
        .unwrap()
        .inbox
        .tell(Command::Fail);
    let mut lost = [next_state(&mut events).await, next_state(&mut events).await];
    lost.sort_by_key(|event| matches!(event, MediaEvent::Lost { peer: BOB, .. }));
    assert_eq!(
        lost,
        [
            MediaEvent::Lost {
                call: CALL,
                peer: ALICE
            },
            MediaEvent::Lost {
                call: CALL,
                peer: BOB
            }
        ]
    );
    assert_eq!(media.counts().restarts.get(), 1);
    conversation(&media, &mut events).await;
}

#[tokio::test]
async fn a_relieved_worker_goes_on_beside_its_successor_until_it_is_dismissed() {
    let (media, mut events) = start();
    let [mut alice, mut bob] = conversation(&media, &mut events).await.into();
    let relieved = media.relieve().unwrap();
    // The same people once more, as after the call was moved.
    let [mut alice_moved, mut bob_moved] = conversation(&media, &mut events).await.into();
    let (before, after) = (bob.heard.len(), bob_moved.heard.len());
    run(
        [&mut alice, &mut bob, &mut alice_moved, &mut bob_moved],
        "both",
        |[_, bob, _, bob_moved]| {
            bob.heard.len() > before + 20 && bob_moved.heard.len() > after + 20
        },
    )
    .await;
    assert_eq!(media.counts().overrun.get(), 0);
    media.dismiss(relieved);
    drop((alice, bob));
    let after = bob_moved.heard.len();
    run([&mut alice_moved, &mut bob_moved], "voice", |[_, bob]| {
        bob.heard.len() > after + 20
    })
    .await;
    media.remove(CALL, ALICE);
    run([&mut alice_moved, &mut bob_moved], "end", |[alice, _]| {
        alice.is_closed
    })
    .await;
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        told.push(event);
    }
    assert!(
        told.iter()
            .all(|event| matches!(event, MediaEvent::Speaking { .. })),
        "nothing is lost: {told:?}"
    );
}

#[tokio::test]
async fn workers_and_what_they_hand_on_are_bounded() {
    let (media, _events) = start();
    let relieved: Vec<_> = (0..3).map(|_| media.relieve().unwrap()).collect();
    media.relieve().unwrap_err();
    for one in relieved {
        media.dismiss(one);
    }
    media.relieve().unwrap();
    let inbox = super::inbox::Inbox::new().unwrap();
    let hand_on = || {
        inbox.hand_on(Command::Stray {
            came_at: std::time::Instant::now(),
            source: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            destination: SocketAddr::from((Ipv4Addr::LOCALHOST, 2)),
            contents: Vec::new(),
        })
    };
    assert!((0..4096).all(|_| hand_on()));
    assert!(!hand_on());
    inbox.take().unwrap();
    assert!(hand_on());
}

#[test]
fn the_worker_ends_with_its_last_handle() {
    let (media, mut events) = start();
    let port = media.port();
    drop(media);
    assert_eq!(events.blocking_recv(), None);
    bind(port).expect("the port is free again");
}

#[tokio::test]
async fn questions_beyond_the_bound_are_refused() {
    let inbox = super::inbox::Inbox::new().unwrap();
    let ask = || {
        let (answer, _) = tokio::sync::oneshot::channel();
        inbox.ask(Command::OpenRoom { call: CALL, answer })
    };
    assert!((0..256).all(|_| ask()));
    assert!(!ask());
    inbox.tell(Command::CloseRoom { call: CALL });
    assert_eq!(
        inbox.take().unwrap().len(),
        257,
        "what must not be lost is not"
    );
    assert!(ask());
}
