//! Builds every part and joins them: the one file that sees all.

use std::{
    io,
    net::{IpAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use cluster::Bus;
use ipnet::IpNet;
use protocol::limits;
use store::Store;
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    calls::{self, Calls},
    config::PublicUrl,
    gateway::hub::Hub,
    http::error::ApiError,
    limits::{Limits, Rates},
    media::Media,
    metrics::Metrics,
    passwords::Passwords,
    presence::{self, Presences},
    push::{Pushes, vapid::VapidKeyError},
    sign_in,
};

/// The running server.
pub struct App {
    pub store: Store,
    pub hub: Arc<Hub>,
    pub presence: Presences,
    pub calls: Calls,
    pub media: Media,
    pub pushes: Pushes,
    pub passwords: Passwords,
    pub limits: Limits,
    pub metrics: Metrics,
    pub public_url: PublicUrl,
    pub trusted_proxies: Vec<IpNet>,
    pub setup_token: String,
    pub timing: Timing,
    /// Sockets and commands under way; the server ends when they have.
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
}

/// What the parts are built from.
pub struct Parts {
    pub store: Store,
    pub public_url: PublicUrl,
    pub trusted_proxies: Vec<IpNet>,
    pub setup_token: String,
    pub media_socket: UdpSocket,
    pub media_addresses: Vec<IpAddr>,
    /// The private key this server pushes with.
    pub vapid_key: String,
    pub push_allow_private: bool,
    pub timing: Timing,
    pub rates: Rates,
}

/// The shell's own times; tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// A socket says hello by then.
    pub hello: Duration,
    pub heartbeat: Duration,
    pub dead: Duration,
    /// How often a socket's sign-in is looked at again.
    pub review: Duration,
    /// How often changed presence is announced; a person who reloads a page is not announced.
    pub presence: Duration,
    /// Due calls are taken this often.
    pub sweep: Duration,
    /// A push that was not taken is tried again after this, then after twice as long.
    pub push_retry: Duration,
}

/// Why the parts do not fit.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("Cannot start media: {0}")]
    Media(#[from] io::Error),
    #[error(
        "Cannot push: {0}. Bring back the former secrets.toml, or remove the key from it to have a new one made."
    )]
    Push(#[from] VapidKeyError),
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(10),
            heartbeat: limits::HEARTBEAT,
            dead: limits::HEARTBEAT_DEAD,
            review: Duration::from_secs(60),
            presence: Duration::from_secs(1),
            sweep: Duration::from_secs(1),
            push_retry: Duration::from_secs(1),
        }
    }
}

impl App {
    pub fn build(parts: Parts) -> Result<Arc<Self>, BuildError> {
        Ok(Arc::new(Self {
            hub: Hub::new(Bus::local()),
            presence: Presences::default(),
            calls: Calls::default(),
            media: Media::start(parts.media_socket, &parts.media_addresses)?,
            pushes: Pushes::new(
                &parts.vapid_key,
                &parts.public_url,
                parts.push_allow_private,
            )?,
            passwords: Passwords::new(),
            limits: Limits::new(parts.rates),
            metrics: Metrics::default(),
            store: parts.store,
            public_url: parts.public_url,
            trusted_proxies: parts.trusted_proxies,
            setup_token: parts.setup_token,
            timing: parts.timing,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }))
    }

    /// Starts what runs by itself until `stopping`.
    pub fn start_tasks(self: &Arc<Self>) {
        self.tasks.spawn(presence::announce(Arc::clone(self)));
        self.tasks.spawn(calls::sweep(Arc::clone(self)));
        self.tasks.spawn(calls::forget_old(Arc::clone(self)));
        if let Some(events) = self.media.events() {
            let listening = calls::take_media_events(Arc::clone(self), events);
            self.tasks
                .spawn(self.stopping.clone().run_until_cancelled_owned(listening));
        }
        self.tasks.spawn(sign_in::forget_expired(Arc::clone(self)));
    }

    /// The session's cookie. The prefix makes browsers refuse it without https, so it is for
    /// https only.
    pub fn cookie_name(&self) -> &'static str {
        if self.public_url.is_https() {
            "__Host-connect"
        } else {
            "connect_session"
        }
    }

    /// Carries a change through to its announcement even when whoever asked has gone away.
    pub async fn carry_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.tasks
            .spawn(work)
            .await
            .map_err(|error| ApiError::internal(&error))?
    }

    /// The same for work that has something left to do once whoever asked has their answer.
    pub async fn carry_through_then<T: Send + 'static>(
        &self,
        work: impl Future<
            Output = Result<(Result<T, ApiError>, impl Future<Output = ()> + Send), ApiError>,
        > + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let (done, answered) = oneshot::channel();
        // Nobody may wait for the answer any more.
        self.tasks.spawn(async move {
            match work.await {
                Ok((answer, rest)) => {
                    let _ = done.send(answer);
                    rest.await;
                }
                Err(error) => {
                    let _ = done.send(Err(error));
                }
            }
        });
        answered.await.map_err(|error| ApiError::internal(&error))?
    }
}
