use axum::extract::ws::Utf8Bytes;
use cluster::Weight;

use super::{Closing, OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX, Outbox, Outgoing};

fn open() -> Outbox {
    let outbox = Outbox::default();
    outbox.greet([]);
    outbox
}

/// What the writer would write now.
fn drain(outbox: &Outbox) -> Vec<Outgoing> {
    std::iter::from_fn(|| outbox.lock().next()).collect()
}

fn message(text: &str) -> Outgoing {
    Outgoing::Message(text.to_owned().into())
}

#[test]
fn pushes_wait_behind_the_greeting() {
    let outbox = Outbox::default();
    outbox.push("push".into(), Weight::Durable);
    assert_eq!(drain(&outbox), []);
    outbox.greet(["welcome".into(), "snapshot".into()]);
    assert_eq!(
        drain(&outbox),
        [message("welcome"), message("snapshot"), message("push")]
    );
}

#[test]
fn a_newer_notice_of_the_moment_replaces_the_older() {
    let outbox = open();
    outbox.push("typing 1".into(), Weight::Ephemeral { key: 1 });
    outbox.push("entry".into(), Weight::Durable);
    outbox.push("typing 2".into(), Weight::Ephemeral { key: 1 });
    assert_eq!(drain(&outbox), [message("typing 2"), message("entry")]);
}

#[test]
fn what_is_of_the_moment_is_dropped_first() {
    let outbox = open();
    for key in 0..OUTBOX_MESSAGES_MAX as u64 {
        outbox.push("presence".into(), Weight::Ephemeral { key });
    }
    outbox.push("entry".into(), Weight::Durable);
    assert_eq!(drain(&outbox), [message("entry")]);
}

#[test]
fn a_client_too_far_behind_is_told_to_resync() {
    let outbox = open();
    for _ in 0..=OUTBOX_MESSAGES_MAX {
        outbox.push("entry".into(), Weight::Durable);
    }
    outbox.push("later".into(), Weight::Durable);
    assert_eq!(drain(&outbox), [Outgoing::Close(Closing::Resync)]);
}

#[test]
fn bytes_are_bounded_too() {
    let outbox = open();
    let half = Utf8Bytes::from("x".repeat(OUTBOX_BYTES_MAX / 2));
    outbox.push(half.clone(), Weight::Durable);
    outbox.push(half.clone(), Weight::Durable);
    assert_eq!(drain(&outbox).len(), 2, "room is given back");
    outbox.push(half.clone(), Weight::Durable);
    outbox.push(half, Weight::Durable);
    outbox.push("one more".into(), Weight::Durable);
    assert_eq!(drain(&outbox), [Outgoing::Close(Closing::Resync)]);
}

#[test]
fn a_server_that_goes_away_writes_what_waits_first() {
    let outbox = open();
    outbox.push("sent".into(), Weight::Durable);
    outbox.close(Closing::GoingAway { retry_after_ms: 7 });
    outbox.close(Closing::SignedOut);
    assert_eq!(
        drain(&outbox),
        [
            message("sent"),
            Outgoing::Close(Closing::GoingAway { retry_after_ms: 7 })
        ]
    );
}

#[test]
fn after_signing_out_nothing_more_is_told() {
    let outbox = open();
    outbox.push("secret".into(), Weight::Durable);
    outbox.close(Closing::SignedOut);
    assert_eq!(drain(&outbox), [Outgoing::Close(Closing::SignedOut)]);
}
