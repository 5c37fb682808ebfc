//! Whom a call may disturb: muted conversations, groups whose ring a member does not want, and hours
//! at which somebody does not work.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::{
    account::WorkingHours,
    call::{CallOutcome, EndReason},
    conversation::{MyConversation, Preferences},
    limits,
};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::{time::pass, *};
use crate::harness::Answer;

const MUTED: Preferences = Preferences {
    muted: true,
    rings: true,
};
const UNRUNG: Preferences = Preferences {
    muted: false,
    rings: false,
};

async fn put(person: &Person, path: &str, body: &impl Serialize) -> Answer {
    Answer::of(person.request(Method::PUT, path).json(body)).await
}

async fn prefer(person: &Person, place: ConversationId, preferences: Preferences) {
    let path = format!("/conversations/{place}/preferences");
    let mine: MyConversation = put(person, &path, &preferences).await.ok();
    assert_eq!(mine.preferences, preferences);
}

/// Waits until a device is shown this conversation so.
async fn shown(line: &mut Line, place: ConversationId, preferences: Preferences) -> MyConversation {
    line.see("conversation", |message| match message {
        ServerMessage::Conversation { conversation: mine } => {
            let is_it = mine.conversation.id == place && mine.preferences == preferences;
            is_it.then(|| mine.clone())
        }
        _ => None,
    })
    .await
}

fn found(line: &Line, place: ConversationId) -> MyConversation {
    let mut mine = line.snapshot().conversations.iter();
    mine.find(|mine| mine.conversation.id == place)
        .unwrap()
        .clone()
}

async fn hears_no_ring(line: &mut Line) -> bool {
    let rings = |message: &ServerMessage| matches!(message, ServerMessage::Ring { .. });
    !line.unseen().await.iter().any(rings)
}

/// Hours that begin on one day of the week only: so many days from now, by UTC's clock.
fn only_in(days: u64) -> WorkingHours {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let day = now.as_secs() / Duration::from_hours(24).as_secs() + days;
    // The first day of 1970 was a Thursday.
    let weekday = usize::try_from((day + 3) % 7).unwrap();
    let mut hours = at_any_time();
    hours.days = [false; 7];
    hours.days[weekday] = true;
    hours
}

/// Round the clock.
fn at_any_time() -> WorkingHours {
    WorkingHours {
        days: [true; 7],
        from: 0,
        to: 0,
        time_zone: "UTC".to_owned(),
    }
}

#[tokio::test]
async fn a_muted_conversation_s_call_makes_no_sound_and_its_caller_is_not_told_why() {
    let Pair {
        world,
        alice,
        bob,
        place,
    } = pair().await;
    let phone = bob.on_another_device().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    prefer(&bob, place, MUTED).await;
    shown(&mut callee, place, MUTED).await;
    let mut phone = phone.connect().await;
    assert_eq!(found(&phone, place).preferences, MUTED);
    assert_eq!(
        alice.conversation(place).await.preferences,
        Preferences::default(),
        "what somebody mutes is nobody else's business"
    );

    let own = started(&mut caller, place).await;
    let call_id = own.call.id;
    assert_eq!(own.call.rings[0].status, RingStatus::Calling);
    assert!(ring(&mut callee).await.silent);
    assert!(ring(&mut phone).await.silent);
    assert!(bob.connect().await.snapshot().rings[0].silent);
    for line in [&mut callee, &mut phone] {
        line.send(ClientMessage::RingAcknowledge { call_id }).await;
        line.ask(ClientMessage::CallGet { call_id }).await.unwrap();
    }
    // Devices that ring would say so, and it would stay at that.
    pass(&world, call_id, limits::RING_ACKNOWLEDGE).await;
    ring_status(&mut caller, RingStatus::Notified, 0).await;

    joined(&mut callee, call_id).await;
    ring_status(&mut caller, RingStatus::Answered, 0).await;
    assert_eq!(
        ring_stopped(&mut phone).await,
        RingStopReason::AnsweredElsewhere
    );
}

#[tokio::test]
async fn a_conversation_no_longer_muted_rings_again() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    prefer(&bob, place, MUTED).await;
    prefer(&bob, place, Preferences::default()).await;
    started(&mut caller, place).await;
    let ring = ring(&mut callee).await;
    assert!(!ring.silent);
    let call_id = ring.call_id;
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::Ringing, 1).await;
}

