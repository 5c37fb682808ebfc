//! Who may do what, as a table over every endpoint and every frame. A new one without a row fails.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    CallId, ConversationId, ErrorCode, MessageId, PeerId,
    call::{CallMedia, HostAct, ParticipantChange},
    client::ClientMessage,
    media::{DirectSignal, Direction},
    presence::Availability,
    server::Reply,
    timeline::EntryBody,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::http::router;
use utoipa::PartialSchema;

use crate::harness::{Answer, Line, Person, World};

/// Who may come as far as the handler's own checks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum For {
    Everybody,
    SignedIn,
    Admins,
    /// The members of the private conversation in the path. For others it does not exist.
    Members,
}

/// Every endpoint: who it is for, and a body that its members could send.
fn endpoints() -> Vec<(&'static str, &'static str, For, Value)> {
    let none = Value::Null;
    vec![
        ("get", "/setup", For::Everybody, none.clone()),
        (
            "post",
            "/setup",
            For::Everybody,
            json!({
                "token": "x", "workspace_name": "x", "name": "x", "email": "x@example.org", "password": "12345678"
            }),
        ),
        (
            "post",
            "/auth/login",
            For::Everybody,
            json!({"email": "x@example.org", "password": "x"}),
        ),
        ("post", "/auth/logout", For::SignedIn, none.clone()),
        ("get", "/auth/me", For::SignedIn, none.clone()),
        ("get", "/sessions", For::SignedIn, none.clone()),
        ("delete", "/sessions/{device}", For::SignedIn, none.clone()),
        ("patch", "/me", For::SignedIn, json!({})),
        (
            "post",
            "/me/password",
            For::SignedIn,
            json!({"current": "x", "new": "12345678"}),
        ),
        (
            "put",
            "/me/working-hours",
            For::SignedIn,
            json!({
                "days": [true, true, true, true, true, false, false],
                "from": 540, "to": 1020, "time_zone": "Europe/Berlin"
            }),
        ),
        ("delete", "/me/working-hours", For::SignedIn, none.clone()),
        ("put", "/me/picture", For::SignedIn, none.clone()),
        ("delete", "/me/picture", For::SignedIn, none.clone()),
        ("get", "/users", For::SignedIn, none.clone()),
        (
            "patch",
            "/users/{user}",
            For::Admins,
            json!({"disabled": true}),
        ),
        ("get", "/users/{user}/picture", For::SignedIn, none.clone()),
        (
            "patch",
            "/workspace",
            For::Admins,
            json!({"name": "Mine", "call_log": {"kind": "forever"}}),
        ),
        ("get", "/invites", For::Admins, none.clone()),
        ("post", "/invites", For::Admins, json!({})),
        ("get", "/invites/{invite}", For::Everybody, none.clone()),
        ("delete", "/invites/{invite}", For::Admins, none.clone()),
        (
            "post",
            "/invites/{invite}/accept",
            For::Everybody,
            json!({
                "name": "x", "email": "x@example.org", "password": "12345678"
            }),
        ),
        ("get", "/channels", For::SignedIn, none.clone()),
        ("get", "/conversations", For::SignedIn, none.clone()),
        (
            "post",
            "/conversations",
            For::SignedIn,
            json!({"kind": "group", "name": null, "members": []}),
        ),
        (
            "get",
            "/conversations/{conversation}",
            For::Members,
            none.clone(),
        ),
        (
            "patch",
            "/conversations/{conversation}",
            For::Members,
            json!({"topic": "x"}),
        ),
        (
            "put",
            "/conversations/{conversation}/preferences",
            For::Members,
            json!({"muted": true, "rings": true}),
        ),
        (
            "post",
            "/conversations/{conversation}/archive",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/unarchive",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/join",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/leave",
            For::Members,
            none.clone(),
        ),
        (
            "get",
            "/conversations/{conversation}/members",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/members",
            For::Members,
            json!({"user_ids": []}),
        ),
        (
            "delete",
            "/conversations/{conversation}/members/{user}",
            For::Members,
            none.clone(),
        ),
        (
            "get",
            "/conversations/{conversation}/timeline",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/messages",
            For::Members,
            json!({"nonce": "x", "text": "x"}),
        ),
        (
            "patch",
            "/conversations/{conversation}/messages/{message}",
            For::Members,
            json!({"text": "x"}),
        ),
        (
            "delete",
            "/conversations/{conversation}/messages/{message}",
            For::Members,
            none.clone(),
        ),
        (
            "post",
            "/conversations/{conversation}/read",
            For::Members,
            json!({"seq": 1}),
        ),
        ("get", "/calls", For::SignedIn, none.clone()),
        ("get", "/calls/export", For::SignedIn, none.clone()),
        ("get", "/calls/{call}", For::Members, none.clone()),
        ("post", "/calls/seen", For::SignedIn, json!({"calls": null})),
        (
            "post",
            "/calls/{call}/acknowledge",
            For::Members,
            none.clone(),
        ),
        ("post", "/calls/{call}/decline", For::Members, none.clone()),
        ("get", "/push", For::SignedIn, none.clone()),
        (
            "put",
            "/push/subscription",
            For::SignedIn,
            json!({"endpoint": "x", "keys": {"p256dh": "x", "auth": "x"}}),
        ),
        ("delete", "/push/subscription", For::SignedIn, none.clone()),
        ("post", "/push/test", For::SignedIn, none.clone()),
        ("get", "/socket", For::SignedIn, none.clone()),
        ("get", "/openapi.json", For::Everybody, none),
    ]
}

