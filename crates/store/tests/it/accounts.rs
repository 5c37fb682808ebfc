//! The workspace, people, sign-ins, invitations and pictures.

use std::time::Duration;

use protocol::{
    account::{CallLogRetention, Role, WorkingHours},
    conversation::Preferences,
    presence::Availability,
};
use store::{
    NewInvite, NewSession, NewUser, Picture, SetUp, Store, StoreError, Taken, UserChange, Wishes,
    WorkspaceChange,
};

use crate::harness::{
    at, conversation_id, device_id, group, invite_id, new_user, on_both, people, person, set_up,
    user_id, whole,
};

on_both!(
    every_statement_is_understood,
    a_workspace_is_set_up_once,
    how_long_calls_are_kept_is_the_workspaces,
    answering_at_once_is_forbidden_by_a_person_or_the_workspace,
    whoever_comes_is_in_general,
    an_address_belongs_to_one_person,
    the_last_admin_stays,
    one_of_two_admins_who_dismiss_each_other_stays,
    a_disabled_person_is_signed_out,
    a_session_ends_when_it_expires_or_is_revoked,
    an_invitation_is_used_as_often_as_it_says,
    an_invitation_revoked_or_expired_lets_nobody_in,
    an_address_that_is_taken_costs_no_use,
    a_picture_is_kept_and_taken_away,
    what_a_person_chooses_stays,
    what_people_wish_is_found_by_person_and_conversation,
);

async fn every_statement_is_understood(store: Store) {
    let count = store.check_statements().await.unwrap();
    assert!(count > 80, "{count}");
}

async fn a_workspace_is_set_up_once(store: Store) {
    assert_eq!(store.workspace().await.unwrap(), None);
    let (ada, general) = set_up(&store).await;
    let again = SetUp {
        workspace_name: "Another".to_owned(),
        user: new_user("Eve"),
        general: conversation_id(),
        at: at(1),
    };
    assert_eq!(
        store.set_up(again).await,
        Err(StoreError::AlreadyExists(Taken::Workspace))
    );
    assert_eq!(store.users().await.unwrap().len(), 1);
    assert_eq!(
        store.workspace().await.unwrap().unwrap().name,
        "Analytical Engines"
    );
    let mine = store.my_conversations(ada).await.unwrap();
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].conversation.id, general);
    let renamed = WorkspaceChange {
        name: Some("New".to_owned()),
        ..WorkspaceChange::default()
    };
    assert_eq!(store.change_workspace(renamed).await.unwrap().name, "New");
    let me = store.me(ada, device_id()).await.unwrap().unwrap();
    assert_eq!(
        (me.workspace.name.as_str(), me.email.as_str(), me.user.role),
        ("New", "ada@example.org", Role::Admin)
    );
}

async fn how_long_calls_are_kept_is_the_workspaces(store: Store) {
    let (ada, _) = set_up(&store).await;
    let kept = store.workspace().await.unwrap().unwrap().call_log;
    assert_eq!(kept, CallLogRetention::Forever);
    let days = CallLogRetention::Days { days: 30 };
    for (call_log, then) in [
        (Some(days), days),
        (None, days),
        (Some(CallLogRetention::Forever), CallLogRetention::Forever),
    ] {
        let change = WorkspaceChange {
            call_log,
            ..WorkspaceChange::default()
        };
        let changed = store.change_workspace(change).await.unwrap();
        let me = store.me(ada, device_id()).await.unwrap().unwrap();
        assert_eq!((changed.call_log, me.workspace.call_log), (then, then));
        assert_eq!(changed.name, "Analytical Engines");
    }
}

async fn answering_at_once_is_forbidden_by_a_person_or_the_workspace(store: Store) {
    let (ada, _) = set_up(&store).await;
    let chosen = async || {
        let me = store.me(ada, device_id()).await.unwrap().unwrap();
        (me.instant_answer, me.workspace.instant_answer)
    };
    assert_eq!(chosen().await, (true, true));
    let own = UserChange {
        instant_answer: Some(false),
        ..UserChange::default()
    };
    store.update_user(ada, own).await.unwrap();
    assert_eq!(chosen().await, (false, true));
    let everybodys = WorkspaceChange {
        instant_answer: Some(false),
        ..WorkspaceChange::default()
    };
    store.change_workspace(everybodys).await.unwrap();
    assert_eq!(chosen().await, (false, false));
    store
        .change_workspace(WorkspaceChange::default())
        .await
        .unwrap();
    assert_eq!(chosen().await, (false, false));
}

