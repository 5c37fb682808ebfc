//! A push service on this host, and the browsers that subscribe at it.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    signature::{self, ECDSA_P256_SHA256_FIXED},
};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::push::{PushKeys, PushMessage, PushStatus, PushSubscriptionRequest};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::{Answer, DEADLINE, Person};

/// Keeps what it is sent, and answers as it was told to.
pub struct PushService {
    pub origin: String,
    posts: UnboundedReceiver<Post>,
    answer: Arc<Mutex<StatusCode>>,
}

/// One push as it came in.
#[derive(Debug)]
pub struct Post {
    pub path: String,
    headers: HeaderMap,
    body: Bytes,
}

type Counter = (UnboundedSender<Post>, Arc<Mutex<StatusCode>>);

impl PushService {
    pub async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (sender, posts) = unbounded_channel();
        let answer = Arc::new(Mutex::new(StatusCode::CREATED));
        let router = Router::new()
            .fallback(take)
            .with_state((sender, Arc::clone(&answer)));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self {
            origin,
            posts,
            answer,
        }
    }

    pub fn answer_with(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    /// The next push that came in.
    pub async fn next(&mut self) -> Post {
        tokio::time::timeout(DEADLINE, self.posts.recv())
            .await
            .expect("a push comes in time")
            .unwrap()
    }
}

async fn take(
    State((sender, answer)): State<Counter>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let path = uri.path().to_owned();
    // Nobody looks any more when the test is over.
    let _ = sender.send(Post {
        path,
        headers,
        body,
    });
    *answer.lock().unwrap()
}

impl Post {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.get(name);
        header
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
            .to_str()
            .unwrap()
    }

    pub fn topic(&self) -> Option<&str> {
        self.headers
            .get("topic")
            .map(|topic| topic.to_str().unwrap())
    }

    /// The claims of the token (RFC 8292), after its signature was checked against the key that
    /// browsers subscribe for.
    pub fn claims(&self, public_key: &str) -> Value {
        let parameters = self.header("authorization").strip_prefix("vapid t=");
        let (token, key) = parameters.unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public_key);
        let (signed, made) = token.rsplit_once('.').unwrap();
        signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key))
            .verify(signed.as_bytes(), &decode(made))
            .unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        serde_json::from_slice(&decode(claims)).unwrap()
    }
}

/// What a browser has of its subscription: what is pushed to it, only it can read.
pub struct Browser {
    pub endpoint: String,
    key: PrivateKey,
    auth: [u8; 16],
}

impl Browser {
    /// Subscribes at the service, and has the person's device pushed to there.
    pub async fn of(person: &Person, service: &PushService) -> Self {
        let browser = Self::at(&service.origin);
        browser.subscribe(person).await.done();
        let status: PushStatus = person.get("/push").await.ok();
        assert_eq!(status.endpoint.as_ref(), Some(&browser.endpoint));
        browser
    }

    pub fn at(origin: &str) -> Self {
        Self {
            endpoint: format!("{origin}/{:032x}", rand::random::<u128>()),
            key: PrivateKey::generate(&ECDH_P256).unwrap(),
            auth: rand::random(),
        }
    }

    pub async fn subscribe(&self, person: &Person) -> Answer {
        let request = person.request(Method::PUT, "/push/subscription");
        Answer::of(request.json(&self.subscription())).await
    }

    pub fn subscription(&self) -> PushSubscriptionRequest {
        PushSubscriptionRequest {
            endpoint: self.endpoint.clone(),
            keys: PushKeys {
                p256dh: URL_SAFE_NO_PAD.encode(self.key.compute_public_key().unwrap()),
                auth: URL_SAFE_NO_PAD.encode(self.auth),
            },
        }
    }

    pub fn is_for(&self, post: &Post) -> bool {
        self.endpoint.ends_with(&post.path)
    }

    /// Reads a push to this browser (RFC 8291, section 3.4, from the other side).
    #[track_caller]
    pub fn read(&self, post: &Post) -> PushMessage {
        assert!(self.is_for(post), "{} got {}", self.endpoint, post.path);
        assert_eq!(post.header("content-encoding"), "aes128gcm");
        let (head, record) = post.body.split_at(86);
        let (salt, rest) = head.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65], "one record of 4096 bytes");
        let theirs = &rest[5..];
        let own = self.key.compute_public_key().unwrap();
        let public = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let ikm = agree(&self.key, public, Unspecified, |secret| {
            let info: [&[u8]; 3] = [b"WebPush: info\0", own.as_ref(), theirs];
            Ok(derive(&self.auth, secret, &info, 32))
        });
        let ikm = ikm.unwrap();
        let key = derive(salt, &ikm, &[b"Content-Encoding: aes128gcm\0"], 16);
        let nonce = derive(salt, &ikm, &[b"Content-Encoding: nonce\0"], 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let mut record = record.to_vec();
        let plaintext = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let (delimiter, message) = plaintext.split_last().unwrap();
        assert_eq!(*delimiter, 2, "the last record");
        serde_json::from_slice(message).unwrap()
    }
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn derive(salt: &[u8], secret: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    let mut derived = vec![0; length];
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, Length(length))
        .unwrap()
        .fill(&mut derived)
        .unwrap();
    derived
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
