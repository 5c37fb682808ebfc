//! Calls older than the workspace keeps them: gone, but for their cards.

use domain::call::{Input, StartInput};
use protocol::{
    ConversationId,
    timeline::{Entry, EntryBody},
};
use store::{Forgotten, LogQuery, NewMessage, Store};

use crate::{
    calls::{give, in_group, join_input, start_input, started},
    harness::{at, direct, group, new_message, on_both, people, whole},
};

on_both!(
    a_forgotten_call_leaves_its_card_and_no_names,
    a_forgotten_call_that_moved_leaves_both_cards,
    a_forgotten_slip_stays_one,
    old_calls_are_forgotten_so_many_at_once,
);

/// The same without anybody's name in the cards of calls.
fn without_names(mut entries: Vec<Entry>) -> Vec<Entry> {
    for entry in &mut entries {
        if let EntryBody::CallStarted { call } | EntryBody::CallEnded { call, .. } = &mut entry.body
        {
            (call.people, call.rung) = (Vec::new(), Vec::new());
        }
    }
    entries
}

async fn a_forgotten_call_leaves_its_card_and_no_names(store: Store) {
    let [ann, bob, cara] = people(&store).await;
    let here = group(&store, &[ann, bob, cara]).await;
    let input = StartInput {
        ring: start_input(here, ann, &[cara]).ring,
        ..in_group(here, ann)
    };
    let call = started(&store, input).await;
    give(&store, call, Input::Join(join_input(bob)), at(5_000)).await;
    let words = NewMessage {
        call_id: Some(call),
        ..new_message(here, ann, "in the panel")
    };
    store.send_message(words).await.unwrap();
    give(&store, call, Input::EndForAll, at(60_000)).await;
    let before = whole(&store, here, ann).await;
    assert_eq!(store.missed_unseen(cara).await.unwrap(), 1);

    let forgotten = store.forget_calls(at(60_000), 10).await.unwrap();
    assert_eq!(forgotten, Forgotten::default(), "it is not older than that");
    let forgotten = store.forget_calls(at(60_001), 10).await.unwrap();
    assert_eq!((forgotten.calls, forgotten.missed_by), (1, vec![cara]));

    let expected = without_names(before.clone());
    assert_ne!(expected, before);
    assert_eq!(whole(&store, here, ann).await, expected);
    let page = store.page_before(ann, here, None, 10).await.unwrap();
    assert!(page.entries.iter().all(|entry| expected.contains(entry)));
    for user in [ann, bob, cara] {
        let log = store.call_log(user, &LogQuery::all(10)).await.unwrap();
        assert_eq!(log.calls, vec![]);
    }
    assert_eq!(store.missed_unseen(cara).await.unwrap(), 0);
    assert!(store.call(call).await.unwrap().is_none());
    assert!(store.call_details(call).await.unwrap().is_none());
    let again = store.forget_calls(at(60_001), 10).await.unwrap();
    assert_eq!(again, Forgotten::default());
}

async fn a_forgotten_call_that_moved_leaves_both_cards(store: Store) {
    let [ann, bob, cara] = people(&store).await;
    let here = direct(&store, ann, bob).await;
    let call = started(&store, start_input(here, ann, &[bob])).await;
    give(&store, call, Input::Join(join_input(bob)), at(5_000)).await;
    let there = group(&store, &[ann, bob, cara]).await;
    let moved = Input::GoOnIn {
        by: ann,
        conversation_id: there,
    };
    give(&store, call, moved, at(60_000)).await;
    give(&store, call, Input::EndForAll, at(90_000)).await;
    let cards = async |place: ConversationId| whole(&store, place, ann).await;
    let (old, new) = (cards(here).await, cards(there).await);
    assert_eq!(store.forget_calls(at(90_001), 10).await.unwrap().calls, 1);
    assert_eq!(cards(here).await, without_names(old));
    assert_eq!(cards(there).await, without_names(new));
}

async fn a_forgotten_slip_stays_one(store: Store) {
    let [ann, bob] = people(&store).await;
    let here = direct(&store, ann, bob).await;
    let input = start_input(here, ann, &[bob]);
    let peer_id = input.starter.peer_id;
    let call = started(&store, input).await;
    give(&store, call, Input::Leave { peer_id }, at(1_000)).await;
    assert_eq!(store.forget_calls(at(1_001), 10).await.unwrap().calls, 1);
    let page = store.page_before(bob, here, None, 10).await.unwrap();
    let EntryBody::CallStarted { call } = &page.entries[0].body else {
        panic!("{:?} is no card", page.entries);
    };
    assert!(call.slip);
}

async fn old_calls_are_forgotten_so_many_at_once(store: Store) {
    let [ann, bob, cara] = people(&store).await;
    let here = group(&store, &[ann, bob, cara]).await;
    let mut calls = Vec::new();
    for minute in 1..=3 {
        let call = started(&store, in_group(here, ann)).await;
        give(&store, call, Input::EndForAll, at(minute * 60_000)).await;
        calls.push(call);
    }
    let live = started(&store, in_group(here, ann)).await;
    let later = at(1_000_000_000);
    assert_eq!(store.forget_calls(later, 2).await.unwrap().calls, 2);
    assert!(store.call(calls[1]).await.unwrap().is_none());
    assert!(store.call(calls[2]).await.unwrap().is_some());
    assert_eq!(store.forget_calls(later, 2).await.unwrap().calls, 1);
    assert_eq!(store.forget_calls(later, 2).await.unwrap().calls, 0);
    assert!(store.live_call(here).await.unwrap().is_some());
    let log = store.call_log(ann, &LogQuery::all(10)).await.unwrap();
    let ids: Vec<_> = log.calls.iter().map(|entry| entry.call.id).collect();
    assert_eq!(ids, vec![], "a call that goes on is not in its log yet");
    assert!(store.call(live).await.unwrap().is_some());
}
