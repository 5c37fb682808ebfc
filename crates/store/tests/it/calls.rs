//! Calls: one live one for each conversation, changed whole, and everybody's log of them.

use std::time::Duration;

use domain::call::{Call, CallError, Input, JoinInput, Output, Reach, RingTarget, StartInput};
use protocol::{
    CallId, ConversationId, PeerId, Timestamp, UserId,
    call::{CallLogFilter, CallMedia, CallOutcome, EndReason, ParticipantChange},
    conversation::ConversationKind,
    limits::RING_TIMEOUT,
    timeline::EntryBody,
};
use store::{Changed, LogQuery, Store, StoreError};

use crate::harness::{
    at, call_id, channel, conversation_id, device_id, direct, group, new_message, on_both, peer_id,
    people, seqs, whole,
};

on_both!(
    a_call_comes_back_as_it_was_kept,
    a_call_that_starts_and_ends_has_a_card,
    a_call_that_moves_has_a_card_in_both_places,
    a_slip_leaves_no_trace_for_whom_it_rang,
    the_calls_a_person_has_started_are_found,
    a_card_shows_the_call_as_it_is,
    whoever_starts_second_is_in_the_same_call,
    whoever_starts_at_the_same_moment_is_in_the_same_call,
    a_call_changed_by_many_at_once_loses_nothing,
    a_refused_start_leaves_nothing,
    a_refused_input_keeps_what_was_due,
    an_input_that_changes_nothing_writes_nothing,
    live_and_due_calls_are_found,
    words_of_a_calls_panel_are_counted,
    a_missed_call_waits_until_it_is_seen,
    the_log_is_read_in_pages,
    missed_calls_are_seen_one_by_one,
    the_words_left_with_a_missed_call_are_for_who_may_read_them,
    a_log_is_narrowed_to_people_places_names_and_times,
    a_search_looks_through_a_bounded_number_of_calls,
    a_call_unknown_is_not_there,
);

pub(crate) fn join_input(user_id: UserId) -> JoinInput {
    JoinInput {
        user_id,
        device_id: device_id(),
        device_name: "Firefox on Linux".to_owned(),
        tab: "tab".to_owned(),
        peer_id: peer_id(),
        state: ParticipantChange {
            camera: Some(true),
            ..ParticipantChange::default()
        },
        move_here: false,
    }
}

pub(crate) fn start_input(
    conversation_id: ConversationId,
    by: UserId,
    rung: &[UserId],
) -> StartInput {
    let ring = rung.iter().map(|user_id| RingTarget {
        user_id: *user_id,
        devices: vec![device_id()],
        reach: Reach::Free,
        muted: false,
    });
    StartInput {
        call_id: call_id(),
        conversation_id,
        kind: ConversationKind::Direct,
        member_count: 2,
        media: CallMedia::Video,
        starter: join_input(by),
        ring: ring.collect(),
        ring_timeout: RING_TIMEOUT,
    }
}

pub(crate) fn in_group(conversation_id: ConversationId, by: UserId) -> StartInput {
    StartInput {
        kind: ConversationKind::Group,
        member_count: 3,
        ..start_input(conversation_id, by, &[])
    }
}

/// Starts the call or comes into the live one, as the server does.
async fn start(store: &Store, input: StartInput, now: Timestamp) -> Changed<PeerId> {
    let peer = input.starter.peer_id;
    let conversation = input.conversation_id;
    let result = store.start_call(conversation, move |live| match live {
        Some(mut call) => {
            call.handle_input(Input::Join(input.starter), now)?;
            Ok::<_, CallError>((call, peer))
        }
        None => Ok((Call::start(input, now)?, peer)),
    });
    result.await.unwrap().unwrap()
}

pub(crate) async fn started(store: &Store, input: StartInput) -> CallId {
    start(store, input, at(0)).await.call.record().id
}

pub(crate) async fn give(store: &Store, id: CallId, input: Input, now: Timestamp) -> Changed<()> {
    let changed = store.change_call(id, move |call| call.handle_input(input, now));
    let Changed {
        call,
        entries,
        value,
    } = changed.await.unwrap();
    value.unwrap();
    Changed {
        call,
        entries,
        value: (),
    }
}

