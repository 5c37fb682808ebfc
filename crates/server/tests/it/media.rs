//! A call's media through the server's own port.

#[path = "../../src/media/tests/browser.rs"]
mod browser;

use std::{
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};

use protocol::{
    call::{CallMedia, Connection, ParticipantChange},
    client::ClientMessage,
    media::Direction,
    server::{Joined, Reply, ServerMessage},
};

use self::browser::{Client, run};
use crate::harness::{DEADLINE, Line, World};

const TALKING: ParticipantChange = ParticipantChange {
    microphone: Some(true),
    camera: None,
    screen: None,
    hand: None,
};

/// Brings up one connection of a participant.
async fn connect(line: &mut Line, joined: &Joined, direction: Direction) -> Client {
    let mut client = Client::new();
    let sdp = match direction {
        Direction::Up => client.offer_up(),
        Direction::Down => client.offer_down(),
    };
    let epoch = joined.call.session.epoch;
    let offer = ClientMessage::MediaOffer {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
        epoch,
        direction,
        session: 1,
        sdp,
    };
    match line.ask(offer).await {
        Ok(Reply::MediaAnswer {
            epoch: of,
            session: 1,
            sdp,
        }) if of == epoch => client.accept(&sdp),
        other => panic!("an answer was due, not {other:?}"),
    }
    client
}

async fn ask_to_join(line: &mut Line, ask: ClientMessage) -> Joined {
    match line.ask(ask).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    }
}

#[tokio::test]
async fn people_in_a_channels_call_hear_each_other() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.channel("standup", "public").await;
    omar.join(there).await.ok::<serde_json::Value>();
    let (mut leahs, mut omars) = (leah.connect().await, omar.connect().await);
    let start = ClientMessage::CallStart {
        conversation_id: there,
        media: CallMedia::Voice,
        state: TALKING,
        ring: false,
        ring_many: false,
    };
    let first = ask_to_join(&mut leahs, start).await;
    let join = ClientMessage::CallJoin {
        call_id: first.call.id,
        state: TALKING,
        move_here: false,
    };
    let second = ask_to_join(&mut omars, join).await;

    let mut leah_up = connect(&mut leahs, &first, Direction::Up).await;
    let mut leah_down = connect(&mut leahs, &first, Direction::Down).await;
    let mut omar_up = connect(&mut omars, &second, Direction::Up).await;
    let mut omar_down = connect(&mut omars, &second, Direction::Down).await;
    leah_up.talk();
    omar_up.talk();
    run(
        [&mut leah_up, &mut leah_down, &mut omar_up, &mut omar_down],
        "voice",
        |clients| {
            let [_, leah_down, _, omar_down] = clients;
            leah_down.heard.len() >= 10 && omar_down.heard.len() >= 10
        },
    )
    .await;

    omars
        .see("connected participant", |message| match message {
            ServerMessage::CallParticipant { participant, .. } => {
                let is_leah = participant.peer_id == first.peer_id;
                (is_leah && participant.connection == Connection::Connected).then_some(())
            }
            _ => None,
        })
        .await;
    let speaking = omars
        .see("speaking", |message| match message {
            ServerMessage::CallSpeaking { user_ids, .. } if !user_ids.is_empty() => {
                Some(user_ids.clone())
            }
            _ => None,
        })
        .await;
    assert!(
        speaking
            .iter()
            .all(|user| [leah.id(), omar.id()].contains(user))
    );

    let leave = ClientMessage::CallLeave {
        call_id: first.call.id,
        peer_id: second.peer_id,
    };
    assert_eq!(omars.ask(leave).await, Ok(Reply::Done));
    run(
        [&mut leah_up, &mut leah_down, &mut omar_up, &mut omar_down],
        "end",
        |clients| {
            let [_, leah_down, omar_up, omar_down] = clients;
            omar_up.is_closed && omar_down.is_closed && !leah_down.is_closed
        },
    )
    .await;
}

#[tokio::test]
async fn the_media_port_answers_stun() {
    let (world, _leah) = World::new().await;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket
        .set_read_timeout(Some(DEADLINE.min(Duration::from_secs(10))))
        .unwrap();
    let mut request = [9; 20];
    request[..8].copy_from_slice(&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
    socket
        .send_to(&request, (Ipv4Addr::LOCALHOST, world.app.media.port()))
        .unwrap();
    let mut answer = [0; 64];
    let (bytes, _) = socket.recv_from(&mut answer).unwrap();
    assert_eq!(
        (bytes, &answer[..2], &answer[8..20]),
        (32, &[1, 1][..], &request[8..20])
    );
}
