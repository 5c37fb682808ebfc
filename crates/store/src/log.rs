//! Everybody's call log: how each call went for each person it concerned.

pub(crate) mod search;

use std::collections::HashMap;

use domain::call::{Call, is_missed};
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    call::{CallLogEntry, CallLogFilter, CallLogPage, CallOutcome},
};

use crate::{
    Store, StoreError, calls,
    db::{Conn, Row, Sql, Value, statements, values},
};

/// Which calls of a person's log are wanted: those of which all that is given holds.
#[derive(Debug, Clone)]
pub struct LogQuery {
    pub filter: CallLogFilter,
    /// Was in it, or rung by it.
    pub person: Option<UserId>,
    pub conversation: Option<ConversationId>,
    /// Started then or later.
    pub from: Option<Timestamp>,
    /// Started before then.
    pub until: Option<Timestamp>,
    /// A part of the name of its conversation, or of somebody else in it, whatever the case.
    pub text: Option<String>,
    /// Older than this one.
    pub before: Option<CallId>,
    /// Calls in a page.
    pub limit: u32,
}

impl LogQuery {
    /// All calls, from the newest.
    pub fn all(limit: u32) -> Self {
        Self {
            filter: CallLogFilter::All,
            person: None,
            conversation: None,
            from: None,
            until: None,
            text: None,
            before: None,
            limit,
        }
    }

    /// Where the page begins and where the log ends: below the first, not below the second.
    fn bounds(&self) -> (CallId, CallId) {
        let newest = CallId::from_bytes([0xff; 16]);
        let first_at = |at| CallId::from_parts(at, 0);
        let until = self.until.map_or(newest, first_at);
        let below = self.before.map_or(until, |before| before.min(until));
        let oldest = CallId::from_bytes([0; 16]);
        (below, self.from.map_or(oldest, first_at))
    }
}

/// Cut off in a log: who wants all of it opens the conversation.
const WORDS_CHARS_MAX: usize = 200;

macro_rules! page {
    ($filter:literal) => {
        Sql::both(concat!(
            "SELECT call_id, outcome, missed, seen_at FROM call_people
             WHERE user_id = $1 AND call_id < $2 AND call_id >= $3",
            $filter,
            " ORDER BY call_id DESC LIMIT $4"
        ))
    };
}