async fn a_call_comes_back_as_it_was_kept(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let input = start_input(id, ann, &[bob]);
    let device = input.ring[0].devices[0];
    let peer = input.starter.peer_id;
    let mut changed = start(&store, input, at(0)).await;
    let call = changed.call.record().id;
    assert_eq!(changed.call.record().card_seq, Some(1));
    let mut outputs = Vec::new();
    while let Some(output) = changed.call.poll_output() {
        outputs.push(output);
    }
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, Output::Ring { .. }))
    );
    let inputs = [
        Input::RingAcknowledged {
            user_id: bob,
            device_id: device,
        },
        Input::Join(join_input(bob)),
        Input::SocketLost {
            peer_id: peer,
            evidence_at: at(5),
        },
        Input::PageClosing { peer_id: peer },
    ];
    for input in inputs {
        let kept = give(&store, call, input, at(10)).await.call;
        let found = store.call(call).await.unwrap().unwrap();
        assert_eq!(found.record(), kept.record());
    }
    let ended = give(&store, call, Input::Leave { peer_id: peer }, at(20))
        .await
        .call;
    let found = store.call(call).await.unwrap().unwrap();
    assert_eq!(found.record(), ended.record());
    assert!(found.record().ended.is_some());
}

async fn a_call_that_starts_and_ends_has_a_card(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let input = start_input(id, ann, &[bob]);
    let peer = input.starter.peer_id;
    let changed = start(&store, input, at(0)).await;
    let EntryBody::CallStarted { call: card } = &changed.entries[0].body else {
        panic!("{:?} is no card", changed.entries);
    };
    assert_eq!((card.seq, card.ended_at), (1, None));
    let call = card.id;
    let joined = give(&store, call, Input::Join(join_input(bob)), at(5)).await;
    assert_eq!(joined.entries, vec![]);
    let ended = give(&store, call, Input::Leave { peer_id: peer }, at(60_000)).await;
    let EntryBody::CallEnded {
        target_seq,
        call: card,
    } = &ended.entries[0].body
    else {
        panic!("{:?} is no end", ended.entries);
    };
    assert_eq!((*target_seq, card.seq, ended.entries[0].seq), (1, 1, 2));
    assert_eq!(
        (card.end_reason, card.ended_at),
        (Some(EndReason::Left), Some(at(60_000)))
    );
    assert_eq!(card.people, vec![ann, bob]);
    let details = store.call_details(call).await.unwrap().unwrap();
    assert_eq!(details.call, *card);
    assert_eq!(details.legs.len(), 2);
}

async fn a_call_that_moves_has_a_card_in_both_places(store: Store) {
    let [ann, bob, cara] = people(&store).await;
    let here = direct(&store, ann, bob).await;
    let call = started(&store, start_input(here, ann, &[bob])).await;
    give(&store, call, Input::Join(join_input(bob)), at(5_000)).await;
    let there = group(&store, &[ann, bob, cara]).await;
    let moved = Input::GoOnIn {
        by: ann,
        conversation_id: there,
    };
    let changed = give(&store, call, moved, at(60_000)).await;
    let [over, card] = &changed.entries[..] else {
        panic!("{:?} is not an end and a card", changed.entries);
    };
    assert_eq!((over.conversation_id, over.seq), (here, 2));
    assert_eq!(card.conversation_id, there);
    assert_eq!(changed.call.record().card_seq, Some(card.seq));
    give(&store, call, Input::Join(join_input(cara)), at(70_000)).await;

    let page = store.page_before(ann, here, None, 10).await.unwrap();
    let EntryBody::CallStarted { call: old } = &page.entries[0].body else {
        panic!("{:?} is no card", page.entries);
    };
    assert_eq!(
        (old.seq, old.end_reason, old.ended_at, old.moved_to),
        (1, Some(EndReason::Moved), Some(at(60_000)), Some(there))
    );
    assert_eq!(old.people, vec![ann, bob]);
    let log = store.call_log(cara, &LogQuery::all(10)).await.unwrap();
    assert_eq!(log.calls[0].call.conversation_id, there);
    assert_eq!(log.calls[0].call.people, vec![ann, bob, cara]);
    // Where it was, there is room for another.
    assert!(store.live_call(here).await.unwrap().is_none());
    assert!(store.live_call(there).await.unwrap().is_some());
    started(&store, start_input(here, bob, &[ann])).await;
}

