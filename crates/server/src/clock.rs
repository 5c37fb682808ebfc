//! The shell's time and randomness. Everything below takes them as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::{CallId, ConversationId, DeviceId, InviteId, MessageId, PeerId, Timestamp, UserId};

/// Now, by this machine's clock.
pub fn now() -> Timestamp {
    let millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Bytes nobody can guess.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The random part of a new id.
pub fn random_bits() -> u128 {
    u128::from_le_bytes(random())
}

/// At most `max`, evenly spread: so that many clients do not come back at once.
pub fn jitter(max: u64) -> u64 {
    u64::from_le_bytes(random()) % (max + 1)
}

/// Ids that carry the time they were made.
pub trait Fresh: Sized {
    fn fresh(at: Timestamp) -> Self;
}

macro_rules! fresh {
    ($($id:ident),*) => {
        $(impl Fresh for $id {
            fn fresh(at: Timestamp) -> Self {
                Self::from_parts(at, random_bits())
            }
        })*
    };
}

fresh!(
    CallId,
    ConversationId,
    DeviceId,
    InviteId,
    MessageId,
    PeerId,
    UserId
);
