use protocol::{ConversationId, MessageId, Timestamp, timeline::Message};

use super::*;

fn person(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn entry(author: UserId, body: EntryBody) -> Entry {
    Entry {
        conversation_id: ConversationId::from_bytes([9; 16]),
        seq: 1,
        at: Timestamp::from_millis(0),
        author,
        body,
    }
}

fn message(mentions: Vec<UserId>) -> Message {
    Message {
        id: MessageId::from_bytes([8; 16]),
        text: "Hello".to_owned(),
        mentions,
        call_id: None,
        thread_seq: None,
        nonce: None,
        edited_at: None,
        deleted_at: None,
    }
}

#[test]
fn a_message_waits_for_everybody_but_its_author() {
    let message = message(vec![person(3)]);
    let entry = entry(person(1), EntryBody::Message { message });
    let to = |reader| unread(ConversationKind::Channel, false, &entry, person(reader));
    assert_eq!(
        [to(1), to(2), to(3)],
        [Unread::Nothing, Unread::Message, Unread::Mention]
    );
}

#[test]
fn between_few_people_every_message_is_meant_for_each() {
    let message = message(vec![]);
    let entry = entry(person(1), EntryBody::Message { message });
    for kind in [ConversationKind::Direct, ConversationKind::Group] {
        assert_eq!(unread(kind, false, &entry, person(2)), Unread::Mention);
    }
}

#[test]
fn in_a_muted_conversation_only_a_mention_is_meant_for_its_reader() {
    let message = message(vec![person(3)]);
    let entry = entry(person(1), EntryBody::Message { message });
    for kind in [
        ConversationKind::Channel,
        ConversationKind::Direct,
        ConversationKind::Group,
    ] {
        let to = |reader| unread(kind, true, &entry, person(reader));
        assert_eq!(
            [to(1), to(2), to(3)],
            [Unread::Nothing, Unread::Message, Unread::Mention]
        );
    }
}

#[test]
fn what_was_deleted_waits_no_more() {
    let mut message = message(vec![person(2)]);
    message.deleted_at = Some(Timestamp::from_millis(5));
    let entry = entry(person(1), EntryBody::Message { message });
    assert_eq!(
        unread(ConversationKind::Direct, false, &entry, person(2)),
        Unread::Nothing
    );
}

#[test]
fn notices_do_not_wait() {
    let joined = entry(person(1), EntryBody::MemberJoined);
    assert_eq!(
        unread(ConversationKind::Channel, false, &joined, person(2)),
        Unread::Nothing
    );
}
