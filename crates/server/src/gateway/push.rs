//! Messages on their way to sockets: their bytes, and what they are worth to a client that falls
//! behind.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use cluster::Weight;
use protocol::server::ServerMessage;

/// The JSON of a message.
pub fn serialise(message: &ServerMessage) -> Bytes {
    serde_json::to_vec(message)
        .expect("wire types have string keys only")
        .into()
}

/// What a push is worth to a client that falls behind.
pub fn weight(message: &ServerMessage) -> Weight {
    match message {
        ServerMessage::Ping { .. } => ephemeral("ping"),
        ServerMessage::Typing {
            conversation_id,
            user_id,
        } => ephemeral(("typing", conversation_id, user_id)),
        ServerMessage::Presence { user_id, .. } => ephemeral(("presence", user_id)),
        ServerMessage::CallSpeaking { call_id, .. } => ephemeral(("speaking", call_id)),
        ServerMessage::Reply { .. }
        | ServerMessage::Failed { .. }
        | ServerMessage::Snapshot { .. }
        | ServerMessage::Resumed { .. }
        | ServerMessage::Resync
        | ServerMessage::GoingAway { .. }
        | ServerMessage::SignedOut
        | ServerMessage::Entry { .. }
        | ServerMessage::Conversation { .. }
        | ServerMessage::ConversationGone { .. }
        | ServerMessage::Read { .. }
        | ServerMessage::User { .. }
        | ServerMessage::Me { .. }
        | ServerMessage::Availability { .. }
        | ServerMessage::Call { .. }
        | ServerMessage::CallParticipant { .. }
        | ServerMessage::CallParticipantLeft { .. }
        | ServerMessage::CallRing { .. }
        | ServerMessage::CallHosted { .. }
        | ServerMessage::CallEnded { .. }
        | ServerMessage::Ring { .. }
        | ServerMessage::RingStopped { .. }
        | ServerMessage::MissedCalls { .. }
        | ServerMessage::CallSignal { .. }
        | ServerMessage::CallDetached { .. } => Weight::Durable,
    }
}

/// Only the newest about the same thing is worth sending.
fn ephemeral(thing: impl Hash) -> Weight {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    Weight::Ephemeral {
        key: hasher.finish(),
    }
}
