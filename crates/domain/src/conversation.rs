//! What conversations may be called and who may be in them.

#[cfg(test)]
mod tests;

use protocol::{
    UserId,
    conversation::{ConversationKind, Visibility},
    limits::{ADD_MEMBERS_MAX, CONVERSATION_NAME_CHARS_MAX, GROUP_MEMBERS_MAX, TOPIC_CHARS_MAX},
    rest::CreateConversationRequest,
};

use crate::text::{TextError, full_line, line};

/// The name of a channel or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationName(String);

impl ConversationName {
    pub fn parse(name: &str) -> Result<Self, TextError> {
        full_line(name, CONVERSATION_NAME_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    /// What channels' names are compared by: two that differ only in case would be confused.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What a conversation is about; empty for nothing in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topic(String);

impl Topic {
    pub fn parse(topic: &str) -> Result<Self, TextError> {
        line(topic, TOPIC_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// A conversation somebody asks for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewConversation {
    Channel {
        name: ConversationName,
        topic: Topic,
        visibility: Visibility,
    },
    Group {
        name: Option<ConversationName>,
        /// The others and its creator, each once.
        members: Vec<UserId>,
    },
    /// With oneself: notes.
    Direct { other: UserId },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewConversationError {
    #[error("the name cannot be taken: {0}")]
    Name(TextError),
    #[error("the topic cannot be taken: {0}")]
    Topic(TextError),
    #[error(transparent)]
    Members(#[from] MembersError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    #[error("nobody is named")]
    Nobody,
    #[error("more than {max} people are too many")]
    TooMany { max: usize },
}

impl NewConversation {
    pub fn parse(
        request: CreateConversationRequest,
        creator: UserId,
    ) -> Result<Self, NewConversationError> {
        match request {
            CreateConversationRequest::Channel {
                name,
                topic,
                visibility,
            } => Ok(Self::Channel {
                name: ConversationName::parse(&name).map_err(NewConversationError::Name)?,
                topic: Topic::parse(topic.as_deref().unwrap_or_default())
                    .map_err(NewConversationError::Topic)?,
                visibility,
            }),
            CreateConversationRequest::Group { name, members } => {
                // A group without a name goes by its members, so an empty one is none.
                let name = name.filter(|name| !name.trim().is_empty());
                Ok(Self::Group {
                    name: name
                        .as_deref()
                        .map(ConversationName::parse)
                        .transpose()
                        .map_err(NewConversationError::Name)?,
                    members: group_members(creator, members)?,
                })
            }
            CreateConversationRequest::Direct { user_id } => Ok(Self::Direct { other: user_id }),
        }
    }
}

fn group_members(creator: UserId, named: Vec<UserId>) -> Result<Vec<UserId>, MembersError> {
    let mut members = each_once(named);
    members.retain(|member| *member != creator);
    if members.is_empty() {
        return Err(MembersError::Nobody);
    }
    if members.len() >= GROUP_MEMBERS_MAX {
        return Err(MembersError::TooMany {
            max: GROUP_MEMBERS_MAX,
        });
    }
    members.push(creator);
    Ok(members)
}

/// The people to add to a conversation, each once.
pub fn people_to_add(named: Vec<UserId>) -> Result<Vec<UserId>, MembersError> {
    if named.len() > ADD_MEMBERS_MAX {
        return Err(MembersError::TooMany {
            max: ADD_MEMBERS_MAX,
        });
    }
    let people = each_once(named);
    if people.is_empty() {
        return Err(MembersError::Nobody);
    }
    Ok(people)
}

/// Whether a conversation of this kind can have so many members.
pub fn has_room(kind: ConversationKind, members: usize) -> Result<(), MembersError> {
    let max = match kind {
        ConversationKind::Channel => return Ok(()),
        ConversationKind::Group => GROUP_MEMBERS_MAX,
        ConversationKind::Direct => 2,
    };
    if members > max {
        return Err(MembersError::TooMany { max });
    }
    Ok(())
}

fn each_once(mut people: Vec<UserId>) -> Vec<UserId> {
    people.sort_unstable();
    people.dedup();
    people
}
