//! Web Push: what a person's devices hear of calls while no page of theirs is looked at.
//!
//! A ring is pushed to every subscribed device at once, beside the sockets: whether somebody looks
//! at a page there is known best by the device's own service worker. Under the same topic its
//! place is taken by the missed notice, or by the stop once it was answered or declined elsewhere.
//! Pushes are in memory only; the call log has what is lost here.

pub mod encryption;
pub mod endpoint;
pub mod lanes;
pub mod notices;
pub mod transport;
pub mod vapid;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::call::{Call, PersonRing};
use protocol::{
    DeviceId, Timestamp, UserId,
    call::RingStopReason,
    presence::Availability,
    push::{PushMessage, PushStatus, PushSubscriptionRequest},
};
use rustls::RootCertStore;
use store::{PushSubscription, StoreError};
use tokio::{sync::Semaphore, time};

use self::{
    encryption::{Keys, encrypt},
    lanes::{Lanes, Letter, Taken},
    notices::{Notice, What, notices},
    transport::{Envelope, Outcome, Transport, Urgency},
    vapid::{Vapid, VapidKeyError},
};
use crate::{app::App, clock, config::PublicUrl, http::error::ApiError};

/// Devices of one person that are pushed to. The one that subscribed longest ago makes room.
pub const SUBSCRIPTIONS_MAX: u32 = 20;
/// Connections to push services at once; further pushes wait. All devices of one person at a
/// service that does not answer take a small part of them, and none for longer than it is waited
/// for.
const POSTS_MAX: usize = 256;
/// A push that was not taken is tried so often in all, each time after twice the wait.
const TRIES_MAX: u32 = 6;
/// A missed call is worth a notice this long to a device that was off.
const MISSED_LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// A device that has slept through a ring's end hears this late that it is over.
const STOP_LASTS: Duration = Duration::from_secs(60 * 60);
const TEST_LASTS: Duration = Duration::from_secs(60);

/// What this node needs to push.
pub struct Pushes {
    vapid: Vapid,
    transport: Transport,
    lanes: Lanes,
    posts: Semaphore,
}

impl Pushes {
    /// `key` is the private half of this server's pair; `allow_private` lets push services that
    /// are not on the public internet be reached.
    pub fn new(
        key: &str,
        public_url: &PublicUrl,
        allow_private: bool,
    ) -> Result<Self, VapidKeyError> {
        let contact = public_url
            .is_https()
            .then(|| public_url.origin().to_owned());
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        Ok(Self {
            vapid: Vapid::new(key, contact)?,
            transport: Transport::new(roots, allow_private),
            lanes: Lanes::default(),
            posts: Semaphore::new(POSTS_MAX),
        })
    }
}

/// What this device must know to subscribe, and whether it has.
pub async fn status(app: &App, device: DeviceId) -> Result<PushStatus, ApiError> {
    let subscription = app.store.push_subscription(device, clock::now()).await?;
    Ok(PushStatus {
        public_key: app.pushes.vapid.public_key().to_owned(),
        endpoint: subscription.map(|subscription| subscription.endpoint),
    })
}

/// This device gets its pushes there from now on.
pub async fn subscribe(
    app: &App,
    user_id: UserId,
    device_id: DeviceId,
    request: PushSubscriptionRequest,
) -> Result<(), ApiError> {
    let PushSubscriptionRequest { endpoint, keys } = request;
    let keys = Keys::parse(&keys.p256dh, &keys.auth)?;
    let transport = &app.pushes.transport;
    transport.check(&transport.endpoint(&endpoint)?).await?;
    let subscription = PushSubscription {
        device_id,
        user_id,
        endpoint,
        p256dh: keys.public.to_vec(),
        auth: keys.auth.to_vec(),
    };
    app.store
        .set_push_subscription(subscription, SUBSCRIPTIONS_MAX, clock::now())
        .await?;
    Ok(())
}

/// Pushes to this device now, and tells whether its push service has taken it.
pub async fn test(app: &App, device: DeviceId) -> Result<(), ApiError> {
    let now = clock::now();
    let subscription = app
        .store
        .push_subscription(device, now)
        .await?
        .ok_or_else(|| ApiError::conflict("Notifications are off on this device."))?;
    let letter = Letter {
        subscription,
        topic: None,
        plaintext: plaintext(&PushMessage::Test),
        urgency: Urgency::High,
        expires_at: now + TEST_LASTS,
    };
    match post(app, &letter).await {
        Outcome::Delivered => Ok(()),
        Outcome::Gone => Err(ApiError::conflict(
            "The push service has forgotten this device. Switch notifications on again.",
        )),
        Outcome::Busy { .. } => Err(ApiError::conflict(
            "The push service of this browser cannot be reached from the server.",
        )),
        Outcome::Refused(_) => Err(ApiError::conflict(
            "The push service of this browser has refused the notification.",
        )),
    }
}

