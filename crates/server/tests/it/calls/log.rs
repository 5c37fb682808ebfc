use std::collections::HashMap;

use ::time::{OffsetDateTime, format_description::well_known::Rfc3339};
use protocol::{Timestamp, call::CallsSeenRequest, limits};
use serde_json::json;

use super::*;

/// What a field of a table says of a moment; none when it is empty.
fn instant(field: &str) -> Option<Timestamp> {
    if field.is_empty() {
        return None;
    }
    let at = OffsetDateTime::parse(field, &Rfc3339).unwrap();
    let millis = at.unix_timestamp_nanos() / 1_000_000;
    Some(Timestamp::from_millis(i64::try_from(millis).unwrap()))
}

/// Calls that began and ended, one after the other.
async fn calls(person: &Person, place: ConversationId, count: usize) {
    // New sockets, since one alone may not say so much at once.
    for part in (0..count).collect::<Vec<_>>().chunks(40) {
        let mut line = person.connect().await;
        for _ in part {
            let own = started(&mut line, place).await;
            let call_id = own.call.id;
            done(&mut line, ClientMessage::CallEndForAll { call_id }).await;
        }
    }
}

#[tokio::test]
async fn a_log_as_a_file_has_every_call_as_the_log_does() {
    let (world, leah) = World::new().await;
    let name = "=cmd|' /C calc'!A1";
    let omar = world.invite(&leah, "Omar").await;
    let renamed = json!({"name": name});
    omar.patch("/me", &renamed).await.ok::<serde_json::Value>();
    let place = leah.channel("field, \"north\"", "public").await;
    leah.add(place, &omar).await.ok::<serde_json::Value>();
    calls(&leah, place, 105).await;
    let direct = leah.direct(&omar).await;
    let mut caller = leah.connect().await;
    let mut callee = omar.connect().await;
    let own = started(&mut caller, direct).await;
    joined(&mut callee, own.call.id).await;
    done(&mut caller, leave(&own)).await;
    ended(&mut caller).await;
    let mut expected: Vec<CallLogEntry> = Vec::new();
    let mut query = String::new();
    loop {
        let page: CallLogPage = leah.get(&format!("/calls?limit=30{query}")).await.ok();
        expected.extend(page.calls);
        match page.next {
            Some(next) => query = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(expected.len(), 106);

    let file = leah.get("/calls/export").await;
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"calls.json\""
    );
    assert_eq!(file.ok::<Vec<CallLogEntry>>(), expected);

    let file = leah.get("/calls/export?format=csv").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let text = file.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    assert_eq!(
        &head[0], "call",
        "the mark of its encoding is not part of it"
    );
    let column = |name: &str| head.iter().position(|one| one == name).unwrap();
    let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), expected.len());
    let names = HashMap::from([(leah.id(), "Leah Morgan"), (omar.id(), name)]);
    for (line, entry) in lines.iter().zip(&expected) {
        let call = &entry.call;
        let at = |name: &str| instant(&line[column(name)]);
        let word = |name: &str| serde_json::Value::from(&line[column(name)]);
        let people: Vec<_> = call.people.iter().map(|id| names[id]).collect();
        let talked = call
            .answered_at
            .zip(call.ended_at)
            .map(|(from, to)| to.since(from).as_secs().to_string());
        assert_eq!(line[column("call")], call.id.to_string());
        assert_eq!(at("started_at"), Some(call.started_at));
        assert_eq!(at("answered_at"), call.answered_at);
        assert_eq!(at("ended_at"), call.ended_at);
        assert_eq!(line[column("duration_s")], talked.unwrap_or_default());
        assert_eq!(word("outcome"), json!(entry.outcome));
        assert_eq!(word("media"), json!(call.media));
        assert_eq!(word("end_reason"), json!(call.end_reason));
        assert_eq!(&line[column("direction")], "outgoing");
        assert_eq!(&line[column("started_by")], "Leah Morgan");
        assert_eq!(line[column("people")], people.join(", "));
        assert_eq!(line[column("messages")], call.message_count.to_string());
        let title = if call.conversation_id == place {
            "#field, \"north\"".to_owned()
        } else {
            format!("'{name}")
        };
        assert_eq!(line[column("conversation")], title);
    }

    let narrow = format!("/calls/export?format=csv&conversation={direct}");
    let text = leah.get(&narrow).await.text();
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains(&format!("'{name}")), "no formula: {text}");
}

#[tokio::test]
async fn a_log_is_searched_by_what_its_person_sees() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let place = leah.channel("tides", "public").await;
    calls(&leah, place, 2).await;
    let found = async |query: &str| {
        let page: CallLogPage = leah.get(&format!("/calls?{query}")).await.ok();
        page.calls.len()
    };
    assert_eq!(found("text=TIDE").await, 2);
    assert_eq!(found("text=%20").await, 2, "nothing narrows nothing");
    assert_eq!(found("text=omar").await, 0);
    assert_eq!(found(&format!("conversation={place}")).await, 2);
    assert_eq!(found(&format!("person={}", omar.id())).await, 0);
    assert_eq!(found("from=9000000000000").await, 0);
    assert_eq!(found("until=9000000000000").await, 2);
    let long = "x".repeat(limits::CALL_LOG_TEXT_CHARS_MAX);
    assert_eq!(found(&format!("text={long}")).await, 0);
    let refusal = leah.get(&format!("/calls?text={long}x")).await.refusal();
    assert_eq!(refusal, ErrorCode::Invalid);
    let page: CallLogPage = omar.get("/calls?text=tides").await.ok();
    assert!(page.calls.is_empty(), "somebody else's calls are not found");
}

#[tokio::test]
async fn a_missed_call_is_seen_on_every_device_at_once() {
    let Pair {
        world: _world,
        alice,
        bob,
        place,
    } = pair().await;
    let mut laptop = bob.connect().await;
    let mut phone = bob.on_another_device().await.connect().await;
    let mut caller = alice.connect().await;
    for unseen in 1..=2 {
        let own = started(&mut caller, place).await;
        let call_id = ring(&mut laptop).await.call_id;
        laptop
            .send(ClientMessage::RingAcknowledge { call_id })
            .await;
        ring_status(&mut caller, RingStatus::Ringing, 1).await;
        done(&mut caller, leave(&own)).await;
        missed(&mut laptop, unseen).await;
        missed(&mut phone, unseen).await;
    }
    let calls = log(&bob, "missed").await;
    let one = CallsSeenRequest {
        calls: Some(vec![calls[0].call.id]),
    };
    bob.post("/calls/seen", &one).await.done();
    missed(&mut phone, 1).await;
    missed(&mut laptop, 1).await;
    let again = log(&bob, "missed").await;
    assert_eq!((again[0].unseen, again[1].unseen), (false, true));
    let many = CallsSeenRequest {
        calls: Some(vec![calls[0].call.id; limits::CALLS_SEEN_MAX + 1]),
    };
    let refusal = bob.post("/calls/seen", &many).await.refusal();
    assert_eq!(refusal, ErrorCode::Invalid);
}
