//! Letters on their way, in order for each device: a stop must not overtake its ring, and a ring
//! nobody has got yet is not worth sending once it is over.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::{DeviceId, Timestamp};
use store::PushSubscription;
use tokio::sync::Notify;

use super::transport::Urgency;

/// Devices with letters on their way. To a further one nothing is sent.
const LANES_MAX: usize = 4096;
/// Letters that wait for one device; the oldest makes room.
const LETTERS_MAX: usize = 8;

/// Something for one device, until it is delivered or too late.
#[derive(Debug, Clone)]
pub struct Letter {
    pub subscription: PushSubscription,
    /// What it is about: a newer letter takes the place of one that still waits.
    pub topic: Option<String>,
    pub plaintext: Arc<[u8]>,
    pub urgency: Urgency,
    pub expires_at: Timestamp,
}

#[derive(Debug, Default)]
pub struct Lanes {
    lanes: Mutex<HashMap<DeviceId, Lane>>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Letter>,
    newer: Arc<Notify>,
}

/// What became of a letter that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Nobody carries this device's letters yet: whoever handed it in does, from now on.
    Carry,
    /// It is carried with the others.
    Queued,
    /// One that waited for longer was given up for it.
    Displaced,
    /// There are too many devices.
    Refused,
}

impl Lanes {
    pub fn hand_in(&self, letter: Letter) -> Taken {
        let mut lanes = self.lock();
        let count = lanes.len();
        match lanes.entry(letter.subscription.device_id) {
            Entry::Occupied(mut lane) => lane.get_mut().add(letter),
            Entry::Vacant(_) if count >= LANES_MAX => Taken::Refused,
            Entry::Vacant(place) => {
                place.insert(Lane::default()).waiting.push_back(letter);
                Taken::Carry
            }
        }
    }

    /// The device's next letter. None: the lane is closed, and the next letter opens it again.
    pub fn next(&self, device: DeviceId) -> Option<Letter> {
        let mut lanes = self.lock();
        let next = lanes.get_mut(&device)?.waiting.pop_front();
        if next.is_none() {
            lanes.remove(&device);
        }
        next
    }

    /// Whether a newer letter about the same thing waits.
    pub fn is_outdated(&self, letter: &Letter) -> bool {
        let lanes = self.lock();
        let lane = lanes.get(&letter.subscription.device_id);
        lane.is_some_and(|lane| lane.waiting.iter().any(|other| other.replaces(letter)))
    }

    /// Wakes whoever waits to send the device's letter again when another comes.
    pub fn newer(&self, device: DeviceId) -> Arc<Notify> {
        let lanes = self.lock();
        lanes
            .get(&device)
            .map(|lane| Arc::clone(&lane.newer))
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceId, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn add(&mut self, letter: Letter) -> Taken {
        self.waiting.retain(|other| !letter.replaces(other));
        let displaced = self.waiting.len() >= LETTERS_MAX;
        if displaced {
            self.waiting.pop_front();
        }
        self.waiting.push_back(letter);
        self.newer.notify_one();
        if displaced {
            Taken::Displaced
        } else {
            Taken::Queued
        }
    }
}

impl Letter {
    fn replaces(&self, other: &Self) -> bool {
        self.topic.is_some() && self.topic == other.topic
    }
}

#[cfg(test)]
mod tests {
    use protocol::UserId;

    use super::*;

    fn device(number: usize) -> DeviceId {
        DeviceId::from_parts(Timestamp::from_millis(0), number as u128)
    }

    fn letter(to: usize, topic: &str, words: &str) -> Letter {
        Letter {
            subscription: PushSubscription {
                device_id: device(to),
                user_id: UserId::from_bytes([1; 16]),
                endpoint: "https://push.example.net/".to_owned(),
                p256dh: Vec::new(),
                auth: Vec::new(),
            },
            topic: Some(topic.to_owned()),
            plaintext: words.as_bytes().into(),
            urgency: Urgency::High,
            expires_at: Timestamp::from_millis(1),
        }
    }

    fn words(letter: Option<Letter>) -> Option<String> {
        letter.map(|letter| String::from_utf8(letter.plaintext.to_vec()).unwrap())
    }

    #[test]
    fn one_carrier_takes_a_devices_letters_in_order() {
        let lanes = Lanes::default();
        assert_eq!(lanes.hand_in(letter(1, "a", "ring a")), Taken::Carry);
        assert_eq!(lanes.hand_in(letter(1, "b", "ring b")), Taken::Queued);
        assert_eq!(lanes.hand_in(letter(2, "a", "ring a")), Taken::Carry);
        assert_eq!(words(lanes.next(device(1))).as_deref(), Some("ring a"));
        assert_eq!(words(lanes.next(device(1))).as_deref(), Some("ring b"));
        assert_eq!(words(lanes.next(device(1))), None);
        assert_eq!(lanes.hand_in(letter(1, "c", "ring c")), Taken::Carry);
    }

    #[test]
    fn a_newer_letter_takes_the_place_of_one_that_waits() {
        let lanes = Lanes::default();
        lanes.hand_in(letter(1, "a", "ring a"));
        let first = lanes.next(device(1)).unwrap();
        lanes.hand_in(letter(1, "b", "ring b"));
        assert!(!lanes.is_outdated(&first));
        lanes.hand_in(letter(1, "b", "stop b"));
        lanes.hand_in(letter(1, "a", "stop a"));
        assert!(lanes.is_outdated(&first));
        assert_eq!(words(lanes.next(device(1))).as_deref(), Some("stop b"));
        assert_eq!(words(lanes.next(device(1))).as_deref(), Some("stop a"));
        assert_eq!(words(lanes.next(device(1))), None);
        assert!(!lanes.is_outdated(&first));
    }

    #[tokio::test]
    async fn whoever_waits_to_try_again_hears_of_a_newer_letter() {
        let lanes = Lanes::default();
        lanes.hand_in(letter(1, "a", "ring a"));
        lanes.next(device(1));
        let newer = lanes.newer(device(1));
        lanes.hand_in(letter(1, "a", "stop a"));
        newer.notified().await;
    }

    #[test]
    fn a_device_has_room_for_a_few_letters_and_the_oldest_goes() {
        let lanes = Lanes::default();
        lanes.hand_in(letter(1, "first", "carried"));
        lanes.next(device(1));
        for number in 0..LETTERS_MAX {
            let topic = number.to_string();
            assert_eq!(lanes.hand_in(letter(1, &topic, &topic)), Taken::Queued);
        }
        assert_eq!(lanes.hand_in(letter(1, "last", "last")), Taken::Displaced);
        assert_eq!(words(lanes.next(device(1))).as_deref(), Some("1"));
    }

    #[test]
    fn so_many_devices_have_letters_on_their_way_and_no_more() {
        let lanes = Lanes::default();
        for number in 0..LANES_MAX {
            assert_eq!(lanes.hand_in(letter(number, "a", "ring")), Taken::Carry);
        }
        assert_eq!(
            lanes.hand_in(letter(LANES_MAX, "a", "ring")),
            Taken::Refused
        );
        lanes.hand_in(letter(0, "a", "stop"));
        lanes.next(device(0));
        assert_eq!(words(lanes.next(device(0))), None);
        assert_eq!(lanes.hand_in(letter(LANES_MAX, "a", "ring")), Taken::Carry);
    }
}
