use super::*;

/// What each action answers, by place. `y` may, `j` should join first, `f` is forbidden, `k` is not
/// there in this kind of conversation; the last column says whether an archive refuses it.
///
/// channel: outsider, member, creator, admin outside, admin inside · group: member, creator, admin
/// · direct message: person, admin.
const TABLE: [(Action, &str, bool); 27] = [
    (Action::Find, "yyyyy yyy yy", false),
    (Action::Read, "yyyyy yyy yy", false),
    (Action::SeeMembers, "yyyyy yyy yy", false),
    (Action::Post, "jyyjy yyy yy", true),
    (Action::EditOwn, "jyyjy yyy yy", true),
    (Action::DeleteOwn, "jyyjy yyy yy", false),
    (Action::DeleteOthers, "fffyy ffy ff", false),
    (Action::React, "jyyjy yyy yy", true),
    (Action::Type, "jyyjy yyy yy", true),
    (Action::MarkRead, "jyyjy yyy yy", false),
    (Action::SetPreferences, "jyyjy yyy yy", false),
    (Action::Rename, "ffyyy yyy kk", true),
    (Action::SetTopic, "jyyjy yyy kk", true),
    (Action::Join, "yyyyy kkk kk", true),
    (Action::Leave, "jyyjy yyy kk", false),
    (Action::AddMembers, "jyyjy yyy kk", true),
    (Action::RemoveMember, "ffyyy fyy kk", false),
    (Action::Archive, "ffyyy fyy kk", false),
    (Action::Unarchive, "ffyyy fyy kk", false),
    (Action::StartCall, "jyyjy yyy yy", true),
    (Action::SeeCall, "yyyyy yyy yy", false),
    (Action::JoinCall, "jyyjy yyy yy", true),
    (Action::AddToCall, "jyyjy yyy yy", true),
    (Action::HostCall { host: true }, "jyyjy yyy kk", false),
    (Action::HostCall { host: false }, "ffyyy fyy kk", false),
    (Action::EndCallForAll { host: true }, "jyyjy yyy yy", false),
    (Action::EndCallForAll { host: false }, "ffyyy fyy fy", false),
];

fn every_place() -> Vec<Place> {
    let mut places = Vec::new();
    for role in [Role::Admin, Role::Member] {
        for kind in [
            ConversationKind::Channel,
            ConversationKind::Group,
            ConversationKind::Direct,
        ] {
            for visibility in [Visibility::Public, Visibility::Private] {
                for membership in [Membership::Never, Membership::Member, Membership::Former] {
                    for archived in [false, true] {
                        for creator in [false, true] {
                            places.push(Place {
                                role,
                                kind,
                                visibility,
                                membership,
                                archived,
                                creator,
                            });
                        }
                    }
                }
            }
        }
    }
    places
}

/// The letter of a place in a row; none where the place does not see the conversation.
fn letter(place: &Place, row: &str) -> Option<char> {
    let inside = place.membership == Membership::Member;
    let admin = place.role == Role::Admin;
    let public = place.kind == ConversationKind::Channel && place.visibility == Visibility::Public;
    let column = match (place.kind, inside) {
        (_, false) if !public => return None,
        (ConversationKind::Channel, false) if admin => 3,
        (ConversationKind::Channel, false) => 0,
        (ConversationKind::Channel, true) if admin => 4,
        (ConversationKind::Channel, true) => 1 + usize::from(place.creator),
        (ConversationKind::Group, _) if admin => 7,
        (ConversationKind::Group, _) => 5 + usize::from(place.creator),
        (ConversationKind::Direct, _) => 8 + usize::from(admin),
    };
    row.chars().filter(|c| *c != ' ').nth(column)
}

#[test]
fn every_cell_is_as_the_table_says() {
    for (action, row, archive_refuses) in TABLE {
        for place in every_place() {
            let expected = match letter(&place, row) {
                None => Err(Denied::Hidden),
                Some('y') if place.archived && archive_refuses => Err(Denied::Archived),
                Some('y') => Ok(()),
                Some('j') => Err(Denied::NotMember),
                Some('f') => Err(Denied::Forbidden),
                Some('k') => Err(Denied::WrongKind),
                Some(other) => panic!("no such letter: {other}"),
            };
            assert_eq!(may(&place, action), expected, "{action:?} at {place:?}");
        }
    }
}

/// The store's statement that sends a message looks for just this.
#[test]
fn whoever_is_a_member_of_an_open_conversation_may_post_and_nobody_else() {
    for place in every_place() {
        let open = place.membership == Membership::Member && !place.archived;
        assert_eq!(may(&place, Action::Post).is_ok(), open, "{place:?}");
    }
}

#[test]
fn strangers_learn_nothing_of_what_is_private() {
    for place in every_place() {
        if place.membership != Membership::Member && place.visibility == Visibility::Private {
            for (action, _, _) in TABLE {
                assert_eq!(
                    may(&place, action),
                    Err(Denied::Hidden),
                    "{action:?} at {place:?}"
                );
            }
        }
    }
}

#[test]
fn who_has_left_is_as_who_never_came() {
    for place in every_place() {
        if place.membership == Membership::Former {
            let never = Place {
                membership: Membership::Never,
                ..place
            };
            for (action, _, _) in TABLE {
                assert_eq!(
                    may(&place, action),
                    may(&never, action),
                    "{action:?} at {place:?}"
                );
            }
        }
    }
}

#[test]
fn the_workspace_is_run_by_admins() {
    use WorkspaceAction::{
        ChangeWorkspace, CreateChannel, CreateGroup, Invite, ManageInvites, ManagePeople,
        SeePeople, WriteDirectly,
    };
    for action in [SeePeople, CreateChannel, CreateGroup, WriteDirectly] {
        assert_eq!(may_in_workspace(Role::Member, action), Ok(()), "{action:?}");
        assert_eq!(may_in_workspace(Role::Admin, action), Ok(()), "{action:?}");
    }
    for action in [Invite, ManageInvites, ManagePeople, ChangeWorkspace] {
        assert_eq!(
            may_in_workspace(Role::Member, action),
            Err(Denied::Forbidden),
            "{action:?}"
        );
        assert_eq!(may_in_workspace(Role::Admin, action), Ok(()), "{action:?}");
    }
}
