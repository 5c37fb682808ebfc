//! A fresh store on either engine, and people to fill it with.

use std::{
    path::PathBuf,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use protocol::{
    CallId, ConversationId, DeviceId, InviteId, MessageId, PeerId, Timestamp, UserId,
    account::Role,
    conversation::Visibility,
    timeline::{Entry, EntryBody, Message},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{
    NewChannel, NewDirect, NewGroup, NewMessage, NewUser, Sent, SetUp, Store, StoreConfig,
};

/// Runs each fact once for each engine, so that both are named in the output.
macro_rules! on_both {
    ($($fact:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $fact() {
                let place = crate::harness::Place::sqlite();
                super::$fact(place.store().await).await;
                place.clear().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $fact() {
                let Some(place) = crate::harness::Place::postgres().await else { return };
                super::$fact(place.store().await).await;
                place.clear().await;
            })*
        }
    };
}
pub(crate) use on_both;

static COUNTER: AtomicU64 = AtomicU64::new(0);

fn next() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

macro_rules! fresh {
    ($($name:ident -> $id:ty),*) => {$(
        pub(crate) fn $name() -> $id {
            <$id>::from_parts(at(0), u128::from(next()) << 16)
        }
    )*};
}
fresh!(user_id -> UserId, device_id -> DeviceId, invite_id -> InviteId,
    conversation_id -> ConversationId, message_id -> MessageId, call_id -> CallId,
    peer_id -> PeerId);

/// Where a test's database is.
pub(crate) enum Place {
    File(PathBuf),
    Schema { admin: String, name: String },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let name = format!("connect-store-{}-{}", process::id(), next());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).expect("the temporary directory is writable");
        Self::File(directory)
    }

    /// None where there is no Postgres to test with, which is said, and wrong in CI.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("CONNECT_TEST_POSTGRES") else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "CONNECT_TEST_POSTGRES names the server to test with"
            );
            eprintln!("skipped: CONNECT_TEST_POSTGRES names no server to test with");
            return None;
        };
        let name = format!("connect_store_{}_{}", process::id(), next());
        let place = Self::Schema { admin, name };
        place.administer("CREATE SCHEMA", "").await;
        Some(place)
    }

    pub(crate) fn config(&self) -> StoreConfig {
        match self {
            Self::File(directory) => {
                StoreConfig::new(format!("sqlite://{}/connect.db", directory.display()))
            }
            Self::Schema { admin, name } => {
                let and = if admin.contains('?') { '&' } else { '?' };
                StoreConfig::new(format!("{admin}{and}options=-c%20search_path%3D{name}"))
            }
        }
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.config())
            .await
            .expect("a fresh database opens")
    }

    pub(crate) async fn clear(self) {
        match &self {
            Self::File(directory) => {
                // What stays behind is in the temporary directory.
                let _ = std::fs::remove_dir_all(directory);
            }
            Self::Schema { .. } => self.administer("DROP SCHEMA", "CASCADE").await,
        }
    }

    async fn administer(&self, command: &str, how: &str) {
        let Self::Schema { admin, name } = self else {
            return;
        };
        let mut conn = PgConnection::connect(admin)
            .await
            .expect("the test server answers");
        let sql = AssertSqlSafe(format!("{command} {name} {how}"));
        conn.execute(sql).await.expect("a test may make schemas");
    }
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        id: user_id(),
        name: name.to_owned(),
        email: format!("{}@example.org", name.to_lowercase()),
        password_hash: "hash".to_owned(),
        role: Role::Member,
        hue: 200,
        at: at(0),
    }
}

/// A workspace with its admin in "general".
pub(crate) async fn set_up(store: &Store) -> (UserId, ConversationId) {
    let user = NewUser {
        role: Role::Admin,
        ..new_user("Ada")
    };
    let (id, general) = (user.id, conversation_id());
    let set_up = SetUp {
        workspace_name: "Analytical Engines".to_owned(),
        user,
        general,
        at: at(0),
    };
    store.set_up(set_up).await.unwrap();
    (id, general)
}

pub(crate) async fn person(store: &Store, name: &str) -> UserId {
    store.create_user(new_user(name)).await.unwrap().user.id
}

pub(crate) async fn people<const N: usize>(store: &Store) -> [UserId; N] {
    let mut people = Vec::new();
    for number in 0..N {
        people.push(person(store, &format!("Person{number}")).await);
    }
    people.try_into().expect("as many as asked for")
}

pub(crate) async fn channel(store: &Store, by: UserId, name: &str) -> ConversationId {
    let new = NewChannel {
        id: conversation_id(),
        name: name.to_owned(),
        topic: String::new(),
        visibility: Visibility::Public,
        created_by: by,
        at: at(0),
    };
    store
        .create_channel(new)
        .await
        .unwrap()
        .conversation
        .conversation
        .id
}

pub(crate) async fn group(store: &Store, people: &[UserId]) -> ConversationId {
    let new = NewGroup {
        id: conversation_id(),
        name: None,
        members: people.to_vec(),
        created_by: people[0],
        at: at(0),
    };
    store
        .create_group(new)
        .await
        .unwrap()
        .conversation
        .conversation
        .id
}

pub(crate) fn new_direct(user: UserId, other: UserId) -> NewDirect {
    NewDirect {
        id: conversation_id(),
        user,
        other,
        at: at(0),
    }
}

pub(crate) async fn direct(store: &Store, user: UserId, other: UserId) -> ConversationId {
    let created = store.direct(new_direct(user, other)).await.unwrap();
    created.conversation.conversation.id
}

pub(crate) fn new_message(to: ConversationId, author: UserId, text: &str) -> NewMessage {
    NewMessage {
        id: message_id(),
        conversation_id: to,
        author,
        nonce: format!("nonce-{}", next()),
        text: text.to_owned(),
        mentions: Vec::new(),
        call_id: None,
        at: at(1),
    }
}

pub(crate) async fn say(store: &Store, to: ConversationId, author: UserId, text: &str) -> Entry {
    let Sent { entry, .. } = store
        .send_message(new_message(to, author, text))
        .await
        .unwrap();
    entry
}

pub(crate) fn message(entry: &Entry) -> &Message {
    let EntryBody::Message { message } = &entry.body else {
        panic!("{entry:?} is no message");
    };
    message
}

pub(crate) fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// The whole timeline as a client that catches up from nothing reads it.
pub(crate) async fn whole(store: &Store, of: ConversationId, reader: UserId) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.seq);
        let page = store.page_after(reader, of, after, 7).await.unwrap();
        entries.extend(page.entries);
        if !page.more {
            return entries;
        }
    }
}