#[tokio::test]
async fn a_member_who_wants_no_rings_of_a_group_is_rung_only_by_name() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let cara = world.invite(&alice, "Cara").await;
    let place = alice.group(&[&bob, &cara]).await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let mut other = cara.connect().await;
    prefer(&bob, place, UNRUNG).await;

    let own = started(&mut caller, place).await;
    let call_id = own.call.id;
    let rung: Vec<_> = own.call.rings.iter().map(|ring| ring.user_id).collect();
    assert_eq!(rung, [cara.id()]);
    assert!(!ring(&mut other).await.silent);
    assert!(hears_no_ring(&mut callee).await);
    assert_eq!(bob.connect().await.snapshot().calls[0].id, call_id);

    let add = ClientMessage::CallAdd {
        call_id,
        user_ids: vec![bob.id()],
        ring_many: false,
    };
    caller.ask(add).await.unwrap();
    let ring = ring(&mut callee).await;
    assert_eq!((ring.call_id, ring.silent), (call_id, false));
}

#[tokio::test]
async fn outside_working_hours_a_call_is_shown_silently_and_missed_later() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    let elsewhere = only_in(3);
    put(&bob, "/me/working-hours", &elsewhere).await.done();
    callee
        .see("working hours", |message| match message {
            ServerMessage::Me { me } => (me.working_hours.as_ref()? == &elsewhere).then_some(()),
            _ => None,
        })
        .await;
    let own = started(&mut caller, place).await;
    assert_eq!(own.call.rings[0].status, RingStatus::OffHours);
    let call_id = own.call.id;
    assert!(ring(&mut callee).await.silent);
    callee
        .send(ClientMessage::RingAcknowledge { call_id })
        .await;
    ring_status(&mut caller, RingStatus::OffHours, 1).await;
    done(&mut caller, leave(&own)).await;
    missed(&mut callee, 1).await;
    assert_eq!(
        ended(&mut caller).await.end_reason,
        Some(EndReason::Cancelled)
    );
    assert_eq!(log(&bob, "missed").await[0].outcome, CallOutcome::Missed);
}

#[tokio::test]
async fn within_working_hours_and_without_any_a_call_rings() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut caller = alice.connect().await;
    let mut callee = bob.connect().await;
    put(&bob, "/me/working-hours", &only_in(3)).await.done();
    put(&bob, "/me/working-hours", &at_any_time()).await.done();
    for clears in [true, false] {
        let own = started(&mut caller, place).await;
        assert_eq!(own.call.rings[0].status, RingStatus::Calling);
        assert!(!ring(&mut callee).await.silent);
        done(&mut caller, leave(&own)).await;
        ended(&mut caller).await;
        if clears {
            put(&bob, "/me/working-hours", &only_in(3)).await.done();
            bob.delete("/me/working-hours").await.done();
        }
    }
    assert_eq!(bob.connect().await.snapshot().me.working_hours, None);
}

#[tokio::test]
async fn working_hours_that_cannot_be_are_refused_by_the_field() {
    let (_world, alice) = World::new().await;
    let refused = async |hours: WorkingHours| {
        let answer = put(&alice, "/me/working-hours", &hours).await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.refusal(), ErrorCode::Invalid);
        body["error"]["field"].as_str().unwrap().to_owned()
    };
    let good = at_any_time();
    let days = [false; 7];
    assert_eq!(
        refused(WorkingHours {
            days,
            ..good.clone()
        })
        .await,
        "days"
    );
    let to = 24 * 60;
    assert_eq!(refused(WorkingHours { to, ..good.clone() }).await, "from");
    let time_zone = "Europe/Atlantis".to_owned();
    assert_eq!(
        refused(WorkingHours { time_zone, ..good }).await,
        "time_zone"
    );
    assert_eq!(alice.connect().await.snapshot().me.working_hours, None);
}

#[tokio::test]
async fn in_a_muted_group_only_a_mention_waits_for_its_reader() {
    let (world, alice) = World::new().await;
    let bob = world.invite(&alice, "Bob").await;
    let place = alice.group(&[&bob]).await;
    prefer(&bob, place, MUTED).await;
    alice.say(place, "Lunch?").await;
    let mut line = bob.connect().await;
    let read = found(&line, place).read;
    assert_eq!((read.unread, read.mentions), (1, 0));
    alice.say(place, &format!("<@{}> lunch?", bob.id())).await;
    let read = found(&bob.connect().await, place).read;
    assert_eq!((read.unread, read.mentions), (2, 1));
    prefer(&bob, place, Preferences::default()).await;
    let read = shown(&mut line, place, Preferences::default()).await.read;
    assert_eq!((read.unread, read.mentions), (2, 2));
}