async fn a_slip_leaves_no_trace_for_whom_it_rang(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let input = start_input(id, ann, &[bob]);
    let peer = input.starter.peer_id;
    let call = started(&store, input).await;
    let ended = give(&store, call, Input::Leave { peer_id: peer }, at(1_000)).await;
    assert!(ended.call.summary(0).slip);
    let log = async |user| {
        store
            .call_log(user, &LogQuery::all(10))
            .await
            .unwrap()
            .calls
            .len()
    };
    assert_eq!((log(ann).await, log(bob).await), (1, 0));
}

async fn the_calls_a_person_has_started_are_found(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let input = start_input(id, ann, &[bob]);
    let peer = input.starter.peer_id;
    let call = started(&store, input).await;
    give(&store, call, Input::Leave { peer_id: peer }, at(30_000)).await;
    let found = async |user, since| {
        let calls = store.own_calls_since(user, since).await.unwrap();
        calls
            .iter()
            .map(|call| call.record().id)
            .collect::<Vec<_>>()
    };
    let long_ago = Timestamp::from_millis(0);
    assert_eq!(found(ann, long_ago).await, [call]);
    assert_eq!(found(bob, long_ago).await, []);
    let much_later = Timestamp::from_millis(4_000_000_000_000);
    assert_eq!(found(ann, much_later).await, []);
}

async fn a_card_shows_the_call_as_it_is(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    give(&store, call, Input::EndForAll, at(5)).await;
    let back = store.page_before(bob, id, None, 50).await.unwrap();
    assert_eq!(seqs(&back.entries), vec![1]);
    let EntryBody::CallStarted { call: card } = &back.entries[0].body else {
        panic!("{:?} is no card", back.entries);
    };
    assert_eq!(card.end_reason, Some(EndReason::EndedForAll));
    let entries = whole(&store, id, bob).await;
    assert_eq!(entries.len(), 2);
    let EntryBody::CallEnded { call: end, .. } = &entries[1].body else {
        panic!("{entries:?} has no end");
    };
    assert_eq!(end, card);
    assert_eq!(store.call_summary(call).await.unwrap().as_ref(), Some(card));
}

async fn whoever_starts_second_is_in_the_same_call(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let first = start(&store, start_input(id, ann, &[bob]), at(0)).await;
    let second = start(&store, start_input(id, bob, &[ann]), at(1)).await;
    assert_eq!(second.call.record().id, first.call.record().id);
    assert_eq!(second.entries, vec![]);
    assert!(second.call.record().answered_at.is_some());
    give(&store, first.call.record().id, Input::EndForAll, at(2)).await;
    let third = start(&store, start_input(id, bob, &[ann]), at(3)).await;
    assert_ne!(third.call.record().id, first.call.record().id);
    assert_eq!(seqs(&whole(&store, id, ann).await), vec![1, 2, 3]);
}

async fn whoever_starts_at_the_same_moment_is_in_the_same_call(store: Store) {
    let everybody = people::<8>(&store).await;
    for _ in 0..4 {
        let id = group(&store, &everybody).await;
        let mut tasks = Vec::new();
        for user in everybody {
            let store = store.clone();
            let input = in_group(id, user);
            tasks.push(tokio::spawn(
                async move { start(&store, input, at(0)).await },
            ));
        }
        let mut cards = 0;
        for task in tasks {
            cards += task.await.unwrap().entries.len();
        }
        assert_eq!(cards, 1);
        let live = store.live_call(id).await.unwrap().unwrap();
        assert_eq!(live.state().participants.len(), 8);
    }
}

