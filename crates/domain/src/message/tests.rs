use proptest::prelude::*;

use super::*;

fn person(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn mentioned(text: &str) -> Vec<UserId> {
    mentions(&MessageText::parse(text).unwrap())
}

#[test]
fn a_message_says_something() {
    assert_eq!(MessageText::parse(" \n\t "), Err(TextError::Empty));
    assert_eq!(MessageText::parse("a\0b"), Err(TextError::Unprintable));
    assert!(MessageText::parse("é".repeat(MESSAGE_CHARS_MAX)).is_ok());
    assert_eq!(
        MessageText::parse("é".repeat(MESSAGE_CHARS_MAX + 1)),
        Err(TextError::TooLong {
            max: MESSAGE_CHARS_MAX
        })
    );
}

#[test]
fn empty_lines_around_a_message_go_and_its_indent_stays() {
    let text = MessageText::parse("\r\n \n    let x = 1;\r\n    x\n\n").unwrap();
    assert_eq!(text.as_str(), "    let x = 1;\n    x");
}

#[test]
fn each_person_mentioned_counts_once() {
    let (ana, ben) = (person(1), person(2));
    assert_eq!(
        mentioned(&format!("<@{ana}> and <@{ben}>, <@{ana}>!")),
        [ana, ben]
    );
    assert_eq!(mentioned(&format!("<<@{ana}>")), [ana]);
    assert_eq!(mentioned("<@usr_nobody> <@> <@ <"), []);
}

#[test]
fn code_mentions_nobody() {
    let ana = person(1);
    assert_eq!(mentioned(&format!("`<@{ana}>` ``a ` <@{ana}>``")), []);
    assert_eq!(mentioned(&format!("```\n<@{ana}>\n```")), []);
    assert_eq!(mentioned(&format!("~~~\n```\n<@{ana}>\n~~~\n")), []);
    assert_eq!(mentioned(&format!("```\nx\n```\n<@{ana}>")), [ana]);
    // A lone backtick begins nothing.
    assert_eq!(mentioned(&format!("it`s <@{ana}>")), [ana]);
}

#[test]
fn mentions_end_at_their_limit() {
    let text: String = (0..=u8::try_from(MENTIONS_MAX).unwrap())
        .map(|number| format!("<@{}> ", person(number)))
        .collect();
    assert_eq!(mentioned(&text).len(), MENTIONS_MAX);
}

#[test]
fn a_nonce_is_a_short_word() {
    assert!(Nonce::parse("k3v9-17").is_ok());
    assert!(Nonce::parse("x".repeat(64)).is_ok());
    for nonce in ["", "two words", "é"] {
        assert_eq!(Nonce::parse(nonce), Err(NonceError), "{nonce}");
    }
    assert_eq!(Nonce::parse("x".repeat(65)), Err(NonceError));
}

proptest! {
    #[test]
    fn any_text_is_taken_or_refused(text in "[`~<@>usr_ \n\ta0é]{0,80}") {
        if let Ok(parsed) = MessageText::parse(text) {
            prop_assert!(mentions(&parsed).len() <= MENTIONS_MAX);
            let again = MessageText::parse(parsed.as_str());
            prop_assert_eq!(again, Ok(parsed));
        }
    }
}
