//! Everybody's call log: how each call went for each person it concerned.

use std::collections::HashMap;

use domain::call::{Call, is_missed};
use protocol::{
    CallId, Timestamp, UserId,
    call::{CallLogEntry, CallLogFilter, CallLogPage, CallOutcome},
};

use crate::{
    Store, StoreError, calls,
    db::{Conn, Sql, Value, statements, values},
};

macro_rules! page {
    ($filter:literal) => {
        Sql::both(concat!(
            "SELECT call_id, outcome, missed, seen_at FROM call_people
             WHERE user_id = $1 AND call_id < $2",
            $filter,
            " ORDER BY call_id DESC LIMIT $3"
        ))
    };
}

statements! {
    /// An outcome that changes after it was seen waits again.
    NOTE = Sql::both(
        "INSERT INTO call_people (user_id, call_id, outcome, outgoing, missed)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, call_id) DO UPDATE SET
            outcome = excluded.outcome, missed = excluded.missed, seen_at = NULL");
    ALL_CALLS = page!("");
    MISSED_CALLS = page!(" AND missed");
    INCOMING_CALLS = page!(" AND outgoing = FALSE");
    OUTGOING_CALLS = page!(" AND outgoing = TRUE");
    UNSEEN = Sql::both(
        "SELECT count(*) AS unseen FROM call_people
         WHERE user_id = $1 AND missed AND seen_at IS NULL");
    SEE = Sql::both(
        "UPDATE call_people SET seen_at = $2 WHERE user_id = $1 AND missed AND seen_at IS NULL");
}

/// Above every id there can be.
const NEWEST: [u8; 16] = [0xff; 16];

impl Store {
    /// The calls that concerned a person, newest first, older than `before`.
    pub async fn call_log(
        &self,
        user: UserId,
        filter: CallLogFilter,
        before: Option<CallId>,
        limit: u32,
    ) -> Result<CallLogPage, StoreError> {
        let sql = match filter {
            CallLogFilter::All => ALL_CALLS,
            CallLogFilter::Missed => MISSED_CALLS,
            CallLogFilter::Incoming => INCOMING_CALLS,
            CallLogFilter::Outgoing => OUTGOING_CALLS,
        };
        let mut conn = self.reader().await?;
        let before = before.unwrap_or(CallId::from_bytes(NEWEST));
        // One more than asked for tells whether there is more.
        let mut rows = conn
            .all(sql, values![user, before, u64::from(limit) + 1])
            .await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let ids = rows
            .iter()
            .map(|row| row.get("call_id"))
            .collect::<Result<Vec<CallId>, _>>()?;
        let mut summaries = calls::summaries(&mut conn, &ids).await?;
        let calls = rows
            .iter()
            .zip(&ids)
            .filter_map(|(row, id)| Some((row, summaries.remove(id)?)))
            .map(|(row, call)| {
                let seen = row.optional::<Timestamp>("seen_at")?.is_some();
                Ok(CallLogEntry {
                    call,
                    outcome: row.word("outcome")?,
                    unseen: row.get("missed")? && !seen,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(CallLogPage {
            calls,
            next: ids.last().copied().filter(|_| more),
        })
    }

    /// Missed calls not yet looked at.
    pub async fn missed_unseen(&self, user: UserId) -> Result<u32, StoreError> {
        let row = self.reader().await?.one(UNSEEN, values![user]).await?;
        row.ok_or(StoreError::NotFound)?.get("unseen")
    }

    pub async fn mark_missed_seen(&self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move { conn.run(SEE, values![user, at]).await.map(drop) })
        })
        .await
    }
}

/// Writes what has changed of how the call goes for people.
pub(crate) async fn note(
    conn: &mut Conn,
    before: Option<&Call>,
    call: &Call,
) -> Result<(), StoreError> {
    let known: HashMap<UserId, CallOutcome> = before
        .map(Call::outcomes)
        .unwrap_or_default()
        .into_iter()
        .map(|person| (person.user_id, person.outcome))
        .collect();
    let record = call.record();
    for person in call.outcomes() {
        if known.get(&person.user_id) == Some(&person.outcome) {
            continue;
        }
        let values = vec![
            Value::from(person.user_id),
            Value::from(record.id),
            Value::word(&person.outcome),
            Value::from(person.user_id == record.started_by),
            Value::from(is_missed(person.outcome)),
        ];
        conn.run(NOTE, values).await?;
    }
    Ok(())
}
