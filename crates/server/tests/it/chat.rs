//! Messages between people.

use protocol::{
    ErrorCode,
    client::ClientMessage,
    limits,
    presence::{Availability, Presence},
    server::{Reply, ServerMessage},
    timeline::{Entry, EntryBody, Message},
};
use serde_json::json;

use crate::harness::{Line, World};

fn message(entry: &Entry) -> &Message {
    match &entry.body {
        EntryBody::Message { message } => message,
        other => panic!("a message was due, not {other:?}"),
    }
}

#[tokio::test]
async fn a_message_reaches_the_others_and_the_own_other_devices() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut phone = leah.on_another_device().await.connect().await;
    let mut laptop = leah.connect().await;
    let mut other = omar.connect().await;

    let sent = laptop.say(there, "We ship **2.4.1** on Friday.").await;
    assert!(message(&sent).nonce.is_some());
    let seen = other.see_entry(there, sent.seq).await;
    assert_eq!(message(&seen).text, "We ship **2.4.1** on Friday.");
    assert_eq!(message(&seen).nonce, None, "a nonce is its author's own");
    let seen = phone.see_entry(there, sent.seq).await;
    assert_eq!(seen, sent);
}

#[tokio::test]
async fn the_same_nonce_again_is_the_same_message() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("retry", "public").await;
    let mut line = leah.connect().await;
    let send = ClientMessage::SendMessage {
        conversation_id: there,
        nonce: "once".to_owned(),
        text: "Once.".to_owned(),
        call_id: None,
    };
    let first = line.ask(send.clone()).await.unwrap();
    let second = line.ask(send).await.unwrap();
    assert_eq!(first, second);
    let page = leah.timeline(there, "").await;
    let messages = page
        .entries
        .iter()
        .filter(|entry| matches!(entry.body, EntryBody::Message { .. }));
    assert_eq!(messages.count(), 1);
}

#[tokio::test]
async fn edits_and_deletions_arrive_as_entries() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.group(&[&omar]).await;
    let mut line = leah.connect().await;
    let mut other = omar.connect().await;
    let sent = line.say(there, "Frist").await;
    let message_id = message(&sent).id;

    let edit = ClientMessage::EditMessage {
        conversation_id: there,
        message_id,
        text: format!("First, <@{}>", omar.id()),
    };
    line.ask(edit).await.unwrap();
    match other.see_entry(there, sent.seq + 1).await.body {
        EntryBody::MessageEdited {
            target_seq,
            mentions,
            ..
        } => {
            assert_eq!(target_seq, sent.seq);
            assert_eq!(mentions, [omar.id()]);
        }
        body => panic!("{body:?}"),
    }
    let others_words = ClientMessage::EditMessage {
        conversation_id: there,
        message_id,
        text: "Mine now".to_owned(),
    };
    let refused = other.ask(others_words).await.unwrap_err();
    assert!(
        matches!(refused.code, ErrorCode::Forbidden | ErrorCode::NotFound),
        "{refused:?}"
    );

    line.ask(ClientMessage::DeleteMessage {
        conversation_id: there,
        message_id,
    })
    .await
    .unwrap();
    let body = other.see_entry(there, sent.seq + 2).await.body;
    assert!(matches!(body, EntryBody::MessageDeleted { target_seq, .. } if target_seq == sent.seq));
    let page = omar.timeline(there, "").await;
    let target = page
        .entries
        .iter()
        .find(|entry| entry.seq == sent.seq)
        .unwrap();
    assert_eq!(message(target).text, "");
    assert!(message(target).deleted_at.is_some());
}

#[tokio::test]
async fn a_mention_counts_for_the_mentioned() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.channel("mentions", "public").await;
    omar.join(there).await.ok::<serde_json::Value>();
    leah.say(there, "Anybody?").await;
    let entry = leah
        .say(there, &format!("<@{}>, can you?", omar.id()))
        .await;
    assert_eq!(message(&entry).mentions, [omar.id()]);
    let read = omar.conversation(there).await.read;
    assert_eq!((read.unread, read.mentions), (2, 1));
}

#[tokio::test]
async fn what_is_too_long_or_empty_is_refused() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("limits", "public").await;
    let path = format!("/conversations/{there}/messages");
    let long = "ö".repeat(limits::MESSAGE_CHARS_MAX);
    leah.post(&path, &json!({"nonce": "a", "text": long}))
        .await
        .ok::<Entry>();
    let refused = leah
        .post(&path, &json!({"nonce": "b", "text": format!("{long}!")}))
        .await;
    assert!(matches!(
        refused.refusal(),
        ErrorCode::Invalid | ErrorCode::TooLarge
    ));
    let refused = leah
        .post(&path, &json!({"nonce": "c", "text": " \n "}))
        .await;
    assert_eq!(refused.refusal(), ErrorCode::Invalid);
    let nonce = "n".repeat(limits::NONCE_CHARS_MAX + 1);
    let refused = leah
        .post(&path, &json!({"nonce": nonce, "text": "hello"}))
        .await;
    assert!(matches!(
        refused.refusal(),
        ErrorCode::Invalid | ErrorCode::TooLarge
    ));
}

