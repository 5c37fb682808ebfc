//! Timelines: numbers without gaps, messages sent once, changes in place, pages.

use std::collections::BTreeSet;

use protocol::{UserId, timeline::EntryBody};
use store::{DeleteMessage, EditMessage, MessageAt, Store, StoreError};

use crate::harness::{
    at, channel, conversation_id, direct, group, message, message_id, new_message, on_both, people,
    say, seqs, whole,
};

on_both!(
    sixteen_writers_leave_no_gap,
    a_message_sent_again_is_the_same_entry,
    a_message_sent_many_times_at_once_is_sent_once,
    a_nonce_belongs_to_one_conversation,
    only_its_author_sees_a_nonce,
    an_edit_is_an_entry_and_changes_its_target,
    an_old_edit_tells_the_newest_words,
    what_is_deleted_is_erased_everywhere,
    what_is_deleted_does_not_change_again,
    messages_are_changed_by_their_authors_only,
    pages_backwards_fold_what_was_done_to_messages,
    pages_forwards_have_every_entry,
    pages_of_what_is_not_there_are_refused,
    a_message_goes_into_a_conversation_that_exists,
    words_of_any_kind_come_back_as_they_were,
);

const WRITERS: usize = 16;

async fn sixteen_writers_leave_no_gap(store: Store) {
    let writers = people::<WRITERS>(&store).await;
    let id = group(&store, &writers).await;
    let other = group(&store, &writers).await;
    let mut tasks = Vec::new();
    for writer in writers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut seqs = Vec::new();
            for number in 0..12 {
                let sent = say(&store, id, writer, "here").await;
                seqs.push(sent.seq);
                match number % 4 {
                    0 => {
                        store
                            .rename(id, writer, Some(writer.to_string()), at(1))
                            .await
                            .unwrap();
                    }
                    1 => {
                        store.edit_message(edit(&sent, "there")).await.unwrap();
                    }
                    2 => {
                        say(&store, other, writer, "elsewhere").await;
                    }
                    _ => {
                        store.delete_message(delete(&sent)).await.unwrap();
                    }
                }
            }
            seqs
        }));
    }
    let mut given = BTreeSet::new();
    for task in tasks {
        let seqs = task.await.unwrap();
        assert!(seqs.is_sorted(), "{seqs:?}");
        for seq in seqs {
            assert!(given.insert(seq), "{seq} was given twice");
        }
    }
    let entries = whole(&store, id, writers[0]).await;
    let found = seqs(&entries);
    assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
    let messages = entries
        .iter()
        .filter(|entry| matches!(entry.body, EntryBody::Message { .. }));
    assert_eq!(
        messages.map(|entry| entry.seq).collect::<BTreeSet<_>>(),
        given
    );
    let now = store.conversation(id).await.unwrap().unwrap();
    assert_eq!(now.last_seq, found.len() as u64);
}

async fn a_message_sent_again_is_the_same_entry(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut new = new_message(id, ann, "hello");
    new.mentions = vec![bob];
    let first = store.send_message(new.clone()).await.unwrap();
    assert!(!first.duplicate);
    assert_eq!(
        message(&first.entry).nonce.as_deref(),
        Some(new.nonce.as_str())
    );
    new.id = message_id();
    new.text = "something else".to_owned();
    let again = store.send_message(new.clone()).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.entry, first.entry);
    new.author = bob;
    let others = store.send_message(new).await.unwrap();
    assert!(!others.duplicate);
    assert_eq!(seqs(&whole(&store, id, ann).await), vec![1, 2]);
}

async fn a_message_sent_many_times_at_once_is_sent_once(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    for _ in 0..8 {
        let new = new_message(id, ann, "hello");
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (store, mut new) = (store.clone(), new.clone());
            new.id = message_id();
            tasks.push(tokio::spawn(async move {
                store.send_message(new).await.unwrap()
            }));
        }
        let mut sent = Vec::new();
        for task in tasks {
            sent.push(task.await.unwrap());
        }
        assert_eq!(sent.iter().filter(|sent| !sent.duplicate).count(), 1);
        assert!(sent.iter().all(|one| one.entry == sent[0].entry));
    }
    assert_eq!(
        seqs(&whole(&store, id, bob).await),
        (1..=8).collect::<Vec<_>>()
    );
}

