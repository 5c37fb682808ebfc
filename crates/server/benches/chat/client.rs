//! A browser's socket, as far as a measurement needs one: it says, and sees entries.

use futures_util::{SinkExt, StreamExt};
use protocol::{
    ConversationId, PROTOCOL_VERSION,
    client::{ClientFrame, ClientMessage},
};
use serde::Deserialize;
use server::clock;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::header},
};

use super::town::{Citizen, Town};

pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u32,
}

/// The start of a server's message: reading all of it would measure the client.
#[derive(Debug, Deserialize)]
struct Head {
    kind: String,
    id: Option<u32>,
    entry: Option<EntryHead>,
    error: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct EntryHead {
    conversation_id: ConversationId,
}

impl Client {
    /// Connects and is greeted.
    pub(super) async fn connect(town: &Town, person: &Citizen) -> Self {
        let mut request = town
            .socket_url()
            .into_client_request()
            .expect("the address is one");
        let cookie = person.cookie.parse().expect("the cookie is plain");
        request.headers_mut().insert(header::COOKIE, cookie);
        let (socket, _) = connect_async(request)
            .await
            .expect("the server takes sockets");
        let mut client = Self { socket, next_id: 1 };
        let hello = ClientMessage::Hello {
            protocols: vec![PROTOCOL_VERSION],
            resume: Vec::new(),
            tab: "tab".to_owned(),
        };
        client.ask(hello).await;
        while client.next().await.kind != "snapshot" {}
        client
    }

    /// Sends a message and waits until it is stored.
    pub(super) async fn send(&mut self, conversation_id: ConversationId, text: &str) {
        self.ask(ClientMessage::SendMessage {
            conversation_id,
            nonce: format!("{:032x}", clock::random_bits()),
            text: text.to_owned(),
            call_id: None,
        })
        .await;
    }

    /// Waits for an entry of this conversation.
    pub(super) async fn see_entry(&mut self, of: ConversationId) {
        loop {
            let head = self.next().await;
            if head.kind == "entry" && head.entry.is_some_and(|entry| entry.conversation_id == of) {
                return;
            }
        }
    }

    async fn ask(&mut self, message: ClientMessage) {
        let id = self.say(message).await;
        loop {
            let head = self.next().await;
            if head.id == Some(id) {
                assert_eq!(head.kind, "reply", "{:?}", head.error);
                return;
            }
        }
    }

    async fn say(&mut self, message: ClientMessage) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        let frame = serde_json::to_string(&ClientFrame { id, message }).expect("frames are plain");
        self.socket
            .send(Message::text(frame))
            .await
            .expect("the server listens");
        id
    }

    async fn next(&mut self) -> Head {
        loop {
            let message = self.socket.next().await.expect("the server stays");
            let Message::Text(text) = message.expect("the connection holds") else {
                continue;
            };
            let head: Head = serde_json::from_str(&text).expect("the server speaks JSON");
            if head.kind == "ping" {
                self.say(ClientMessage::Pong).await;
            } else {
                return head;
            }
        }
    }
}
