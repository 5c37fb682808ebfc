//! Timelines: appending, and reading pages in both directions.

use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    timeline::{Entry, EntryBody, Message, TimelinePage},
};

use crate::{
    Store, StoreError,
    calls::{self, Cards},
    db::{Conn, Row, Sql, Value, from_json, statements, to_json, values},
};

macro_rules! entries {
    () => {
        "SELECT e.conversation_id, e.seq, e.kind, e.at, e.author, e.message_id, e.nonce, e.text,
            e.data, e.target_seq, e.call_id, e.thread_seq, e.edited_at, e.deleted_at,
            t.text AS target_text, t.data AS target_data
         FROM entries e LEFT JOIN entries t ON e.kind = 'message_edited'
            AND t.conversation_id = e.conversation_id AND t.seq = e.target_seq "
    };
}
pub(crate) use entries;

statements! {
    NEXT_SEQ = Sql::both(
        "UPDATE conversations SET last_seq = last_seq + 1, last_at = $2 WHERE id = $1
         RETURNING last_seq, message_count");
    INSERT_ENTRY = Sql::both(
        "INSERT INTO entries (conversation_id, seq, kind, at, author, message_id, data,
            target_seq, call_id, message_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    BEFORE = Sql::both(concat!(entries!(),
        "WHERE e.conversation_id = $1 AND e.seq < $2
            AND e.kind NOT IN ('message_edited', 'message_deleted', 'call_ended')
         ORDER BY e.seq DESC LIMIT $3"));
    AFTER = Sql::both(concat!(entries!(),
        "WHERE e.conversation_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3"));
    LAST_SEQ = Sql::both("SELECT last_seq FROM conversations WHERE id = $1");
}

impl Store {
    /// The newest entries before `before`, or of all, without edits, deletions and call ends: their
    /// targets carry them. Ascending, as every page. `reader` sees the nonces of their own.
    pub async fn page_before(
        &self,
        reader: UserId,
        conversation: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<TimelinePage, StoreError> {
        let before = before.unwrap_or(u64::MAX);
        self.page(BEFORE, reader, conversation, before, limit).await
    }

    /// The entries after `after`, without gaps.
    pub async fn page_after(
        &self,
        reader: UserId,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<TimelinePage, StoreError> {
        self.page(AFTER, reader, conversation, after, limit).await
    }

    async fn page(
        &self,
        sql: Sql,
        reader: UserId,
        conversation: ConversationId,
        from: u64,
        limit: u32,
    ) -> Result<TimelinePage, StoreError> {
        let mut conn = self.reader().await?;
        let last = conn.one(LAST_SEQ, values![conversation]).await?;
        let last_seq = last.ok_or(StoreError::NotFound)?.get("last_seq")?;
        // One more than asked for tells whether there is more.
        let values = values![conversation, from, u64::from(limit) + 1];
        let mut rows = conn.all(sql, values).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let mut entries = restore(&mut conn, &rows, reader).await?;
        entries.sort_unstable_by_key(|entry| entry.seq);
        // Entries may have come between the two questions.
        let newest = entries.last().map_or(0, |entry| entry.seq);
        Ok(TimelinePage {
            entries,
            more,
            last_seq: newest.max(last_seq),
        })
    }
}

/// An entry to be appended that is no new message.
pub(crate) struct Draft {
    conversation_id: ConversationId,
    author: UserId,
    at: Timestamp,
    body: EntryBody,
}

impl Draft {
    pub(crate) fn new(
        conversation_id: ConversationId,
        author: UserId,
        at: Timestamp,
        body: EntryBody,
    ) -> Self {
        Self {
            conversation_id,
            author,
            at,
            body,
        }
    }
}

/// Takes the conversation's next number. On Postgres its row is held from here to the commit, so
/// numbers become visible in order.
pub(crate) async fn append(conn: &mut Conn, draft: Draft) -> Result<Entry, StoreError> {
    let row = conn
        .one(NEXT_SEQ, values![draft.conversation_id, draft.at])
        .await?
        .ok_or(StoreError::NotFound)?;
    let seq: u64 = row.get("last_seq")?;
    let mut entry = Entry {
        conversation_id: draft.conversation_id,
        seq,
        at: draft.at,
        author: draft.author,
        body: draft.body,
    };
    if let EntryBody::CallStarted { call } = &mut entry.body {
        call.seq = seq;
    }
    let kept = Kept::of(&entry.body)?;
    let values = values![
        entry.conversation_id,
        seq,
        kept.kind,
        entry.at,
        entry.author,
        kept.message_id,
        kept.data,
        kept.target_seq,
        kept.call_id,
        row.get::<u64>("message_count")?,
    ];
    conn.run(INSERT_ENTRY, values).await?;
    Ok(entry)
}

/// What the columns say of a body.
#[derive(Default)]
struct Kept {
    kind: &'static str,
    message_id: Option<protocol::MessageId>,
    data: Option<String>,
    target_seq: Option<u64>,
    call_id: Option<CallId>,
}

impl Kept {
    fn of(body: &EntryBody) -> Result<Self, StoreError> {
        let bare = |kind| Self {
            kind,
            ..Self::default()
        };
        let with_data = |kind| {
            Ok::<_, StoreError>(Self {
                data: Some(to_json(body)?),
                ..bare(kind)
            })
        };
        Ok(match body {
            EntryBody::Message { .. } => panic!("a message is sent, not appended"),
            EntryBody::MessageEdited {
                message_id,
                target_seq,
                ..
            } => Self {
                message_id: Some(*message_id),
                target_seq: Some(*target_seq),
                ..bare("message_edited")
            },
            EntryBody::MessageDeleted {
                message_id,
                target_seq,
            } => Self {
                message_id: Some(*message_id),
                target_seq: Some(*target_seq),
                ..bare("message_deleted")
            },
            EntryBody::CallStarted { call } => Self {
                call_id: Some(call.id),
                ..bare("call_started")
            },
            EntryBody::CallEnded { target_seq, call } => Self {
                target_seq: Some(*target_seq),
                call_id: Some(call.id),
                ..bare("call_ended")
            },
            EntryBody::ConversationCreated => bare("conversation_created"),
            EntryBody::MemberJoined => bare("member_joined"),
            EntryBody::MemberLeft => bare("member_left"),
            EntryBody::Archived => bare("archived"),
            EntryBody::Unarchived => bare("unarchived"),
            EntryBody::Renamed { .. } => with_data("renamed")?,
            EntryBody::TopicChanged { .. } => with_data("topic_changed")?,
            EntryBody::MembersAdded { .. } => with_data("members_added")?,
            EntryBody::MemberRemoved { .. } => with_data("member_removed")?,
        })
    }
}

/// Entries as `reader` sees them; calls among them as they are now.
pub(crate) async fn restore(
    conn: &mut Conn,
    rows: &[Row],
    reader: UserId,
) -> Result<Vec<Entry>, StoreError> {
    let mut call_ids = Vec::new();
    for row in rows {
        let kind: String = row.get("kind")?;
        if kind == "call_started" || kind == "call_ended" {
            call_ids.push(row.get::<CallId>("call_id")?);
        }
    }
    let calls = calls::cards(conn, &call_ids).await?;
    rows.iter().map(|row| entry(row, &calls, reader)).collect()
}

fn entry(row: &Row, calls: &Cards, reader: UserId) -> Result<Entry, StoreError> {
    let author = row.get("author")?;
    Ok(Entry {
        conversation_id: row.get("conversation_id")?,
        seq: row.get("seq")?,
        at: row.get("at")?,
        author,
        body: body(row, calls, author == reader)?,
    })
}

fn body(row: &Row, calls: &Cards, own: bool) -> Result<EntryBody, StoreError> {
    let call = || {
        let id: CallId = row.get("call_id")?;
        let call = calls.of(id, row.get("conversation_id")?);
        call.ok_or_else(|| StoreError::Corrupt(format!("{id} has a card and no record")))
    };
    let kind: String = row.get("kind")?;
    Ok(match kind.as_str() {
        "message" => EntryBody::Message {
            message: Message {
                id: row.get("message_id")?,
                text: row.optional("text")?.unwrap_or_default(),
                mentions: mentions(row, "data")?,
                call_id: row.optional("call_id")?,
                thread_seq: row.optional("thread_seq")?,
                nonce: if own { row.optional("nonce")? } else { None },
                edited_at: row.optional("edited_at")?,
                deleted_at: row.optional("deleted_at")?,
            },
        },
        "message_edited" => EntryBody::MessageEdited {
            message_id: row.get("message_id")?,
            target_seq: row.get("target_seq")?,
            text: row.optional("target_text")?.unwrap_or_default(),
            mentions: mentions(row, "target_data")?,
        },
        "message_deleted" => EntryBody::MessageDeleted {
            message_id: row.get("message_id")?,
            target_seq: row.get("target_seq")?,
        },
        "call_started" => EntryBody::CallStarted { call: call()? },
        "call_ended" => EntryBody::CallEnded {
            target_seq: row.get("target_seq")?,
            call: call()?,
        },
        "conversation_created" => EntryBody::ConversationCreated,
        "member_joined" => EntryBody::MemberJoined,
        "member_left" => EntryBody::MemberLeft,
        "archived" => EntryBody::Archived,
        "unarchived" => EntryBody::Unarchived,
        "renamed" | "topic_changed" | "members_added" | "member_removed" => {
            from_json(&row.get::<String>("data")?)?
        }
        _ => return Err(StoreError::Corrupt(format!("an entry is of kind {kind}"))),
    })
}

/// A message's mentions are the only data it has.
fn mentions(row: &Row, column: &'static str) -> Result<Vec<UserId>, StoreError> {
    match row.optional::<String>(column)? {
        Some(list) => from_json(&list),
        None => Ok(Vec::new()),
    }
}

pub(crate) fn mentions_value(mentions: &[UserId]) -> Result<Value, StoreError> {
    match mentions.is_empty() {
        true => Ok(Value::Text(None)),
        false => Value::json(&mentions),
    }
}
