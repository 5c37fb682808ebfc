//! `docs/protocol.md` and the types say the same.

use std::{collections::BTreeSet, fs, path::Path};

use protocol::{
    client::{ClientFrame, ClientMessage},
    media::{ClientMediaMessage, ServerMediaMessage},
    push::PushMessage,
    server::{Reply, ServerMessage},
    timeline::EntryBody,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::{Config, TS};

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    fs::read_to_string(path).expect("the page is in the checkout")
}

/// Every JSON value of every `json` block.
fn examples() -> Vec<Value> {
    let document = document();
    let blocks = document.split("```json\n").skip(1);
    let json = blocks.map(|block| block.split("```").next().expect("a block ends"));
    json.flat_map(|text| {
        serde_json::Deserializer::from_str(text)
            .into_iter::<Value>()
            .map(|value| value.unwrap_or_else(|error| panic!("{error} in {text}")))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// The kinds a union has, from its declaration.
fn kinds<T: TS>() -> BTreeSet<String> {
    let declaration = T::decl(&Config::new());
    let parts = declaration.split("\"kind\": \"").skip(1);
    parts
        .map(|part| part.split('"').next().expect("a kind is quoted").to_owned())
        .collect()
}

/// The kinds shown by those `examples` that `pick` finds a message in, each read as `T` and
/// written again without loss.
fn shown<T: DeserializeOwned + serde::Serialize>(
    pick: impl Fn(&Value) -> Option<&Value>,
) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for example in examples() {
        let Some(message) = pick(&example) else {
            continue;
        };
        let read: T = serde_json::from_value(message.clone())
            .unwrap_or_else(|error| panic!("{error} in {message}"));
        assert_eq!(
            &serde_json::to_value(&read).expect("wire types can be written"),
            message
        );
        shown.insert(
            message["kind"]
                .as_str()
                .expect("a union has a kind")
                .to_owned(),
        );
    }
    shown
}

#[test]
fn every_client_message_is_shown_as_it_is() {
    let shown = shown::<ClientMessage>(|example| example.get("message"));
    assert_eq!(shown, kinds::<ClientMessage>());
    for frame in examples()
        .into_iter()
        .filter(|example| example.get("message").is_some())
    {
        serde_json::from_value::<ClientFrame>(frame).unwrap();
    }
}

/// Data channel messages share the page with the socket's.
fn is_media(example: &Value) -> bool {
    let kind = example["kind"].as_str().unwrap_or_default();
    kinds::<ClientMediaMessage>().contains(kind) || kinds::<ServerMediaMessage>().contains(kind)
}

#[test]
fn every_server_message_is_shown_as_it_is() {
    let shown = shown::<ServerMessage>(|example| {
        let is_other = is_media(example) || example.get("push").is_some();
        (example.get("message").is_none() && !is_other).then_some(example)
    });
    assert_eq!(shown, kinds::<ServerMessage>());
}

#[test]
fn every_reply_is_shown() {
    assert_eq!(
        shown::<Reply>(|example| example.get("reply")),
        kinds::<Reply>()
    );
}

#[test]
fn every_data_channel_message_is_shown() {
    let client = kinds::<ClientMediaMessage>();
    let of = |example: &Value, kinds: &BTreeSet<String>| {
        example["kind"]
            .as_str()
            .is_some_and(|kind| kinds.contains(kind))
    };
    let shown_by_client =
        shown::<ClientMediaMessage>(|example| of(example, &client).then_some(example));
    assert_eq!(shown_by_client, client);
    let server = kinds::<ServerMediaMessage>();
    let shown_by_server =
        shown::<ServerMediaMessage>(|example| of(example, &server).then_some(example));
    assert_eq!(shown_by_server, server);
}

#[test]
fn every_push_is_shown() {
    assert_eq!(
        shown::<PushMessage>(|example| example.get("push")),
        kinds::<PushMessage>()
    );
}

#[test]
fn every_kind_of_entry_is_named() {
    let document = document();
    for kind in kinds::<EntryBody>() {
        assert!(
            document.contains(&format!("`{kind}`")),
            "docs/protocol.md does not name {kind}"
        );
    }
}
