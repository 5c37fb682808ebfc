//! What holds of work whatever else is asked at the same moment: it is whole or nothing, alone in
//! its failing, and lasts once it is acknowledged.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use protocol::{ConversationId, UserId};
use store::{Store, StoreConfig, StoreError};

use crate::{
    calls::{start_input, started},
    harness::{Place, at, direct, new_message, on_both, people, say, seqs, whole},
};

on_both!(
    work_that_fails_or_panics_fails_alone,
    what_is_asked_of_a_closed_store_is_refused,
);

async fn work_that_fails_or_panics_fails_alone(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let call = started(&store, start_input(id, ann, &[bob])).await;
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for number in 0..30 {
        let one = store.clone();
        good.push(tokio::spawn(
            async move { say(&one, id, ann, "good").await.seq },
        ));
        let one = store.clone();
        bad.push(tokio::spawn(async move {
            match number % 2 {
                0 => one
                    .change_call(call, |_| panic!("on purpose"))
                    .await
                    .map(drop),
                _ => one
                    .direct(crate::harness::new_direct(ann, crate::harness::user_id()))
                    .await
                    .map(drop),
            }
        }));
    }
    for (number, task) in bad.into_iter().enumerate() {
        let error = match number % 2 {
            0 => StoreError::Panicked,
            _ => StoreError::NotFound,
        };
        assert_eq!(task.await.unwrap(), Err(error));
    }
    let mut given = Vec::new();
    for task in good {
        given.push(task.await.unwrap());
    }
    given.sort_unstable();
    assert_eq!(given, (2..=31).collect::<Vec<_>>());
    assert_eq!(whole(&store, id, ann).await.len(), 31);
    assert_eq!(store.my_conversations(ann).await.unwrap().len(), 1);
}

async fn what_is_asked_of_a_closed_store_is_refused(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    store.close().await;
    store.close().await;
    let refused = store.send_message(new_message(id, ann, "late")).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    let refused = store.users().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_was_written_is_there_when_the_file_is_opened_again() {
    let place = Place::sqlite();
    let store = place.store().await;
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    let sent = say(&store, id, ann, "hello").await;
    store.close().await;
    let store = place.store().await;
    assert_eq!(whole(&store, id, ann).await, vec![sent]);
    place.clear().await;
}

#[tokio::test]
async fn a_backup_made_while_writing_is_a_whole_store() {
    let place = Place::sqlite();
    let store = place.store().await;
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    say(&store, id, ann, "before").await;
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                say(&store, id, ann, "during").await;
            }
        })
    };
    let Place::File(directory) = &place else {
        unreachable!()
    };
    let path = directory.join("backup.db");
    store.backup(&path).await.unwrap();
    writer.await.unwrap();
    let again = store.backup(&path).await;
    assert!(again.is_err(), "a backup does not overwrite another file");
    let copy = Store::open(&StoreConfig::new(format!("sqlite://{}", path.display())))
        .await
        .unwrap();
    let entries = whole(&copy, id, ann).await;
    assert!(!entries.is_empty());
    assert_eq!(
        seqs(&entries),
        (1..=entries.len() as u64).collect::<Vec<_>>()
    );
    say(&copy, id, bob, "after").await;
    place.clear().await;
}

#[tokio::test]
async fn a_command_beside_the_server_writes_too() {
    let place = Place::sqlite();
    let (server, command) = (place.store().await, place.store().await);
    let [ann, bob] = people(&server).await;
    let id = direct(&server, ann, bob).await;
    let (first, second) = tokio::join!(
        async {
            for _ in 0..20 {
                say(&server, id, ann, "hello").await;
            }
        },
        async {
            for _ in 0..20 {
                say(&command, id, bob, "hello").await;
            }
        }
    );
    let ((), ()) = (first, second);
    let found = seqs(&whole(&server, id, ann).await);
    assert_eq!(found, (1..=40).collect::<Vec<_>>());
    place.clear().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::sqlite();
    place.store().await.close().await;
    let Place::File(directory) = &place else {
        unreachable!()
    };
    let conn = rusqlite::Connection::open(directory.join("connect.db")).unwrap();
    conn.execute("INSERT INTO migrations (number) VALUES (9999)", ())
        .unwrap();
    let refused = Store::open(&place.config()).await.map(drop).unwrap_err();
    assert!(refused.to_string().contains("newer version"), "{refused}");
    place.clear().await;
}

#[tokio::test]
async fn an_address_of_no_known_database_is_refused() {
    for url in ["mysql://host/name", "", "connect.db"] {
        let refused = Store::open(&StoreConfig::new(url)).await.map(drop);
        assert!(
            matches!(refused, Err(StoreError::Unsupported(_))),
            "{refused:?}"
        );
    }
    let nowhere = StoreConfig::new("sqlite:///nonexistent/directory/connect.db");
    let refused = Store::open(&nowhere).await.map(drop);
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}

const CHILD: &str = "CONNECT_STORE_TEST_CHILD";

/// Runs this test again as another process that writes, and kills that in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_killed_process() {
    if let Ok(url) = std::env::var(CHILD) {
        return write_for_ever(&url).await;
    }
    let place = Place::sqlite();
    let name = "queue::what_was_acknowledged_outlives_a_killed_process";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, place.config().url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut conversation = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        if let Some((id, user)) = line
            .strip_prefix("in ")
            .and_then(|line| line.split_once(' '))
        {
            let id: ConversationId = id.parse().unwrap();
            let user: UserId = user.parse().unwrap();
            conversation = Some((id, user));
        } else if let Some(seq) = line.strip_prefix("sent ") {
            acknowledged.push(seq.parse::<u64>().unwrap());
        }
        if acknowledged.len() == 300 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    let (id, user) = conversation.expect("the other process says where it writes");
    let store = place.store().await;
    let found = seqs(&whole(&store, id, user).await);
    assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
    acknowledged.sort_unstable();
    assert!(acknowledged.len() >= 300);
    assert!(acknowledged.iter().all(|seq| found.contains(seq)));
    place.clear().await;
}

async fn write_for_ever(url: &str) {
    let store = Store::open(&StoreConfig::new(url)).await.unwrap();
    let [ann, bob] = people(&store).await;
    let id = direct(&store, ann, bob).await;
    println!("\nin {id} {ann}");
    let mut writers = Vec::new();
    for _ in 0..8 {
        let store = store.clone();
        writers.push(tokio::spawn(async move {
            loop {
                let mut new = new_message(id, ann, "hello");
                new.at = at(1);
                println!("sent {}", store.send_message(new).await.unwrap().entry.seq);
            }
        }));
    }
    // Until this process is killed.
    futures_util::future::join_all(writers).await;
}
