use super::*;

fn person(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn group(name: Option<&str>, members: Vec<UserId>) -> CreateConversationRequest {
    CreateConversationRequest::Group {
        name: name.map(str::to_owned),
        members,
    }
}

#[test]
fn a_name_has_no_space_around_it_and_no_second_line() {
    assert_eq!(
        ConversationName::parse(" release ").unwrap().as_str(),
        "release"
    );
    assert_eq!(ConversationName::parse(""), Err(TextError::Empty));
    assert_eq!(ConversationName::parse("a\nb"), Err(TextError::Unprintable));
    assert_eq!(
        ConversationName::parse(&"x".repeat(61)),
        Err(TextError::TooLong { max: 60 })
    );
}

#[test]
fn names_that_differ_in_case_are_compared_as_one() {
    let key = |name| ConversationName::parse(name).unwrap().key();
    assert_eq!(key("Release"), key("release"));
}

#[test]
fn a_topic_may_be_empty() {
    assert_eq!(Topic::parse("  "), Ok(Topic::default()));
    assert_eq!(
        Topic::parse(&"x".repeat(251)),
        Err(TextError::TooLong { max: 250 })
    );
}

#[test]
fn a_group_has_its_creator_and_everybody_named_once() {
    let request = group(None, vec![person(3), person(2), person(3), person(1)]);
    assert_eq!(
        NewConversation::parse(request, person(1)),
        Ok(NewConversation::Group {
            name: None,
            members: vec![person(2), person(3), person(1)],
        })
    );
}

#[test]
fn a_group_of_oneself_is_none() {
    let request = group(None, vec![person(1)]);
    assert_eq!(
        NewConversation::parse(request, person(1)),
        Err(NewConversationError::Members(MembersError::Nobody))
    );
}

#[test]
fn a_group_ends_at_its_limit() {
    let others = |count: u8| (1..=count).map(person).collect::<Vec<_>>();
    assert!(NewConversation::parse(group(None, others(49)), person(0)).is_ok());
    assert_eq!(
        NewConversation::parse(group(None, others(50)), person(0)),
        Err(NewConversationError::Members(MembersError::TooMany {
            max: 50
        }))
    );
    assert!(has_room(ConversationKind::Group, 50).is_ok());
    assert!(has_room(ConversationKind::Group, 51).is_err());
    assert!(has_room(ConversationKind::Channel, 5000).is_ok());
    assert!(has_room(ConversationKind::Direct, 3).is_err());
}

#[test]
fn a_blank_group_name_is_none() {
    let request = group(Some("  "), vec![person(2)]);
    let parsed = NewConversation::parse(request, person(1)).unwrap();
    assert!(matches!(parsed, NewConversation::Group { name: None, .. }));
}

#[test]
fn one_request_adds_so_many_and_no_more() {
    assert_eq!(people_to_add(vec![]), Err(MembersError::Nobody));
    assert_eq!(
        people_to_add(vec![person(2), person(2)]),
        Ok(vec![person(2)])
    );
    let many = vec![person(1); ADD_MEMBERS_MAX + 1];
    assert_eq!(people_to_add(many), Err(MembersError::TooMany { max: 200 }));
}
