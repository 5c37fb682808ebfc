//! Somebody with a browser, or with curl.

use protocol::{
    ConversationId, ErrorCode,
    account::{InviteCreated, Me},
    conversation::MyConversation,
    rest::{
        AcceptInviteRequest, CreateConversationRequest, CreateInviteRequest, ErrorAnswer,
        LoginRequest,
    },
    timeline::{Entry, TimelinePage},
};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{DEADLINE, Line, PASSWORD};

#[derive(Clone)]
pub struct Person {
    http: Client,
    url: String,
    pub cookie: Option<String>,
    me: Option<Me>,
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Vec<u8>,
}

impl Person {
    /// Nobody the server knows.
    pub fn stranger(url: &str) -> Self {
        Self {
            http: Client::builder().timeout(DEADLINE).build().unwrap(),
            url: url.to_owned(),
            cookie: None,
            me: None,
        }
    }

    /// Whoever this answer signed in.
    pub fn signed_in(url: &str, answer: Answer) -> Self {
        let cookie = answer.headers.get(header::SET_COOKIE).map(|cookie| {
            cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned()
        });
        let me = answer.ok();
        Self {
            cookie,
            me: Some(me),
            ..Self::stranger(url)
        }
    }

    /// Somebody new, whom this person invites.
    pub async fn invite(&self, name: &str) -> Self {
        let request = CreateInviteRequest {
            uses_max: Some(1),
            expires_in_s: None,
        };
        let created: InviteCreated = self.post("/invites", &request).await.ok();
        let token = created.path.strip_prefix("/invite/").unwrap();
        let request = AcceptInviteRequest {
            name: name.to_owned(),
            email: format!("{}@example.org", name.to_lowercase()),
            password: PASSWORD.to_owned(),
        };
        let path = format!("/invites/{token}/accept");
        let answer = Self::stranger(&self.url).post(&path, &request).await;
        Self::signed_in(&self.url, answer)
    }

    /// The same person on another device.
    pub async fn on_another_device(&self) -> Self {
        let request = LoginRequest {
            email: self.me().email.clone(),
            password: PASSWORD.to_owned(),
        };
        let answer = Self::stranger(&self.url)
            .post("/auth/login", &request)
            .await;
        Self::signed_in(&self.url, answer)
    }

    /// Whoever shows this cookie.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self {
            cookie: Some(cookie.to_owned()),
            ..self.clone()
        }
    }

    /// The same person and device at a server that has moved.
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    pub fn me(&self) -> &Me {
        self.me.as_ref().expect("this person is signed in")
    }

    pub fn id(&self) -> protocol::UserId {
        self.me().user.id
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}/api/v1{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn put(&self, path: &str, bytes: Vec<u8>) -> Answer {
        Answer::of(self.request(Method::PUT, path).body(bytes)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A tab of this person's, live.
    pub async fn connect(&self) -> Line {
        Line::open(self, &[]).await
    }

    pub async fn channel(&self, name: &str, visibility: &str) -> ConversationId {
        self.create(
            json!({"kind": "channel", "name": name, "topic": null, "visibility": visibility}),
        )
        .await
    }

    pub async fn group(&self, members: &[&Self]) -> ConversationId {
        let members: Vec<_> = members.iter().map(|person| person.id()).collect();
        self.create(json!({"kind": "group", "name": null, "members": members}))
            .await
    }

    pub async fn direct(&self, with: &Self) -> ConversationId {
        self.create(json!({"kind": "direct", "user_id": with.id()}))
            .await
    }

    async fn create(&self, request: serde_json::Value) -> ConversationId {
        let request: CreateConversationRequest = serde_json::from_value(request).unwrap();
        let created: MyConversation = self.post("/conversations", &request).await.ok();
        created.conversation.id
    }

    pub async fn add(&self, conversation: ConversationId, who: &Self) -> Answer {
        let path = format!("/conversations/{conversation}/members");
        self.post(&path, &json!({"user_ids": [who.id()]})).await
    }

    pub async fn remove(&self, conversation: ConversationId, who: &Self) -> Answer {
        self.delete(&format!(
            "/conversations/{conversation}/members/{}",
            who.id()
        ))
        .await
    }

    pub async fn join(&self, conversation: ConversationId) -> Answer {
        self.post(&format!("/conversations/{conversation}/join"), &json!({}))
            .await
    }

    pub async fn leave(&self, conversation: ConversationId) -> Answer {
        self.post(&format!("/conversations/{conversation}/leave"), &json!({}))
            .await
    }

    pub async fn say(&self, conversation: ConversationId, text: &str) -> Entry {
        let nonce = format!("{:032x}", rand::random::<u128>());
        let path = format!("/conversations/{conversation}/messages");
        self.post(&path, &json!({"nonce": nonce, "text": text}))
            .await
            .ok()
    }

    pub async fn timeline(&self, conversation: ConversationId, asked: &str) -> TimelinePage {
        self.get(&format!("/conversations/{conversation}/timeline{asked}"))
            .await
            .ok()
    }

    pub async fn conversation(&self, conversation: ConversationId) -> MyConversation {
        self.get(&format!("/conversations/{conversation}"))
            .await
            .ok()
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    /// The body of an answer that must be good.
    #[track_caller]
    pub fn ok<T: DeserializeOwned>(self) -> T {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The answer is good and empty.
    #[track_caller]
    pub fn done(self) {
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{}", self.text());
    }

    /// The code of an answer that must be a refusal.
    #[track_caller]
    pub fn refusal(self) -> ErrorCode {
        assert!(!self.status.is_success(), "{} {}", self.status, self.text());
        let answer: ErrorAnswer = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("every refusal has the same form: {}", self.text()));
        answer.error.code
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