/// A private channel with a message and, where calls run, a call; and those outside of it.
struct Scene {
    _world: World,
    admin: Person,
    member: Person,
    never: Person,
    former: Person,
    secret: ConversationId,
    message: MessageId,
    call: CallId,
    _line: Line,
}

async fn scene() -> Scene {
    let (world, admin) = World::new().await;
    let member = world.invite(&admin, "Mia").await;
    let never = world.invite(&admin, "Nils").await;
    let former = world.invite(&admin, "Finn").await;
    let secret = member.channel("secret", "private").await;
    member.add(secret, &former).await.ok::<Value>();
    let entry = member.say(secret, "Between us").await;
    let EntryBody::Message { message } = entry.body else {
        panic!("{entry:?}")
    };
    member.remove(secret, &former).await.done();
    let mut line = member.connect().await;
    let start = ClientMessage::CallStart {
        conversation_id: secret,
        media: CallMedia::Voice,
        state: ParticipantChange::default(),
        ring: false,
        ring_many: false,
    };
    let call = match line.ask(start).await {
        Ok(Reply::Joined { joined }) => joined.call.id,
        _ => CallId::from_bytes([7; 16]),
    };
    Scene {
        _world: world,
        admin,
        member,
        never,
        former,
        secret,
        message: message.id,
        call,
        _line: line,
    }
}

impl Scene {
    async fn request(&self, who: &Person, method: &str, path: &str, body: &Value) -> Answer {
        let path = path
            .replace("{conversation}", &self.secret.to_string())
            .replace("{message}", &self.message.to_string())
            .replace("{call}", &self.call.to_string())
            .replace("{user}", &self.member.id().to_string())
            .replace("{device}", &self.member.me().device_id.to_string())
            .replace("{invite}", "inv_01jd0000000000000000000001");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let request = who.request(method, &path);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        Answer::of(request).await
    }
}

#[test]
fn the_router_the_document_and_the_table_are_one() {
    let document = serde_json::to_value(router::document()).unwrap();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(|method| (method.clone(), path.clone()))
        })
        .collect();
    let owned = |pairs: Vec<(&str, &str)>| -> BTreeSet<(String, String)> {
        pairs
            .into_iter()
            .map(|(method, path)| (method.to_owned(), path.to_owned()))
            .collect()
    };
    assert_eq!(described, owned(router::ENDPOINTS.to_vec()));
    let table = endpoints()
        .into_iter()
        .map(|(method, path, ..)| (method, path))
        .collect();
    assert_eq!(described, owned(table), "every endpoint has its row");
}

