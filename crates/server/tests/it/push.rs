//! What reaches devices whose browser is closed, through a push service of the test's own.

use std::net::Ipv4Addr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    CallId, ConversationId, ErrorCode,
    call::{CallLogPage, CallMedia, ParticipantChange, RingStatus, RingStopReason},
    client::ClientMessage,
    presence::Availability,
    push::{PushMessage, PushStatus, RingStanding},
    server::{Joined, Reply, ServerMessage},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::push::SUBSCRIPTIONS_MAX;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::harness::{Answer, Browser, Line, Person, Post, PushService, World};

/// Alice calls Bob, whose phone is subscribed and has no page open.
struct Scene {
    world: World,
    alice: Person,
    bob: Person,
    place: ConversationId,
    service: PushService,
    phone: Browser,
}

async fn scene() -> Scene {
    let (world, alice) = World::pushing().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.direct(&bob).await;
    let service = PushService::open().await;
    let phone = Browser::of(&bob, &service).await;
    Scene {
        world,
        alice,
        bob,
        place,
        service,
        phone,
    }
}

async fn call(line: &mut Line, conversation_id: ConversationId) -> Joined {
    let start = ClientMessage::CallStart {
        conversation_id,
        media: CallMedia::Video,
        state: ParticipantChange::default(),
        ring: true,
        ring_many: false,
    };
    match line.ask(start).await {
        Ok(Reply::Joined { joined }) => *joined,
        other => panic!("joined was due, not {other:?}"),
    }
}

async fn join(line: &mut Line, call_id: CallId) {
    let state = ParticipantChange::default();
    let reply = line
        .ask(ClientMessage::CallJoin {
            call_id,
            state,
            move_here: false,
        })
        .await;
    assert!(matches!(reply, Ok(Reply::Joined { .. })), "{reply:?}");
}

async fn hang_up(line: &mut Line, joined: &Joined) {
    let leave = ClientMessage::CallLeave {
        call_id: joined.call.id,
        peer_id: joined.peer_id,
    };
    assert_eq!(line.ask(leave).await, Ok(Reply::Done));
}

async fn ring_status(line: &mut Line, status: RingStatus) {
    line.see("ring status", |message| match message {
        ServerMessage::CallRing { ring, .. } => (ring.status == status).then_some(()),
        ServerMessage::Call { call } => call
            .rings
            .iter()
            .any(|ring| ring.status == status)
            .then_some(()),
        _ => None,
    })
    .await;
}

async fn acknowledge(person: &Person, call_id: CallId) -> bool {
    let path = format!("/calls/{call_id}/acknowledge");
    person
        .post(&path, &json!({}))
        .await
        .ok::<RingStanding>()
        .rings
}

async fn decline(person: &Person, call_id: CallId) {
    let path = format!("/calls/{call_id}/decline");
    person.post(&path, &json!({})).await.done();
}

/// A push that is the device's own wish: whatever was pushed to it before has come before.
async fn try_out(person: &Person) {
    person.post("/push/test", &Value::Null).await.done();
}

fn ttl(post: &Post) -> u64 {
    post.header("ttl").parse().unwrap()
}

fn topic(call_id: CallId) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(call_id.to_bytes()))
}

#[tokio::test]
async fn a_ring_wakes_a_device_without_a_page() {
    let mut scene = scene().await;
    let mut line = scene.alice.connect().await;
    let own = call(&mut line, scene.place).await;
    let call_id = own.call.id;

    let post = scene.service.next().await;
    assert_eq!(post.header("urgency"), "high");
    assert!((30..=45).contains(&ttl(&post)), "{post:?}");
    assert_eq!(post.topic(), topic(call_id).as_deref());
    let status: PushStatus = scene.bob.get("/push").await.ok();
    let claims = post.claims(&status.public_key);
    assert_eq!(claims["aud"], scene.service.origin);
    let PushMessage::Ring {
        call_id: rung,
        conversation_id,
        media,
        from,
        place,
        expires_at,
        silent,
    } = scene.phone.read(&post)
    else {
        panic!("a ring was due")
    };
    assert_eq!((rung, conversation_id), (call_id, scene.place));
    assert_eq!((media, from.as_str()), (CallMedia::Video, "Leah Morgan"));
    assert_eq!((place, silent), (None, false));
    assert_eq!(
        expires_at,
        own.call.started_at + protocol::limits::RING_TIMEOUT
    );

    // The service worker shows it and says so; it needs no socket for that.
    assert!(acknowledge(&scene.bob, call_id).await);
    ring_status(&mut line, RingStatus::Ringing).await;
}

