//! Clients that mean harm, or are broken, and what others notice of them.

use std::time::Duration;

use protocol::{
    ErrorCode,
    client::{ClientFrame, ClientMessage},
    limits,
    server::{Reply, ServerMessage},
};
use server::{
    app::Timing,
    limits::{Rate, Rates},
};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Line, PASSWORD, Person, World, quick};

#[tokio::test]
async fn a_slow_reader_delays_nobody_and_is_told_to_resync() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut slow = Line::open(&omar, &[]).await;
    let mut reader = omar.on_another_device().await.connect().await;
    // Far more than the kernel and the outbox hold for somebody who does not read.
    let text = "x".repeat(limits::MESSAGE_CHARS_MAX);
    let mut last = 0;
    for round in 0..12 {
        // It is slow, not silent: however long the machine takes for this, it is not held for dead.
        let _ = slow.try_send(Message::Ping(Default::default())).await;
        let mut writer = leah.connect().await;
        for _ in 0..limits::SOCKET_BURST - 10 {
            last = writer.say(there, &text).await.seq;
            reader.see_entry(there, last).await;
        }
        if world.app.hub.devices(omar.id()).len() < 2 && round > 3 {
            break;
        }
    }
    let end = slow.closed().await;
    assert!(
        end.is_none_or(|frame| u16::from(frame.code) == 4008),
        "it was closed for being behind"
    );
    let next = leah.say(there, "Still here").await;
    assert_eq!(next.seq, last + 1);
    reader.see_entry(there, next.seq).await;
}

#[tokio::test]
async fn a_frame_too_large_closes_the_socket() {
    let (_world, leah) = World::new().await;
    let mut line = leah.connect().await;
    let frame = "x".repeat(limits::FRAME_BYTES_MAX + 1);
    // It may be cut off before all of it is written.
    let _ = line.try_send(Message::text(frame)).await;
    line.closed().await;
    leah.connect().await;
}

#[tokio::test]
async fn too_many_frames_are_refused_and_then_taken_again() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("flood", "public").await;
    let mut line = leah.connect().await;
    let message = ClientMessage::MarkRead {
        conversation_id: there,
        seq: 1,
    };
    // However slow the machine: it sends without waiting until it is too fast.
    let mut refused = None;
    while refused.is_none() {
        let mut ids = Vec::new();
        for _ in 0..limits::SOCKET_BURST * 2 {
            ids.push(line.send(message.clone()).await);
        }
        for id in ids {
            if let Err(error) = line.answer(id).await {
                assert_eq!(error.code, ErrorCode::RateLimited);
                refused = error.retry_after_ms;
            }
        }
    }
    let wait = refused.expect("it says when to come back");
    let patience = tokio::time::Instant::now() + Duration::from_millis(wait);
    tokio::time::sleep_until(patience).await;
    line.ask(message).await.expect("it has waited as told");
}

#[tokio::test]
async fn a_flood_closes_the_socket() {
    let (_world, leah) = World::new().await;
    let mut line = leah.connect().await;
    let frame = ClientFrame {
        id: 1,
        message: ClientMessage::Activity { active: true },
    };
    let text = serde_json::to_string(&frame).unwrap();
    for _ in 0..5_000 {
        if line.try_send(Message::text(text.clone())).await.is_err() {
            break;
        }
    }
    line.closed().await;
}

#[tokio::test]
async fn unreadable_frames_are_refused_and_ten_close_the_socket() {
    let (_world, leah) = World::new().await;
    let mut line = leah.connect().await;
    line.send_text("{\"id\": 77, \"message\": {\"kind\": \"no_such\"}}")
        .await;
    let refused = line.answer(77).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid);
    line.send_text("not json").await;
    assert_eq!(line.answer(0).await.unwrap_err().code, ErrorCode::Invalid);
    for _ in 0..8 {
        line.send_text("[]").await;
    }
    let end = line.closed().await.expect("it is told why");
    assert_eq!(u16::from(end.code), 1008);
}