async fn whoever_comes_is_in_general(store: Store) {
    let (ada, general) = set_up(&store).await;
    let came = store.create_user(new_user("Bob")).await.unwrap();
    assert_eq!(came.entries.len(), 1);
    assert_eq!(came.entries[0].author, came.user.id);
    assert_eq!(
        store.member_ids(general).await.unwrap(),
        vec![ada, came.user.id]
    );
    assert_eq!(
        whole(&store, general, ada).await.last(),
        came.entries.last()
    );
}

async fn an_address_belongs_to_one_person(store: Store) {
    set_up(&store).await;
    let bob = person(&store, "Bob").await;
    let again = store.create_user(new_user("Bob")).await;
    assert_eq!(again.unwrap_err(), StoreError::AlreadyExists(Taken::Email));
    let change = UserChange {
        email: Some("ada@example.org".to_owned()),
        ..UserChange::default()
    };
    assert_eq!(
        store.update_user(bob, change).await.unwrap_err(),
        StoreError::AlreadyExists(Taken::Email)
    );
    let found = store.credentials("bob@example.org").await.unwrap().unwrap();
    assert_eq!((found.user_id, found.disabled), (bob, false));
    assert_eq!(store.credentials("nobody@example.org").await.unwrap(), None);
}

fn demoted() -> UserChange {
    UserChange {
        role: Some(Role::Member),
        at: at(5),
        ..UserChange::default()
    }
}

fn disabled() -> UserChange {
    UserChange {
        disabled: Some(true),
        at: at(5),
        ..UserChange::default()
    }
}

async fn the_last_admin_stays(store: Store) {
    let (ada, _) = set_up(&store).await;
    let bob = person(&store, "Bob").await;
    for change in [demoted(), disabled()] {
        assert_eq!(
            store.update_user(ada, change).await,
            Err(StoreError::LastAdmin)
        );
    }
    let promoted = UserChange {
        role: Some(Role::Admin),
        ..UserChange::default()
    };
    store.update_user(bob, promoted).await.unwrap();
    assert_eq!(
        store.update_user(ada, demoted()).await.unwrap().role,
        Role::Member
    );
    assert_eq!(
        store.update_user(bob, disabled()).await,
        Err(StoreError::LastAdmin)
    );
}

async fn one_of_two_admins_who_dismiss_each_other_stays(store: Store) {
    let (ada, _) = set_up(&store).await;
    let bob = NewUser {
        role: Role::Admin,
        ..new_user("Bob")
    };
    let bob = store.create_user(bob).await.unwrap().user.id;
    let (first, second) = tokio::join!(
        store.update_user(ada, demoted()),
        store.update_user(bob, disabled())
    );
    assert_eq!(
        [first, second]
            .iter()
            .filter(|result| result.is_ok())
            .count(),
        1
    );
}

fn session(user_id: protocol::UserId, token: u8, lasts: i64) -> NewSession {
    NewSession {
        device_id: device_id(),
        user_id,
        token_hash: [token; 32],
        name: "Firefox on Linux".to_owned(),
        at: at(0),
        expires_at: at(lasts),
    }
}

async fn a_disabled_person_is_signed_out(store: Store) {
    set_up(&store).await;
    let bob = person(&store, "Bob").await;
    store.create_session(session(bob, 7, 1000)).await.unwrap();
    let user = store.update_user(bob, disabled()).await.unwrap();
    assert!(user.disabled);
    assert_eq!(store.session([7; 32], at(1)).await.unwrap(), None);
    let enabled = UserChange {
        disabled: Some(false),
        ..UserChange::default()
    };
    assert!(!store.update_user(bob, enabled).await.unwrap().disabled);
    assert_eq!(store.session([7; 32], at(1)).await.unwrap(), None);
}

