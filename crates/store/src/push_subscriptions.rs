//! Where devices get pushes: one subscription for each sign-in at most, gone with it.

use protocol::{DeviceId, Timestamp, UserId};

use crate::{
    Store, StoreError,
    db::{Row, Sql, Value, statements, values},
};

/// A browser's subscription at its push service, and whose sign-in it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSubscription {
    pub device_id: DeviceId,
    pub user_id: UserId,
    /// Where pushes are posted to. Whoever knows it can make the push service work.
    pub endpoint: String,
    /// The browser's public key.
    pub p256dh: Vec<u8>,
    /// The browser's authentication secret.
    pub auth: Vec<u8>,
}

macro_rules! subscriptions {
    () => {
        "SELECT p.device_id, p.user_id, p.endpoint, p.p256dh, p.auth
         FROM push_subscriptions p JOIN sessions s ON s.device_id = p.device_id
         WHERE s.expires_at > $2 AND "
    };
}

statements! {
    CLEAR_ENDPOINT = Sql::both(
        "DELETE FROM push_subscriptions WHERE endpoint = $1 AND device_id <> $2");
    PUT_SUBSCRIPTION = Sql::both(
        "INSERT INTO push_subscriptions (device_id, user_id, endpoint, p256dh, auth, subscribed_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (device_id) DO UPDATE SET
            endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
            subscribed_at = excluded.subscribed_at");
    /// Those subscribed longest ago go.
    KEEP_NEWEST = Sql::both(
        "DELETE FROM push_subscriptions WHERE user_id = $1 AND device_id NOT IN (
            SELECT device_id FROM push_subscriptions
            WHERE user_id = $1 ORDER BY subscribed_at DESC, device_id DESC LIMIT $2)");
    SUBSCRIPTION = Sql::both(concat!(subscriptions!(), "p.device_id = $1"));
    SUBSCRIPTIONS = Sql::each(
        concat!(
            subscriptions!(),
            "p.user_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY p.device_id"
        ),
        concat!(subscriptions!(), "p.user_id = ANY ($1) ORDER BY p.device_id"));
    DELETE_SUBSCRIPTION = Sql::both("DELETE FROM push_subscriptions WHERE device_id = $1");
    DELETE_EXPIRED_SUBSCRIPTION = Sql::both(
        "DELETE FROM push_subscriptions WHERE device_id = $1 AND endpoint = $2");
}

impl Store {
    /// Keeps the subscription of a sign-in in place of the one it had, and of whoever else had it
    /// with this browser. Of one person the `max` newest are kept.
    pub async fn set_push_subscription(
        &self,
        new: PushSubscription,
        max: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let (device_id, user_id) = (new.device_id, new.user_id);
                let endpoint = new.endpoint.as_str();
                conn.run(CLEAR_ENDPOINT, values![endpoint, device_id])
                    .await?;
                let values = values![device_id, user_id, endpoint, new.p256dh, new.auth, at];
                conn.run(PUT_SUBSCRIPTION, values).await?;
                conn.run(KEEP_NEWEST, values![user_id, max]).await.map(drop)
            })
        })
        .await
    }

    /// The subscription of a sign-in that holds.
    pub async fn push_subscription(
        &self,
        device_id: DeviceId,
        now: Timestamp,
    ) -> Result<Option<PushSubscription>, StoreError> {
        let mut conn = self.reader().await?;
        let row = conn.one(SUBSCRIPTION, values![device_id, now]).await?;
        row.as_ref().map(subscription).transpose()
    }

    /// The subscriptions of these people whose sign-in holds.
    pub async fn push_subscriptions(
        &self,
        of: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<PushSubscription>, StoreError> {
        let mut conn = self.reader().await?;
        let values = vec![Value::ids(of), Value::from(now)];
        let rows = conn.all(SUBSCRIPTIONS, values).await?;
        rows.iter().map(subscription).collect()
    }

    /// The device wants no more pushes.
    pub async fn clear_push_subscription(&self, device_id: DeviceId) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                conn.run(DELETE_SUBSCRIPTION, values![device_id])
                    .await
                    .map(drop)
            })
        })
        .await
    }

    /// The push service knows this endpoint no more. One the device has got since then stays.
    pub async fn expire_push_subscription(
        &self,
        device_id: DeviceId,
        endpoint: String,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                conn.run(DELETE_EXPIRED_SUBSCRIPTION, values![device_id, endpoint])
                    .await
                    .map(drop)
            })
        })
        .await
    }
}

fn subscription(row: &Row) -> Result<PushSubscription, StoreError> {
    Ok(PushSubscription {
        device_id: row.get("device_id")?,
        user_id: row.get("user_id")?,
        endpoint: row.get("endpoint")?,
        p256dh: row.get("p256dh")?,
        auth: row.get("auth")?,
    })
}
