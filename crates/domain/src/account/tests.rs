use proptest::prelude::*;

use super::*;

#[test]
fn a_name_is_one_line_that_says_something() {
    assert_eq!(UserName::parse("  Ana Ruiz ").unwrap().as_str(), "Ana Ruiz");
    assert_eq!(UserName::parse(" \t "), Err(TextError::Empty));
    assert_eq!(UserName::parse("Ana\nRuiz"), Err(TextError::Unprintable));
    assert_eq!(UserName::parse("Ana\u{202e}"), Err(TextError::Unprintable));
    assert!(UserName::parse(&"é".repeat(80)).is_ok());
    assert_eq!(
        UserName::parse(&"é".repeat(81)),
        Err(TextError::TooLong { max: 80 })
    );
}

#[test]
fn addresses_that_differ_in_case_are_one() {
    assert_eq!(
        Email::parse(" Ana@Example.ORG"),
        Email::parse("ana@example.org")
    );
}

#[test]
fn what_cannot_be_an_address_is_none() {
    for text in [
        "",
        "ana",
        "@example.org",
        "ana@",
        "a na@example.org",
        "a@b@c",
        "ana@a..b",
    ] {
        assert_eq!(Email::parse(text), Err(EmailError), "{text}");
    }
    assert!(Email::parse(&format!("{}@example.org", "a".repeat(242))).is_ok());
    assert!(Email::parse(&format!("{}@example.org", "a".repeat(243))).is_err());
    assert!(Email::parse("admin@localhost").is_ok());
}

#[test]
fn a_password_is_counted_in_characters_and_bounded_in_bytes() {
    assert!(NewPassword::parse("ééééé123".to_owned()).is_ok());
    assert_eq!(
        NewPassword::parse("ééééé12".to_owned()),
        Err(PasswordError::TooShort { min: 8 })
    );
    assert!(NewPassword::parse("x".repeat(1024)).is_ok());
    assert_eq!(
        NewPassword::parse("x".repeat(1025)),
        Err(PasswordError::TooLong { max: 1024 })
    );
}

#[test]
fn a_password_does_not_print() {
    let password = NewPassword::parse("correct horse".to_owned()).unwrap();
    assert!(!format!("{password:?}").contains("horse"));
}

#[test]
fn the_last_admin_stays_one() {
    let admin = Standing {
        role: Role::Admin,
        disabled: false,
    };
    assert_eq!(
        change_standing(admin, Some(Role::Member), None, 1),
        Err(LastAdmin)
    );
    assert_eq!(change_standing(admin, None, Some(true), 1), Err(LastAdmin));
    assert!(change_standing(admin, Some(Role::Member), None, 2).is_ok());
    assert_eq!(
        change_standing(admin, Some(Role::Admin), Some(false), 1),
        Ok(admin)
    );
    let member = Standing {
        role: Role::Member,
        disabled: false,
    };
    assert!(change_standing(member, None, Some(true), 1).is_ok());
    assert!(change_standing(member, Some(Role::Admin), None, 1).is_ok());
}

#[test]
fn a_device_goes_by_its_browser_and_system() {
    let cases = [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile",
            "Chrome on Android",
        ),
        ("curl/8.5.0", "Unknown device"),
        ("", "Unknown device"),
    ];
    for (user_agent, name) in cases {
        assert_eq!(device_name(user_agent), name, "{user_agent}");
    }
}

proptest! {
    #[test]
    fn a_hue_is_a_number_of_degrees(bytes: [u8; 16]) {
        prop_assert!(hue(UserId::from_bytes(bytes)) < 360);
    }

    #[test]
    fn an_address_once_parsed_stays_itself(text in "[ -~]{0,20}@[a-zA-Z.]{1,10}") {
        if let Ok(email) = Email::parse(&text) {
            let again = Email::parse(email.as_str());
            prop_assert_eq!(again, Ok(email));
        }
    }
}
