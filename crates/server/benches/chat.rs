//! What the chat carries: durable sends in a second, how soon a message is seen by all of a large
//! channel, and what a browser loads before anybody calls. The server is the real one, in this
//! process; its people come over WebSockets.
//!
//! `CONNECT_TEST_POSTGRES` names a server to measure too; `SECONDS` is how long each row takes.
//! Prints a table and writes `target/bench/chat.json`. Each figure stands beside its floor, taken
//! in the same run: the store called directly.

#![allow(clippy::print_stdout, reason = "a table is what a benchmark is for")]

#[path = "chat/client.rs"]
mod client;
#[path = "chat/first_load.rs"]
mod first_load;
#[path = "chat/town.rs"]
mod town;

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use protocol::{ConversationId, MessageId};
use serde::Serialize;
use server::clock::{self, Fresh};
use store::{NewMessage, Store};
use tokio::{runtime::Runtime, sync::mpsc, task::JoinSet};

use self::{
    client::Client,
    town::{Citizen, Town},
};

/// Clients that send at the same time, each waiting for its answer before the next.
const CLIENTS: usize = 16;
/// Sockets a client takes in turn: one of them alone may send forty messages a second.
const SOCKETS_PER_CLIENT: usize = 16;
const PEOPLE: usize = CLIENTS * SOCKETS_PER_CLIENT;
/// Who sees a message to the large channel.
const AUDIENCE: usize = 200;
const SENDS_GOAL: f64 = 4000.0;
const SEEN_GOAL_MS: f64 = 20.0;
const FIRST_LOAD_GOAL_KB: f64 = 110.0;
/// Between messages to the large channel: nobody is flooded.
const PAUSE: Duration = Duration::from_millis(30);
/// The product's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TEXT: &str = "Shall we ship 2.4.1 on Friday, or wait for the new translations?";

/// One line of the table, and of the file.
#[derive(Debug, Serialize)]
struct Row {
    row: String,
    value: f64,
    unit: &'static str,
    peer: Option<String>,
    peer_value: Option<f64>,
    ratio: Option<f64>,
    goal: Option<String>,
}

impl Row {
    fn new(row: String, value: f64, unit: &'static str) -> Self {
        Self {
            row,
            value,
            unit,
            peer: None,
            peer_value: None,
            ratio: None,
            goal: None,
        }
    }

    fn beside(mut self, peer: &str, peer_value: f64) -> Self {
        self.peer = Some(peer.to_owned());
        self.peer_value = Some(peer_value);
        self.ratio = Some(self.value / peer_value);
        self
    }

    fn goal(mut self, relation: &str, goal: f64) -> Self {
        self.goal = Some(format!("{relation} {goal}"));
        self
    }
}

fn main() {
    // `cargo test` runs benchmarks to see that they work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let seconds = std::env::var("SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let length = Duration::from_secs_f64(seconds.unwrap_or(10.0));
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    let data = results.join(format!("chat-{}", std::process::id()));
    fs::create_dir_all(&data).expect("the target directory is writable");

    let files = first_load::files();
    let mut rows = Vec::from_iter(load());
    rows.push(appends(&data, length.min(Duration::from_secs(3))));
    // The store opens it with `synchronous=FULL`.
    rows.extend(measure(
        "SQLite (durable)",
        &data.join("sqlite"),
        None,
        length,
    ));
    if let Some(postgres) = town::Postgres::from_environment() {
        let name = if postgres.is_durable() {
            "Postgres (durable)"
        } else {
            "Postgres (NOT durable)"
        };
        rows.extend(measure(
            name,
            &data.join("postgres"),
            Some(postgres.url()),
            length,
        ));
        postgres.remove();
    }
    rows.extend(first_load(&files));
    let _ = fs::remove_dir_all(&data);

    print(&rows);
    for file in &files {
        let note = if file.is_font { " (not counted)" } else { "" };
        println!(
            "    {:<48} {:>7.1} kB{note}",
            file.path,
            kilobytes(file.bytes)
        );
    }
    let file = results.join("chat.json");
    let json = serde_json::to_string_pretty(&rows).expect("rows are plain");
    fs::write(&file, json + "\n").expect("the target directory is writable");
}

/// What else the machine was doing: two cores are busy from 2 on. None where nobody tells.
fn load() -> Option<Row> {
    let averages = fs::read_to_string("/proc/loadavg").ok()?;
    let minute = averages.split(' ').next()?.parse().ok()?;
    Some(Row::new("load average before".to_owned(), minute, ""))
}

/// None of a build without the client.
fn first_load(files: &[first_load::File]) -> Option<Row> {
    let counted = files.iter().filter(|file| !file.is_font);
    let bytes: usize = counted.map(|file| file.bytes).sum();
    let row = "first load of the client before a call, gzip".to_owned();
    (bytes > 0).then(|| Row::new(row, kilobytes(bytes), "kB").goal("<=", FIRST_LOAD_GOAL_KB))
}

/// Of a thousand bytes.
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}