/// Tells devices what a change of a call means to them. The call's turn is still held, so that
/// what happens later is told later.
pub async fn tell(app: &Arc<App>, before: &[PersonRing], call: &Call) {
    let notices = notices(before, call);
    if notices.is_empty() {
        return;
    }
    match letters(app, &notices, call).await {
        Ok(letters) => letters.into_iter().for_each(|letter| send(app, letter)),
        Err(error) => {
            let call_id = call.record().id;
            tracing::warn!(%call_id, %error, "nobody was pushed to");
        }
    }
}

async fn letters(app: &App, notices: &[Notice], call: &Call) -> Result<Vec<Letter>, StoreError> {
    let now = clock::now();
    let people: Vec<_> = notices.iter().map(|notice| notice.to).collect();
    let subscriptions = app.store.push_subscriptions(&people, now).await?;
    if subscriptions.is_empty() {
        return Ok(Vec::new());
    }
    let resting = app.store.availabilities().await?;
    let rests = |user| resting.contains(&(user, Availability::DoNotDisturb));
    let place = Place::of(app, call).await?;
    let mut letters = Vec::new();
    for notice in notices {
        let words = place.words(app, notice.from).await?;
        let (message, urgency, expires_at) = match notice.what {
            What::Ring { .. } | What::Missed if rests(notice.to) => continue,
            What::Ring { expires_at, silent } => (
                words.ring(call, expires_at, silent),
                Urgency::High,
                expires_at,
            ),
            What::Missed => (words.missed(call), Urgency::Normal, now + MISSED_LASTS),
            // It makes an end of what may still be heard.
            What::Stop { reason, .. } => {
                (words.stop(call, reason), Urgency::High, now + STOP_LASTS)
            }
        };
        let plaintext = plaintext(&message);
        let own = subscriptions
            .iter()
            .filter(|subscription| subscription.user_id == notice.to)
            .filter(|subscription| match notice.what {
                What::Stop { by, .. } => by != Some(subscription.device_id),
                What::Ring { .. } | What::Missed => true,
            });
        letters.extend(own.map(|subscription| Letter {
            subscription: subscription.clone(),
            topic: Some(URL_SAFE_NO_PAD.encode(call.record().id.to_bytes())),
            plaintext: Arc::clone(&plaintext),
            urgency,
            expires_at,
        }));
    }
    Ok(letters)
}

/// The name of the conversation a call is in; a direct message has none.
struct Place(Option<String>);

impl Place {
    async fn of(app: &App, call: &Call) -> Result<Self, StoreError> {
        let id = call.record().conversation_id;
        let conversation = app.store.conversation(id).await?;
        Ok(Self(conversation.and_then(|one| one.name)))
    }

    async fn words(&self, app: &App, from: UserId) -> Result<Words, StoreError> {
        let caller = app.store.user(from).await?;
        Ok(Words {
            from: caller.map(|caller| caller.name).unwrap_or_default(),
            place: self.0.clone(),
        })
    }
}

/// Who calls, and where.
struct Words {
    from: String,
    place: Option<String>,
}

impl Words {
    fn ring(&self, call: &Call, expires_at: Timestamp, silent: bool) -> PushMessage {
        let record = call.record();
        PushMessage::Ring {
            call_id: record.id,
            conversation_id: record.conversation_id,
            media: record.media,
            from: self.from.clone(),
            place: self.place.clone(),
            expires_at,
            silent,
        }
    }

    fn missed(&self, call: &Call) -> PushMessage {
        let record = call.record();
        PushMessage::Missed {
            call_id: record.id,
            conversation_id: record.conversation_id,
            media: record.media,
            from: self.from.clone(),
            place: self.place.clone(),
            started_at: record.started_at,
        }
    }

    fn stop(&self, call: &Call, reason: RingStopReason) -> PushMessage {
        let record = call.record();
        PushMessage::Stop {
            call_id: record.id,
            conversation_id: record.conversation_id,
            from: self.from.clone(),
            reason,
        }
    }
}

fn plaintext(message: &PushMessage) -> Arc<[u8]> {
    serde_json::to_vec(message)
        .expect("wire types have string keys only")
        .into()
}

/// Puts a letter on its way.
fn send(app: &Arc<App>, letter: Letter) {
    let device_id = letter.subscription.device_id;
    match app.pushes.lanes.hand_in(letter) {
        Taken::Carry => {
            let own = Arc::clone(app);
            let carrying = async move { carry(&own, device_id).await };
            app.tasks
                .spawn(app.stopping.clone().run_until_cancelled_owned(carrying));
        }
        Taken::Queued => {}
        Taken::Displaced => app.metrics.pushes_failed.add_one(),
        Taken::Refused => {
            app.metrics.pushes_failed.add_one();
            tracing::warn!(%device_id, "a push was dropped: too many are on their way");
        }
    }
}

