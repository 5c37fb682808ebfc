//! Messages: sent once whatever is repeated, edited and deleted in place.

use protocol::{
    CallId, ConversationId, MessageId, Timestamp, UserId,
    timeline::{Entry, EntryBody, Message},
};

use crate::{
    Store, StoreError, conversations,
    db::{Conn, Row, Sql, Value, locking, statements, values},
    postgres::ATTEMPTS_MAX,
    store::Engine,
    timeline::{self, Draft, entries, mentions_value},
    work::Failing,
};

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub author: UserId,
    /// The author's name for it: the same again is the same message.
    pub nonce: String,
    pub text: String,
    pub mentions: Vec<UserId>,
    /// The call in whose panel it is written.
    pub call_id: Option<CallId>,
    pub at: Timestamp,
}

/// A message that is in its timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// As its author sees it: with the nonce.
    pub entry: Entry,
    /// Whether it had been sent before.
    pub duplicate: bool,
}

/// A message to be changed by its author.
#[derive(Debug, Clone)]
pub struct EditMessage {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub by: UserId,
    pub text: String,
    pub mentions: Vec<UserId>,
    pub at: Timestamp,
}

/// A message to be deleted, by its author or another.
#[derive(Debug, Clone)]
pub struct DeleteMessage {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub by: UserId,
    pub at: Timestamp,
}

/// Where a message is and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageAt {
    pub seq: u64,
    pub author: UserId,
    pub deleted: bool,
}