#[tokio::test]
async fn a_stranger_gets_nowhere() {
    let scene = scene().await;
    let stranger = Person::stranger(scene.member.url());
    for (method, path, audience, body) in endpoints() {
        let answer = scene.request(&stranger, method, path, &body).await;
        if audience == For::Everybody {
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        } else {
            assert_eq!(
                answer.refusal(),
                ErrorCode::Unauthenticated,
                "{method} {path}"
            );
        }
    }
    assert!(Line::dial(&stranger).await.is_err());
    let forger = stranger.with_cookie("connect_session=guess");
    assert_eq!(
        forger.get("/auth/me").await.refusal(),
        ErrorCode::Unauthenticated
    );
}

#[tokio::test]
async fn a_private_conversation_does_not_exist_for_others() {
    let scene = scene().await;
    for (method, path, audience, body) in endpoints() {
        if audience != For::Members {
            continue;
        }
        for (who, person) in [
            ("never", &scene.never),
            ("former", &scene.former),
            ("admin", &scene.admin),
        ] {
            let answer = scene.request(person, method, path, &body).await;
            assert_eq!(
                answer.refusal(),
                ErrorCode::NotFound,
                "{who}: {method} {path}"
            );
        }
    }
    let lists = ["/conversations", "/channels", "/calls"];
    for person in [&scene.never, &scene.former, &scene.admin] {
        for list in lists {
            let text = person.get(list).await.text();
            assert!(!text.contains(&scene.secret.to_string()), "{list}: {text}");
        }
        let line = person.connect().await;
        let snapshot = serde_json::to_string(line.snapshot()).unwrap();
        assert!(!snapshot.contains(&scene.secret.to_string()), "{snapshot}");
    }
}

