//! What is unread, held against a model that counts by hand.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    ConversationId, UserId,
    conversation::{Preferences, ReadState},
    timeline::Entry,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use store::{DeleteMessage, EditMessage, Store, StoreError};

use crate::harness::{
    at, channel, direct, group, message, new_message, on_both, people, say, set_up,
};

on_both!(
    others_messages_are_unread_and_own_are_not,
    a_mark_moves_forward_only_and_not_past_the_end,
    a_mention_counts_in_a_channel_and_each_message_in_a_group,
    in_a_muted_conversation_only_a_mention_counts,
    counts_are_those_of_a_model_whatever_happens,
);

async fn others_messages_are_unread_and_own_are_not(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    for _ in 0..3 {
        say(&store, id, ann, "hello").await;
    }
    say(&store, id, bob, "hi").await;
    let of = async |user| store.read_state(user, id).await.unwrap().unwrap();
    assert_eq!(
        of(ann).await,
        ReadState {
            read_seq: 0,
            unread: 1,
            mentions: 1
        }
    );
    assert_eq!(
        of(bob).await,
        ReadState {
            read_seq: 0,
            unread: 3,
            mentions: 3
        }
    );
    let read = store.mark_read(bob, id, 2).await.unwrap();
    assert_eq!(
        read,
        ReadState {
            read_seq: 2,
            unread: 1,
            mentions: 1
        }
    );
}

async fn a_mark_moves_forward_only_and_not_past_the_end(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    for _ in 0..3 {
        say(&store, id, ann, "hello").await;
    }
    assert_eq!(store.mark_read(bob, id, 99).await.unwrap().read_seq, 3);
    assert_eq!(store.mark_read(bob, id, 1).await.unwrap().read_seq, 3);
    say(&store, id, ann, "hello").await;
    assert_eq!(store.read_state(bob, id).await.unwrap().unwrap().unread, 1);
    let stranger = store.mark_read(crate::harness::user_id(), id, 1).await;
    assert_eq!(stranger, Err(StoreError::NotFound));
}

async fn a_mention_counts_in_a_channel_and_each_message_in_a_group(store: Store) {
    let (ada, general) = set_up(&store).await;
    let [bob] = people(&store).await;
    let together = group(&store, &[ada, bob]).await;
    for id in [general, together] {
        say(&store, id, ada, "hello").await;
        let mut new = new_message(id, ada, "hello you, and me");
        new.mentions = vec![bob, ada, bob];
        store.send_message(new).await.unwrap();
    }
    let states: BTreeMap<_, _> = store.read_states(bob).await.unwrap().into_iter().collect();
    assert_eq!((states[&general].unread, states[&general].mentions), (2, 1));
    assert_eq!(
        (states[&together].unread, states[&together].mentions),
        (2, 2)
    );
    assert_eq!(
        store
            .read_state(ada, general)
            .await
            .unwrap()
            .unwrap()
            .mentions,
        0
    );
}

/// One message as the model has it.
struct Written {
    entry: Entry,
    mentions: BTreeSet<UserId>,
    deleted: bool,
}

#[derive(Default)]
struct Model {
    messages: Vec<Written>,
    read: BTreeMap<UserId, u64>,
    last_seq: u64,
    few: bool,
}

impl Model {
    fn of(&self, user: UserId) -> ReadState {
        let read_seq = self.read.get(&user).copied().unwrap_or(0);
        let unread =
            |one: &&Written| one.entry.seq > read_seq && one.entry.author != user && !one.deleted;
        let unread: Vec<_> = self.messages.iter().filter(unread).collect();
        let mentions = unread
            .iter()
            .filter(|one| self.few || one.mentions.contains(&user));
        ReadState {
            read_seq,
            unread: unread.len().try_into().unwrap(),
            mentions: mentions.count().try_into().unwrap(),
        }
    }
}