#[tokio::test]
async fn pages_go_both_ways_without_gaps() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("pages", "public").await;
    for number in 0..30 {
        leah.say(there, &format!("{number}")).await;
    }
    let newest = leah.timeline(there, "?limit=10").await;
    let seqs: Vec<_> = newest.entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(
        seqs,
        (newest.last_seq - 9..=newest.last_seq).collect::<Vec<_>>()
    );
    assert!(newest.more);
    let before = leah
        .timeline(there, &format!("?before={}&limit=10", seqs[0]))
        .await;
    assert_eq!(before.entries.last().unwrap().seq, seqs[0] - 1);
    let all = leah.timeline(there, "?after=0&limit=200").await;
    assert!(
        all.entries
            .iter()
            .zip(1..)
            .all(|(entry, seq)| entry.seq == seq)
    );
    assert!(!all.more);
    let both = leah
        .get(&format!("/conversations/{there}/timeline?before=5&after=2"))
        .await;
    assert_eq!(both.refusal(), ErrorCode::Invalid);
}

#[tokio::test]
async fn many_writers_are_seen_in_one_order_by_all() {
    let (world, leah) = World::new().await;
    let there = leah.channel("busy", "public").await;
    let mut writers = vec![leah.clone()];
    for name in ["Omar", "Ana", "Bo"] {
        let person = world.invite(&leah, name).await;
        person.join(there).await.ok::<serde_json::Value>();
        writers.push(person);
    }
    let start = leah.conversation(there).await.conversation.last_seq;
    let mut reader = leah.connect().await;
    let tasks: Vec<_> = writers
        .into_iter()
        .map(|person| {
            tokio::spawn(async move {
                let mut line = person.connect().await;
                for number in 0..25 {
                    line.say(there, &format!("{number}")).await;
                }
            })
        })
        .collect();
    for seq in start + 1..=start + 100 {
        let next = reader
            .see("entry", |message| match message {
                ServerMessage::Entry { entry } => Some(entry.seq),
                _ => None,
            })
            .await;
        assert_eq!(next, seq, "pushes come in the order of their numbers");
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn typing_is_shown_to_the_others_and_not_to_oneself() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut line = leah.connect().await;
    let mut other = omar.connect().await;
    line.send(ClientMessage::Typing {
        conversation_id: there,
    })
    .await;
    let who = other
        .see("typing", |message| match message {
            ServerMessage::Typing { user_id, .. } => Some(*user_id),
            _ => None,
        })
        .await;
    assert_eq!(who, leah.id());
    let unseen = line.unseen().await;
    assert!(
        !unseen
            .iter()
            .any(|message| matches!(message, ServerMessage::Typing { .. }))
    );
}

async fn see_presence(line: &mut Line, of: protocol::UserId, due: Presence) {
    line.see("presence", |message| match message {
        ServerMessage::Presence { user_id, presence } if *user_id == of && *presence == due => {
            Some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn presence_follows_sockets_activity_and_choice() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let mut line = leah.connect().await;
    let mut omars = omar.connect().await;
    see_presence(&mut line, omar.id(), Presence::Online).await;
    omars.send(ClientMessage::Activity { active: false }).await;
    see_presence(&mut line, omar.id(), Presence::Away).await;
    omars.send(ClientMessage::Activity { active: true }).await;
    see_presence(&mut line, omar.id(), Presence::Online).await;
    let choice = ClientMessage::SetAvailability {
        availability: Availability::DoNotDisturb,
    };
    assert_eq!(omars.ask(choice).await.unwrap(), Reply::Done);
    see_presence(&mut line, omar.id(), Presence::DoNotDisturb).await;
    let later = leah.connect().await;
    let seen = later
        .snapshot()
        .presence
        .iter()
        .find(|person| person.user_id == omar.id())
        .copied();
    assert_eq!(seen.unwrap().presence, Presence::DoNotDisturb);
    omars.hang_up();
    see_presence(&mut line, omar.id(), Presence::Offline).await;
    let again = omar.connect().await;
    assert_eq!(
        again.snapshot().me.availability,
        Availability::DoNotDisturb,
        "a choice lasts"
    );
}
