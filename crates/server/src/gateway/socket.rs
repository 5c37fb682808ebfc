//! One socket's life: hello, frames in, pushes out, heartbeat, end.
//!
//! Three tasks share it. The reader (this one) judges what comes in and never waits for anything
//! but the client; the worker carries out the frames in their order; the writer empties the
//! outbox. So a slow store does not look like a dead client, nor a slow client like a slow store.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::{
        State,
        ws::{
            CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use protocol::{
    PROTOCOL_VERSION,
    client::{ClientFrame, ClientMessage, ResumePoint},
    limits,
    server::ServerMessage,
};
use serde::Deserialize;
use tokio::{sync::mpsc, task::JoinHandle, time};

use super::{
    bucket::Bucket,
    dispatch, greeting,
    hub::Socket,
    outbox::{Closing, Outbox, Outgoing},
    push::{serialise, weight},
};
use crate::{
    app::App,
    calls, clock,
    http::{error::ApiError, extract::SignedIn},
    sign_in,
};

/// Frames taken and not yet carried out; one more is refused with `rate_limited`.
const INBOX_MAX: usize = limits::SOCKET_BURST as usize;
/// Frames that cannot be read before the socket is closed.
const UNREADABLE_MAX: u32 = 10;
/// Refused frames at once before a socket is closed for flooding; ten a second come back.
const REFUSED_BURST: u32 = 1000;
const REFUSED_PER_SECOND: u32 = 10;
/// A client that takes nothing for this long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a closed socket waits for the client to have read the last words.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// The socket, described in docs/protocol.md
#[utoipa::path(get, path = "/socket", responses((status = 101)))]
pub async fn upgrade(
    State(app): State<Arc<App>>,
    who: SignedIn,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade =
        upgrade.map_err(|_| ApiError::invalid("This address is a WebSocket: upgrade to it."))?;
    if app.stopping.is_cancelled() {
        return Err(ApiError::unavailable());
    }
    let guard = app.tasks.token();
    Ok(upgrade
        .max_message_size(limits::FRAME_BYTES_MAX)
        .max_frame_size(limits::FRAME_BYTES_MAX)
        .read_buffer_size(4 * 1024)
        .on_upgrade(async move |socket| {
            run(app, who, socket).await;
            drop(guard);
        }))
}

async fn run(app: Arc<App>, who: SignedIn, socket: WebSocket) {
    let (sink, mut stream) = socket.split();
    let outbox = Arc::new(Outbox::default());
    let writer = tokio::spawn(write(Arc::clone(&outbox), sink));
    if let Some(hello) = hello(&app, &outbox, &mut stream).await {
        let socket = Arc::new(Socket {
            id: app.hub.next_id(),
            user_id: who.user_id,
            device_id: who.device_id,
            device_name: who.device_name,
            tab: hello.tab,
            outbox: Arc::clone(&outbox),
        });
        if app.hub.register(Arc::clone(&socket)).is_ok() {
            live(&app, &socket, hello.id, &hello.resume, &mut stream, writer).await;
            return;
        }
        outbox.close(Closing::Violation("too many sockets of one person"));
    }
    part(&outbox, &mut stream, writer).await;
}

/// A registered socket, until its end.
async fn live(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    hello_id: u32,
    resume: &[ResumePoint],
    stream: &mut SplitStream<WebSocket>,
    mut writer: JoinHandle<()>,
) {
    match greeting::compose(app, socket, hello_id, resume).await {
        Ok(messages) => {
            socket.outbox.greet(messages.iter().filter_map(text));
            app.metrics.sockets_opened.add_one();
            calls::socket_opened(app, socket).await;
            let (inbox, frames) = mpsc::channel(INBOX_MAX);
            let worker = tokio::spawn(work(Arc::clone(app), Arc::clone(socket), frames));
            let mut reader = Reader::new(app, socket, inbox);
            tokio::select! {
                () = reader.read(stream) => {}
                _ = &mut writer => {}
            }
            let page_closes = reader.page_closes;
            // What was taken is carried out before the calls hear that the socket is gone.
            drop(reader);
            app.hub.unregister(socket);
            if let Err(error) = worker.await {
                tracing::error!(%error, "a socket's worker failed");
            }
            app.presence.disconnected(socket);
            if page_closes {
                calls::page_closing(app, socket).await;
            }
            calls::socket_closed(app, socket).await;
        }
        Err(error) => {
            app.hub.unregister(socket);
            app.presence.disconnected(socket);
            fail(&socket.outbox, hello_id, error);
            socket.outbox.close(Closing::Fault);
        }
    }
    part(&socket.outbox, stream, writer).await;
}

/// Lets the client read the last words: closing a connection with unread input would take them
/// back.
async fn part(outbox: &Outbox, stream: &mut SplitStream<WebSocket>, mut writer: JoinHandle<()>) {
    // Nothing more is coming for a client that left by itself.
    outbox.close(Closing::Fault);
    let end = async {
        if !writer.is_finished() {
            // It ends by itself, and fails when the client is gone.
            let _ = (&mut writer).await;
        }
        while let Some(Ok(_)) = stream.next().await {}
    };
    let _ = time::timeout(CLOSE_WAIT, end).await;
    writer.abort();
}

struct Hello {
    id: u32,
    resume: Vec<ResumePoint>,
    tab: String,
}

/// Waits for the first frame. None: there was no good one, and the outbox is closed.
async fn hello(app: &App, outbox: &Outbox, stream: &mut SplitStream<WebSocket>) -> Option<Hello> {
    let first = async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => return Some(text),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return None,
            }
        }
    };
    let Ok(first) = time::timeout(app.timing.hello, first).await else {
        outbox.close(Closing::Violation("no hello"));
        return None;
    };
    let first = first?;
    let (id, error) = match parse(&first) {
        Ok(ClientFrame {
            id,
            message:
                ClientMessage::Hello {
                    protocols,
                    resume,
                    tab,
                },
        }) => {
            if !protocols.contains(&PROTOCOL_VERSION) {
                (id, ApiError::unsupported_protocol())
            } else if resume.len() > limits::RESUME_CONVERSATIONS_MAX {
                (
                    id,
                    ApiError::field("resume", "Too many conversations in one hello."),
                )
            } else if tab.is_empty() || tab.chars().count() > limits::NONCE_CHARS_MAX {
                (
                    id,
                    ApiError::field("tab", "A tab needs a word of 1 to 64 characters."),
                )
            } else {
                return Some(Hello { id, resume, tab });
            }
        }
        Ok(frame) => (
            frame.id,
            ApiError::invalid("The first frame must be hello."),
        ),
        Err(id) => (id, ApiError::invalid("This frame cannot be read.")),
    };
    fail(outbox, id, error);
    outbox.close(Closing::Violation("no hello"));
    None
}