#[tokio::test]
async fn an_answer_on_one_device_closes_the_ring_on_the_others() {
    let mut scene = scene().await;
    let laptop = scene.bob.on_another_device().await;
    let on_laptop = Browser::of(&laptop, &scene.service).await;
    let mut caller = scene.alice.connect().await;
    let call_id = call(&mut caller, scene.place).await.call.id;
    let rings = [scene.service.next().await, scene.service.next().await];
    for browser in [&scene.phone, &on_laptop] {
        let ring = rings.iter().find(|post| browser.is_for(post)).unwrap();
        assert!(matches!(browser.read(ring), PushMessage::Ring { .. }));
    }

    join(&mut laptop.connect().await, call_id).await;
    let post = scene.service.next().await;
    let PushMessage::Stop {
        call_id: stopped,
        reason,
        ..
    } = scene.phone.read(&post)
    else {
        panic!("a stop was due")
    };
    assert_eq!(
        (stopped, reason),
        (call_id, RingStopReason::AnsweredElsewhere)
    );
    assert_eq!(post.topic(), topic(call_id).as_deref());
    assert_eq!(post.header("urgency"), "high");
    assert!(!acknowledge(&scene.bob, call_id).await);
    // The laptop knows by itself.
    try_out(&laptop).await;
    assert_eq!(
        on_laptop.read(&scene.service.next().await),
        PushMessage::Test
    );
}

#[tokio::test]
async fn a_ring_nobody_answered_becomes_the_missed_notice_under_the_same_topic() {
    let mut scene = scene().await;
    let mut line = scene.alice.connect().await;
    let own = call(&mut line, scene.place).await;
    let ring = scene.service.next().await;
    assert!(acknowledge(&scene.bob, own.call.id).await);
    hang_up(&mut line, &own).await;

    let post = scene.service.next().await;
    assert_eq!(post.topic(), ring.topic());
    assert_eq!(post.header("urgency"), "normal");
    assert!(ttl(&post) > 6 * 24 * 60 * 60, "{post:?}");
    let missed = PushMessage::Missed {
        call_id: own.call.id,
        conversation_id: scene.place,
        media: CallMedia::Video,
        from: "Leah Morgan".to_owned(),
        place: None,
        started_at: own.call.started_at,
    };
    assert_eq!(scene.phone.read(&post), missed);
    let log: CallLogPage = scene.bob.get("/calls?filter=missed").await.ok();
    assert_eq!(log.calls.len(), 1);
}

#[tokio::test]
async fn a_ring_is_declined_by_a_device_without_a_page() {
    let mut scene = scene().await;
    let laptop = scene.bob.on_another_device().await;
    let on_laptop = Browser::of(&laptop, &scene.service).await;
    let mut line = scene.alice.connect().await;
    let call_id = call(&mut line, scene.place).await.call.id;
    scene.service.next().await;
    scene.service.next().await;

    decline(&scene.bob, call_id).await;
    line.see("call ended", |message| match message {
        ServerMessage::CallEnded { call } => (call.id == call_id).then_some(()),
        _ => None,
    })
    .await;
    let PushMessage::Stop { reason, .. } = on_laptop.read(&scene.service.next().await) else {
        panic!("a stop was due")
    };
    assert_eq!(reason, RingStopReason::DeclinedElsewhere);
    try_out(&scene.bob).await;
    assert_eq!(
        scene.phone.read(&scene.service.next().await),
        PushMessage::Test
    );
}

