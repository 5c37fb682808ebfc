//! Where devices get pushes.

use protocol::{DeviceId, UserId};
use store::{NewSession, PushSubscription, Store, StoreError};

use crate::harness::{at, device_id, on_both, people, set_up};

on_both!(
    a_sign_in_has_one_subscription,
    a_browser_serves_whoever_signed_in_last,
    a_subscription_goes_with_its_sign_in,
    a_sign_in_that_has_expired_gets_no_pushes,
    of_one_person_the_newest_are_kept,
    a_subscription_that_was_replaced_outlives_the_end_of_the_old_one,
    nobody_subscribes_without_a_sign_in,
);

const MAX: u32 = 3;

async fn signed_in(store: &Store, user_id: UserId) -> DeviceId {
    let device_id = device_id();
    let mut token_hash = [0; 32];
    token_hash[..16].copy_from_slice(&device_id.to_bytes());
    let new = NewSession {
        device_id,
        user_id,
        token_hash,
        name: "Firefox on Linux".to_owned(),
        at: at(0),
        expires_at: at(1000),
    };
    store.create_session(new).await.unwrap();
    device_id
}

fn subscription(user_id: UserId, device_id: DeviceId, endpoint: &str) -> PushSubscription {
    PushSubscription {
        device_id,
        user_id,
        endpoint: format!("https://push.example.net/{endpoint}"),
        p256dh: vec![4; 65],
        auth: vec![7; 16],
    }
}

async fn subscribed(store: &Store, new: &PushSubscription, millis: i64) {
    store
        .set_push_subscription(new.clone(), MAX, at(millis))
        .await
        .unwrap();
}

async fn of(store: &Store, people: &[UserId]) -> Vec<PushSubscription> {
    store.push_subscriptions(people, at(5)).await.unwrap()
}

async fn a_sign_in_has_one_subscription(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [bob] = people(&store).await;
    let device = signed_in(&store, ada).await;
    let other = signed_in(&store, bob).await;
    assert_eq!(store.push_subscription(device, at(5)).await, Ok(None));
    let old = subscription(ada, device, "old");
    let new = PushSubscription {
        auth: vec![9; 16],
        ..subscription(ada, device, "new")
    };
    let others = subscription(bob, other, "others");
    subscribed(&store, &old, 1).await;
    subscribed(&store, &new, 2).await;
    subscribed(&store, &others, 2).await;
    assert_eq!(
        store.push_subscription(device, at(5)).await,
        Ok(Some(new.clone()))
    );
    assert_eq!(of(&store, &[ada]).await, std::slice::from_ref(&new));
    assert_eq!(of(&store, &[ada, bob]).await, [new, others.clone()]);
    assert_eq!(of(&store, &[]).await, []);
    store.clear_push_subscription(device).await.unwrap();
    assert_eq!(of(&store, &[ada, bob]).await, [others]);
}

async fn a_browser_serves_whoever_signed_in_last(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [bob] = people(&store).await;
    let first = signed_in(&store, ada).await;
    let second = signed_in(&store, bob).await;
    subscribed(&store, &subscription(ada, first, "browser"), 1).await;
    let taken = subscription(bob, second, "browser");
    subscribed(&store, &taken, 2).await;
    assert_eq!(of(&store, &[ada, bob]).await, [taken]);
}

async fn a_subscription_goes_with_its_sign_in(store: Store) {
    let (ada, _) = set_up(&store).await;
    let phone = signed_in(&store, ada).await;
    let laptop = signed_in(&store, ada).await;
    let kept = subscription(ada, laptop, "laptop");
    subscribed(&store, &subscription(ada, phone, "phone"), 1).await;
    subscribed(&store, &kept, 1).await;
    store.revoke_session(ada, phone).await.unwrap();
    assert_eq!(of(&store, &[ada]).await, [kept]);
    store.revoke_sessions_except(ada, None).await.unwrap();
    assert_eq!(of(&store, &[ada]).await, []);
}

async fn a_sign_in_that_has_expired_gets_no_pushes(store: Store) {
    let (ada, _) = set_up(&store).await;
    let device = signed_in(&store, ada).await;
    let new = subscription(ada, device, "browser");
    subscribed(&store, &new, 1).await;
    let ada = [ada];
    let until = |millis| store.push_subscriptions(&ada, at(millis));
    assert_eq!(until(999).await, Ok(vec![new]));
    assert_eq!(until(1000).await, Ok(vec![]));
    assert_eq!(store.push_subscription(device, at(1000)).await, Ok(None));
}

async fn of_one_person_the_newest_are_kept(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [bob] = people(&store).await;
    let other = signed_in(&store, bob).await;
    subscribed(&store, &subscription(bob, other, "other"), 0).await;
    let mut devices = Vec::new();
    for number in 0..i64::from(MAX) {
        let device = signed_in(&store, ada).await;
        let new = subscription(ada, device, &format!("browser-{number}"));
        subscribed(&store, &new, number).await;
        devices.push(new);
    }
    assert_eq!(of(&store, &[ada]).await, devices);
    // The first subscribes again, so the second is the oldest.
    subscribed(&store, &devices[0], 10).await;
    let device = signed_in(&store, ada).await;
    let last = subscription(ada, device, "last");
    subscribed(&store, &last, 11).await;
    let kept = [devices[0].clone(), devices[2].clone(), last];
    assert_eq!(of(&store, &[ada]).await, kept);
    assert_eq!(of(&store, &[bob]).await.len(), 1);
}

async fn a_subscription_that_was_replaced_outlives_the_end_of_the_old_one(store: Store) {
    let (ada, _) = set_up(&store).await;
    let device = signed_in(&store, ada).await;
    let old = subscription(ada, device, "old");
    let new = subscription(ada, device, "new");
    subscribed(&store, &old, 1).await;
    subscribed(&store, &new, 2).await;
    let expire = |gone: &PushSubscription| {
        store.expire_push_subscription(gone.device_id, gone.endpoint.clone())
    };
    expire(&old).await.unwrap();
    assert_eq!(of(&store, &[ada]).await, std::slice::from_ref(&new));
    expire(&new).await.unwrap();
    assert_eq!(of(&store, &[ada]).await, []);
}

async fn nobody_subscribes_without_a_sign_in(store: Store) {
    let (ada, _) = set_up(&store).await;
    let new = subscription(ada, device_id(), "browser");
    assert_eq!(
        store.set_push_subscription(new, MAX, at(1)).await,
        Err(StoreError::NotFound)
    );
}