async fn a_nonce_belongs_to_one_conversation(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut new = new_message(id, ann, "hello");
    store.send_message(new.clone()).await.unwrap();
    new.conversation_id = group(&store, &[ann, bob]).await;
    assert_eq!(
        store.send_message(new).await.unwrap_err(),
        StoreError::Conflict
    );
}

async fn only_its_author_sees_a_nonce(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let sent = say(&store, id, ann, "hello").await;
    assert_eq!(whole(&store, id, ann).await, vec![sent]);
    assert_eq!(message(&whole(&store, id, bob).await[0]).nonce, None);
}

fn edit(of: &protocol::timeline::Entry, text: &str) -> EditMessage {
    EditMessage {
        conversation_id: of.conversation_id,
        message_id: message(of).id,
        by: of.author,
        text: text.to_owned(),
        mentions: Vec::new(),
        at: at(100),
    }
}

fn delete(of: &protocol::timeline::Entry) -> DeleteMessage {
    DeleteMessage {
        conversation_id: of.conversation_id,
        message_id: message(of).id,
        by: of.author,
        at: at(200),
    }
}

async fn an_edit_is_an_entry_and_changes_its_target(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let sent = say(&store, id, ann, "helo").await;
    let mut change = edit(&sent, "hello");
    change.mentions = vec![bob];
    let entry = store.edit_message(change).await.unwrap();
    assert_eq!((entry.seq, entry.author, entry.at), (2, ann, at(100)));
    let EntryBody::MessageEdited {
        target_seq,
        text,
        mentions,
        ..
    } = &entry.body
    else {
        panic!("{entry:?} is no edit");
    };
    assert_eq!(
        (*target_seq, text.as_str(), mentions.as_slice()),
        (1, "hello", &[bob][..])
    );
    let entries = whole(&store, id, bob).await;
    assert_eq!(entries[1], entry);
    let changed = message(&entries[0]);
    assert_eq!(
        (changed.text.as_str(), changed.edited_at),
        ("hello", Some(at(100)))
    );
    assert_eq!(changed.mentions, vec![bob]);
}

async fn an_old_edit_tells_the_newest_words(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let sent = say(&store, id, ann, "first").await;
    store.edit_message(edit(&sent, "second")).await.unwrap();
    store.edit_message(edit(&sent, "third")).await.unwrap();
    let text = format!("{:?}", whole(&store, id, bob).await);
    assert!(
        !text.contains("first") && !text.contains("second"),
        "{text}"
    );
    assert_eq!(text.matches("third").count(), 3);
}

async fn what_is_deleted_is_erased_everywhere(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut new = new_message(id, ann, "a secret");
    new.mentions = vec![bob];
    let sent = store.send_message(new).await.unwrap().entry;
    store.edit_message(edit(&sent, "a secret!")).await.unwrap();
    let entry = store.delete_message(delete(&sent)).await.unwrap();
    assert_eq!(
        entry.body,
        EntryBody::MessageDeleted {
            message_id: message(&sent).id,
            target_seq: 1,
        }
    );
    let entries = whole(&store, id, bob).await;
    let gone = message(&entries[0]);
    assert_eq!((gone.text.as_str(), gone.deleted_at), ("", Some(at(200))));
    assert_eq!(gone.mentions, vec![]);
    assert!(!format!("{entries:?}").contains("secret"));
    let found = store.message(id, gone.id).await.unwrap();
    assert_eq!(
        found,
        Some(MessageAt {
            seq: 1,
            author: ann,
            deleted: true
        })
    );
}

async fn what_is_deleted_does_not_change_again(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let sent = say(&store, id, ann, "hello").await;
    store.delete_message(delete(&sent)).await.unwrap();
    assert_eq!(
        store.delete_message(delete(&sent)).await,
        Err(StoreError::Conflict)
    );
    assert_eq!(
        store.edit_message(edit(&sent, "back")).await,
        Err(StoreError::Conflict)
    );
    assert_eq!(seqs(&whole(&store, id, ann).await), vec![1, 2]);
}