async fn a_session_ends_when_it_expires_or_is_revoked(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [first, second, third] = [1, 2, 3].map(|token| session(ada, token, 1000));
    for new in [&first, &second, &third] {
        store.create_session(new.clone()).await.unwrap();
    }
    store.touch_session(second.device_id, at(50)).await.unwrap();
    store.touch_session(second.device_id, at(40)).await.unwrap();
    let found = store.session([2; 32], at(999)).await.unwrap().unwrap();
    assert_eq!(
        (found.user_id, found.device_id, found.last_seen_at),
        (ada, second.device_id, at(50))
    );
    assert_eq!(store.session([2; 32], at(1000)).await.unwrap(), None);
    assert_eq!(store.session([9; 32], at(1)).await.unwrap(), None);
    let devices = store.devices(ada).await.unwrap();
    assert_eq!(devices.len(), 3);
    assert_eq!(devices[0].id, second.device_id);

    store.revoke_session(ada, first.device_id).await.unwrap();
    assert_eq!(
        store.revoke_session(ada, first.device_id).await,
        Err(StoreError::NotFound)
    );
    assert_eq!(store.session([1; 32], at(1)).await.unwrap(), None);
    let gone = store
        .revoke_sessions_except(ada, Some(second.device_id))
        .await
        .unwrap();
    assert_eq!(gone, vec![third.device_id]);
    let idle = at(50) + Duration::from_secs(1);
    assert_eq!(store.delete_expired_sessions(at(100), idle).await, Ok(1));
    assert_eq!(store.devices(ada).await.unwrap(), vec![]);
}

fn invite(by: protocol::UserId, uses_max: Option<u32>) -> NewInvite {
    NewInvite {
        id: invite_id(),
        token_hash: [4; 32],
        created_by: by,
        at: at(0),
        expires_at: Some(at(1000)),
        uses_max,
    }
}

async fn an_invitation_is_used_as_often_as_it_says(store: Store) {
    let (ada, general) = set_up(&store).await;
    store.create_invite(invite(ada, Some(3))).await.unwrap();
    let preview = store.invite([4; 32], at(1)).await.unwrap();
    assert_eq!(preview.invited_by, "Ada");
    let mut tasks = Vec::new();
    for number in 0..12 {
        let store = store.clone();
        let user = new_user(&format!("Guest{number}"));
        tasks.push(tokio::spawn(async move {
            store.accept_invite([4; 32], user, at(2)).await
        }));
    }
    let mut came = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => came += 1,
            Err(error) => assert_eq!(error, StoreError::LinkInvalid),
        }
    }
    assert_eq!(came, 3);
    assert_eq!(store.users().await.unwrap().len(), 4);
    assert_eq!(store.member_ids(general).await.unwrap().len(), 4);
    assert_eq!(store.invites().await.unwrap()[0].uses, 3);
    assert_eq!(
        store.invite([4; 32], at(3)).await,
        Err(StoreError::LinkInvalid)
    );
}

async fn an_invitation_revoked_or_expired_lets_nobody_in(store: Store) {
    let (ada, _) = set_up(&store).await;
    let made = store.create_invite(invite(ada, None)).await.unwrap();
    let late = store
        .accept_invite([4; 32], new_user("Late"), at(1000))
        .await;
    assert_eq!(late.unwrap_err(), StoreError::LinkInvalid);
    store
        .accept_invite([4; 32], new_user("Bob"), at(1))
        .await
        .unwrap();
    let revoked = store.revoke_invite(made.id, at(2)).await.unwrap();
    assert_eq!((revoked.uses, revoked.revoked_at), (1, Some(at(2))));
    let after = store.accept_invite([4; 32], new_user("Eve"), at(3)).await;
    assert_eq!(after.unwrap_err(), StoreError::LinkInvalid);
    assert_eq!(
        store.revoke_invite(invite_id(), at(2)).await,
        Err(StoreError::NotFound)
    );
}