macro_rules! words {
    ($hint:literal, $set:literal) => {
        concat!(
            "SELECT entries.call_id, entries.text FROM entries JOIN (
                SELECT e.conversation_id, min(e.seq) AS seq FROM entries AS e",
            $hint,
            " JOIN calls ON calls.id = e.call_id AND calls.started_by = e.author
                JOIN members ON members.conversation_id = e.conversation_id
                    AND members.user_id = $2 AND members.left_at IS NULL
                WHERE e.kind = 'message' AND e.call_id IS NOT NULL AND e.deleted_at IS NULL
                    AND e.call_id",
            $set,
            " GROUP BY e.conversation_id, e.call_id
             ) AS first
             ON entries.conversation_id = first.conversation_id AND entries.seq = first.seq"
        )
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
    SEE_THESE = Sql::each(
        "UPDATE call_people SET seen_at = $2 WHERE user_id = $1 AND missed AND seen_at IS NULL
            AND call_id IN (SELECT unhex(value) FROM json_each($3))",
        "UPDATE call_people SET seen_at = $2 WHERE user_id = $1 AND missed AND seen_at IS NULL
            AND call_id = ANY ($3)");
    /// The first message the caller wrote with each call, for who may read it.
    ///
    /// Left to itself, SQLite reads everything in all conversations of the person.
    WORDS = Sql::each(
        words!(" INDEXED BY entries_call", " IN (SELECT unhex(value) FROM json_each($1))"),
        words!("", " = ANY ($1)"));
}

impl Store {
    /// The calls that concerned a person, newest first. A page that had to look through too many
    /// has fewer than asked for, and its `next` all the same.
    pub async fn call_log(
        &self,
        user: UserId,
        query: &LogQuery,
    ) -> Result<CallLogPage, StoreError> {
        let mut conn = self.reader().await?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let (mut rows, looked_to) = if query.is_search() {
            search::rows(&mut conn, user, query).await?
        } else {
            (plain_rows(&mut conn, user, query).await?, None)
        };
        let more = rows.len() > limit;
        rows.truncate(limit);
        let ids = rows
            .iter()
            .map(|row| row.get("call_id"))
            .collect::<Result<Vec<CallId>, _>>()?;
        let calls = entries(&mut conn, user, &rows, &ids).await?;
        let next = if more { ids.last().copied() } else { looked_to };
        Ok(CallLogPage { calls, next })
    }

    /// Missed calls not yet looked at.
    pub async fn missed_unseen(&self, user: UserId) -> Result<u32, StoreError> {
        let row = self.reader().await?.one(UNSEEN, values![user]).await?;
        row.ok_or(StoreError::NotFound)?.get("unseen")
    }

    /// Notes that a person has looked at these missed calls, or at all of them.
    pub async fn mark_missed_seen(
        &self,
        user: UserId,
        calls: Option<&[CallId]>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let these = calls.map(Value::ids);
        self.write(move |conn| {
            Box::pin(async move {
                let (sql, mut values) = (SEE, values![user, at]);
                match these {
                    None => conn.run(sql, values).await,
                    Some(these) => {
                        values.push(these);
                        conn.run(SEE_THESE, values).await
                    }
                }
                .map(drop)
            })
        })
        .await
    }
}

/// One more than asked for tells whether there is more.
fn at_most(query: &LogQuery) -> u64 {
    u64::from(query.limit) + 1
}

async fn plain_rows(
    conn: &mut Conn,
    user: UserId,
    query: &LogQuery,
) -> Result<Vec<Row>, StoreError> {
    let sql = match query.filter {
        CallLogFilter::All => ALL_CALLS,
        CallLogFilter::Missed => MISSED_CALLS,
        CallLogFilter::Incoming => INCOMING_CALLS,
        CallLogFilter::Outgoing => OUTGOING_CALLS,
    };
    let (below, from) = query.bounds();
    conn.all(sql, values![user, below, from, at_most(query)])
        .await
}

async fn entries(
    conn: &mut Conn,
    user: UserId,
    rows: &[Row],
    ids: &[CallId],
) -> Result<Vec<CallLogEntry>, StoreError> {
    let cards = calls::cards(conn, ids).await?;
    let mut missed = Vec::new();
    for (row, id) in rows.iter().zip(ids) {
        if row.get("missed")? {
            missed.push(*id);
        }
    }
    let mut words = words(conn, user, &missed).await?;
    rows.iter()
        .zip(ids)
        .filter_map(|(row, id)| Some((row, cards.newest(*id)?)))
        .map(|(row, call)| {
            let seen = row.optional::<Timestamp>("seen_at")?.is_some();
            Ok(CallLogEntry {
                words: words.remove(&call.id),
                call,
                outcome: row.word("outcome")?,
                unseen: row.get("missed")? && !seen,
            })
        })
        .collect()
}

async fn words(
    conn: &mut Conn,
    user: UserId,
    calls: &[CallId],
) -> Result<HashMap<CallId, String>, StoreError> {
    if calls.is_empty() {
        return Ok(HashMap::new());
    }
    let values = vec![Value::ids(calls), Value::from(user)];
    let rows = conn.all(WORDS, values).await?;
    rows.iter()
        .map(|row| {
            let text: String = row.get("text")?;
            let cut = text.chars().take(WORDS_CHARS_MAX).collect();
            Ok((row.get("call_id")?, cut))
        })
        .collect()
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
        // What nobody can have noticed leaves no trace.
        let is_old = known.get(&person.user_id) == Some(&person.outcome);
        if is_old || person.outcome == CallOutcome::NotJoined {
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
