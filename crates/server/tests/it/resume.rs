//! Coming back: after a gap, on another device, after the server was away.

use protocol::{
    ConversationId,
    client::{ClientMessage, ResumePoint},
    conversation::ReadState,
    limits,
    server::ServerMessage,
    timeline::{Entry, EntryBody},
};

use crate::harness::{Line, World};

async fn resumed(line: &mut Line, conversation: ConversationId) -> (Vec<Entry>, bool) {
    line.see("resumed", |message| match message {
        ServerMessage::Resumed {
            conversation_id,
            entries,
            complete,
        } if *conversation_id == conversation => Some((entries.clone(), *complete)),
        _ => None,
    })
    .await
}

async fn see_read(line: &mut Line, conversation: ConversationId) -> ReadState {
    line.see("read", |message| match message {
        ServerMessage::Read {
            conversation_id,
            read,
        } if *conversation_id == conversation => Some(read.clone()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_client_that_comes_back_gets_exactly_what_it_missed() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut before = omar.connect().await;
    let seen = leah.say(there, "Seen").await;
    before.see_entry(there, seen.seq).await;
    before.hang_up();
    for text in ["Missed", "Missed too"] {
        leah.say(there, text).await;
    }

    let point = ResumePoint {
        conversation_id: there,
        last_seq: seen.seq,
    };
    let mut after = Line::open(&omar, &[point]).await;
    let (entries, complete) = resumed(&mut after, there).await;
    assert!(complete);
    assert_eq!(
        entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
        [seen.seq + 1, seen.seq + 2]
    );
    let live = leah.say(there, "Live").await;
    after.see_entry(there, live.seq).await;
}

#[tokio::test]
async fn a_client_too_far_behind_is_told_to_read_pages() {
    let (world, leah) = World::new().await;
    let there = leah.channel("long", "public").await;
    let mut writer = leah.connect().await;
    for number in 0..=limits::RESUME_ENTRIES_MAX {
        // The rate of one socket is kept by writing on several.
        if number % 100 == 99 {
            writer = leah.connect().await;
        }
        writer.say(there, "x").await;
    }
    let point = ResumePoint {
        conversation_id: there,
        last_seq: 0,
    };
    let mut line = Line::open(&leah, &[point]).await;
    let (entries, complete) = resumed(&mut line, there).await;
    assert!(!complete);
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
    drop(world);
}

#[tokio::test]
async fn nothing_is_lost_between_the_snapshot_and_the_first_push() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let writer = tokio::spawn(async move {
        let mut line = leah.connect().await;
        for _ in 0..60 {
            line.say(there, "x").await;
        }
    });
    let mut last = 0;
    for _ in 0..8 {
        let point = ResumePoint {
            conversation_id: there,
            last_seq: last,
        };
        let mut line = Line::open(&omar, &[point]).await;
        let (entries, complete) = resumed(&mut line, there).await;
        assert!(complete);
        last = entries.last().map_or(last, |entry| entry.seq);
        // The next number comes as a push, unless it was in the answer already.
        if !writer.is_finished() {
            let next = last + 1;
            let got = line
                .see(
                    "the next entry or the end of writing",
                    |message| match message {
                        ServerMessage::Entry { entry } if entry.seq >= next => Some(entry.seq),
                        ServerMessage::Ping { .. } => Some(next),
                        _ => None,
                    },
                )
                .await;
            assert_eq!(got, next);
        }
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn what_is_read_on_one_device_is_read_on_the_other() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.direct(&omar).await;
    let mut laptop = omar.connect().await;
    let mut phone = omar.on_another_device().await.connect().await;
    let last = {
        leah.say(there, "One").await;
        leah.say(there, "Two").await
    };
    laptop.see_entry(there, last.seq).await;
    assert_eq!(omar.conversation(there).await.read.unread, 2);
    laptop
        .ask(ClientMessage::MarkRead {
            conversation_id: there,
            seq: last.seq,
        })
        .await
        .unwrap();
    let read = see_read(&mut phone, there).await;
    assert_eq!(
        read,
        ReadState {
            read_seq: last.seq,
            unread: 0,
            mentions: 0
        }
    );
    let tomorrow = omar.connect().await;
    let mine = tomorrow
        .snapshot()
        .conversations
        .iter()
        .find(|mine| mine.conversation.id == there);
    assert_eq!(mine.unwrap().read.unread, 0);
    phone
        .ask(ClientMessage::MarkRead {
            conversation_id: there,
            seq: 1,
        })
        .await
        .unwrap();
    assert_eq!(
        omar.conversation(there).await.read.read_seq,
        last.seq,
        "a mark never goes back"
    );
}

#[tokio::test]
async fn a_restart_is_announced_and_loses_nothing() {
    let (mut world, leah) = World::new().await;
    let there = leah.channel("restart", "public").await;
    let mut line = leah.connect().await;
    let sent = line.say(there, "Before").await;
    world.restart().await;
    let wait = line
        .see("going away", |message| match message {
            ServerMessage::GoingAway { retry_after_ms } => Some(*retry_after_ms),
            _ => None,
        })
        .await;
    assert!(wait < 10_000);
    assert_eq!(
        line.closed().await.map(|frame| u16::from(frame.code)),
        Some(1012)
    );

    let leah = leah.at(&world.url);
    let page = leah.timeline(there, "").await;
    let last = page.entries.last().unwrap();
    assert!(matches!(&last.body, EntryBody::Message { .. }) && last.seq == sent.seq);
    let mut line = leah.connect().await;
    assert_eq!(line.say(there, "After").await.seq, sent.seq + 1);
}
