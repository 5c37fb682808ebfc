//! `connect serve`: takes its ports and its data directory, says where it is, runs until told to
//! stop.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use store::{Store, StoreConfig, StoreError};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time,
};

use crate::{
    app::{App, BuildError, Parts, Timing},
    clock,
    config::{Config, PublicUrl},
    data_dir::{DataDir, DataDirError, Secrets},
    gateway::outbox::Closing,
    http::{admin, listener, router},
    limits::Rates,
    media,
};

/// How long sockets have to hear that the server goes away.
const FAREWELL: Duration = Duration::from_secs(8);
/// Clients come back within this time, each at one of its own.
const COME_BACK_WITHIN: Duration = Duration::from_secs(4);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(
        "The TCP address {address} is taken by another program. Stop that one, or choose another with {option}."
    )]
    TcpBusy {
        address: SocketAddr,
        option: &'static str,
    },
    #[error(
        "The UDP port {port} is taken by another program. Stop that one, or choose another with --media-port."
    )]
    UdpBusy { port: u16 },
    #[error("Cannot listen on {address}: {source}. Choose another address with {option}.")]
    Listen {
        address: SocketAddr,
        option: &'static str,
        source: io::Error,
    },
    #[error("Cannot open the database: {0}")]
    Store(#[from] StoreError),
    #[error("Cannot receive signals: {0}")]
    Signals(io::Error),
    #[error("Cannot start media: {0}")]
    Media(io::Error),
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// A server with its ports taken, ready to run.
pub struct Server {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub media_port: u16,
    listener: TcpListener,
    admin: Option<TcpListener>,
    secrets: Secrets,
    _data: DataDir,
}

/// Runs the server in this process until a signal ends it.
pub async fn run(config: Config) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let server = Server::start(&config, Timing::default(), Rates::default()).await?;
    server.announce(&config).await?;
    let app = Arc::clone(&server.app);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("going away");
        app.stopping.cancel();
    });
    server.run().await;
    Ok(())
}

impl Server {
    /// Takes the data directory and the ports, and builds the parts.
    pub async fn start(config: &Config, timing: Timing, rates: Rates) -> Result<Self, ServeError> {
        let data = DataDir::lock(&config.data)?;
        let secrets = data.secrets()?;
        let listener = listen(config.listen, "--listen").await?;
        let address = listener.local_addr().map_err(|source| ServeError::Listen {
            address: config.listen,
            option: "--listen",
            source,
        })?;
        let admin = match config.admin_listen {
            Some(address) => Some(listen(address, "--admin-listen").await?),
            None => None,
        };
        let media_socket = media_socket(config.media_port)?;
        let media_port = media_socket.local_addr().map_err(ServeError::Media)?.port();
        let store = open_store(config, &data).await?;
        let app = App::build(Parts {
            store,
            public_url: config
                .public_url
                .clone()
                .unwrap_or_else(|| PublicUrl::local(address)),
            trusted_proxies: config.trusted_proxies.clone(),
            setup_token: secrets.setup_token.clone(),
            media_socket,
            media_addresses: config.media_addresses.clone(),
            vapid_key: secrets.vapid_key.clone(),
            push_allow_private: config.push_allow_private,
            timing,
            rates,
        })?;
        Ok(Self {
            app,
            address,
            media_port,
            listener,
            admin,
            secrets,
            _data: data,
        })
    }

    /// Prints where the server is; the link for the first admin until there is one.
    async fn announce(&self, config: &Config) -> Result<(), ServeError> {
        let url = &self.app.public_url;
        let mut lines = format!(
            "Connect is ready at {url}\nListening on {} (TCP) and port {} (UDP, media); data in {}\n",
            self.address,
            self.media_port,
            config.data.display()
        );
        if let Some(Ok(address)) = self.admin.as_ref().map(TcpListener::local_addr) {
            lines.push_str(&format!("For operators: http://{address}/metrics\n"));
        }
        if self.app.store.workspace().await?.is_none() {
            let token = &self.secrets.setup_token;
            lines.push_str(&format!("First admin: {url}/setup#token={token}\n"));
        }
        // A closed standard output is no reason not to serve.
        let _ = io::stdout().write_all(lines.as_bytes());
        Ok(())
    }

    /// Serves until `app.stopping`, then says good-bye to every socket.
    pub async fn run(self) {
        let app = self.app;
        app.start_tasks();
        let router = router::web(Arc::clone(&app));
        let mut web = tokio::spawn(listener::serve(self.listener, router, app.stopping.clone()));
        let admin = self.admin.map(|listener| {
            let router = admin::router(Arc::clone(&app));
            tokio::spawn(listener::serve(listener, router, app.stopping.clone()))
        });
        app.stopping.cancelled().await;
        let within = u64::try_from(COME_BACK_WITHIN.as_millis()).unwrap_or(u64::MAX);
        app.hub.close_all(|| Closing::GoingAway {
            retry_after_ms: clock::jitter(within),
        });
        app.tasks.close();
        if time::timeout(FAREWELL, app.tasks.wait()).await.is_err() {
            tracing::warn!("some sockets did not hear that the server goes away");
        }
        // Answers under way have their own time limit, which has nearly passed by now.
        let _ = (&mut web).await;
        if let Some(admin) = admin {
            let _ = admin.await;
        }
        app.store.close().await;
    }
}

/// The store of this configuration.
pub async fn open_store(config: &Config, data: &DataDir) -> Result<Store, StoreError> {
    let url = config
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", data.database().display()));
    Store::open(&StoreConfig::new(url)).await
}

/// Takes a TCP address, or says what to do about it.
pub async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            ServeError::TcpBusy { address, option }
        } else {
            ServeError::Listen {
                address,
                option,
                source,
            }
        }
    })
}

/// Takes the UDP port of media on every address.
pub fn media_socket(port: u16) -> Result<UdpSocket, ServeError> {
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    media::bind(port).map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            ServeError::UdpBusy { port }
        } else {
            ServeError::Listen {
                address,
                option: "--media-port",
                source,
            }
        }
    })
}