#[tokio::test]
async fn without_a_hello_the_socket_closes() {
    let timing = Timing {
        hello: Duration::from_millis(100),
        ..quick()
    };
    let (_world, leah) = World::with(timing, Rates::default()).await;
    let mut silent = Line::dial(&leah).await.unwrap();
    assert_eq!(u16::from(silent.closed().await.unwrap().code), 1008);
}

#[tokio::test]
async fn what_comes_before_a_hello_or_speaks_another_version_is_refused() {
    let (_world, leah) = World::new().await;
    let mut rash = Line::dial(&leah).await.unwrap();
    let refused = rash
        .ask(ClientMessage::Activity { active: true })
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid);
    rash.closed().await;
    let mut old = Line::dial(&leah).await.unwrap();
    let hello = ClientMessage::Hello {
        protocols: vec![0],
        resume: vec![],
        tab: "t".to_owned(),
    };
    assert_eq!(
        old.ask(hello).await.unwrap_err().code,
        ErrorCode::UnsupportedProtocol
    );
    old.closed().await;
}

#[tokio::test]
async fn a_silent_client_is_held_for_dead_and_a_live_one_is_not() {
    let timing = Timing {
        heartbeat: Duration::from_millis(50),
        dead: Duration::from_millis(600),
        ..quick()
    };
    let (world, leah) = World::with(timing, Rates::default()).await;
    let silent = leah.connect().await;
    let mut live = leah.on_another_device().await.connect().await;
    while world.app.hub.devices(leah.id()).len() > 1 {
        live.see("ping", |message| {
            matches!(message, ServerMessage::Ping { .. }).then_some(())
        })
        .await;
        live.send(ClientMessage::Pong).await;
    }
    assert!(matches!(
        live.ask(ClientMessage::SetAvailability {
            availability: Default::default()
        })
        .await,
        Ok(Reply::Done)
    ));
    drop(silent);
}

#[tokio::test]
async fn one_person_cannot_take_all_sockets() {
    let (world, leah) = World::new().await;
    let most = server::gateway::registry::SOCKETS_PER_PERSON_MAX;
    let mut lines = Vec::new();
    for _ in 0..most {
        lines.push(leah.connect().await);
    }
    let mut one_more = Line::dial(&leah).await.unwrap();
    one_more
        .send(ClientMessage::Hello {
            protocols: vec![1],
            resume: vec![],
            tab: "t".into(),
        })
        .await;
    assert_eq!(u16::from(one_more.closed().await.unwrap().code), 1008);
    let omar = world.invite(&leah, "Omar").await;
    omar.connect().await;
}

#[tokio::test]
async fn other_sites_cannot_use_a_persons_cookie() {
    let (_world, leah) = World::new().await;
    assert!(
        Line::dial_from(&leah, Some("https://evil.example"))
            .await
            .is_err()
    );
    let origin = leah.url().to_owned();
    assert!(Line::dial_from(&leah, Some(&origin)).await.is_ok());
    let forged = leah
        .request(reqwest::Method::POST, "/conversations")
        .header("origin", "https://evil.example")
        .json(&serde_json::json!({"kind": "direct", "user_id": leah.id()}));
    let answer = crate::harness::Answer::of(forged).await;
    assert_eq!(answer.refusal(), ErrorCode::Forbidden);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let tries = Rates {
        address: Rate {
            burst: 1000,
            every: Duration::from_millis(1),
        },
        email: Rate {
            burst: 3,
            every: Duration::from_secs(600),
        },
    };
    let (world, _leah) = World::with(quick(), tries).await;
    let stranger = Person::stranger(&world.url);
    let guess = serde_json::json!({"email": "Leah@example.org", "password": "wrong guess"});
    for _ in 0..3 {
        let refused = stranger.post("/auth/login", &guess).await;
        assert_eq!(refused.refusal(), ErrorCode::WrongCredentials);
    }
    let right = serde_json::json!({"email": "leah@example.org", "password": PASSWORD});
    let refused = stranger.post("/auth/login", &right).await;
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(refused.refusal(), ErrorCode::RateLimited);
}