async fn an_address_that_is_taken_costs_no_use(store: Store) {
    let (ada, _) = set_up(&store).await;
    store.create_invite(invite(ada, Some(1))).await.unwrap();
    let taken = store.accept_invite([4; 32], new_user("Ada"), at(1)).await;
    assert_eq!(taken.unwrap_err(), StoreError::AlreadyExists(Taken::Email));
    store
        .accept_invite([4; 32], new_user("Bob"), at(1))
        .await
        .unwrap();
}

async fn a_picture_is_kept_and_taken_away(store: Store) {
    let (ada, _) = set_up(&store).await;
    for version in ["v1", "v2"] {
        let picture = Picture {
            version: version.to_owned(),
            media_type: "image/png".to_owned(),
            bytes: vec![0, 1, 2, 255],
        };
        let user = store.set_picture(ada, picture.clone()).await.unwrap();
        assert_eq!(user.picture.as_deref(), Some(version));
        assert_eq!(store.picture(ada).await.unwrap(), Some(picture));
    }
    assert_eq!(store.clear_picture(ada).await.unwrap().picture, None);
    assert_eq!(store.picture(ada).await.unwrap(), None);
}

async fn what_a_person_chooses_stays(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [bob] = people(&store).await;
    let busy = Availability::DoNotDisturb;
    store.set_availability(ada, busy).await.unwrap();
    assert_eq!(store.availabilities().await.unwrap(), vec![(ada, busy)]);
    let hours = WorkingHours {
        days: [true, true, true, true, false, false, true],
        from: 540,
        to: 1020,
        time_zone: "Europe/Berlin".to_owned(),
    };
    store.set_working_hours(ada, Some(&hours)).await.unwrap();
    let me = store.me(ada, device_id()).await.unwrap().unwrap();
    assert_eq!(me.availability, busy);
    assert_eq!(me.working_hours, Some(hours));
    store.set_working_hours(ada, None).await.unwrap();
    let me = store.me(ada, device_id()).await.unwrap().unwrap();
    assert_eq!(me.working_hours, None);
    let nobody = store.set_working_hours(user_id(), None).await;
    assert_eq!(nobody, Err(StoreError::NotFound));
    let change = UserChange {
        name: Some("Robert".to_owned()),
        password_hash: Some("other".to_owned()),
        ..UserChange::default()
    };
    assert_eq!(store.update_user(bob, change).await.unwrap().name, "Robert");
    let kept = store.credentials_of(bob).await.unwrap().unwrap();
    assert_eq!(kept.password_hash, "other");
    assert_eq!(
        store.email(bob).await.unwrap().as_deref(),
        Some("person0@example.org")
    );
}

async fn what_people_wish_is_found_by_person_and_conversation(store: Store) {
    let (ada, general) = set_up(&store).await;
    let [bob, eve] = people(&store).await;
    let together = group(&store, &[ada, bob]).await;
    let muted = Preferences {
        muted: true,
        rings: false,
    };
    store.set_preferences(bob, together, muted).await.unwrap();
    let busy = Availability::DoNotDisturb;
    store.set_availability(ada, busy).await.unwrap();
    let hours = WorkingHours {
        days: [true; 7],
        from: 0,
        to: 60,
        time_zone: "UTC".to_owned(),
    };
    store.set_working_hours(bob, Some(&hours)).await.unwrap();
    let wishes = |user_id, availability, working_hours, preferences| Wishes {
        user_id,
        availability,
        working_hours,
        preferences,
    };
    let usual = Preferences::default();
    let free = Availability::Available;
    // In order of coming, whoever is asked for first; also of those who are no members.
    assert_eq!(
        store.wishes(together, &[eve, bob, ada]).await.unwrap(),
        [
            wishes(ada, busy, None, usual),
            wishes(bob, free, Some(hours.clone()), muted),
            wishes(eve, free, None, usual),
        ]
    );
    assert_eq!(
        store.wishes(general, &[bob]).await.unwrap(),
        [wishes(bob, free, Some(hours), usual)]
    );
    assert_eq!(store.wishes(general, &[]).await.unwrap(), []);
}
