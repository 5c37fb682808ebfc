//! Browser to server, on the socket.
//!
//! Each frame is a [`ClientFrame`]. Each is answered by a `reply` or a `failed` with the same id,
//! except `pong`, `activity`, `typing` and `ring_acknowledge`, which are answered only when refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    CallId, ConversationId, MessageId, PeerId, UserId,
    call::{CallMedia, HostAct, ParticipantChange},
    media::{DirectSignal, Direction},
    presence::Availability,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClientFrame {
    /// Chosen by the client, unlike all its unanswered ones.
    pub id: u32,
    pub message: ClientMessage,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum ClientMessage {
    /// The first frame. Answered by `welcome`, then a `snapshot`, then `resumed` for each
    /// conversation named.
    Hello {
        /// The versions the client speaks.
        protocols: Vec<u16>,
        /// What the client holds already.
        resume: Vec<ResumePoint>,
        /// A random word of this tab, kept over its reloads: a tab that reloads comes back into
        /// its call as the same participant.
        tab: String,
    },
    /// Answers a `ping`.
    Pong,
    /// Whether the person is active on this device.
    Activity {
        active: bool,
    },
    SetAvailability {
        availability: Availability,
    },

    /// Answered by `sent`. The same nonce again gives the same entry.
    SendMessage {
        conversation_id: ConversationId,
        nonce: String,
        text: String,
        call_id: Option<CallId>,
    },
    EditMessage {
        conversation_id: ConversationId,
        message_id: MessageId,
        text: String,
    },
    DeleteMessage {
        conversation_id: ConversationId,
        message_id: MessageId,
    },
    MarkRead {
        conversation_id: ConversationId,
        seq: u64,
    },
    Typing {
        conversation_id: ConversationId,
    },

    /// Starts the conversation's call, or joins it where one is live. Answered by `joined`.
    CallStart {
        conversation_id: ConversationId,
        media: CallMedia,
        state: ParticipantChange,
        /// Whether a direct message rings. Groups ring only when asked to; channels never.
        ring: bool,
        /// Whether the person was asked and means to ring more than eight people.
        #[serde(default)]
        ring_many: bool,
    },
    /// Joins, or answers a ring. Answered by `joined`. A second device of a person in the call comes
    /// in with its microphone off.
    CallJoin {
        call_id: CallId,
        state: ParticipantChange,
        /// Whether the person's other devices leave, once this one's media is up.
        #[serde(default)]
        move_here: bool,
    },
    CallLeave {
        call_id: CallId,
        peer_id: PeerId,
    },
    CallEndForAll {
        call_id: CallId,
    },
    /// For the call's host: its starter, or while they are not in it whoever has been in it
    /// longest; besides, whoever made the conversation, and admins. Not in a direct message.
    CallHost {
        call_id: CallId,
        act: HostAct,
    },
    /// Asks people into a call: rings them, and makes them members where they are not. A direct
    /// message's call goes on in a group of the two and them. Answered by `call`.
    CallAdd {
        call_id: CallId,
        user_ids: Vec<UserId>,
        /// Whether the person was asked and means to ring more than eight people.
        #[serde(default)]
        ring_many: bool,
    },
    /// Stops ringing somebody.
    CallStopRing {
        call_id: CallId,
        user_id: UserId,
    },
    /// Whoever is alone in the call stays.
    CallStay {
        call_id: CallId,
        peer_id: PeerId,
    },
    /// Answered by `call`.
    CallGet {
        call_id: CallId,
    },
    /// Changes what the own participant does.
    CallChange {
        call_id: CallId,
        peer_id: PeerId,
        change: ParticipantChange,
    },
    /// The own media is up, or lost.
    CallMediaState {
        call_id: CallId,
        peer_id: PeerId,
        epoch: u32,
        connected: bool,
    },
    /// This device rings.
    RingAcknowledge {
        call_id: CallId,
    },
    /// Brings up the connection to whoever calls while it still rings, so that an answer is heard and
    /// seen at once: for a direct message's call, on the person's two devices used last. Answered by
    /// `prepared`; refused with `conflict` where there is nothing to prepare for.
    RingPrepare {
        call_id: CallId,
    },
    RingDecline {
        call_id: CallId,
        /// What the caller is told besides: a message in the conversation that names the call.
        message: Option<String>,
    },
    /// To the other browser of a direct call; also from and to one that has prepared.
    CallSignal {
        call_id: CallId,
        peer_id: PeerId,
        to: PeerId,
        epoch: u32,
        signal: DirectSignal,
    },
    /// To the media node of a forwarded call. Answered by `media_answer`.
    MediaOffer {
        call_id: CallId,
        peer_id: PeerId,
        epoch: u32,
        direction: Direction,
        /// Rises when the client starts over with a new connection; the same number changes
        /// the connection there is.
        session: u32,
        sdp: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Copy)]
pub struct ResumePoint {
    pub conversation_id: ConversationId,
    /// The newest number the client holds without a gap before it.
    pub last_seq: u64,
}