#[tokio::test]
async fn what_is_for_admins_is_refused_to_members() {
    let scene = scene().await;
    for (method, path, audience, body) in endpoints() {
        if audience == For::Admins {
            let answer = scene.request(&scene.never, method, path, &body).await;
            assert_eq!(answer.refusal(), ErrorCode::Forbidden, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn another_persons_device_cannot_be_signed_out() {
    let scene = scene().await;
    let path = format!("/sessions/{}", scene.member.me().device_id);
    assert_eq!(
        scene.never.delete(&path).await.refusal(),
        ErrorCode::NotFound
    );
    assert!(scene.member.get("/auth/me").await.status.is_success());
}

/// Whom a frame concerns.
#[derive(Debug, PartialEq)]
enum About {
    /// The sender only.
    Oneself,
    /// A conversation, or a call in one.
    Place,
}

fn about(message: &ClientMessage) -> About {
    match message {
        ClientMessage::Hello { .. }
        | ClientMessage::Pong
        | ClientMessage::Activity { .. }
        | ClientMessage::SetAvailability { .. } => About::Oneself,
        ClientMessage::SendMessage { .. }
        | ClientMessage::EditMessage { .. }
        | ClientMessage::DeleteMessage { .. }
        | ClientMessage::MarkRead { .. }
        | ClientMessage::Typing { .. }
        | ClientMessage::CallStart { .. }
        | ClientMessage::CallJoin { .. }
        | ClientMessage::CallLeave { .. }
        | ClientMessage::CallEndForAll { .. }
        | ClientMessage::CallHost { .. }
        | ClientMessage::CallAdd { .. }
        | ClientMessage::CallStopRing { .. }
        | ClientMessage::CallStay { .. }
        | ClientMessage::CallGet { .. }
        | ClientMessage::CallChange { .. }
        | ClientMessage::CallMediaState { .. }
        | ClientMessage::RingAcknowledge { .. }
        | ClientMessage::RingPrepare { .. }
        | ClientMessage::RingDecline { .. }
        | ClientMessage::CallSignal { .. }
        | ClientMessage::MediaOffer { .. } => About::Place,
    }
}

/// One frame of every kind, about the secret conversation where it can be.
fn frames(scene: &Scene) -> Vec<ClientMessage> {
    let Scene {
        secret,
        message,
        call,
        ..
    } = *scene;
    let (conversation_id, message_id, call_id) = (secret, message, call);
    let peer_id = PeerId::from_bytes([9; 16]);
    let text = "x".to_owned();
    let state = ParticipantChange::default();
    vec![
        ClientMessage::Hello {
            protocols: vec![1],
            resume: vec![],
            tab: text.clone(),
        },
        ClientMessage::Pong,
        ClientMessage::Activity { active: true },
        ClientMessage::SetAvailability {
            availability: Availability::Available,
        },
        ClientMessage::SendMessage {
            conversation_id,
            nonce: text.clone(),
            text: text.clone(),
            call_id: None,
        },
        ClientMessage::EditMessage {
            conversation_id,
            message_id,
            text: text.clone(),
        },
        ClientMessage::DeleteMessage {
            conversation_id,
            message_id,
        },
        ClientMessage::MarkRead {
            conversation_id,
            seq: 1,
        },
        ClientMessage::Typing { conversation_id },
        ClientMessage::CallStart {
            conversation_id,
            media: CallMedia::Voice,
            state,
            ring: false,
            ring_many: false,
        },
        ClientMessage::CallJoin {
            call_id,
            state,
            move_here: false,
        },
        ClientMessage::CallLeave { call_id, peer_id },
        ClientMessage::CallEndForAll { call_id },
        ClientMessage::CallAdd {
            call_id,
            user_ids: vec![scene.never.id()],
            ring_many: false,
        },
        ClientMessage::CallStopRing {
            call_id,
            user_id: scene.never.id(),
        },
        ClientMessage::CallStay { call_id, peer_id },
        ClientMessage::CallHost {
            call_id,
            act: HostAct::Lock,
        },
        ClientMessage::CallGet { call_id },
        ClientMessage::CallChange {
            call_id,
            peer_id,
            change: state,
        },
        ClientMessage::CallMediaState {
            call_id,
            peer_id,
            epoch: 1,
            connected: true,
        },
        ClientMessage::RingAcknowledge { call_id },
        ClientMessage::RingPrepare { call_id },
        ClientMessage::RingDecline {
            call_id,
            message: Some(text.clone()),
        },
        ClientMessage::CallSignal {
            call_id,
            peer_id,
            to: peer_id,
            epoch: 1,
            signal: DirectSignal::Offer { sdp: text.clone() },
        },
        ClientMessage::MediaOffer {
            call_id,
            peer_id,
            epoch: 1,
            direction: Direction::Up,
            session: 1,
            sdp: text,
        },
    ]
}

#[tokio::test]
async fn every_frame_has_its_sample() {
    let scene = scene().await;
    let schema = serde_json::to_value(ClientMessage::schema()).unwrap();
    let declared: BTreeSet<String> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|variant| {
            variant["properties"]["kind"]["enum"]
                .as_array()
                .unwrap()
                .clone()
        })
        .map(|kind| kind.as_str().unwrap().to_owned())
        .collect();
    let sampled: BTreeMap<String, ()> = frames(&scene)
        .iter()
        .map(|frame| {
            serde_json::to_value(frame).unwrap()["kind"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .map(|kind| (kind, ()))
        .collect();
    assert_eq!(declared, sampled.into_keys().collect());
}

#[tokio::test]
async fn a_frame_about_a_private_conversation_is_refused_to_others() {
    let scene = scene().await;
    let before = scene.member.timeline(scene.secret, "?after=0").await;
    for person in [&scene.never, &scene.former, &scene.admin] {
        let mut line = person.connect().await;
        for frame in frames(&scene) {
            if about(&frame) == About::Place {
                let error = line
                    .ask(frame.clone())
                    .await
                    .expect_err(&format!("{frame:?}"));
                assert_eq!(error.code, ErrorCode::NotFound, "{frame:?}");
            }
        }
    }
    let after = scene.member.timeline(scene.secret, "?after=0").await;
    assert_eq!(before, after, "and nothing was changed");
}

#[tokio::test]
async fn who_leaves_hears_no_more() {
    let scene = scene().await;
    scene
        .member
        .add(scene.secret, &scene.former)
        .await
        .ok::<Value>();
    let mut line = scene.former.connect().await;
    let heard = scene.member.say(scene.secret, "Welcome back").await;
    line.see_entry(scene.secret, heard.seq).await;
    scene
        .member
        .remove(scene.secret, &scene.former)
        .await
        .done();
    scene.member.say(scene.secret, "Between us again").await;
    let unseen = serde_json::to_string(&line.unseen().await).unwrap();
    assert!(unseen.contains("conversation_gone"), "{unseen}");
    assert!(!unseen.contains("Between us again"), "{unseen}");
}