/// What the disk does: one small append after another, each on the disk before the next.
fn appends(data: &Path, length: Duration) -> Row {
    let mut file = File::create(data.join("appends")).expect("a file can be made");
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < length {
        file.write_all(&[7; 512]).expect("the disk is not full");
        file.sync_data().expect("the disk works");
        done += 1;
    }
    let value = f64::from(done) / start.elapsed().as_secs_f64();
    Row::new("fsynced appends, one after another".to_owned(), value, "/s")
}

fn measure(database: &str, data: &Path, url: Option<String>, length: Duration) -> Vec<Row> {
    // Apart, so that clients that wait do not hold up the server's tasks.
    let servers = Runtime::new().expect("a runtime starts");
    let clients = Runtime::new().expect("a runtime starts");
    let town = servers.block_on(Town::found(data.to_owned(), url, PEOPLE));
    let sends = clients.block_on(sends(&town, length));
    let store_sends = clients.block_on(store_sends(&town, length / 2));
    let mut seen = clients.block_on(seen(&town, length));
    let mut stored = clients.block_on(stored(&town, length / 2));
    servers.block_on(town.stop());
    vec![
        Row::new(
            format!("{database}: durable sends over {CLIENTS} clients"),
            sends,
            "/s",
        )
        .beside("the store called directly", store_sends)
        .goal(">=", SENDS_GOAL),
        Row::new(
            format!("{database}: send to seen by all of {AUDIENCE} sockets, p50"),
            percentile(&mut seen, 50),
            "ms",
        )
        .beside("stored, called directly", percentile(&mut stored, 50)),
        Row::new(
            format!("{database}: send to seen by all of {AUDIENCE} sockets, p99"),
            percentile(&mut seen, 99),
            "ms",
        )
        .beside("stored, called directly", percentile(&mut stored, 99))
        .goal("<=", SEEN_GOAL_MS),
    ]
}

/// Sends in a second. Each person writes in a channel of two, so each message also goes out to
/// two sockets.
async fn sends(town: &Town, length: Duration) -> f64 {
    let mut clients = Vec::new();
    for group in town.people.chunks(SOCKETS_PER_CLIENT) {
        let mut sockets = Vec::new();
        for person in group {
            sockets.push((Client::connect(town, person).await, person.own_channel));
        }
        clients.push(sockets);
    }
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for mut sockets in clients {
        tasks.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < length {
                for (socket, channel) in &mut sockets {
                    socket.send(*channel, TEXT).await;
                    done += 1;
                }
            }
            done
        });
    }
    let done: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

async fn store_sends(town: &Town, length: Duration) -> f64 {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for group in town.people.chunks(SOCKETS_PER_CLIENT) {
        let (store, group) = (town.store().clone(), group.to_vec());
        tasks.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < length {
                for person in &group {
                    write(&store, person, person.own_channel).await;
                    done += 1;
                }
            }
            done
        });
    }
    let done: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// Milliseconds from each message's sending until the last of the audience had it.
async fn seen(town: &Town, length: Duration) -> Vec<f64> {
    let (sightings_in, mut sightings) = mpsc::unbounded_channel();
    let mut audience = JoinSet::new();
    let channel = town.large_channel;
    for person in &town.people[1..=AUDIENCE] {
        let mut client = Client::connect(town, person).await;
        let sightings = sightings_in.clone();
        audience.spawn(async move {
            loop {
                client.see_entry(channel).await;
                if sightings.send(Instant::now()).is_err() {
                    return;
                }
            }
        });
    }
    let mut writer = Client::connect(town, &town.people[0]).await;
    // Everybody's presence is told first.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < length {
        let sent_at = Instant::now();
        writer.send(channel, TEXT).await;
        let mut last = sent_at;
        for _ in 0..AUDIENCE {
            last = last.max(sightings.recv().await.expect("the audience stays"));
        }
        times.push(last.duration_since(sent_at).as_secs_f64() * 1e3);
        tokio::time::sleep(PAUSE).await;
    }
    audience.shutdown().await;
    times
}

/// Milliseconds each send of one person takes in the store.
async fn stored(town: &Town, length: Duration) -> Vec<f64> {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < length {
        let sent_at = Instant::now();
        write(town.store(), &town.people[0], town.large_channel).await;
        times.push(sent_at.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(PAUSE).await;
    }
    times
}

async fn write(store: &Store, author: &Citizen, conversation_id: ConversationId) {
    let at = clock::now();
    let message = NewMessage {
        id: MessageId::fresh(at),
        conversation_id,
        author: author.user_id,
        nonce: format!("{:032x}", clock::random_bits()),
        text: TEXT.to_owned(),
        mentions: Vec::new(),
        call_id: None,
        at,
    };
    store
        .send_message(message)
        .await
        .expect("a member may write");
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * percent).div_ceil(100).max(1) - 1;
    values[place]
}

fn print(rows: &[Row]) {
    println!(
        "{:<72} {:>10} {:>5} {:>10} {:>7}  goal",
        "", "value", "", "floor", "ratio"
    );
    for row in rows {
        let number =
            |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
        println!(
            "{:<72} {:>10.2} {:>5} {:>10} {:>7}  {}",
            row.row,
            row.value,
            row.unit,
            number(row.peer_value),
            number(row.ratio),
            row.goal.as_deref().unwrap_or_default()
        );
    }
}
