//! Forgetting calls that are older than the workspace keeps them: everybody's log of them, every
//! stay and every ring. Their cards stay in the timelines, whose numbers have no gap.

use std::iter;

use domain::call::Call;
use protocol::{Timestamp, UserId};

use super::{call, card::KeptCard, of_these};
use crate::{
    Store, StoreError,
    db::{Conn, Sql, Value, locking, statements, to_json, values},
};

/// What one round has forgotten.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Forgotten {
    pub calls: u32,
    /// Whose log had one of them as missed and not looked at.
    pub missed_by: Vec<UserId>,
}

statements! {
    OLD_CALLS = locking!(
        "SELECT record FROM calls WHERE ended_at < $1 ORDER BY ended_at LIMIT $2");
    KEEP_CARD = Sql::both(
        "UPDATE entries SET data = $4 WHERE conversation_id = $1 AND seq = $2 AND call_id = $3");
    MISSED_BY = of_these!(
        "SELECT DISTINCT user_id FROM call_people WHERE missed AND seen_at IS NULL AND call_id");
    FORGET_PEOPLE = of_these!("DELETE FROM call_people WHERE call_id");
    FORGET_CALLS = of_these!("DELETE FROM calls WHERE id");
}

impl Store {
    /// Forgets the calls that ended before then, the oldest first and `at_most` so many at once.
    pub async fn forget_calls(
        &self,
        ended_before: Timestamp,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let rows = conn.all(OLD_CALLS, values![ended_before, at_most]).await?;
                let mut ids = Vec::new();
                for row in &rows {
                    let call = call(row)?;
                    keep_cards(conn, &call).await?;
                    ids.push(call.record().id);
                }
                if ids.is_empty() {
                    return Ok(Forgotten::default());
                }
                let these = || vec![Value::ids(&ids)];
                let missed_by = conn.all(MISSED_BY, these()).await?;
                conn.run(FORGET_PEOPLE, these()).await?;
                conn.run(FORGET_CALLS, these()).await?;
                Ok(Forgotten {
                    calls: u32::try_from(ids.len()).unwrap_or(u32::MAX),
                    missed_by: missed_by
                        .iter()
                        .map(|row| row.get("user_id"))
                        .collect::<Result<_, _>>()?,
                })
            })
        })
        .await
    }
}

/// Writes what stays of a call to where its cards are.
async fn keep_cards(conn: &mut Conn, call: &Call) -> Result<(), StoreError> {
    let record = call.record();
    let before = record.moved.map(|moved| moved.conversation_id);
    for conversation in iter::once(record.conversation_id).chain(before) {
        let card = call.summary_in(conversation, 0);
        let seq = card.seq;
        let kept = to_json(&KeptCard::from(card))?;
        let values = values![conversation, seq, record.id, kept];
        if conn.run(KEEP_CARD, values).await? == 0 {
            return Err(StoreError::Corrupt(format!("{} has no card", record.id)));
        }
    }
    Ok(())
}
