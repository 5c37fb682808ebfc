//! Durable sends and pages of history in a second, with 16 clients, and a long call log.
//!
//! `CONNECT_TEST_POSTGRES` names a server to measure too; `SECONDS` is how long each round takes.

#![expect(clippy::print_stdout, reason = "a table is what a benchmark is for")]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use protocol::{
    CallId, ConversationId, MessageId, Timestamp, UserId, account::Role, call::CallLogFilter,
    conversation::Visibility,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{LogQuery, NewChannel, NewMessage, NewUser, Store, StoreConfig};

const CLIENTS: usize = 16;
const CONVERSATIONS: usize = 100;
const ROUNDS: usize = 3;
const PAGE: u32 = 50;
const HISTORY: u64 = 20_000;
const CALLS: u64 = 100_000;

static COUNTER: AtomicU64 = AtomicU64::new(1);

fn fresh() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + i64::try_from(fresh()).unwrap_or(0))
}

fn main() {
    // `cargo test` runs benchmarks to see that they work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        println!("{:<44} {:>12} {:>12}", "", "sqlite", "postgres");
        let sqlite = Bench::sqlite().await;
        let postgres = Bench::postgres().await;
        for measure in Measure::ALL {
            let first = sqlite.measure(measure).await;
            let second = match &postgres {
                Some(bench) => bench.measure(measure).await.to_string(),
                None => "-".to_owned(),
            };
            println!("{:<44} {first:>12} {second:>12}", measure.name());
        }
        sqlite.clear().await;
        if let Some(postgres) = postgres {
            postgres.clear().await;
        }
    });
}

#[derive(Clone, Copy)]
enum Measure {
    SendSpread,
    SendHot,
    Pages,
    Inbox,
    Log,
    MissedLog,
}

impl Measure {
    const ALL: [Self; 6] = [
        Self::SendSpread,
        Self::SendHot,
        Self::Pages,
        Self::Inbox,
        Self::Log,
        Self::MissedLog,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::SendSpread => "durable sends/s, 100 conversations",
            Self::SendHot => "durable sends/s, one conversation",
            Self::Pages => "history pages of 50/s",
            Self::Inbox => "lists of 100 conversations/s",
            Self::Log => "call log pages of 50/s, 100,000 calls",
            Self::MissedLog => "missed call pages of 50/s, 100,000 calls",
        }
    }
}

struct Bench {
    store: Store,
    conversations: Arc<Vec<ConversationId>>,
    history: ConversationId,
    people: Vec<UserId>,
    place: Place,
}

enum Place {
    File(PathBuf),
    Database { admin: String, name: String },
}

