//! A server of one's own, and people to use it.

mod database;
mod line;
mod person;
mod process;
mod push_service;

use std::{path::PathBuf, sync::Arc, time::Duration};

use protocol::rest::SetupRequest;
use server::{
    app::{App, Timing},
    config::Config,
    limits::{Rate, Rates},
    serve::Server,
};
use tokio::task::JoinHandle;

pub use self::{
    database::Database,
    line::Line,
    person::{Answer, Person},
    process::Process,
    push_service::{Browser, Post, PushService},
};

/// No test waits longer for anything; each normally waits for milliseconds.
pub const DEADLINE: Duration = Duration::from_secs(20);
pub const PASSWORD: &str = "correct horse battery";

/// A directory that is gone at the end of the test.
#[derive(Debug)]
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let name = format!("connect-test-{:032x}", rand::random::<u128>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is the temporary directory's business.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server, in this process.
pub struct World {
    pub app: Arc<App>,
    pub url: String,
    serving: JoinHandle<()>,
    config: Config,
    timing: Timing,
    rates: Rates,
    _scratch: Scratch,
}

/// Without the waits that people need and tests do not.
pub fn quick() -> Timing {
    Timing {
        presence: Duration::from_millis(20),
        sweep: Duration::from_millis(50),
        push_retry: Duration::from_millis(20),
        ..Timing::default()
    }
}

fn unlimited() -> Rates {
    let rate = Rate {
        burst: 100_000,
        every: Duration::from_millis(1),
    };
    Rates {
        address: rate,
        email: rate,
    }
}

impl World {
    /// A server on its first run.
    pub async fn unborn() -> Self {
        Self::start(quick(), unlimited()).await
    }

    pub async fn start(timing: Timing, rates: Rates) -> Self {
        Self::start_as(|_| {}, timing, rates).await
    }

    async fn start_as(adapt: impl FnOnce(&mut Config), timing: Timing, rates: Rates) -> Self {
        let scratch = Scratch::new();
        let mut config = Config {
            data: scratch.0.join("data"),
            listen: "127.0.0.1:0".parse().unwrap(),
            media_port: 0,
            media_addresses: Vec::new(),
            public_url: None,
            database: None,
            trusted_proxies: Vec::new(),
            admin_listen: None,
            push_allow_private: false,
            log: "warn".to_owned(),
        };
        adapt(&mut config);
        let (app, url, serving) = serve(&config, timing, rates).await;
        Self {
            app,
            url,
            serving,
            config,
            timing,
            rates,
            _scratch: scratch,
        }
    }

    /// A workspace with its first admin, Leah.
    pub async fn new() -> (Self, Person) {
        Self::with(quick(), unlimited()).await
    }

    pub async fn with(timing: Timing, rates: Rates) -> (Self, Person) {
        let world = Self::start(timing, rates).await;
        let leah = world.set_up().await;
        (world, leah)
    }

    /// The same on Postgres.
    pub async fn on(database: &Database) -> (Self, Person) {
        let adapt = |config: &mut Config| config.database = Some(database.url());
        let world = Self::start_as(adapt, quick(), unlimited()).await;
        let leah = world.set_up().await;
        (world, leah)
    }

    /// Where push services on this host are pushed to.
    pub async fn pushing() -> (Self, Person) {
        let adapt = |config: &mut Config| config.push_allow_private = true;
        let world = Self::start_as(adapt, quick(), unlimited()).await;
        let leah = world.set_up().await;
        (world, leah)
    }

    pub async fn set_up(&self) -> Person {
        let request = SetupRequest {
            token: self.app.setup_token.clone(),
            workspace_name: "Marlow Instruments".to_owned(),
            name: "Leah Morgan".to_owned(),
            email: "leah@example.org".to_owned(),
            password: PASSWORD.to_owned(),
        };
        let answer = Person::stranger(&self.url).post("/setup", &request).await;
        Person::signed_in(&self.url, answer)
    }

    /// Somebody new, invited by `by`.
    pub async fn invite(&self, by: &Person, name: &str) -> Person {
        by.at(&self.url).invite(name).await
    }

    /// Stops the server as SIGTERM does and starts it again on what it has kept.
    pub async fn restart(&mut self) {
        self.stop().await;
        let (app, url, serving) = serve(&self.config, self.timing, self.rates).await;
        (self.app, self.url, self.serving) = (app, url, serving);
    }

    pub async fn stop(&mut self) {
        self.app.stopping.cancel();
        tokio::time::timeout(DEADLINE, &mut self.serving)
            .await
            .expect("the server stops in time")
            .unwrap();
    }
}

async fn serve(
    config: &Config,
    timing: Timing,
    rates: Rates,
) -> (Arc<App>, String, JoinHandle<()>) {
    let server = Server::start(config, timing, rates).await.unwrap();
    let app = Arc::clone(&server.app);
    let url = format!("http://{}", server.address);
    (app, url, tokio::spawn(server.run()))
}
