use proptest::prelude::*;
use protocol::{CallId, IdError, Timestamp, UserId};

#[test]
fn an_id_shows_its_kind() {
    let id = CallId::from_parts(Timestamp::from_millis(1_700_000_000_000), 7);
    assert_eq!(id.to_string(), "call_01hf7yat000000000000000007");
}

#[test]
fn an_id_of_one_kind_is_not_read_as_another() {
    let call = CallId::from_parts(Timestamp::from_millis(1), 1).to_string();
    assert_eq!(call.parse::<UserId>(), Err(IdError::Prefix("usr")));
}

#[test]
fn an_id_has_one_spelling() {
    let id = CallId::from_parts(Timestamp::from_millis(1), 0xabc).to_string();
    let shouted = format!("call_{}", id["call_".len()..].to_uppercase());
    assert_eq!(shouted.parse::<CallId>(), Err(IdError::Malformed));
}

proptest! {
    #[test]
    fn every_id_reads_back_as_itself(bytes: [u8; 16]) {
        let id = UserId::from_bytes(bytes);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(UserId::from_bytes(id.to_bytes()), id);
    }

    #[test]
    fn no_text_panics_the_parser(text in ".*") {
        let _ = text.parse::<UserId>();
        let _ = format!("usr_{text}").parse::<UserId>();
    }
}