impl Bench {
    async fn sqlite() -> Self {
        let directory = std::env::temp_dir().join(format!("connect-bench-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("the temporary directory is writable");
        let url = format!("sqlite://{}/connect.db", directory.display());
        let file = directory.join("connect.db");
        let bench = Self::fill(&url, Place::File(directory)).await;
        let conn = rusqlite::Connection::open(file).expect("the file opens");
        let numbers = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CALLS})"
        );
        let id = "unhex(printf('%032x', i))";
        let (calls, people) = bench.calls(&numbers, id);
        for sql in [calls, people] {
            conn.execute_batch(&sql).expect("calls can be written");
        }
        bench
    }

    async fn postgres() -> Option<Self> {
        let admin = std::env::var("CONNECT_TEST_POSTGRES").ok()?;
        let name = format!("connect_bench_{}", std::process::id());
        let mut conn = PgConnection::connect(&admin)
            .await
            .expect("the server answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create)
            .execute(&mut conn)
            .await
            .expect("a database can be made");
        let server = admin.rfind('/').map_or(admin.as_str(), |end| &admin[..end]);
        let url = format!("{server}/{name}");
        let bench = Self::fill(&url, Place::Database { admin, name }).await;
        let mut conn = PgConnection::connect(&url)
            .await
            .expect("the server answers");
        let numbers = format!("WITH n AS (SELECT generate_series(1, {CALLS}) AS i)");
        let id = "decode(lpad(to_hex(i), 32, '0'), 'hex')";
        let (calls, people) = bench.calls(&numbers, id);
        for sql in [calls, people, "ANALYZE".to_owned()] {
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut conn)
                .await
                .expect("calls can be written");
        }
        Some(bench)
    }

    async fn fill(url: &str, place: Place) -> Self {
        let store = Store::open(&StoreConfig::new(url))
            .await
            .expect("a new store opens");
        let mut people = Vec::new();
        for number in 0..CLIENTS {
            let id = UserId::from_parts(now(), u128::from(fresh()));
            let user = NewUser {
                id,
                name: format!("Person {number}"),
                email: format!("person{number}@example.org"),
                password_hash: "hash".to_owned(),
                role: Role::Member,
                hue: 0,
                at: now(),
            };
            store.create_user(user).await.expect("a person can be made");
            people.push(id);
        }
        let mut conversations = Vec::new();
        for number in 0..=CONVERSATIONS {
            let id = ConversationId::from_parts(now(), u128::from(fresh()));
            let new = NewChannel {
                id,
                name: format!("channel-{number}"),
                topic: String::new(),
                visibility: Visibility::Public,
                created_by: people[0],
                at: now(),
            };
            store
                .create_channel(new)
                .await
                .expect("a channel can be made");
            let rest = people[1..].to_vec();
            store
                .add_members(id, people[0], rest, now())
                .await
                .expect("people can be added");
            conversations.push(id);
        }
        let history = conversations.pop().expect("there is one more");
        let bench = Self {
            store,
            conversations: Arc::new(conversations),
            history,
            people,
            place,
        };
        let left = Arc::new(AtomicU64::new(HISTORY));
        let mut tasks = Vec::new();
        for user in &bench.people {
            let (store, user, left) = (bench.store.clone(), *user, Arc::clone(&left));
            tasks.push(tokio::spawn(async move {
                while left.fetch_sub(1, Ordering::Relaxed) as i64 > 0 {
                    send(&store, history, user).await;
                }
            }));
        }
        for task in tasks {
            task.await.expect("history is written");
        }
        bench
    }

    /// Statements that write calls of the first person with the second, a tenth of them missed. All
    /// share one record but for the id, which the log does not look at.
    fn calls(&self, numbers: &str, id: &str) -> (String, String) {
        let text = |bytes: [u8; 16]| {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            match self.place {
                Place::File(_) => format!("x'{hex}'"),
                Place::Database { .. } => format!("'\\x{hex}'::bytea"),
            }
        };
        let conversation = text(self.history.to_bytes());
        let (caller, callee) = (
            text(self.people[1].to_bytes()),
            text(self.people[0].to_bytes()),
        );
        let record = record(self.history, self.people[1]);
        let calls = format!(
            "{numbers} INSERT INTO calls
                (id, conversation_id, started_by, version, due_at, ended_at, record)
             SELECT {id}, {conversation}, {caller}, 1, NULL, i, '{record}' FROM n"
        );
        let (yes, no) = match self.place {
            Place::File(_) => ("1", "0"),
            Place::Database { .. } => ("TRUE", "FALSE"),
        };
        let people = format!(
            "{numbers} INSERT INTO call_people (user_id, call_id, outcome, outgoing, missed)
             SELECT {callee}, {id}, 'missed', {no}, CASE WHEN i % 10 = 0 THEN {yes} ELSE {no} END
             FROM n"
        );
        (calls, people)
    }

    async fn measure(&self, measure: Measure) -> u64 {
        let seconds = std::env::var("SECONDS")
            .ok()
            .and_then(|text| text.parse().ok());
        let round = Duration::from_secs_f64(seconds.unwrap_or(2.0));
        let mut results = Vec::new();
        for _ in 0..ROUNDS {
            results.push(self.round(measure, round).await);
        }
        results.sort_unstable();
        results[ROUNDS / 2]
    }

    async fn round(&self, measure: Measure, round: Duration) -> u64 {
        let start = Instant::now();
        let mut tasks = Vec::new();
        for (number, user) in self.people.iter().enumerate() {
            let (store, user, history) = (self.store.clone(), *user, self.history);
            let conversations = Arc::clone(&self.conversations);
            let reader = self.people[0];
            tasks.push(tokio::spawn(async move {
                let mut done: u64 = 0;
                while start.elapsed() < round {
                    let turn = usize::try_from(done).unwrap_or(0) * 7 + number * 13;
                    match measure {
                        Measure::SendSpread => {
                            send(&store, conversations[turn % conversations.len()], user).await;
                        }
                        Measure::SendHot => send(&store, conversations[0], user).await,
                        Measure::Pages => {
                            let before = (turn as u64 * 997) % (HISTORY - 100) + 100;
                            let page = store.page_before(user, history, Some(before), PAGE).await;
                            assert_eq!(page.expect("a page is read").entries.len(), 50);
                        }
                        Measure::Inbox => {
                            let list = store.my_conversations(user).await;
                            assert_eq!(list.expect("a list is read").len(), CONVERSATIONS + 1);
                        }
                        Measure::Log | Measure::MissedLog => {
                            let filter = if matches!(measure, Measure::Log) {
                                CallLogFilter::All
                            } else {
                                CallLogFilter::Missed
                            };
                            let from = (turn as u64 * 997) % (CALLS - 1000) + 1000;
                            let before = CallId::from_bytes(u128::from(from).to_be_bytes());
                            let query = LogQuery {
                                filter,
                                before: Some(before),
                                ..LogQuery::all(PAGE)
                            };
                            let page = store.call_log(reader, &query).await;
                            assert!(page.expect("a page is read").next.is_some());
                        }
                    }
                    done += 1;
                }
                done
            }));
        }
        let mut done = 0;
        for task in tasks {
            done += task.await.expect("a client does not fail");
        }
        (done as f64 / start.elapsed().as_secs_f64()) as u64
    }

    async fn clear(self) {
        self.store.close().await;
        match self.place {
            Place::File(directory) => {
                // What stays behind is in the temporary directory.
                let _ = std::fs::remove_dir_all(directory);
            }
            Place::Database { admin, name } => {
                let mut conn = PgConnection::connect(&admin)
                    .await
                    .expect("the server answers");
                let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
                sqlx::raw_sql(drop)
                    .execute(&mut conn)
                    .await
                    .expect("it can be dropped");
            }
        }
    }
}

async fn send(store: &Store, to: ConversationId, author: UserId) {
    let number = fresh();
    let new = NewMessage {
        id: MessageId::from_parts(now(), u128::from(number) << 20),
        conversation_id: to,
        author,
        nonce: format!("{number:026}"),
        text: "The quick brown fox jumps over the lazy dog, and says so at some length.".to_owned(),
        mentions: Vec::new(),
        call_id: None,
        at: now(),
    };
    store.send_message(new).await.expect("a message is sent");
}

fn record(conversation: ConversationId, by: UserId) -> String {
    let id = CallId::from_bytes([0; 16]);
    format!(
        r#"{{"id":"{id}","conversation_id":"{conversation}","kind":"channel","media":"voice","started_by":"{by}","started_at":0,"answered_at":null,"ended":{{"at":1,"reason":"left"}},"version":1,"session":{{"epoch":1,"mode":"forwarded"}},"card_seq":1,"legs":[],"rings":[],"due":null}}"#
    )
}
