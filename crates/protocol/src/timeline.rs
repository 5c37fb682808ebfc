//! A conversation's timeline: one append-only sequence without gaps.
//!
//! Every entry has the next number of its conversation. An edit or a deletion is an entry of its own
//! that names its target; a message served later already carries what was done to it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{CallId, ConversationId, MessageId, Timestamp, UserId, call::CallSummary};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Entry {
    pub conversation_id: ConversationId,
    /// 1 for the first entry, then without a gap.
    pub seq: u64,
    pub at: Timestamp,
    pub author: UserId,
    pub body: EntryBody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum EntryBody {
    Message {
        message: Message,
    },
    MessageEdited {
        message_id: MessageId,
        target_seq: u64,
        text: String,
        mentions: Vec<UserId>,
    },
    MessageDeleted {
        message_id: MessageId,
        target_seq: u64,
    },
    /// The card of a call. Served later, it carries the call as it is then.
    CallStarted {
        call: CallSummary,
    },
    CallEnded {
        target_seq: u64,
        call: CallSummary,
    },
    ConversationCreated,
    Renamed {
        name: Option<String>,
    },
    TopicChanged {
        topic: String,
    },
    MembersAdded {
        user_ids: Vec<UserId>,
    },
    MemberRemoved {
        user_id: UserId,
    },
    MemberJoined,
    MemberLeft,
    Archived,
    Unarchived,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Message {
    pub id: MessageId,
    /// Markdown. Empty once deleted.
    pub text: String,
    pub mentions: Vec<UserId>,
    /// The call during which, and in whose panel, it was written.
    pub call_id: Option<CallId>,
    /// The message this replies to in a thread.
    pub thread_seq: Option<u64>,
    /// What its author's client called it before it had a number. Only its author sees it.
    pub nonce: Option<String>,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

/// Part of a timeline, in ascending order. Asked for backwards (`before`) it leaves out edits,
/// deletions and call ends, whose targets carry them; forwards (`after`) it is without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TimelinePage {
    pub entries: Vec<Entry>,
    /// Whether there is more in the direction asked for.
    pub more: bool,
    /// The conversation's newest number.
    pub last_seq: u64,
}
