//! One whole story on Postgres, which the store's own suite covers in depth.

use protocol::{
    client::{ClientMessage, ResumePoint},
    server::ServerMessage,
    timeline::EntryBody,
};

use crate::harness::{Database, Line, World};

#[tokio::test]
async fn people_write_read_and_come_back_on_postgres() {
    let Some(database) = Database::create() else {
        return;
    };
    let (mut world, leah) = World::on(&database).await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut line = omar.connect().await;
    let mut phone = omar.on_another_device().await.connect().await;
    let send = |nonce: &str| ClientMessage::SendMessage {
        conversation_id: there,
        nonce: nonce.to_owned(),
        text: "On it.".to_owned(),
        call_id: None,
    };
    let mut laptop = leah.connect().await;
    let first = laptop.ask(send("once")).await.unwrap();
    assert_eq!(laptop.ask(send("once")).await.unwrap(), first);
    line.see_entry(there, 1).await;
    line.ask(ClientMessage::MarkRead {
        conversation_id: there,
        seq: 1,
    })
    .await
    .unwrap();
    phone
        .see("read", |message| match message {
            ServerMessage::Read { read, .. } => (read.read_seq == 1).then_some(()),
            _ => None,
        })
        .await;

    world.restart().await;
    let (leah, omar) = (leah.at(&world.url), omar.at(&world.url));
    leah.say(there, "While you were away").await;
    let point = ResumePoint {
        conversation_id: there,
        last_seq: 1,
    };
    let mut line = Line::open(&omar, &[point]).await;
    let missed = line
        .see("resumed", |message| match message {
            ServerMessage::Resumed { entries, .. } => Some(entries.clone()),
            _ => None,
        })
        .await;
    assert!(matches!(&missed[..], [entry] if matches!(entry.body, EntryBody::Message { .. })));
    world.stop().await;
}
