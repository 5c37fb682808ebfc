//! Coming in, going out, and who one is.

use protocol::{
    ErrorCode,
    account::{InviteCreated, InvitePreview, Me, Role, User},
    rest::{DeviceList, InviteList, SetupRequest, SetupStatus, UserList},
    server::ServerMessage,
    timeline::Entry,
};
use serde_json::json;

use crate::harness::{PASSWORD, Person, World};

#[tokio::test]
async fn the_link_makes_the_first_admin_and_works_once() {
    let world = World::unborn().await;
    let stranger = Person::stranger(&world.url);
    let request = |token: &str| SetupRequest {
        token: token.to_owned(),
        workspace_name: "Marlow".to_owned(),
        name: "Eve".to_owned(),
        email: "eve@example.org".to_owned(),
        password: PASSWORD.to_owned(),
    };
    let wrong = stranger.post("/setup", &request("guess")).await;
    assert_eq!(wrong.refusal(), ErrorCode::LinkInvalid);
    let leah = world.set_up().await;
    assert_eq!(leah.me().user.role, Role::Admin);
    let again = stranger
        .post("/setup", &request(&world.app.setup_token))
        .await;
    assert_eq!(again.refusal(), ErrorCode::LinkInvalid);
    let status: SetupStatus = stranger.get("/setup").await.ok();
    assert!(!status.needed);
}

/// A page asks this first: a refusal would be an error in every stranger's browser.
#[tokio::test]
async fn a_page_hears_without_a_refusal_whether_it_is_signed_in() {
    let (world, leah) = World::new().await;
    let status: SetupStatus = leah.get("/setup").await.ok();
    assert!(status.signed_in);
    let stranger = Person::stranger(&world.url);
    let status: SetupStatus = stranger.get("/setup").await.ok();
    assert!(!status.signed_in);
    leah.post("/auth/logout", &json!({})).await.done();
    let status: SetupStatus = leah.get("/setup").await.ok();
    assert!(!status.signed_in);
}

/// The whole way: setup by link, sign-in, a channel, a message the other sees.
#[tokio::test]
async fn two_people_meet_in_a_channel() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let omar = omar.on_another_device().await;
    let there = leah.channel("launch", "public").await;
    omar.join(there).await.ok::<serde_json::Value>();
    let mut line = omar.connect().await;
    let sent = leah.connect().await.say(there, "Hello").await;
    line.see_entry(there, sent.seq).await;
}

#[tokio::test]
async fn an_invitation_is_seen_accepted_counted_and_revoked() {
    let (world, leah) = World::new().await;
    let mut line = leah.connect().await;
    let created: InviteCreated = leah.post("/invites", &json!({"uses_max": 1})).await.ok();
    assert_eq!(
        created.url,
        format!("{}{}", world.app.public_url, created.path)
    );
    let token = created.path.strip_prefix("/invite/").unwrap();
    let stranger = Person::stranger(&world.url);
    let preview: InvitePreview = stranger.get(&format!("/invites/{token}")).await.ok();
    assert_eq!(preview.invited_by, "Leah Morgan");

    let accept = format!("/invites/{token}/accept");
    let account = |email: &str| json!({"name": "Omar", "email": email, "password": PASSWORD});
    let taken = stranger.post(&accept, &account("LEAH@example.org")).await;
    assert_eq!(taken.refusal(), ErrorCode::AlreadyExists);
    let omar = Person::signed_in(
        &world.url,
        stranger.post(&accept, &account("o@example.org")).await,
    );
    assert_eq!(omar.me().user.role, Role::Member);
    let user = line
        .see("user", |message| match message {
            ServerMessage::User { user } => Some(user.clone()),
            _ => None,
        })
        .await;
    assert_eq!(user.id, omar.id());
    let full = stranger.post(&accept, &account("p@example.org")).await;
    assert_eq!(full.refusal(), ErrorCode::LinkInvalid);

    let second: InviteCreated = leah.post("/invites", &json!({})).await.ok();
    leah.delete(&format!("/invites/{}", second.invite.id))
        .await
        .done();
    let gone = stranger
        .get(&format!(
            "/invites/{}",
            second.path.strip_prefix("/invite/").unwrap()
        ))
        .await;
    assert_eq!(gone.refusal(), ErrorCode::LinkInvalid);
    let list: InviteList = leah.get("/invites").await.ok();
    assert_eq!(list.invites.len(), 2);
}