/// Where a message may go: into a conversation that is open, by a member, into a call of it. The first
/// two are the whole rule of `domain::access` for posting, which a test there holds to it.
macro_rules! may_go {
    ($call:literal) => {
        concat!(
            "c.id = $1 AND c.archived_at IS NULL
            AND EXISTS (SELECT 1 FROM members m
                WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_at IS NULL)
            AND (",
            $call,
            " IS NULL OR EXISTS (SELECT 1 FROM calls k
                WHERE k.id = ",
            $call,
            " AND k.conversation_id = $1))"
        )
    };
}

statements! {
    /// A repeated send that races its first breaks the index of nonces, which undoes all of it.
    SEND = Sql::each(
        concat!(
            "INSERT INTO entries (conversation_id, seq, kind, at, author, message_id, nonce, text,
                data, call_id, message_count)
             SELECT $1, c.last_seq + 1, 'message', $3, $2, $4, $5, $6, $7, $8, c.message_count + 1
             FROM conversations c WHERE ", may_go!("$8"),
            " ON CONFLICT (author, nonce) WHERE nonce IS NOT NULL DO NOTHING
             RETURNING seq"),
        concat!(
            "WITH next AS (
                UPDATE conversations c
                SET last_seq = last_seq + 1, message_count = message_count + 1, last_at = $3
                WHERE ", may_go!("$8::bytea"), "
                    AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.author = $2 AND e.nonce = $5)
                RETURNING last_seq, message_count),
             added AS (
                INSERT INTO entries (conversation_id, seq, kind, at, author, message_id, nonce,
                    text, data, call_id, message_count)
                SELECT $1, last_seq, 'message', $3, $2, $4, $5, $6, $7, $8, message_count
                FROM next RETURNING seq),
             mentioned AS (
                INSERT INTO mentions (user_id, conversation_id, seq)
                SELECT u.id, $1, seq FROM added, users u WHERE u.id = ANY ($9))
             SELECT seq FROM added"));
    /// On Postgres part of the send. SQLite has one writer: nothing comes between the statements.
    COUNT_MESSAGE = Sql::both(
        "UPDATE conversations
         SET last_seq = last_seq + 1, message_count = message_count + 1, last_at = $2
         WHERE id = $1");
    SENT = Sql::both(concat!(entries!(), "WHERE e.author = $1 AND e.nonce = $2"));
    MESSAGE = locking!(
        "SELECT seq, author, deleted_at FROM entries
         WHERE message_id = $2 AND conversation_id = $1 AND kind = 'message'");
    EDIT = Sql::both(
        "UPDATE entries SET text = $3, data = $4, edited_at = $5
         WHERE conversation_id = $1 AND seq = $2");
    /// Nothing of what was said stays, not even whom it named.
    ERASE = Sql::both(
        "UPDATE entries SET text = NULL, data = NULL, deleted_at = $3
         WHERE conversation_id = $1 AND seq = $2");
    FORGET_MENTIONS = Sql::both("DELETE FROM mentions WHERE conversation_id = $1 AND seq = $2");
    ADD_MENTIONS = Sql::each(
        "INSERT INTO mentions (user_id, conversation_id, seq)
         SELECT u.id, $1, $2 FROM users u WHERE u.id IN (SELECT unhex(value) FROM json_each($3))",
        "INSERT INTO mentions (user_id, conversation_id, seq)
         SELECT u.id, $1, $2 FROM users u WHERE u.id = ANY ($3)");
}

impl Store {
    /// Adds a message, or gives the one with this nonce. [`StoreError::NotFound`] when its author
    /// is no member or the call is not one of the conversation.
    pub async fn send_message(&self, new: NewMessage) -> Result<Sent, StoreError> {
        match &*self.engine {
            Engine::Sqlite(sqlite) => {
                // The insert refuses, before anything is written.
                let work = Failing::Clean;
                sqlite
                    .write(work, move |conn| {
                        Box::pin(async move { send(conn, &new).await })
                    })
                    .await
            }
            // One statement is a transaction of its own, and shorter under the row's lock.
            Engine::Postgres(postgres) => {
                let mut conn = postgres.connection().await?;
                for _ in 1..ATTEMPTS_MAX {
                    match send(&mut conn, &new).await {
                        // A conflict is the same nonce, which came first at the same moment.
                        Err(StoreError::Lost | StoreError::Conflict) => {}
                        result => return result,
                    }
                }
                send(&mut conn, &new).await
            }
        }
    }

    /// Where a message is and whose; None when the conversation has no such message.
    pub async fn message(
        &self,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageAt>, StoreError> {
        let mut conn = self.reader().await?;
        let row = conn.one(MESSAGE, values![conversation, id]).await?;
        row.as_ref().map(message_at).transpose()
    }

    /// Changes a message of `by`; [`StoreError::Conflict`] when it has been deleted.
    pub async fn edit_message(&self, edit: EditMessage) -> Result<Entry, StoreError> {
        self.write(move |conn| Box::pin(async move { change(conn, edit).await }))
            .await
    }

    /// Erases a message; [`StoreError::Conflict`] when it has been deleted already.
    pub async fn delete_message(&self, delete: DeleteMessage) -> Result<Entry, StoreError> {
        self.write(move |conn| Box::pin(async move { erase(conn, delete).await }))
            .await
    }
}

async fn send(conn: &mut Conn, new: &NewMessage) -> Result<Sent, StoreError> {
    let id = new.conversation_id;
    let mentioned = others(&new.mentions, new.author);
    let mut values = values![
        id,
        new.author,
        new.at,
        new.id,
        new.nonce.as_str(),
        new.text.as_str(),
    ];
    values.push(mentions_value(&new.mentions)?);
    values.push(Value::from(new.call_id));
    values.push(Value::ids(&mentioned));
    let Some(row) = conn.one(SEND, values).await? else {
        return repeated(conn, new).await;
    };
    let seq = row.get("seq")?;
    if let Conn::SqliteWriter(_) = conn {
        conn.run(COUNT_MESSAGE, values![id, new.at]).await?;
        if !mentioned.is_empty() {
            let values = vec![Value::from(id), Value::from(seq), Value::ids(&mentioned)];
            conn.run(ADD_MENTIONS, values).await?;
        }
    }
    Ok(Sent {
        entry: sent(new, seq),
        duplicate: false,
    })
}

/// Why nothing was added: it had been, or may not be.
async fn repeated(conn: &mut Conn, new: &NewMessage) -> Result<Sent, StoreError> {
    let rows = conn
        .all(SENT, values![new.author, new.nonce.as_str()])
        .await?;
    match timeline::restore(conn, &rows, new.author).await?.pop() {
        Some(entry) if entry.conversation_id == new.conversation_id => Ok(Sent {
            entry,
            duplicate: true,
        }),
        Some(_) => Err(StoreError::Conflict),
        None => {
            conversations::lock(conn, new.conversation_id)
                .await?
                .open()?;
            Err(StoreError::NotFound)
        }
    }
}

fn sent(new: &NewMessage, seq: u64) -> Entry {
    Entry {
        conversation_id: new.conversation_id,
        seq,
        at: new.at,
        author: new.author,
        body: EntryBody::Message {
            message: Message {
                id: new.id,
                text: new.text.clone(),
                mentions: new.mentions.clone(),
                call_id: new.call_id,
                thread_seq: None,
                nonce: Some(new.nonce.clone()),
                edited_at: None,
                deleted_at: None,
            },
        },
    }
}

async fn change(conn: &mut Conn, edit: EditMessage) -> Result<Entry, StoreError> {
    let id = edit.conversation_id;
    conversations::lock(conn, id).await?.open()?;
    let at = find(conn, id, edit.message_id).await?;
    if at.author != edit.by {
        return Err(StoreError::NotFound);
    }
    let mut values = values![id, at.seq, edit.text.as_str()];
    values.push(mentions_value(&edit.mentions)?);
    values.push(Value::from(edit.at));
    conn.run(EDIT, values).await?;
    conn.run(FORGET_MENTIONS, values![id, at.seq]).await?;
    let mentioned = others(&edit.mentions, at.author);
    if !mentioned.is_empty() {
        let mut values = values![id, at.seq];
        values.push(Value::ids(&mentioned));
        conn.run(ADD_MENTIONS, values).await?;
    }
    let body = EntryBody::MessageEdited {
        message_id: edit.message_id,
        target_seq: at.seq,
        text: edit.text,
        mentions: edit.mentions,
    };
    timeline::append(conn, Draft::new(id, edit.by, edit.at, body)).await
}

async fn erase(conn: &mut Conn, delete: DeleteMessage) -> Result<Entry, StoreError> {
    let id = delete.conversation_id;
    conversations::lock(conn, id).await?;
    let at = find(conn, id, delete.message_id).await?;
    conn.run(ERASE, values![id, at.seq, delete.at]).await?;
    conn.run(FORGET_MENTIONS, values![id, at.seq]).await?;
    let body = EntryBody::MessageDeleted {
        message_id: delete.message_id,
        target_seq: at.seq,
    };
    timeline::append(conn, Draft::new(id, delete.by, delete.at, body)).await
}

async fn find(
    conn: &mut Conn,
    conversation: ConversationId,
    id: MessageId,
) -> Result<MessageAt, StoreError> {
    let row = conn.one(MESSAGE, values![conversation, id]).await?;
    let at = message_at(&row.ok_or(StoreError::NotFound)?)?;
    match at.deleted {
        true => Err(StoreError::Conflict),
        false => Ok(at),
    }
}

fn message_at(row: &Row) -> Result<MessageAt, StoreError> {
    Ok(MessageAt {
        seq: row.get("seq")?,
        author: row.get("author")?,
        deleted: row.optional::<Timestamp>("deleted_at")?.is_some(),
    })
}

/// Nobody is told that they have mentioned themselves.
fn others(mentions: &[UserId], author: UserId) -> Vec<UserId> {
    let mut others: Vec<_> = mentions
        .iter()
        .copied()
        .filter(|id| *id != author)
        .collect();
    others.sort_unstable();
    others.dedup();
    others
}