struct Reader<'a> {
    app: &'a Arc<App>,
    socket: &'a Socket,
    inbox: mpsc::Sender<ClientFrame>,
    frames: Bucket,
    refused: Bucket,
    unreadable: u32,
    heard_at: Instant,
    /// Whether the client closed the socket as browsers do for a page that goes away.
    page_closes: bool,
}

impl<'a> Reader<'a> {
    fn new(app: &'a Arc<App>, socket: &'a Socket, inbox: mpsc::Sender<ClientFrame>) -> Self {
        let now = Instant::now();
        Self {
            app,
            socket,
            inbox,
            frames: Bucket::new(
                limits::SOCKET_BURST,
                limits::SOCKET_MESSAGES_PER_SECOND,
                now,
            ),
            refused: Bucket::new(REFUSED_BURST, REFUSED_PER_SECOND, now),
            unreadable: 0,
            heard_at: now,
            page_closes: false,
        }
    }

    /// Takes frames until the client is gone or is sent away.
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>) {
        let mut heartbeat = time::interval(self.app.timing.heartbeat);
        let mut review = time::interval(self.app.timing.review);
        review.reset();
        loop {
            tokio::select! {
                message = stream.next() => {
                    let Some(Ok(message)) = message else { return };
                    self.heard_at = Instant::now();
                    calls::socket_evidence(self.app, self.socket);
                    if self.take(message).is_break() {
                        return;
                    }
                }
                _ = heartbeat.tick() => {
                    if self.heard_at.elapsed() > self.app.timing.dead {
                        return;
                    }
                    let ping = ServerMessage::Ping { server_time: clock::now() };
                    push(&self.socket.outbox, &ping);
                }
                _ = review.tick() => self.review(),
            }
        }
    }

    fn take(&mut self, message: Message) -> ControlFlow<()> {
        let now = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            // The library answers pings by itself.
            Message::Pong(_) => return ControlFlow::Continue(()),
            Message::Ping(_) => Utf8Bytes::default(),
            Message::Binary(_) => return self.unreadable(0),
            Message::Close(frame) => {
                self.page_closes = frame.is_some_and(|frame| frame.code == close_code::AWAY);
                return ControlFlow::Break(());
            }
        };
        if let Err(wait) = self.frames.take(now) {
            if self.refused.take(now).is_err() {
                self.socket.outbox.close(Closing::Violation("flood"));
            } else {
                fail(
                    &self.socket.outbox,
                    frame_id(&text),
                    ApiError::rate_limited(wait),
                );
            }
            return ControlFlow::Continue(());
        }
        if text.is_empty() {
            return ControlFlow::Continue(());
        }
        let frame = match parse(&text) {
            Ok(frame) => frame,
            Err(id) => return self.unreadable(id),
        };
        if frame.message == ClientMessage::Pong {
            return ControlFlow::Continue(());
        }
        match self.inbox.try_send(frame) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(frame)) => {
                let wait = Duration::from_millis(200);
                fail(&self.socket.outbox, frame.id, ApiError::rate_limited(wait));
            }
            Err(mpsc::error::TrySendError::Closed(_)) => {
                self.socket.outbox.close(Closing::Fault);
            }
        }
        ControlFlow::Continue(())
    }

    fn unreadable(&mut self, id: u32) -> ControlFlow<()> {
        fail(
            &self.socket.outbox,
            id,
            ApiError::invalid("This frame cannot be read."),
        );
        self.unreadable += 1;
        if self.unreadable >= UNREADABLE_MAX {
            self.socket
                .outbox
                .close(Closing::Violation("unreadable frames"));
        }
        ControlFlow::Continue(())
    }

    /// The sign-in may have been ended by another process, or have expired.
    fn review(&self) {
        let (app, outbox) = (Arc::clone(self.app), Arc::clone(&self.socket.outbox));
        let (user, device) = (self.socket.user_id, self.socket.device_id);
        tokio::spawn(async move {
            if !sign_in::is_valid(&app, user, device).await {
                outbox.close(Closing::SignedOut);
            }
        });
    }
}