#[tokio::test]
async fn a_subscription_the_push_service_has_forgotten_is_forgotten() {
    for status in [StatusCode::GONE, StatusCode::NOT_FOUND] {
        let mut scene = scene().await;
        scene.service.answer_with(status);
        let mut line = scene.alice.connect().await;
        let own = call(&mut line, scene.place).await;
        scene.service.next().await;
        // What waits for the device behind the ring is not sent where the ring could not go.
        hang_up(&mut line, &own).await;
        let refused = scene.bob.post("/push/test", &Value::Null).await;
        assert_eq!(refused.refusal(), ErrorCode::Conflict);
        let status: PushStatus = scene.bob.get("/push").await.ok();
        assert_eq!(status.endpoint, None);
    }
}

#[tokio::test]
async fn a_push_service_out_of_order_is_tried_again() {
    let mut scene = scene().await;
    scene.service.answer_with(StatusCode::SERVICE_UNAVAILABLE);
    let mut line = scene.alice.connect().await;
    call(&mut line, scene.place).await;
    scene.service.next().await;
    scene.service.answer_with(StatusCode::CREATED);
    let again = scene.service.next().await;
    assert!(matches!(scene.phone.read(&again), PushMessage::Ring { .. }));
}

#[tokio::test]
async fn who_signs_out_or_switches_it_off_is_pushed_to_no_more() {
    let mut scene = scene().await;
    let tablet = scene.bob.on_another_device().await;
    Browser::of(&tablet, &scene.service).await;
    let laptop = scene.bob.on_another_device().await;
    let on_laptop = Browser::of(&laptop, &scene.service).await;
    scene.bob.post("/auth/logout", &json!({})).await.done();
    tablet.delete("/push/subscription").await.done();

    let mut line = scene.alice.connect().await;
    let own = call(&mut line, scene.place).await;
    let ring = on_laptop.read(&scene.service.next().await);
    assert!(matches!(ring, PushMessage::Ring { .. }), "{ring:?}");
    assert!(acknowledge(&laptop, own.call.id).await);
    hang_up(&mut line, &own).await;
    let missed = on_laptop.read(&scene.service.next().await);
    assert!(matches!(missed, PushMessage::Missed { .. }), "{missed:?}");
}

#[tokio::test]
async fn the_next_person_at_a_browser_is_not_rung_for_the_one_before() {
    let mut scene = scene().await;
    let cara = scene.world.invite(&scene.alice, "Cara").await;
    scene.phone.subscribe(&cara).await.done();
    let status: PushStatus = scene.bob.get("/push").await.ok();
    assert_eq!(status.endpoint, None);
    let mut line = scene.alice.connect().await;
    call(&mut line, scene.place).await;
    try_out(&cara).await;
    assert_eq!(
        scene.phone.read(&scene.service.next().await),
        PushMessage::Test
    );
}

#[tokio::test]
async fn who_is_not_to_be_disturbed_is_not_pushed_to() {
    let mut scene = scene().await;
    let availability = Availability::DoNotDisturb;
    let set = ClientMessage::SetAvailability { availability };
    let mut own = scene.bob.connect().await;
    assert_eq!(own.ask(set).await, Ok(Reply::Done));
    let mut line = scene.alice.connect().await;
    let joined = call(&mut line, scene.place).await;
    hang_up(&mut line, &joined).await;
    try_out(&scene.bob).await;
    assert_eq!(
        scene.phone.read(&scene.service.next().await),
        PushMessage::Test
    );
}

#[tokio::test]
async fn of_a_muted_conversation_nothing_is_pushed() {
    let mut scene = scene().await;
    let path = format!("/conversations/{}/preferences", scene.place);
    let muted = json!({"muted": true, "rings": true});
    let request = scene.bob.request(Method::PUT, &path).json(&muted);
    Answer::of(request).await.ok::<Value>();
    let mut line = scene.alice.connect().await;
    let joined = call(&mut line, scene.place).await;
    assert!(acknowledge(&scene.bob, joined.call.id).await);
    hang_up(&mut line, &joined).await;
    try_out(&scene.bob).await;
    assert_eq!(
        scene.phone.read(&scene.service.next().await),
        PushMessage::Test
    );
}