#[tokio::test]
async fn a_new_person_is_in_general_and_sees_it() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let line = omar.connect().await;
    let names: Vec<_> = line
        .snapshot()
        .conversations
        .iter()
        .filter_map(|mine| mine.conversation.name.as_deref())
        .collect();
    assert_eq!(names, ["general"]);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_people_get_one_answer() {
    let (world, _leah) = World::new().await;
    let stranger = Person::stranger(&world.url);
    let mut answers = Vec::new();
    for email in [
        "leah@example.org",
        "nobody@example.org",
        "",
        "not an address",
    ] {
        let answer = stranger
            .post("/auth/login", &json!({"email": email, "password": "wrong"}))
            .await;
        answers.push((answer.status, answer.text()));
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    let right = json!({"email": " Leah@Example.org", "password": PASSWORD});
    assert!(
        stranger
            .post("/auth/login", &right)
            .await
            .status
            .is_success()
    );
}

#[tokio::test]
async fn signing_out_a_device_closes_its_sockets_only() {
    let (_world, leah) = World::new().await;
    let phone = leah.on_another_device().await;
    let mut phones = phone.connect().await;
    let mut laptops = leah.connect().await;
    let devices: DeviceList = leah.get("/sessions").await.ok();
    assert_eq!(devices.devices.len(), 2);
    assert_eq!(
        devices
            .devices
            .iter()
            .filter(|device| device.current)
            .count(),
        1
    );
    leah.delete(&format!("/sessions/{}", phone.me().device_id))
        .await
        .done();
    phones
        .see("signed out", |message| {
            matches!(message, ServerMessage::SignedOut).then_some(())
        })
        .await;
    phones.closed().await;
    assert_eq!(
        phone.get("/auth/me").await.refusal(),
        ErrorCode::Unauthenticated
    );
    laptops.unseen().await;
    leah.post("/auth/logout", &json!({})).await.done();
    laptops
        .see("signed out", |message| {
            matches!(message, ServerMessage::SignedOut).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_new_password_signs_out_the_other_devices() {
    let (world, leah) = World::new().await;
    let phone = leah.on_another_device().await;
    let wrong = json!({"current": "wrong", "new": "a new long password"});
    assert_eq!(
        leah.post("/me/password", &wrong).await.refusal(),
        ErrorCode::WrongCredentials
    );
    let short = json!({"current": PASSWORD, "new": "short"});
    assert_eq!(
        leah.post("/me/password", &short).await.refusal(),
        ErrorCode::Invalid
    );
    let good = json!({"current": PASSWORD, "new": "a new long password"});
    leah.post("/me/password", &good).await.done();
    assert_eq!(
        phone.get("/auth/me").await.refusal(),
        ErrorCode::Unauthenticated
    );
    assert!(leah.get("/auth/me").await.status.is_success());
    let login = json!({"email": "leah@example.org", "password": "a new long password"});
    assert!(
        Person::stranger(&world.url)
            .post("/auth/login", &login)
            .await
            .status
            .is_success()
    );
}

#[tokio::test]
async fn a_new_name_is_seen_by_everybody() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let mut line = leah.connect().await;
    let me: Me = omar
        .patch("/me", &json!({"name": "Omar Haddad"}))
        .await
        .ok();
    assert_eq!(me.user.name, "Omar Haddad");
    let user = line
        .see("user", |message| match message {
            ServerMessage::User { user } => Some(user.clone()),
            _ => None,
        })
        .await;
    assert_eq!(user.name, "Omar Haddad");
    let taken = omar
        .patch("/me", &json!({"email": "leah@example.org"}))
        .await;
    assert_eq!(taken.refusal(), ErrorCode::AlreadyExists);
}

#[tokio::test]
async fn a_picture_is_a_picture() {
    let (_world, leah) = World::new().await;
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend([0; 100]);
    let user: User = leah.put("/me/picture", png.clone()).await.ok();
    let version = user.picture.expect("it is set");
    let path = format!("/users/{}/picture?v={version}", leah.id());
    let answer = leah.get(&path).await;
    assert_eq!(answer.headers["content-type"], "image/png");
    assert_eq!(answer.body, png);
    let page = leah
        .put("/me/picture", b"<script>alert(1)</script>".to_vec())
        .await;
    assert_eq!(page.refusal(), ErrorCode::Invalid);
    png.resize(protocol::limits::PICTURE_BYTES_MAX + 1, 0);
    assert_eq!(
        leah.put("/me/picture", png).await.refusal(),
        ErrorCode::TooLarge
    );
    let user: User = leah.delete("/me/picture").await.ok();
    assert_eq!(user.picture, None);
    assert_eq!(leah.get(&path).await.refusal(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_disabled_person_is_out_and_the_last_admin_stays() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let mut line = omar.connect().await;
    let itself = format!("/users/{}", leah.id());
    for change in [json!({"disabled": true}), json!({"role": "member"})] {
        assert_eq!(
            leah.patch(&itself, &change).await.refusal(),
            ErrorCode::Conflict
        );
    }
    let path = format!("/users/{}", omar.id());
    let user: User = leah.patch(&path, &json!({"disabled": true})).await.ok();
    assert!(user.disabled);
    line.closed().await;
    assert_eq!(
        omar.get("/auth/me").await.refusal(),
        ErrorCode::Unauthenticated
    );
    let login = json!({"email": "omar@example.org", "password": PASSWORD});
    let refused = Person::stranger(&world.url)
        .post("/auth/login", &login)
        .await;
    assert_eq!(refused.refusal(), ErrorCode::WrongCredentials);

    let enabled = json!({"disabled": false, "role": "admin"});
    let user: User = leah.patch(&path, &enabled).await.ok();
    assert_eq!((user.disabled, user.role), (false, Role::Admin));
    leah.patch(&itself, &json!({"role": "member"}))
        .await
        .ok::<User>();
    let users: UserList = leah.get("/users").await.ok();
    assert_eq!(users.users.len(), 2);
}

#[tokio::test]
async fn a_renamed_workspace_is_told_to_every_device() {
    let (world, leah) = World::new().await;
    let omar = world.invite(&leah, "Omar").await;
    let mut line = omar.connect().await;
    leah.patch("/workspace", &json!({"name": "Marlow & Co"}))
        .await
        .ok::<serde_json::Value>();
    let me = line
        .see("me", |message| match message {
            ServerMessage::Me { me } => Some(me.clone()),
            _ => None,
        })
        .await;
    assert_eq!(me.workspace.name, "Marlow & Co");
    assert_eq!((me.user.id, me.device_id), (omar.id(), omar.me().device_id));
}

#[tokio::test]
async fn an_old_cookie_of_nobody_is_nothing() {
    let (_world, leah) = World::new().await;
    let there = leah.direct(&leah).await;
    leah.say(there, "A note to myself").await;
    let thief = leah.with_cookie("connect_session=");
    let refused = thief.get(&format!("/conversations/{there}/timeline")).await;
    assert_eq!(refused.refusal(), ErrorCode::Unauthenticated);
    let body = json!({"nonce": "a", "text": "b"});
    leah.post(&format!("/conversations/{there}/messages"), &body)
        .await
        .ok::<Entry>();
}