/// Carries out frames in the order they came.
async fn work(app: Arc<App>, socket: Arc<Socket>, mut frames: mpsc::Receiver<ClientFrame>) {
    while let Some(ClientFrame { id, message }) = frames.recv().await {
        match dispatch::carry_out(&app, &socket, message).await {
            Ok(Some(reply)) => push(&socket.outbox, &ServerMessage::Reply { id, reply }),
            Ok(None) => {}
            Err(error) => fail(&socket.outbox, id, error),
        }
    }
}

/// Empties the outbox until it closes or the client takes nothing more.
async fn write(outbox: Arc<Outbox>, mut sink: SplitSink<WebSocket, Message>) {
    loop {
        let outgoing = outbox.next().await;
        let written = time::timeout(WRITE_TIMEOUT, async {
            match outgoing {
                Outgoing::Message(message) => {
                    sink.feed(Message::Text(message)).await?;
                    if outbox.is_idle() {
                        sink.flush().await?;
                    }
                    Ok(ControlFlow::Continue(()))
                }
                Outgoing::Close(closing) => {
                    if let Some(message) = closing.last_words().as_ref().and_then(text) {
                        sink.feed(Message::Text(message)).await?;
                    }
                    let frame = CloseFrame {
                        code: closing.code(),
                        reason: closing.reason().into(),
                    };
                    sink.send(Message::Close(Some(frame))).await?;
                    Ok::<_, axum::Error>(ControlFlow::Break(()))
                }
            }
        });
        match written.await {
            Ok(Ok(ControlFlow::Continue(()))) => {}
            Ok(Ok(ControlFlow::Break(())) | Err(_)) | Err(_) => return,
        }
    }
}

/// A frame, or the id to refuse it with: its own where that can be read.
fn parse(text: &str) -> Result<ClientFrame, u32> {
    serde_json::from_str(text).map_err(|_| frame_id(text))
}

fn frame_id(text: &str) -> u32 {
    #[derive(Deserialize)]
    struct Frame {
        id: u32,
    }
    serde_json::from_str::<Frame>(text).map_or(0, |frame| frame.id)
}

fn push(outbox: &Outbox, message: &ServerMessage) {
    if let Some(text) = text(message) {
        outbox.push(text, weight(message));
    }
}

fn fail(outbox: &Outbox, id: u32, error: ApiError) {
    let error = error.into_body();
    push(outbox, &ServerMessage::Failed { id, error });
}

fn text(message: &ServerMessage) -> Option<Utf8Bytes> {
    let json: Bytes = serialise(message);
    Utf8Bytes::try_from(json).ok()
}
