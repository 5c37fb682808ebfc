//! Which entries wait to be read, and by whom.

#[cfg(test)]
mod tests;

use protocol::{
    UserId,
    conversation::ConversationKind,
    timeline::{Entry, EntryBody},
};

/// What an entry is to somebody who has not read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Does not wait: it is their own, or tells what they need not answer.
    Nothing,
    Message,
    /// Meant for this person.
    Mention,
}

/// What this entry is to `reader`, who may have muted the conversation. Missed calls wait in a
/// count of their own.
pub fn unread(kind: ConversationKind, muted: bool, entry: &Entry, reader: UserId) -> Unread {
    if entry.author == reader {
        return Unread::Nothing;
    }
    match &entry.body {
        EntryBody::Message { message } if message.deleted_at.is_some() => Unread::Nothing,
        EntryBody::Message { message } if message.mentions.contains(&reader) => Unread::Mention,
        EntryBody::Message { .. } => match kind {
            ConversationKind::Direct | ConversationKind::Group if !muted => Unread::Mention,
            ConversationKind::Direct | ConversationKind::Group | ConversationKind::Channel => {
                Unread::Message
            }
        },
        EntryBody::MessageEdited { .. }
        | EntryBody::MessageDeleted { .. }
        | EntryBody::CallStarted { .. }
        | EntryBody::CallEnded { .. }
        | EntryBody::ConversationCreated
        | EntryBody::Renamed { .. }
        | EntryBody::TopicChanged { .. }
        | EntryBody::MembersAdded { .. }
        | EntryBody::MemberRemoved { .. }
        | EntryBody::MemberJoined
        | EntryBody::MemberLeft
        | EntryBody::Archived
        | EntryBody::Unarchived => Unread::Nothing,
    }
}