#[tokio::test]
async fn an_endpoint_inside_is_refused_unless_the_operator_allows_it() {
    let (_world, leah) = World::new().await;
    for origin in [
        "https://127.0.0.1",
        "https://localhost",
        "https://[::1]:8443",
        "https://169.254.169.254",
        "https://192.168.1.1",
        "http://push.example.net",
    ] {
        let answer = Browser::at(origin).subscribe(&leah).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["error"]["field"], "endpoint", "{origin}");
        assert_eq!(answer.refusal(), ErrorCode::Invalid, "{origin}");
    }
    let status: PushStatus = leah.get("/push").await.ok();
    assert_eq!(status.endpoint, None);
    let refused = leah.post("/push/test", &Value::Null).await;
    assert_eq!(refused.refusal(), ErrorCode::Conflict);
}

#[tokio::test]
async fn only_whoever_is_rung_can_say_so_without_a_page() {
    let scene = scene().await;
    let cara = scene.world.invite(&scene.alice, "Cara").await;
    let group = scene.alice.group(&[&scene.bob, &cara]).await;
    let mut line = scene.alice.connect().await;
    let direct = call(&mut line, scene.place).await;
    for act in ["acknowledge", "decline"] {
        let path = format!("/calls/{}/{act}", direct.call.id);
        let stranger = cara.post(&path, &json!({})).await;
        assert_eq!(stranger.refusal(), ErrorCode::NotFound, "{act}");
        let caller = scene.alice.post(&path, &json!({})).await;
        assert_eq!(caller.refusal(), ErrorCode::Conflict, "{act}");
    }
    ring_status(&mut line, RingStatus::Offline).await;
    hang_up(&mut line, &direct).await;
    // In a call that rings nobody, its members neither.
    let start = ClientMessage::CallStart {
        conversation_id: group,
        media: CallMedia::Voice,
        state: ParticipantChange::default(),
        ring: false,
        ring_many: false,
    };
    let Ok(Reply::Joined { joined }) = line.ask(start).await else {
        panic!("joined was due")
    };
    let path = format!("/calls/{}/decline", joined.call.id);
    let member = cara.post(&path, &json!({})).await;
    assert_eq!(member.refusal(), ErrorCode::Conflict);
}

#[tokio::test]
async fn a_device_tries_out_its_pushes_a_few_times_and_no_more() {
    let mut scene = scene().await;
    for _ in 0..5 {
        try_out(&scene.bob).await;
        let post = scene.service.next().await;
        assert_eq!(post.topic(), None);
        assert_eq!(scene.phone.read(&post), PushMessage::Test);
    }
    let refused = scene.bob.post("/push/test", &Value::Null).await;
    assert_eq!(refused.refusal(), ErrorCode::RateLimited);
}

/// Takes connections and says nothing on them.
async fn silence() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let taking = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    (origin, taking)
}

#[tokio::test]
async fn a_push_service_that_never_answers_holds_nobody_up() {
    let mut scene = scene().await;
    let (origin, taking) = silence().await;
    let cara = scene.world.invite(&scene.alice, "Cara").await;
    // As many devices as one person is pushed to, all at that service.
    let mut device = cara.clone();
    for _ in 0..SUBSCRIPTIONS_MAX {
        Browser::at(&origin).subscribe(&device).await.done();
        device = cara.on_another_device().await;
    }
    let group = scene.alice.group(&[&scene.bob, &cara]).await;
    let mut line = scene.alice.connect().await;
    // The caller waits for no push service, and who is rung for none but their own.
    let own = call(&mut line, group).await;
    let ring = scene.phone.read(&scene.service.next().await);
    assert!(matches!(ring, PushMessage::Ring { .. }), "{ring:?}");
    join(&mut scene.bob.connect().await, own.call.id).await;
    assert!(acknowledge(&cara, own.call.id).await);
    // And the server stops without waiting for it.
    scene.world.stop().await;
    taking.abort();
}
