//! Channels, groups and direct messages, and who is in them.

use protocol::{
    ConversationId, ErrorCode,
    conversation::MyConversation,
    rest::{ChannelList, ConversationList, MemberList},
    server::ServerMessage,
    timeline::EntryBody,
};
use serde_json::{Value, json};

use crate::harness::{Line, World};

async fn see_conversation(line: &mut Line, id: ConversationId) -> MyConversation {
    line.see("conversation", |message| match message {
        ServerMessage::Conversation { conversation } if conversation.conversation.id == id => {
            Some(conversation.clone())
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_direct_message_is_one_for_both() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let mut line = omar.connect().await;
    let there = leah.direct(&omar).await;
    assert_eq!(omar.direct(&leah).await, there);
    let seen = see_conversation(&mut line, there).await;
    assert_eq!(seen.conversation.members.len(), 2);
    let notes = leah.direct(&leah).await;
    assert_ne!(notes, there);
    assert_eq!(
        leah.conversation(notes).await.conversation.members,
        [leah.id()]
    );
    assert_eq!(leah.leave(there).await.refusal(), ErrorCode::Conflict);
}

#[tokio::test]
async fn a_person_brought_into_a_group_sees_it_at_once() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let ana = world.invite(&leah, "Ana").await;
    let there = leah.group(&[&omar]).await;
    let mut anas = ana.connect().await;
    let mut omars = omar.connect().await;
    omar.add(there, &ana).await.ok::<Value>();
    see_conversation(&mut anas, there).await;
    omars
        .see("members added", |message| match message {
            ServerMessage::Entry { entry } => match &entry.body {
                EntryBody::MembersAdded { user_ids } => Some(user_ids.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    let heard = omar.say(there, "Hello Ana").await;
    anas.see_entry(there, heard.seq).await;
    let members: MemberList = ana
        .get(&format!("/conversations/{there}/members"))
        .await
        .ok();
    assert_eq!(members.members.len(), 3);

    ana.leave(there).await.done();
    anas.see("gone", |message| match message {
        ServerMessage::ConversationGone { conversation_id } if *conversation_id == there => {
            Some(())
        }
        _ => None,
    })
    .await;
    let list: ConversationList = ana.get("/conversations").await.ok();
    assert!(
        list.conversations
            .iter()
            .all(|mine| mine.conversation.id != there)
    );
}

#[tokio::test]
async fn a_public_channel_is_found_read_and_joined() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.channel("launch", "public").await;
    let hidden = leah.channel("board", "private").await;
    leah.say(there, "Who comes?").await;
    let channels: ChannelList = omar.get("/channels").await.ok();
    let found = channels
        .channels
        .iter()
        .find(|channel| channel.id == there)
        .unwrap();
    assert!(!found.joined);
    assert!(channels.channels.iter().all(|channel| channel.id != hidden));
    assert!(
        !omar.timeline(there, "").await.entries.is_empty(),
        "reading needs no joining"
    );
    let path = format!("/conversations/{there}/messages");
    let early = omar
        .post(&path, &json!({"nonce": "a", "text": "I do"}))
        .await;
    assert_eq!(early.refusal(), ErrorCode::Forbidden);
    let mut line = leah.connect().await;
    let joined: MyConversation = omar.join(there).await.ok();
    assert_eq!(joined.conversation.member_count, 2);
    line.see("joined", |message| match message {
        ServerMessage::Entry { entry } => (entry.body == EntryBody::MemberJoined).then_some(()),
        _ => None,
    })
    .await;
    omar.say(there, "I do").await;
}

#[tokio::test]
async fn names_and_topics_change_for_everybody() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let there = leah.channel("lunch", "public").await;
    omar.join(there).await.ok::<Value>();
    let mut line = omar.connect().await;
    let path = format!("/conversations/{there}");
    let change = json!({"name": "launch", "topic": "Friday"});
    let changed: MyConversation = leah.patch(&path, &change).await.ok();
    assert_eq!(changed.conversation.name.as_deref(), Some("launch"));
    assert_eq!(changed.conversation.topic, "Friday");
    line.see("conversation", |message| match message {
        ServerMessage::Conversation { conversation } => {
            (conversation.conversation.topic == "Friday").then_some(())
        }
        _ => None,
    })
    .await;
    let taken = leah.patch(&path, &json!({"name": "general"})).await;
    assert_eq!(taken.refusal(), ErrorCode::AlreadyExists);
    let others = omar.patch(&path, &json!({"name": "mine"})).await;
    assert_eq!(others.refusal(), ErrorCode::Forbidden);
}

#[tokio::test]
async fn an_archived_conversation_is_for_reading() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("old", "public").await;
    leah.say(there, "Last words").await;
    let path = format!("/conversations/{there}");
    let archived: MyConversation = leah.post(&format!("{path}/archive"), &json!({})).await.ok();
    assert!(archived.conversation.archived_at.is_some());
    let body = json!({"nonce": "a", "text": "More"});
    let refused = leah.post(&format!("{path}/messages"), &body).await;
    assert_eq!(refused.refusal(), ErrorCode::Archived);
    assert!(!leah.timeline(there, "").await.entries.is_empty());
    leah.post(&format!("{path}/unarchive"), &json!({}))
        .await
        .ok::<Value>();
    leah.say(there, "More").await;
}
