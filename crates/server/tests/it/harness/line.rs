//! A tab's socket, as a story: say this, then see that.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use protocol::{
    ConversationId, ErrorBody,
    client::{ClientFrame, ClientMessage, ResumePoint},
    server::{Reply, ServerMessage, Snapshot},
    timeline::Entry,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::header, protocol::CloseFrame},
};

use super::{DEADLINE, Person};

pub struct Line {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u32,
    /// Came while something else was waited for.
    aside: VecDeque<ServerMessage>,
    pub snapshot: Option<Snapshot>,
}

impl Line {
    /// Connects and is greeted.
    pub async fn open(person: &Person, resume: &[ResumePoint]) -> Self {
        let mut line = Self::dial(person).await.unwrap();
        let hello = ClientMessage::Hello {
            protocols: vec![protocol::PROTOCOL_VERSION],
            resume: resume.to_vec(),
            tab: "tab".to_owned(),
        };
        let reply = line.ask(hello).await.unwrap();
        assert!(matches!(reply, Reply::Welcome { .. }), "{reply:?}");
        let snapshot = line
            .see("snapshot", |message| match message {
                ServerMessage::Snapshot { snapshot } => Some(*snapshot.clone()),
                _ => None,
            })
            .await;
        line.snapshot = Some(snapshot);
        line
    }

    /// Connects and says nothing.
    pub async fn dial(person: &Person) -> Result<Self, tungstenite::Error> {
        Self::dial_from(person, None).await
    }

    pub async fn dial_from(
        person: &Person,
        origin: Option<&str>,
    ) -> Result<Self, tungstenite::Error> {
        let url = format!("{}/api/v1/socket", person.url().replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        if let Some(cookie) = &person.cookie {
            request
                .headers_mut()
                .insert(header::COOKIE, cookie.parse().unwrap());
        }
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert(header::ORIGIN, origin.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Self {
            socket,
            next_id: 1,
            aside: VecDeque::new(),
            snapshot: None,
        })
    }

    pub fn snapshot(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("this line was greeted")
    }

    /// Sends a frame and gives its id.
    pub async fn send(&mut self, message: ClientMessage) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        let frame = ClientFrame { id, message };
        self.send_text(&serde_json::to_string(&frame).unwrap())
            .await;
        id
    }

    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Sends without minding whether the other side still listens.
    pub async fn try_send(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        self.socket.send(message).await
    }

    /// Sends a frame and waits for its answer.
    pub async fn ask(&mut self, message: ClientMessage) -> Result<Reply, ErrorBody> {
        let id = self.send(message).await;
        self.answer(id).await
    }

    /// The same, with a server that may die: then there is no answer.
    pub async fn try_ask(&mut self, message: ClientMessage) -> Option<Result<Reply, ErrorBody>> {
        let id = self.next_id;
        self.next_id += 1;
        let frame = ClientFrame { id, message };
        let text = serde_json::to_string(&frame).unwrap();
        self.try_send(Message::text(text)).await.ok()?;
        loop {
            match self.next().await.ok()? {
                ServerMessage::Reply { id: of, reply } if of == id => return Some(Ok(reply)),
                ServerMessage::Failed { id: of, error } if of == id => return Some(Err(error)),
                _ => {}
            }
        }
    }

    pub async fn answer(&mut self, asked: u32) -> Result<Reply, ErrorBody> {
        self.see("answer", |message| match message {
            ServerMessage::Reply { id, reply } if *id == asked => Some(Ok(reply.clone())),
            ServerMessage::Failed { id, error } if *id == asked => Some(Err(error.clone())),
            _ => None,
        })
        .await
    }

    pub async fn say(&mut self, conversation_id: ConversationId, text: &str) -> Entry {
        let message = ClientMessage::SendMessage {
            conversation_id,
            nonce: format!("{:032x}", rand::random::<u128>()),
            text: text.to_owned(),
            call_id: None,
        };
        match self.ask(message).await.unwrap() {
            Reply::Sent { entry } => entry,
            other => panic!("sent was due, not {other:?}"),
        }
    }

    /// Waits until something comes that `pick` takes; the rest stays for later.
    pub async fn see<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&ServerMessage) -> Option<T>,
    ) -> T {
        if let Some((index, found)) = self
            .aside
            .iter()
            .enumerate()
            .find_map(|(index, message)| Some((index, pick(message)?)))
        {
            self.aside.remove(index);
            return found;
        }
        let waiting = async {
            loop {
                let message = self
                    .next()
                    .await
                    .unwrap_or_else(|end| panic!("no {what}: {end:?}"));
                match pick(&message) {
                    Some(found) => return found,
                    None => self.aside.push_back(message),
                }
            }
        };
        match tokio::time::timeout(DEADLINE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("no {what} within {DEADLINE:?}; instead {:?}", self.aside),
        }
    }

    pub async fn see_entry(&mut self, conversation: ConversationId, seq: u64) -> Entry {
        self.see("entry", |message| match message {
            ServerMessage::Entry { entry }
                if entry.conversation_id == conversation && entry.seq == seq =>
            {
                Some(entry.clone())
            }
            _ => None,
        })
        .await
    }

    /// Everything that has come and was not looked for. A round trip first, so that what the
    /// server sent before has come.
    pub async fn unseen(&mut self) -> Vec<ServerMessage> {
        let nowhere = ConversationId::from_bytes([0; 16]);
        let ask = ClientMessage::MarkRead {
            conversation_id: nowhere,
            seq: 1,
        };
        self.ask(ask).await.unwrap_err();
        self.aside
            .drain(..)
            .filter(|message| !matches!(message, ServerMessage::Ping { .. }))
            .collect()
    }

    /// Waits for the end of the socket and gives what it was closed with.
    pub async fn closed(&mut self) -> Option<CloseFrame> {
        let waiting = async {
            loop {
                match self.next().await {
                    Ok(message) => self.aside.push_back(message),
                    Err(end) => return end,
                }
            }
        };
        tokio::time::timeout(DEADLINE, waiting)
            .await
            .expect("the socket closes in time")
    }

    /// Goes away without a word.
    pub fn hang_up(self) {
        drop(self);
    }

    /// Reads nothing more for the time, then goes on.
    pub async fn read_within(&mut self, time: Duration) -> Option<ServerMessage> {
        tokio::time::timeout(time, self.next()).await.ok()?.ok()
    }

    async fn next(&mut self) -> Result<ServerMessage, Option<CloseFrame>> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }
}
