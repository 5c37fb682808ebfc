//! What was acknowledged is there, whatever happens to the process.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use protocol::{
    ConversationId,
    client::ClientMessage,
    timeline::{Entry, EntryBody},
};
use tokio::sync::Notify;

use crate::harness::{Line, PASSWORD, Person, Process, Scratch};

const ROUNDS: usize = 20;
const WRITERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_message_survives_a_kill_exactly_once() {
    let scratch = Scratch::new();
    let data = scratch.0.join("data");
    let mut process = Process::serve(&data);
    let mut leah = set_up(&mut process).await;
    let somewhere = leah.channel("kill", "public").await;
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        acknowledged.extend(write_until_killed(process, &leah, somewhere, round).await);
        process = Process::serve(&data);
        leah = leah.at(&process.url);
        let stored = nonces(&leah, somewhere).await;
        let twice: Vec<_> = stored.iter().filter(|(_, times)| **times > 1).collect();
        assert!(
            twice.is_empty(),
            "round {round}: stored more than once: {twice:?}"
        );
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|nonce| !stored.contains_key(*nonce))
            .collect();
        assert!(
            lost.is_empty(),
            "round {round}: acknowledged and lost: {lost:?}"
        );
    }
    assert!(acknowledged.len() >= ROUNDS * WRITERS);
}

pub async fn set_up(process: &mut Process) -> Person {
    let link = process.line_after("First admin: ");
    let (_, token) = link.split_once("#token=").unwrap();
    let request = serde_json::json!({
        "token": token, "workspace_name": "Marlow", "name": "Leah",
        "email": "leah@example.org", "password": PASSWORD,
    });
    let answer = Person::stranger(&process.url)
        .post("/setup", &request)
        .await;
    Person::signed_in(&process.url, answer)
}

/// Everybody writes as fast as they are answered; the kill comes at an arbitrary moment.
async fn write_until_killed(
    process: Process,
    leah: &Person,
    somewhere: ConversationId,
    round: usize,
) -> Vec<String> {
    let written = Arc::new(AtomicUsize::new(0));
    let enough = Arc::new(Notify::new());
    let target = WRITERS * 2 + usize::from(rand::random::<u8>()) % 64;
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let mut line = leah.connect().await;
        let (written, enough) = (Arc::clone(&written), Arc::clone(&enough));
        writers.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            for number in 0.. {
                let nonce = format!("{round}-{writer}-{number}");
                if !write(&mut line, somewhere, &nonce).await {
                    break;
                }
                mine.push(nonce);
                if written.fetch_add(1, Ordering::Relaxed) + 1 == target {
                    enough.notify_one();
                }
            }
            mine
        }));
    }
    enough.notified().await;
    process.kill();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    acknowledged
}

/// Whether the message was acknowledged.
async fn write(line: &mut Line, conversation_id: ConversationId, nonce: &str) -> bool {
    let message = ClientMessage::SendMessage {
        conversation_id,
        nonce: nonce.to_owned(),
        text: "here".to_owned(),
        call_id: None,
    };
    loop {
        let Some(answer) = line.try_ask(message.clone()).await else {
            return false;
        };
        match answer {
            Ok(_) => return true,
            // Too fast: this writer is refused and writes again.
            Err(error) => {
                let wait = error.retry_after_ms.unwrap_or_else(|| panic!("{error:?}"));
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            }
        }
    }
}

async fn nonces(leah: &Person, somewhere: ConversationId) -> BTreeMap<String, usize> {
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = leah
            .timeline(somewhere, &format!("?after={after}&limit=200"))
            .await;
        for Entry { seq, body, .. } in page.entries {
            assert_eq!(seq, after + 1, "a timeline has no gap");
            after = seq;
            if let EntryBody::Message { message } = body {
                *stored.entry(message.nonce.unwrap()).or_insert(0) += 1;
            }
        }
        if !page.more {
            return stored;
        }
    }
}