async fn a_call_changed_by_many_at_once_loses_nothing(store: Store) {
    let everybody = people::<16>(&store).await;
    let id = group(&store, &everybody).await;
    let call = started(&store, in_group(id, everybody[0])).await;
    let mut tasks = Vec::new();
    for user in &everybody[1..] {
        let (store, input) = (store.clone(), Input::Join(join_input(*user)));
        tasks.push(tokio::spawn(async move {
            give(&store, call, input, at(5)).await;
            crate::harness::say(&store, id, everybody[0], "hello").await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let state = store.call(call).await.unwrap().unwrap().state();
    assert_eq!((state.participants.len(), state.version), (16, 16));
    let ended = give(&store, call, Input::EndForAll, at(9)).await;
    assert_eq!(ended.entries[0].seq, 18);
}

async fn a_refused_start_leaves_nothing(store: Store) {
    let [ann] = people(&store).await;
    let id = direct(&store, ann, ann).await;
    let mut input = start_input(id, ann, &[]);
    input.member_count = 1;
    let refused = store.start_call(id, move |_| {
        Call::start(input, at(0)).map(|call| (call, ()))
    });
    assert_eq!(refused.await.unwrap().unwrap_err(), CallError::NobodyToCall);
    assert_eq!(whole(&store, id, ann).await, vec![]);
    assert!(store.live_call_ids().await.unwrap().is_empty());
}

async fn a_refused_input_keeps_what_was_due(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    let late = at(0) + RING_TIMEOUT + Duration::from_secs(1);
    let input = Input::Join(join_input(bob));
    let changed = store.change_call(call, move |call| call.handle_input(input, late));
    let changed = changed.await.unwrap();
    assert_eq!(changed.value, Err(CallError::Ended(EndReason::NoAnswer)));
    assert_eq!(changed.entries.len(), 1);
    assert!(store.live_call(id).await.unwrap().is_none());
}

async fn an_input_that_changes_nothing_writes_nothing(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    let before = store.call(call).await.unwrap().unwrap().into_record();
    let changed = give(&store, call, Input::Timeout, at(1)).await;
    assert_eq!(*changed.call.record(), before);
    give(&store, call, Input::EndForAll, at(2)).await;
    let after = give(&store, call, Input::Timeout, at(100_000)).await;
    assert_eq!(after.entries, vec![]);
}

async fn live_and_due_calls_are_found(store: Store) {
    let [ann, bob, cat] = people(&store).await;
    let first = direct(&store, ann, bob).await;
    let second = group(&store, &[ann, bob, cat]).await;
    let rung = started(&store, start_input(first, ann, &[bob])).await;
    let quiet = started(&store, in_group(second, cat)).await;
    assert_eq!(store.live_call_ids().await.unwrap(), vec![rung, quiet]);
    let found = store
        .live_calls(&[second, conversation_id()])
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].record().id, quiet);
    assert!(store.live_calls(&[]).await.unwrap().is_empty());
    assert_eq!(store.due_calls(at(0)).await.unwrap(), vec![]);
    assert_eq!(
        store.due_calls(at(0) + RING_TIMEOUT).await.unwrap(),
        vec![rung]
    );
    give(&store, rung, Input::EndForAll, at(2)).await;
    assert_eq!(store.due_calls(at(0) + RING_TIMEOUT).await.unwrap(), vec![]);
    assert_eq!(store.live_call_ids().await.unwrap(), vec![quiet]);
    let place = store.place_by_call(ann, quiet).await.unwrap().unwrap();
    assert_eq!(
        (place.conversation_id, place.started_by, place.live),
        (second, cat, true)
    );
    let place = store.place_by_call(ann, rung).await.unwrap().unwrap();
    assert!(!place.live);
}

async fn words_of_a_calls_panel_are_counted(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let elsewhere = channel(&store, ann, "design").await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let mut new = new_message(id, ann, "in the panel");
        new.call_id = Some(call);
        sent.push(store.send_message(new).await.unwrap().entry);
    }
    let mut strange = new_message(elsewhere, ann, "not of this channel");
    strange.call_id = Some(call);
    assert_eq!(
        store.send_message(strange).await.unwrap_err(),
        StoreError::NotFound
    );
    let delete = store::DeleteMessage {
        conversation_id: id,
        message_id: crate::harness::message(&sent[0]).id,
        by: ann,
        at: at(3),
    };
    store.delete_message(delete).await.unwrap();
    assert_eq!(
        store
            .call_summary(call)
            .await
            .unwrap()
            .unwrap()
            .message_count,
        2
    );
    assert_eq!(
        crate::harness::message(&whole(&store, id, bob).await[2]).call_id,
        Some(call)
    );
}

async fn a_missed_call_waits_until_it_is_seen(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    assert_eq!(store.missed_unseen(bob).await.unwrap(), 0);
    give(&store, call, Input::Timeout, at(0) + RING_TIMEOUT).await;
    assert_eq!(store.missed_unseen(bob).await.unwrap(), 1);
    assert_eq!(store.missed_unseen(ann).await.unwrap(), 0);
    let log = async |user| store.call_log(user, &LogQuery::all(10)).await.unwrap();
    let missed = &log(bob).await.calls[0];
    assert_eq!((missed.outcome, missed.unseen), (CallOutcome::Missed, true));
    assert_eq!(missed.call.end_reason, Some(EndReason::NoAnswer));
    let tried = &log(ann).await.calls[0];
    assert_eq!(
        (tried.outcome, tried.unseen),
        (CallOutcome::NoAnswer, false)
    );
    store.mark_missed_seen(bob, None, at(99_000)).await.unwrap();
    assert_eq!(store.missed_unseen(bob).await.unwrap(), 0);
    assert!(!log(bob).await.calls[0].unseen);
}

async fn the_log_is_read_in_pages(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut calls = Vec::new();
    for number in 0..9 {
        let (by, to) = if number % 3 == 0 {
            (ann, bob)
        } else {
            (bob, ann)
        };
        let call = started(&store, start_input(id, by, &[to])).await;
        if number % 2 == 0 {
            give(&store, call, Input::Join(join_input(to)), at(1)).await;
        }
        give(&store, call, Input::EndForAll, at(5_000)).await;
        calls.push(call);
    }
    let read = async |filter| {
        let mut found = Vec::new();
        let mut query = LogQuery {
            filter,
            ..LogQuery::all(2)
        };
        loop {
            let page = store.call_log(ann, &query).await.unwrap();
            assert!(page.calls.len() <= 2);
            found.extend(page.calls.iter().map(|one| one.call.id));
            query.before = page.next;
            if query.before.is_none() {
                return found;
            }
        }
    };
    let some = |wanted: fn(usize) -> bool| {
        let all = calls.iter().enumerate().rev();
        all.filter(|(number, _)| wanted(*number))
            .map(|(_, call)| *call)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(CallLogFilter::All).await, some(|_| true));
    assert_eq!(
        read(CallLogFilter::Outgoing).await,
        some(|number| number % 3 == 0)
    );
    assert_eq!(
        read(CallLogFilter::Incoming).await,
        some(|number| number % 3 != 0)
    );
    let missed = some(|number| number % 3 != 0 && number % 2 == 1);
    assert_eq!(read(CallLogFilter::Missed).await, missed);
}

async fn missed_calls_are_seen_one_by_one(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let mut calls = Vec::new();
    for _ in 0..3 {
        let call = started(&store, start_input(id, ann, &[bob])).await;
        give(&store, call, Input::Timeout, at(0) + RING_TIMEOUT).await;
        calls.push(call);
    }
    store
        .mark_missed_seen(bob, Some(&calls[1..2]), at(99_000))
        .await
        .unwrap();
    assert_eq!(store.missed_unseen(bob).await.unwrap(), 2);
    let log = store.call_log(bob, &LogQuery::all(10)).await.unwrap();
    let unseen: Vec<_> = log.calls.iter().map(|one| one.unseen).collect();
    assert_eq!(unseen, [true, false, true]);
    // Those of somebody else are not one's own to see.
    store
        .mark_missed_seen(ann, Some(&calls), at(99_000))
        .await
        .unwrap();
    assert_eq!(store.missed_unseen(bob).await.unwrap(), 2);
}

async fn the_words_left_with_a_missed_call_are_for_who_may_read_them(store: Store) {
    let [ann, bob, cid] = people(&store).await;
    let id = group(&store, &[ann, bob, cid]).await;
    let input = StartInput {
        kind: ConversationKind::Group,
        member_count: 3,
        ..start_input(id, ann, &[bob, cid])
    };
    let call = started(&store, input).await;
    give(&store, call, Input::Timeout, at(0) + RING_TIMEOUT).await;
    give(&store, call, Input::EndForAll, at(60_000)).await;
    let write = async |user, text: &str| {
        let mut new = new_message(id, user, text);
        new.call_id = Some(call);
        store.send_message(new).await.unwrap();
    };
    let words = async |user| {
        let log = store.call_log(user, &LogQuery::all(10)).await.unwrap();
        log.calls[0].words.clone()
    };
    write(bob, "I was out").await;
    assert_eq!(words(bob).await, None, "those of the caller are wanted");
    write(ann, &"Call me about the offset. ".repeat(20)).await;
    write(ann, "Later").await;
    let found = words(bob).await.unwrap();
    assert!(found.starts_with("Call me about the offset."));
    assert_eq!(found.chars().count(), 200);
    assert_eq!(words(ann).await, None, "nobody misses their own call");
    store.leave(id, bob, at(90_000)).await.unwrap();
    assert_eq!(words(bob).await, None);
    assert!(words(cid).await.is_some());
}

async fn a_log_is_narrowed_to_people_places_names_and_times(store: Store) {
    let [ann, bob, cid] = people(&store).await;
    let with_bob = direct(&store, ann, bob).await;
    let with_cid = direct(&store, ann, cid).await;
    let harbour = channel(&store, ann, "Hafen-Ärmel").await;
    let mut calls = Vec::new();
    for (day, (place, rung)) in [
        (with_bob, Some(bob)),
        (with_cid, Some(cid)),
        (harbour, None),
    ]
    .into_iter()
    .enumerate()
    {
        let began = at(i64::try_from(day).unwrap() * 86_400_000);
        let input = StartInput {
            call_id: CallId::from_parts(began, rand::random()),
            ..start_input(place, ann, rung.as_slice())
        };
        let call = started(&store, input).await;
        match rung {
            Some(_) => give(&store, call, Input::Timeout, at(0) + RING_TIMEOUT).await,
            None => give(&store, call, Input::EndForAll, at(5)).await,
        };
        calls.push(call);
    }
    let found = async |query: LogQuery| {
        let page = store.call_log(ann, &query).await.unwrap();
        assert_eq!(page.next, None);
        let ids = page.calls.iter().map(|one| one.call.id);
        ids.map(|id| calls.iter().position(|one| *one == id).unwrap())
            .collect::<Vec<_>>()
    };
    let all = || LogQuery::all(10);
    let text = |text: &str| LogQuery {
        text: Some(text.to_owned()),
        ..all()
    };
    assert_eq!(found(all()).await, [2, 1, 0]);
    let person = Some(cid);
    assert_eq!(found(LogQuery { person, ..all() }).await, [1]);
    let conversation = Some(harbour);
    assert_eq!(
        found(LogQuery {
            conversation,
            ..all()
        })
        .await,
        [2]
    );
    let day = |number: i64| Some(at(number * 86_400_000));
    let from_to = |from, until| LogQuery {
        from,
        until,
        ..all()
    };
    assert_eq!(found(from_to(day(1), None)).await, [2, 1]);
    assert_eq!(found(from_to(None, day(1))).await, [0]);
    assert_eq!(found(from_to(day(1), day(2))).await, [1]);
    assert_eq!(found(text("ÄRMEL")).await, [2], "whatever the case");
    let name = store.user(cid).await.unwrap().unwrap().name;
    assert_eq!(found(text(&name.to_uppercase())).await, [1]);
    assert_eq!(found(text("nobody is called so")).await, [] as [usize; 0]);
    let missed = LogQuery {
        filter: CallLogFilter::Missed,
        person: Some(bob),
        ..all()
    };
    assert_eq!(found(missed).await, [] as [usize; 0]);
    let theirs = LogQuery {
        person: Some(ann),
        ..all()
    };
    let log = store.call_log(cid, &theirs).await.unwrap();
    assert_eq!(log.calls.len(), 1, "one sees one's own calls only");
}

async fn a_search_looks_through_a_bounded_number_of_calls(store: Store) {
    let [ann, bob, cid] = people(&store).await;
    let with_cid = direct(&store, ann, cid).await;
    let oldest = started(&store, start_input(with_cid, ann, &[cid])).await;
    give(&store, oldest, Input::Timeout, at(0) + RING_TIMEOUT).await;
    let many = (0..50).map(async |number| {
        let place = channel(&store, ann, &format!("many-{number}")).await;
        for _ in 0..100 {
            let call = started(&store, start_input(place, ann, &[bob])).await;
            give(&store, call, Input::EndForAll, at(5)).await;
        }
    });
    futures_util::future::join_all(many).await;
    let mut query = LogQuery {
        person: Some(cid),
        ..LogQuery::all(10)
    };
    let page = store.call_log(ann, &query).await.unwrap();
    assert!(page.calls.is_empty(), "it is behind five thousand others");
    query.before = page.next;
    let page = store.call_log(ann, &query).await.unwrap();
    assert_eq!(page.calls[0].call.id, oldest);
    assert_eq!(page.next, None);
}

async fn a_call_unknown_is_not_there(store: Store) {
    let [ann] = people(&store).await;
    let unknown = call_id();
    assert!(store.call(unknown).await.unwrap().is_none());
    assert_eq!(store.call_details(unknown).await.unwrap(), None);
    assert_eq!(store.place_by_call(ann, unknown).await.unwrap(), None);
    let refused = store.change_call(unknown, |_| ()).await;
    assert_eq!(refused.map(drop).unwrap_err(), StoreError::NotFound);
}
