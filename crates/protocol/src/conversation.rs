//! Channels, groups and direct messages, and one person's place in them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{ConversationId, Timestamp, UserId};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    Channel,
    Group,
    /// Two people, or one writing to themselves.
    Direct,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Every person of the workspace may find, read and join it. Only channels are.
    Public,
    /// Only its members know of it.
    Private,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub visibility: Visibility,
    /// Channels have one. Groups may; without it a group goes by its members' names.
    pub name: Option<String>,
    pub topic: String,
    pub created_by: UserId,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    /// The newest number of the timeline; 0 while it is empty.
    pub last_seq: u64,
    /// When that entry was added.
    pub last_at: Timestamp,
    pub member_count: u32,
    /// The members of a group or a direct message. Empty for a channel, whose members are a
    /// request of their own.
    pub members: Vec<UserId>,
}

/// A conversation with the asking person's place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MyConversation {
    pub conversation: Conversation,
    pub read: ReadState,
    pub preferences: Preferences,
}

/// What a person has chosen for one conversation; only they know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Preferences {
    /// Only mentions call for attention, and its calls are shown without a sound.
    pub muted: bool,
    /// Whether a call of a group rings this person when its starter rings the group. A direct
    /// message always does, a channel never.
    pub rings: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            muted: false,
            rings: true,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema, Default)]
pub struct ReadState {
    /// Everything up to this number has been read.
    pub read_seq: u64,
    /// Messages of others after it.
    pub unread: u32,
    /// Those among them that mention this person. In a direct message or a group that is not
    /// muted: all of them.
    pub mentions: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Member {
    pub user_id: UserId,
    pub joined_at: Timestamp,
}