/// Carries a device's letters until there are no more.
async fn carry(app: &App, device_id: DeviceId) {
    while let Some(letter) = app.pushes.lanes.next(device_id) {
        deliver(app, letter).await;
    }
}

/// Tries until the letter is taken, refused, too late or outdated.
async fn deliver(app: &App, letter: Letter) {
    let device_id = letter.subscription.device_id;
    let newer = app.pushes.lanes.newer(device_id);
    let mut wait = app.timing.push_retry;
    for try_number in 1..=TRIES_MAX {
        let (reason, asked) = match post(app, &letter).await {
            Outcome::Delivered => return app.metrics.pushes_delivered.add_one(),
            Outcome::Gone => return app.metrics.pushes_failed.add_one(),
            Outcome::Refused(reason) => {
                app.metrics.pushes_failed.add_one();
                tracing::warn!(%device_id, %reason, "a push service has refused a push");
                return;
            }
            Outcome::Busy {
                reason,
                retry_after,
            } => (reason, retry_after),
        };
        let pause = wait.max(asked.unwrap_or_default());
        if try_number == TRIES_MAX || clock::now() + pause >= letter.expires_at {
            app.metrics.pushes_failed.add_one();
            tracing::warn!(%device_id, %reason, "a push service has not taken a push");
            return;
        }
        wait *= 2;
        let pausing = time::sleep(pause);
        tokio::pin!(pausing);
        loop {
            if app.pushes.lanes.is_outdated(&letter) {
                return;
            }
            tokio::select! {
                () = &mut pausing => break,
                () = newer.notified() => {}
            }
        }
        if !is_still_wanted(app, &letter).await {
            return;
        }
    }
}

/// While a letter waited the device may have signed out, or have got another subscription.
async fn is_still_wanted(app: &App, letter: &Letter) -> bool {
    let known = app
        .store
        .push_subscription(letter.subscription.device_id, clock::now())
        .await;
    // A store that does not answer is no reason to give up a call.
    known.map_or(true, |known| known.as_ref() == Some(&letter.subscription))
}

/// One try. What the push service has forgotten is forgotten here too.
async fn post(app: &App, letter: &Letter) -> Outcome {
    let permit = app.pushes.posts.acquire().await;
    let PushSubscription {
        device_id,
        endpoint,
        p256dh,
        auth,
        ..
    } = &letter.subscription;
    let now = clock::now();
    let body = match seal(p256dh, auth, &letter.plaintext) {
        Ok(body) => body,
        Err(reason) => return Outcome::Refused(reason),
    };
    let address = match app.pushes.transport.endpoint(endpoint) {
        Ok(address) => address,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let envelope = Envelope {
        ttl: letter.expires_at.since(now),
        urgency: letter.urgency,
        topic: letter.topic.as_deref(),
        authorization: app.pushes.vapid.authorization(&address.origin(), now),
        body,
    };
    let outcome = app.pushes.transport.post(&address, envelope).await;
    drop(permit);
    if outcome == Outcome::Gone {
        tracing::info!(%device_id, "a push subscription has expired");
        let expired = app
            .store
            .expire_push_subscription(*device_id, endpoint.clone());
        if let Err(error) = expired.await {
            tracing::warn!(%device_id, %error, "an expired push subscription was not removed");
        }
    }
    outcome
}

fn seal(p256dh: &[u8], auth: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, String> {
    let keys = Keys::from_bytes(p256dh, auth).map_err(|error| error.to_string())?;
    let own = PrivateKey::generate(&ECDH_P256).map_err(|error| error.to_string())?;
    encrypt(&keys, clock::random(), &own, plaintext).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use protocol::{
        CallId, ConversationId,
        call::CallMedia,
        limits::{CONVERSATION_NAME_CHARS_MAX, USER_NAME_CHARS_MAX},
    };

    use super::*;

    /// Some push services take less than the 4 KiB of RFC 8291.
    const BYTES_MAX: usize = 3000;

    #[test]
    fn the_longest_names_fit_into_a_push() {
        // As long as a character can be in JSON.
        let long = |chars: usize| "\u{10ffff}".repeat(chars);
        let message = PushMessage::Ring {
            call_id: CallId::from_bytes([255; 16]),
            conversation_id: ConversationId::from_bytes([255; 16]),
            media: CallMedia::Video,
            from: long(USER_NAME_CHARS_MAX),
            place: Some(long(CONVERSATION_NAME_CHARS_MAX)),
            expires_at: Timestamp::from_millis(i64::MAX),
            silent: false,
        };
        let bytes = plaintext(&message).len();
        assert!(bytes < BYTES_MAX, "{bytes}");
    }
}