async fn counts_are_those_of_a_model_whatever_happens(store: Store) {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(rand::random::<u64>);
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let everybody = people::<4>(&store).await;
    for few in [false, true] {
        let id = match few {
            true => group(&store, &everybody).await,
            false => channel(&store, everybody[0], "model").await,
        };
        store
            .add_members(id, everybody[0], everybody.to_vec(), at(0))
            .await
            .unwrap();
        let mut model = Model {
            few,
            ..Model::default()
        };
        for user in everybody {
            let state = store.read_state(user, id).await.unwrap().unwrap();
            model.read.insert(user, state.read_seq);
        }
        for _ in 0..120 {
            step(&store, id, &everybody, &mut model, &mut random).await;
        }
    }
}

async fn step(
    store: &Store,
    id: ConversationId,
    everybody: &[UserId; 4],
    model: &mut Model,
    random: &mut StdRng,
) {
    let user = everybody[random.random_range(0..4)];
    let mentions: Vec<_> = everybody
        .iter()
        .copied()
        .filter(|_| random.random())
        .collect();
    let some = match model.messages.len() {
        0 => None,
        count => Some(random.random_range(0..count)),
    };
    match (random.random_range(0..10), some) {
        (0..=4, _) | (_, None) => {
            let mut new = new_message(id, user, "hello");
            new.mentions = mentions.clone();
            let entry = store.send_message(new).await.unwrap().entry;
            model.last_seq = entry.seq;
            let mentions = mentions.into_iter().collect();
            model.messages.push(Written {
                entry,
                mentions,
                deleted: false,
            });
        }
        (5, Some(some)) if !model.messages[some].deleted => {
            let target = &mut model.messages[some];
            let edit = EditMessage {
                conversation_id: id,
                message_id: message(&target.entry).id,
                by: target.entry.author,
                text: "changed".to_owned(),
                mentions: mentions.clone(),
                at: at(1),
            };
            model.last_seq = store.edit_message(edit).await.unwrap().seq;
            target.mentions = mentions.into_iter().collect();
        }
        (6, Some(some)) if !model.messages[some].deleted => {
            let target = &mut model.messages[some];
            let delete = DeleteMessage {
                conversation_id: id,
                message_id: message(&target.entry).id,
                by: user,
                at: at(1),
            };
            model.last_seq = store.delete_message(delete).await.unwrap().seq;
            target.deleted = true;
        }
        (7, _) => {
            let topic = random.random::<u64>().to_string();
            model.last_seq = store.set_topic(id, user, topic, at(1)).await.unwrap()[0].seq;
        }
        _ => {
            let seq = random.random_range(0..model.last_seq + 3);
            store.mark_read(user, id, seq).await.unwrap();
            let mark = model.read.entry(user).or_default();
            *mark = (*mark).max(seq.min(model.last_seq));
        }
    }
    for user in everybody {
        let state = store.read_state(*user, id).await.unwrap().unwrap();
        assert_eq!(state, model.of(*user), "of {user}");
    }
}

async fn in_a_muted_conversation_only_a_mention_counts(store: Store) {
    let [ann, bob] = people(&store).await;
    let muted = Preferences {
        muted: true,
        ..Preferences::default()
    };
    for id in [
        direct(&store, ann, bob).await,
        group(&store, &[ann, bob]).await,
    ] {
        let first = say(&store, id, ann, "hello").await;
        let mut new = new_message(id, ann, "hello you");
        new.mentions = vec![bob];
        store.send_message(new).await.unwrap();
        let of = async || {
            let read = store.read_state(bob, id).await.unwrap().unwrap();
            (read.unread, read.mentions)
        };
        assert_eq!(of().await, (2, 2));
        store.set_preferences(bob, id, muted).await.unwrap();
        assert_eq!(of().await, (2, 1));
        let read = store.mark_read(bob, id, first.seq).await.unwrap();
        assert_eq!((read.unread, read.mentions), (1, 1));
    }
}
