//! Every subject that nodes speak on. Nobody else spells one.

use std::fmt;

use protocol::{CallId, ConversationId, UserId};

/// What a message is about: words with dots between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

/// What a subscriber listens to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    Exactly(Subject),
    /// Every subject that goes on after these words.
    Below(Subject),
}

impl Subject {
    /// What happens in a conversation.
    pub fn conversation(id: ConversationId) -> Self {
        Self(format!("conversation.{id}"))
    }

    /// What concerns one person.
    pub fn user(id: UserId) -> Self {
        Self(format!("user.{id}"))
    }

    /// What is asked of whoever has a call's media.
    pub fn media(id: CallId) -> Self {
        Self(format!("media.{id}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Pattern {
    pub fn conversation(id: ConversationId) -> Self {
        Self::Exactly(Subject::conversation(id))
    }

    pub fn every_conversation() -> Self {
        Self::Below(Subject("conversation".to_owned()))
    }

    pub fn user(id: UserId) -> Self {
        Self::Exactly(Subject::user(id))
    }

    pub fn media(id: CallId) -> Self {
        Self::Exactly(Subject::media(id))
    }

    pub fn matches(&self, subject: &Subject) -> bool {
        match self {
            Self::Exactly(exactly) => exactly == subject,
            Self::Below(prefix) => subject
                .0
                .strip_prefix(&prefix.0)
                .is_some_and(|rest| rest.starts_with('.')),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
