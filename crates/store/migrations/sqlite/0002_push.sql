-- Where devices get pushes: one subscription for each sign-in at most, gone with it.

CREATE TABLE push_subscriptions (
    device_id BLOB NOT NULL PRIMARY KEY REFERENCES sessions (device_id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id),
    endpoint TEXT NOT NULL,
    p256dh BLOB NOT NULL,
    auth BLOB NOT NULL,
    subscribed_at INTEGER NOT NULL
) STRICT;
-- A browser has one subscription, whoever is signed in with it.
CREATE UNIQUE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id, subscribed_at);
