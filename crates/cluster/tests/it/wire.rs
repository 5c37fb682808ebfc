//! Run for each kind of wire.

use std::time::Duration;

use bytes::Bytes;
use cluster::{Pattern, QUEUE_MAX, Received, RequestError, Subject, Subscription, Wire};
use protocol::{CallId, ConversationId, UserId};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(5);

fn every_kind() -> [Wire; 1] {
    [Wire::local()]
}

fn conversation(number: u8) -> ConversationId {
    ConversationId::from_bytes([number; 16])
}

fn subject(number: u8) -> Subject {
    Subject::conversation(conversation(number))
}

async fn message(from: &mut Subscription) -> Bytes {
    match tokio::time::timeout(LONG, from.next()).await.unwrap() {
        Some(Received::Message(delivery)) => delivery.payload,
        other => panic!("{other:?} is no message"),
    }
}

async fn is_silent(subscription: &mut Subscription) -> bool {
    tokio::time::timeout(SHORT, subscription.next())
        .await
        .is_err()
}

#[tokio::test]
async fn a_subscriber_hears_its_subject_and_no_other() {
    for wire in every_kind() {
        let mut first = wire.subscribe(Pattern::conversation(conversation(1)));
        let mut again = wire.subscribe(Pattern::conversation(conversation(1)));
        let mut other = wire.subscribe(Pattern::user(UserId::from_bytes([1; 16])));
        wire.publish(&subject(1), Bytes::from_static(b"one"));
        wire.publish(&subject(2), Bytes::from_static(b"two"));
        assert_eq!(message(&mut first).await, "one");
        assert_eq!(message(&mut again).await, "one");
        assert!(is_silent(&mut first).await && is_silent(&mut other).await);
    }
}

#[tokio::test]
async fn a_prefix_is_of_whole_words() {
    for wire in every_kind() {
        let mut every = wire.subscribe(Pattern::every_conversation());
        wire.publish(&Subject::user(UserId::from_bytes([1; 16])), Bytes::new());
        for number in 1..=3 {
            wire.publish(&subject(number), Bytes::from(vec![number]));
        }
        for number in 1..=3 {
            assert_eq!(message(&mut every).await, vec![number]);
        }
        assert!(is_silent(&mut every).await);
    }
    let every = Pattern::every_conversation();
    assert!(every.matches(&subject(1)));
    assert!(!every.matches(&Subject::media(CallId::from_bytes([1; 16]))));
}

#[tokio::test]
async fn messages_of_one_publisher_arrive_in_their_order() {
    for wire in every_kind() {
        let mut listener = wire.subscribe(Pattern::conversation(conversation(1)));
        for number in 0..100 {
            wire.publish(&subject(1), Bytes::from(vec![number]));
        }
        for number in 0..100 {
            assert_eq!(message(&mut listener).await, vec![number]);
        }
    }
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_is_told_and_holds_nobody_up() {
    for wire in every_kind() {
        let mut slow = wire.subscribe(Pattern::conversation(conversation(1)));
        let mut quick = wire.subscribe(Pattern::conversation(conversation(1)));
        for number in 0..QUEUE_MAX + 5 {
            wire.publish(&subject(1), Bytes::from(number.to_string()));
            assert_eq!(message(&mut quick).await, number.to_string());
        }
        let told = slow.next().await.unwrap();
        assert!(matches!(told, Received::Lagged(5)), "{told:?}");
        for number in 0..QUEUE_MAX {
            assert_eq!(message(&mut slow).await, number.to_string());
        }
        wire.publish(&subject(1), Bytes::from_static(b"next"));
        assert_eq!(message(&mut slow).await, "next");
    }
}

#[tokio::test]
async fn a_request_is_answered_by_one_who_listens() {
    for wire in every_kind() {
        let call = CallId::from_bytes([7; 16]);
        let mut listeners = [
            wire.subscribe(Pattern::media(call)),
            wire.subscribe(Pattern::media(call)),
        ];
        let asking = wire.clone();
        let asked = tokio::spawn(async move {
            asking
                .request(&Subject::media(call), Bytes::from_static(b"offer"), LONG)
                .await
        });
        let [first, second] = &mut listeners;
        let received = tokio::select! {
            received = first.next() => received,
            received = second.next() => received,
        };
        let Some(Received::Message(delivery)) = received else {
            panic!("{received:?} is no request");
        };
        assert_eq!(delivery.payload, "offer");
        delivery
            .reply
            .expect("a request wants an answer")
            .send(Bytes::from_static(b"answer"));
        assert_eq!(asked.await.unwrap().unwrap(), "answer");
        assert!(is_silent(first).await && is_silent(second).await);
    }
}

#[tokio::test]
async fn a_request_that_nobody_answers_ends() {
    for wire in every_kind() {
        let call = CallId::from_bytes([7; 16]);
        let ask = async || {
            wire.request(&Subject::media(call), Bytes::new(), SHORT)
                .await
        };
        assert_eq!(ask().await, Err(RequestError::NobodyListens));
        let listener = wire.subscribe(Pattern::media(call));
        assert_eq!(ask().await, Err(RequestError::NoAnswer));
        drop(listener);
        assert_eq!(ask().await, Err(RequestError::NobodyListens));
    }
}
