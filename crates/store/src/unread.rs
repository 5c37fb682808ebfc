//! What a member has not read.
//!
//! Each entry knows how many messages the timeline holds up to it, so what lies after a member's
//! mark is a difference of two numbers, however much it is; only the member's own messages and the
//! deleted ones after the mark are counted, by index. A send writes no row for anybody.

use protocol::{
    ConversationId, UserId,
    conversation::{ConversationKind, ReadState},
};

use crate::{
    Store, StoreError,
    db::{Conn, Row, Sql, statements, values},
};

/// Columns that [`read_state`] reads, of a conversation `c` and its member `m`.
macro_rules! columns {
    () => {
        "m.read_seq, m.muted,
         c.message_count
            - COALESCE((SELECT e.message_count FROM entries e
                WHERE e.conversation_id = m.conversation_id AND e.seq = m.read_seq), 0)
            - (SELECT count(*) FROM entries e
                WHERE e.conversation_id = m.conversation_id AND e.author = m.user_id
                AND e.kind = 'message' AND e.seq > m.read_seq)
            - (SELECT count(*) FROM entries e
                WHERE e.conversation_id = m.conversation_id AND e.deleted_at IS NOT NULL
                AND e.seq > m.read_seq AND e.author <> m.user_id)
            AS unread,
         (SELECT count(*) FROM mentions n
            WHERE n.user_id = m.user_id AND n.conversation_id = m.conversation_id
            AND n.seq > m.read_seq) AS mentions"
    };
}
pub(crate) use columns;

statements! {
    READ_STATE = Sql::both(concat!(
        "SELECT c.id, c.kind, ", columns!(),
        " FROM members m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.left_at IS NULL"));
    READ_STATES = Sql::both(concat!(
        "SELECT c.id, c.kind, ", columns!(),
        " FROM members m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.user_id = $1 AND m.left_at IS NULL"));
    MARK_READ = Sql::both(
        "UPDATE members SET read_seq = (
            SELECT CASE WHEN c.last_seq < $3 THEN c.last_seq ELSE $3 END
            FROM conversations c WHERE c.id = $2)
         WHERE user_id = $1 AND conversation_id = $2 AND left_at IS NULL AND read_seq < $3");
}

impl Store {
    /// None for whoever is no member.
    pub async fn read_state(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<ReadState>, StoreError> {
        find(&mut self.reader().await?, user, conversation).await
    }

    /// Of every conversation the person is a member of.
    pub async fn read_states(
        &self,
        user: UserId,
    ) -> Result<Vec<(ConversationId, ReadState)>, StoreError> {
        let rows = self.reader().await?.all(READ_STATES, values![user]).await?;
        rows.iter()
            .map(|row| Ok((row.get("id")?, read_state(row, row.word("kind")?)?)))
            .collect()
    }

    /// Moves the mark forward to `seq`, or to the newest entry; never back.
    pub async fn mark_read(
        &self,
        user: UserId,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<ReadState, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                conn.run(MARK_READ, values![user, conversation, seq])
                    .await?;
                let state = find(conn, user, conversation).await?;
                state.ok_or(StoreError::NotFound)
            })
        })
        .await
    }
}

async fn find(
    conn: &mut Conn,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<ReadState>, StoreError> {
    let row = conn.one(READ_STATE, values![user, conversation]).await?;
    row.map(|row| read_state(&row, row.word("kind")?))
        .transpose()
}

/// Where there are few people, each message is meant for each of them who has not muted it.
pub(crate) fn read_state(row: &Row, kind: ConversationKind) -> Result<ReadState, StoreError> {
    let unread = row.get("unread")?;
    Ok(ReadState {
        read_seq: row.get("read_seq")?,
        unread,
        mentions: match kind {
            ConversationKind::Group | ConversationKind::Direct if !row.get("muted")? => unread,
            ConversationKind::Group | ConversationKind::Direct | ConversationKind::Channel => {
                row.get("mentions")?
            }
        },
    })
}