async fn messages_are_changed_by_their_authors_only(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let elsewhere = group(&store, &[ann, bob]).await;
    let sent = say(&store, id, ann, "hello").await;
    let mut change = edit(&sent, "goodbye");
    change.by = bob;
    assert_eq!(store.edit_message(change).await, Err(StoreError::NotFound));
    let mut change = edit(&sent, "goodbye");
    change.conversation_id = elsewhere;
    assert_eq!(store.edit_message(change).await, Err(StoreError::NotFound));
    let mut unknown = delete(&sent);
    unknown.message_id = message_id();
    assert_eq!(
        store.delete_message(unknown).await,
        Err(StoreError::NotFound)
    );
    assert_eq!(whole(&store, id, ann).await, vec![sent]);
}

async fn pages_backwards_fold_what_was_done_to_messages(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut kept = Vec::new();
    for number in 0..10 {
        let sent = say(&store, id, ann, "hello").await;
        kept.push(sent.seq);
        match number % 3 {
            0 => drop(store.edit_message(edit(&sent, "changed")).await.unwrap()),
            1 => drop(store.delete_message(delete(&sent)).await.unwrap()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = store.page_before(bob, id, before, 4).await.unwrap();
        assert!(page.entries.is_sorted_by_key(|entry| entry.seq));
        assert_eq!(page.last_seq, 17);
        for entry in &page.entries {
            let index = kept.iter().position(|seq| *seq == entry.seq).unwrap();
            let message = message(entry);
            match index % 3 {
                0 => assert_eq!(message.text, "changed"),
                1 => assert!(message.deleted_at.is_some() && message.text.is_empty()),
                _ => assert_eq!(message.text, "hello"),
            }
        }
        before = page.entries.first().map(|entry| entry.seq);
        found.splice(0..0, seqs(&page.entries));
        if !page.more {
            break;
        }
    }
    assert_eq!(found, kept);
}

async fn pages_forwards_have_every_entry(store: Store) {
    let [ann] = people(&store).await;
    let id = channel(&store, ann, "design").await;
    for _ in 0..9 {
        say(&store, id, ann, "hello").await;
    }
    let page = store.page_after(ann, id, 3, 4).await.unwrap();
    assert_eq!((seqs(&page.entries), page.more), (vec![4, 5, 6, 7], true));
    let page = store.page_after(ann, id, 6, 4).await.unwrap();
    assert_eq!((seqs(&page.entries), page.more), (vec![7, 8, 9, 10], false));
    let page = store.page_after(ann, id, 10, 4).await.unwrap();
    assert_eq!(
        (page.entries, page.more, page.last_seq),
        (vec![], false, 10)
    );
}

async fn pages_of_what_is_not_there_are_refused(store: Store) {
    let [ann] = people(&store).await;
    let nowhere = conversation_id();
    let refused = store.page_after(ann, nowhere, 0, 4).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    let refused = store.page_before(ann, nowhere, None, 4).await;
    assert_eq!(refused, Err(StoreError::NotFound));
}

async fn a_message_goes_into_a_conversation_that_exists(store: Store) {
    let [ann] = people(&store).await;
    let refused = store
        .send_message(new_message(conversation_id(), ann, "hello"))
        .await;
    assert_eq!(refused.unwrap_err(), StoreError::NotFound);
    let id = channel(&store, ann, "design").await;
    let mut new = new_message(id, ann, "hello");
    new.call_id = Some(crate::harness::call_id());
    assert_eq!(
        store.send_message(new).await.unwrap_err(),
        StoreError::NotFound
    );
}

async fn words_of_any_kind_come_back_as_they_were(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let long = "ü".repeat(16_000);
    let texts = [
        "'; DROP TABLE entries; --",
        "$1 ?1 :a \\ \" %",
        "👩‍👩‍👧‍👦 \u{200f}עברית",
        "\n\t ",
        &long,
    ];
    for text in texts {
        let sent = say(&store, id, ann, text).await;
        assert_eq!(message(&sent).text, text);
    }
    let entries = whole(&store, id, bob).await;
    let found: Vec<_> = entries
        .iter()
        .map(|entry| message(entry).text.as_str())
        .collect();
    assert_eq!(found, texts);
    let unknown: UserId = crate::harness::user_id();
    let mut new = new_message(id, ann, "to nobody");
    new.mentions = vec![unknown];
    store.send_message(new).await.unwrap();
}
