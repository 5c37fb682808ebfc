//! Fills a conversation of a server that is not running, for measurements of the client:
//! `fill DATABASE CONVERSATION COUNT`. Its members take turns, over a year that ends now, in
//! messages as people write them: most of one line, some with Markdown.

#![expect(clippy::print_stderr, reason = "it is a command")]

use std::{
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use protocol::{ConversationId, MessageId, Timestamp};
use store::{NewMessage, Store, StoreConfig};
use tokio::task::JoinSet;

const YEAR_MS: usize = 365 * 24 * 60 * 60 * 1000;
/// Between the messages of a turn.
const PAUSE_MS: usize = 15_000;
/// Messages given to the store before waiting for it.
const AT_ONCE: usize = 512;
/// One person's messages in a row.
const TURN: usize = 3;

const TEXTS: [&str; 10] = [
    "Shall we ship 2.4.1 on Friday, or wait for the new translations?",
    "Friday is fine for me.",
    "The reading from the second sensor is off by 0.4 %, which is more than the data sheet allows. I have asked for another one, and until it is here we should not trust anything below 20 Hz.",
    "ok",
    "I have put the figures into **the shared table**, see the column `offset`.",
    "Three things before we release:\n\n1. the changelog\n2. the signatures\n3. lunch",
    "```rust\nlet raw = adc.read();\nlet level = raw - OFFSET;\n```",
    "Thanks! That was quick.",
    "> wait for the new translations\n\nThey came this morning, so nothing speaks against it.",
    "More at https://example.org/notes/2026-11 if somebody wants to read it all.",
];

// One thread runs tasks in the order they were made, so the messages keep theirs.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, conversation, count] = arguments.as_slice() else {
        eprintln!("usage: fill DATABASE CONVERSATION COUNT");
        return ExitCode::from(2);
    };
    let (Ok(conversation), Ok(count)) = (conversation.parse(), count.parse()) else {
        eprintln!("CONVERSATION is an id as the client's address has it, COUNT a number");
        return ExitCode::from(2);
    };
    let store = Store::open(&StoreConfig::new(format!("sqlite://{database}")))
        .await
        .expect("the database opens");
    fill(&store, conversation, count).await;
    store.close().await;
    ExitCode::SUCCESS
}

async fn fill(store: &Store, conversation_id: ConversationId, count: usize) {
    let members = store
        .member_ids(conversation_id)
        .await
        .expect("the conversation is there");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is right")
        .as_millis();
    for first in (0..count).step_by(AT_ONCE) {
        let mut sending = JoinSet::new();
        for number in first..count.min(first + AT_ONCE) {
            // A person's turn is written within a minute, so that one name stands above it.
            let turn = number - number % TURN;
            let ago = (YEAR_MS / count * (count - turn) - number % TURN * PAUSE_MS) as u128;
            let at = Timestamp::from_millis(
                i64::try_from(now - ago).expect("it is not yet 292 million"),
            );
            let message = NewMessage {
                id: MessageId::from_parts(at, number as u128),
                conversation_id,
                author: members[number / TURN % members.len()],
                nonce: format!("fill-{number}"),
                text: TEXTS[number * 7 / 3 % TEXTS.len()].to_owned(),
                mentions: Vec::new(),
                call_id: None,
                at,
            };
            let store = store.clone();
            sending.spawn(async move { store.send_message(message).await });
        }
        while let Some(sent) = sending.join_next().await {
            sent.expect("no task fails").expect("a member may write");
        }
    }
}
