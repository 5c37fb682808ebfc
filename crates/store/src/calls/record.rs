//! A call's record as JSON. The rules' types are not serialisable, so what is kept has its own
//! form here; the compiler notices when the two part. A field that came later has a default: live
//! calls go on when the server is replaced by a newer one.

use domain::call::{
    CallRecord, Carried, DeviceRing, DeviceRingState, Ended, Left, Leg, MovedFrom, PersonRing,
    Prepared,
};
use protocol::{
    CallId, ConversationId, DeviceId, PeerId, Timestamp, UserId,
    call::{
        CallLock, CallMedia, Connection, EndReason, MediaSession, RingStatus, RingStopReason,
        Toggle,
    },
    conversation::ConversationKind,
};
use serde::{Deserialize, Serialize};

/// Declares the kept form of a struct, field by field, and the ways there and back.
macro_rules! kept {
    ($kept:ident of $rule:ident { $($(#[$attribute:meta])? $field:ident: $type:ty $(=> $to:expr, $from:expr)?),* $(,)? }) => {
        #[derive(Serialize, Deserialize)]
        pub(super) struct $kept { $($(#[$attribute])? $field: $type),* }

        impl From<&$rule> for $kept {
            fn from(rule: &$rule) -> Self {
                let $rule { $($field),* } = rule;
                Self { $($field: kept!(@to $field $(, $to)?)),* }
            }
        }

        impl From<$kept> for $rule {
            fn from(kept: $kept) -> Self {
                let $kept { $($field),* } = kept;
                Self { $($field: kept!(@from $field $(, $from)?)),* }
            }
        }
    };
    (@to $field:ident) => { $field.clone() };
    (@to $field:ident, $to:expr) => { $to($field) };
    (@from $field:ident) => { $field };
    (@from $field:ident, $from:expr) => { $from($field) };
}

kept!(KeptCall of CallRecord {
    id: CallId,
    conversation_id: ConversationId,
    kind: ConversationKind,
    media: CallMedia,
    started_by: UserId,
    started_at: Timestamp,
    answered_at: Option<Timestamp>,
    ended: Option<KeptEnded> => |ended: &Option<Ended>| ended.as_ref().map(Into::into),
        |ended: Option<KeptEnded>| ended.map(Into::into),
    version: u64,
    session: MediaSession,
    card_seq: Option<u64>,
    legs: Vec<KeptLeg> => list, back,
    rings: Vec<KeptRing> => list, back,
    #[serde(default)]
    lock: Option<CallLock>,
    #[serde(default)]
    removed: Vec<UserId>,
    #[serde(default)]
    let_in: Vec<UserId>,
    #[serde(default)]
    alone_since: Option<Timestamp>,
    #[serde(default)]
    path_down_since: Option<Timestamp>,
    #[serde(default)]
    moved: Option<KeptMovedFrom> => |moved: &Option<MovedFrom>| moved.as_ref().map(Into::into),
        |moved: Option<KeptMovedFrom>| moved.map(Into::into),
    due: Option<Timestamp>,
});

kept!(KeptMovedFrom of MovedFrom {
    conversation_id: ConversationId,
    card_seq: Option<u64>,
    at: Timestamp,
});

kept!(KeptEnded of Ended {
    at: Timestamp,
    reason: EndReason,
});

kept!(KeptLeg of Leg {
    peer_id: PeerId,
    user_id: UserId,
    device_id: DeviceId,
    device_name: String,
    tab: String,
    joined_at: Timestamp,
    left: Option<KeptLeft> => |left: &Option<Left>| left.as_ref().map(Into::into),
        |left: Option<KeptLeft>| left.map(Into::into),
    microphone: Toggle,
    camera: Toggle,
    screen: Toggle,
    hand_raised_at: Option<Timestamp>,
    connection: Connection,
    media: bool,
    #[serde(default)]
    carried: Option<KeptCarried> => |carried: &Option<Carried>| carried.as_ref().map(Into::into),
        |carried: Option<KeptCarried>| carried.map(Into::into),
    evidence_at: Timestamp,
    socket_lost_at: Option<Timestamp>,
    lease_until: Option<Timestamp>,
    reload_until: Option<Timestamp>,
    #[serde(default)]
    takes_over: bool,
});

kept!(KeptLeft of Left {
    at: Timestamp,
    lost: bool,
});

kept!(KeptCarried of Carried {
    epoch: u32,
    since: Timestamp,
});

kept!(KeptRing of PersonRing {
    user_id: UserId,
    #[serde(default)]
    from: Option<UserId>,
    status: RingStatus,
    since: Timestamp,
    started_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    silent: bool,
    #[serde(default = "yes")]
    pushed: bool,
    heard: bool,
    devices: Vec<KeptDevice> => list, back,
    #[serde(default)]
    prepared: Vec<KeptPrepared> => list, back,
});

kept!(KeptPrepared of Prepared {
    device_id: DeviceId,
    tab: String,
    peer_id: PeerId,
});

kept!(KeptDevice of DeviceRing {
    device_id: DeviceId,
    state: KeptDeviceState => Into::into, Into::into,
});

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptDeviceState {
    Offered,
    Acknowledged,
    Answered,
    Declined,
    Stopped(RingStopReason),
}

impl From<&DeviceRingState> for KeptDeviceState {
    fn from(state: &DeviceRingState) -> Self {
        match state {
            DeviceRingState::Offered => Self::Offered,
            DeviceRingState::Acknowledged => Self::Acknowledged,
            DeviceRingState::Answered => Self::Answered,
            DeviceRingState::Declined => Self::Declined,
            DeviceRingState::Stopped(reason) => Self::Stopped(*reason),
        }
    }
}

impl From<KeptDeviceState> for DeviceRingState {
    fn from(state: KeptDeviceState) -> Self {
        match state {
            KeptDeviceState::Offered => Self::Offered,
            KeptDeviceState::Acknowledged => Self::Acknowledged,
            KeptDeviceState::Answered => Self::Answered,
            KeptDeviceState::Declined => Self::Declined,
            KeptDeviceState::Stopped(reason) => Self::Stopped(reason),
        }
    }
}

fn yes() -> bool {
    true
}

fn list<R, K: for<'r> From<&'r R>>(rules: &[R]) -> Vec<K> {
    rules.iter().map(Into::into).collect()
}

fn back<K, R: From<K>>(kept: Vec<K>) -> Vec<R> {
    kept.into_iter().map(Into::into).collect()
}
