//! A server with its people, put into the store directly: signing up is not what is measured.

use std::{path::PathBuf, sync::Arc, time::Duration};

use protocol::{ConversationId, DeviceId, UserId, account::Role, conversation::Visibility};
use server::{
    app::{App, Timing},
    clock::{self, Fresh},
    config::Config,
    limits::Rates,
    serve::Server,
    sign_in::token_hash,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{NewChannel, NewSession, NewUser, SetUp, Store};
use tokio::{runtime::Runtime, task::JoinHandle};

pub(super) struct Town {
    app: Arc<App>,
    url: String,
    serving: JoinHandle<()>,
    pub(super) people: Vec<Citizen>,
    /// Everybody is in it.
    pub(super) large_channel: ConversationId,
}

#[derive(Clone)]
pub(super) struct Citizen {
    pub(super) user_id: UserId,
    pub(super) cookie: String,
    /// This person and the next are in it.
    pub(super) own_channel: ConversationId,
}

impl Town {
    pub(super) async fn found(data: PathBuf, database: Option<String>, people: usize) -> Self {
        let config = Config {
            data,
            listen: ([127, 0, 0, 1], 0).into(),
            media_port: 0,
            media_addresses: Vec::new(),
            public_url: None,
            database,
            trusted_proxies: Vec::new(),
            admin_listen: None,
            push_allow_private: false,
            log: "warn".to_owned(),
        };
        let server = Server::start(&config, Timing::default(), Rates::default())
            .await
            .expect("the server starts");
        let app = Arc::clone(&server.app);
        let (people, large_channel) = settle(&app, people).await;
        let url = format!("ws://{}/api/v1/socket", server.address);
        Self {
            app,
            url,
            serving: tokio::spawn(server.run()),
            people,
            large_channel,
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.app.store
    }

    pub(super) fn socket_url(&self) -> &str {
        &self.url
    }

    pub(super) async fn stop(self) {
        self.app.stopping.cancel();
        self.serving.await.expect("the server stops by itself");
    }
}

async fn settle(app: &App, count: usize) -> (Vec<Citizen>, ConversationId) {
    let store = &app.store;
    let at = clock::now();
    let first = newcomer(0);
    let mut user_ids = vec![first.id];
    let set_up = SetUp {
        workspace_name: "Town".to_owned(),
        user: first,
        general: ConversationId::fresh(at),
        at,
    };
    store.set_up(set_up).await.expect("the store is new");
    for number in 1..count {
        let user = newcomer(number);
        user_ids.push(user.id);
        store.create_user(user).await.expect("a person can be made");
    }
    let large_channel = channel(store, "everybody", &user_ids).await;
    let mut people = Vec::new();
    for (number, user_id) in user_ids.iter().copied().enumerate() {
        let next = user_ids[(number + 1) % user_ids.len()];
        let token = format!("{:032x}", clock::random_bits());
        let session = NewSession {
            device_id: DeviceId::fresh(at),
            user_id,
            token_hash: token_hash(&token),
            name: "a client".to_owned(),
            at,
            expires_at: at + Duration::from_secs(24 * 60 * 60),
        };
        store
            .create_session(session)
            .await
            .expect("a device can be made");
        people.push(Citizen {
            user_id,
            cookie: format!("{}={token}", app.cookie_name()),
            own_channel: channel(store, &format!("two-{number}"), &[user_id, next]).await,
        });
    }
    (people, large_channel)
}

fn newcomer(number: usize) -> NewUser {
    let at = clock::now();
    NewUser {
        id: UserId::fresh(at),
        name: format!("Person {number}"),
        email: format!("person{number}@example.org"),
        password_hash: "none".to_owned(),
        role: if number == 0 {
            Role::Admin
        } else {
            Role::Member
        },
        hue: 0,
        at,
    }
}

async fn channel(store: &Store, name: &str, members: &[UserId]) -> ConversationId {
    let at = clock::now();
    let id = ConversationId::fresh(at);
    let new = NewChannel {
        id,
        name: name.to_owned(),
        topic: String::new(),
        visibility: Visibility::Public,
        created_by: members[0],
        at,
    };
    store
        .create_channel(new)
        .await
        .expect("a channel can be made");
    let others = members[1..].to_vec();
    store
        .add_members(id, members[0], others, at)
        .await
        .expect("people can be added");
    id
}

/// A database of one's own on the server for tests.
pub(super) struct Postgres {
    runtime: Runtime,
    admin: String,
    name: String,
}

impl Postgres {
    pub(super) fn from_environment() -> Option<Self> {
        let admin = std::env::var("CONNECT_TEST_POSTGRES").ok()?;
        let postgres = Self {
            runtime: Runtime::new().expect("a runtime starts"),
            admin,
            name: format!("connect_bench_chat_{}", std::process::id()),
        };
        postgres.run(format!("CREATE DATABASE {}", postgres.name));
        Some(postgres)
    }

    pub(super) fn url(&self) -> String {
        let server = self
            .admin
            .rfind('/')
            .map_or(self.admin.as_str(), |end| &self.admin[..end]);
        format!("{server}/{}", self.name)
    }

    /// Whether what it says is committed is on the disk: that of the tests is not.
    pub(super) fn is_durable(&self) -> bool {
        ["fsync", "synchronous_commit"].iter().all(|setting| {
            let shown: String = self.runtime.block_on(async {
                let mut conn = PgConnection::connect(&self.admin)
                    .await
                    .expect("the server answers");
                sqlx::query_scalar(AssertSqlSafe(format!("SHOW {setting}")))
                    .fetch_one(&mut conn)
                    .await
                    .expect("there is such a setting")
            });
            shown == "on"
        })
    }

    pub(super) fn remove(self) {
        self.run(format!("DROP DATABASE {}", self.name));
    }

    fn run(&self, sql: String) {
        self.runtime.block_on(async {
            let mut conn = PgConnection::connect(&self.admin)
                .await
                .expect("the server answers");
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut conn)
                .await
                .expect("it may do that");
        });
    }
}
