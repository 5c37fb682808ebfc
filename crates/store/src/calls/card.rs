//! Calls as cards: made of their records, or of what their entries keep of those that are forgotten.

use std::collections::{HashMap, HashSet};

use domain::call::Call;
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    call::{CallMedia, CallSummary, EndReason},
};
use serde::{Deserialize, Serialize};

use super::{call, of_these};
use crate::{
    StoreError,
    db::{Conn, Row, Sql, Value, from_json, statements},
};

statements! {
    CALLS = of_these!("SELECT record FROM calls WHERE id");
    KEPT_CARDS = of_these!(
        "SELECT call_id, conversation_id, seq, data FROM entries
         WHERE kind = 'call_started' AND data IS NOT NULL AND call_id");
    COUNTS = Sql::each(
        "SELECT call_id, count(*) AS messages FROM entries
         WHERE kind = 'message' AND call_id IS NOT NULL AND deleted_at IS NULL
            AND call_id IN (SELECT unhex(value) FROM json_each($1)) GROUP BY call_id",
        "SELECT call_id, count(*) AS messages FROM entries
         WHERE kind = 'message' AND call_id IS NOT NULL AND deleted_at IS NULL
            AND call_id = ANY ($1) GROUP BY call_id");
}

/// Calls, to be shown as cards.
#[derive(Debug, Default)]
pub(crate) struct Cards {
    calls: HashMap<CallId, Call>,
    forgotten: HashMap<(CallId, ConversationId), CallSummary>,
    counts: HashMap<CallId, u32>,
}

impl Cards {
    /// Where the call is, or was last. None of a forgotten one: logs have forgotten it too.
    pub(crate) fn newest(&self, id: CallId) -> Option<CallSummary> {
        let call = self.calls.get(&id)?;
        Some(call.summary(count(&self.counts, id)))
    }

    /// In this conversation, which it may have left for another.
    pub(crate) fn of(&self, id: CallId, conversation: ConversationId) -> Option<CallSummary> {
        match self.calls.get(&id) {
            Some(call) => Some(call.summary_in(conversation, count(&self.counts, id))),
            None => self.forgotten.get(&(id, conversation)).cloned(),
        }
    }
}

/// The cards of these calls as they are now.
pub(crate) async fn cards(conn: &mut Conn, ids: &[CallId]) -> Result<Cards, StoreError> {
    if ids.is_empty() {
        return Ok(Cards::default());
    }
    let mut ids: Vec<_> = ids
        .iter()
        .copied()
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let rows = conn.all(CALLS, vec![Value::ids(&ids)]).await?;
    let calls = rows.iter().map(|row| {
        let call = call(row)?;
        Ok((call.record().id, call))
    });
    let calls: HashMap<_, _> = calls.collect::<Result<_, StoreError>>()?;
    let counts = counts(conn, &ids).await?;
    // A call forgotten between two statements has left its card by the time of the second.
    ids.retain(|id| !calls.contains_key(id));
    let forgotten = forgotten(conn, &ids, &counts).await?;
    Ok(Cards {
        calls,
        forgotten,
        counts,
    })
}

/// How many messages were written in a call's panel.
pub(super) async fn messages(conn: &mut Conn, id: CallId) -> Result<u32, StoreError> {
    Ok(count(&counts(conn, &[id]).await?, id))
}

async fn counts(conn: &mut Conn, ids: &[CallId]) -> Result<HashMap<CallId, u32>, StoreError> {
    let rows = conn.all(COUNTS, vec![Value::ids(ids)]).await?;
    rows.iter()
        .map(|row| Ok((row.get("call_id")?, row.get("messages")?)))
        .collect()
}

fn count(counts: &HashMap<CallId, u32>, id: CallId) -> u32 {
    counts.get(&id).copied().unwrap_or(0)
}

async fn forgotten(
    conn: &mut Conn,
    ids: &[CallId],
    counts: &HashMap<CallId, u32>,
) -> Result<HashMap<(CallId, ConversationId), CallSummary>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = conn.all(KEPT_CARDS, vec![Value::ids(ids)]).await?;
    rows.iter()
        .map(|row| {
            let call = kept_card(row, counts)?;
            Ok(((call.id, call.conversation_id), call))
        })
        .collect()
}

fn kept_card(row: &Row, counts: &HashMap<CallId, u32>) -> Result<CallSummary, StoreError> {
    let id = row.get("call_id")?;
    let KeptCard {
        media,
        started_by,
        started_at,
        answered_at,
        ended_at,
        end_reason,
        slip,
        moved_to,
    } = from_json(&row.get::<String>("data")?)?;
    Ok(CallSummary {
        id,
        conversation_id: row.get("conversation_id")?,
        seq: row.get("seq")?,
        media,
        started_by,
        started_at,
        answered_at,
        ended_at,
        end_reason,
        people: Vec::new(),
        rung: Vec::new(),
        message_count: count(counts, id),
        slip,
        moved_to,
    })
}

/// What its entry keeps of a forgotten call's card: that there was a call, and not who came.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptCard {
    media: CallMedia,
    started_by: UserId,
    started_at: Timestamp,
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    end_reason: Option<EndReason>,
    slip: bool,
    moved_to: Option<ConversationId>,
}

impl From<CallSummary> for KeptCard {
    fn from(card: CallSummary) -> Self {
        let CallSummary {
            id: _,
            conversation_id: _,
            seq: _,
            media,
            started_by,
            started_at,
            answered_at,
            ended_at,
            end_reason,
            people: _,
            rung: _,
            message_count: _,
            slip,
            moved_to,
        } = card;
        Self {
            media,
            started_by,
            started_at,
            answered_at,
            ended_at,
            end_reason,
            slip,
            moved_to,
        }
    }
}
