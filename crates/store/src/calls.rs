//! Calls: one live one for each conversation, changed by one input in one transaction.
//!
//! The rules are `domain::call`'s: what is given here is a closure that takes the call and changes
//! it. It runs inside the transaction, so it must not wait for anything and may run at any thread.
//!
//! A call's entries say only which call: its card is made of its record when they are read. Once the
//! record is gone, because the workspace keeps calls no longer, the entry of the card has what is left.

pub(crate) mod card;
pub(crate) mod forget;
mod record;

use domain::{access::Place, call::Call};
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    call::{CallDetails, CallSummary},
    timeline::{Entry, EntryBody},
};
use record::KeptCall;

use crate::{
    Store, StoreError,
    db::{Conn, Row, Sql, Value, from_json, locking, statements, to_json, values},
    log,
    timeline::{self, Draft},
};

pub(crate) use card::{Cards, cards};
pub use forget::Forgotten;

/// A call as it was kept, what its change has appended, and what the change gave.
#[derive(Debug)]
pub struct Changed<R> {
    /// With its outputs still to be carried out.
    pub call: Call,
    /// `call_started` when it is new, `call_ended` when it is over.
    pub entries: Vec<Entry>,
    pub value: R,
}

/// A call's conversation, and a person's place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallPlace {
    pub conversation_id: ConversationId,
    pub place: Place,
    pub started_by: UserId,
    pub live: bool,
}

macro_rules! of_these {
    ($before:literal) => {
        Sql::each(
            concat!($before, " IN (SELECT unhex(value) FROM json_each($1))"),
            concat!($before, " = ANY ($1)"),
        )
    };
}
use of_these;

statements! {
    /// Two people who press "call" at the same moment take turns.
    TAKE_TURNS = Sql::each(
        "SELECT 1 AS turn",
        "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 2)) IS NULL AS turn");
    LIVE_FOR_CHANGE = locking!(
        "SELECT record FROM calls WHERE conversation_id = $1 AND ended_at IS NULL");
    CALL_FOR_CHANGE = locking!("SELECT record FROM calls WHERE id = $1");
    INSERT_CALL = Sql::both(
        "INSERT INTO calls (id, conversation_id, started_by, version, due_at, ended_at, record)
         VALUES ($1, $2, $3, $4, $5, $6, $7)");
    UPDATE_CALL = Sql::both(
        "UPDATE calls SET version = $2, due_at = $3, ended_at = $4, record = $5,
            conversation_id = $7
         WHERE id = $1 AND version = $6 AND ended_at IS NULL");
    OWN_SINCE = Sql::both(
        "SELECT c.record FROM call_people p JOIN calls c ON c.id = p.call_id
         WHERE p.user_id = $1 AND p.outgoing = TRUE AND p.call_id >= $2
         ORDER BY p.call_id DESC LIMIT 20");
    CALL = Sql::both("SELECT record FROM calls WHERE id = $1");
    LIVE_CALL = Sql::both(
        "SELECT record FROM calls WHERE conversation_id = $1 AND ended_at IS NULL");
    LIVE_CALLS = of_these!("SELECT record FROM calls WHERE ended_at IS NULL AND conversation_id");
    LIVE_CALL_IDS = Sql::both("SELECT id FROM calls WHERE ended_at IS NULL ORDER BY id");
    DUE_CALLS = Sql::both("SELECT id FROM calls WHERE due_at <= $1 ORDER BY due_at LIMIT 1000");
}

impl Store {
    /// Starts a call, or changes the live one: `start` is given the conversation's live call and
    /// gives the call to keep. Its error undoes everything and is the value.
    pub async fn start_call<R, E>(
        &self,
        conversation: ConversationId,
        start: impl FnOnce(Option<Call>) -> Result<(Call, R), E> + Send + 'static,
    ) -> Result<Result<Changed<R>, E>, StoreError>
    where
        R: Send + 'static,
        E: Send + 'static,
    {
        self.write_once(move |conn| {
            Box::pin(async move {
                conn.one(TAKE_TURNS, values![conversation]).await?;
                let row = conn.one(LIVE_FOR_CHANGE, values![conversation]).await?;
                let live = row.as_ref().map(call).transpose()?;
                let before = live.clone();
                let (mut call, value) = match start(live) {
                    Ok(started) => started,
                    Err(error) => return Ok(Err(error)),
                };
                let entries = match &before {
                    Some(before) => save(conn, before, &mut call).await?,
                    None => insert(conn, &mut call).await?,
                };
                Ok(Ok(Changed {
                    call,
                    entries,
                    value,
                }))
            })
        })
        .await
    }

    /// Changes a call, live or ended, by one input. What `change` gives is the value; the call is
    /// kept also when that is a refusal.
    pub async fn change_call<R: Send + 'static>(
        &self,
        id: CallId,
        change: impl FnOnce(&mut Call) -> R + Send + 'static,
    ) -> Result<Changed<R>, StoreError> {
        self.write_once(move |conn| {
            Box::pin(async move {
                let row = conn.one(CALL_FOR_CHANGE, values![id]).await?;
                let mut call = call(&row.ok_or(StoreError::NotFound)?)?;
                let before = call.clone();
                let value = change(&mut call);
                let entries = save(conn, &before, &mut call).await?;
                Ok(Changed {
                    call,
                    entries,
                    value,
                })
            })
        })
        .await
    }

    pub async fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        let row = self.reader().await?.one(CALL, values![id]).await?;
        row.as_ref().map(call).transpose()
    }

    pub async fn live_call(&self, of: ConversationId) -> Result<Option<Call>, StoreError> {
        let row = self.reader().await?.one(LIVE_CALL, values![of]).await?;
        row.as_ref().map(call).transpose()
    }

    pub async fn live_calls(&self, of: &[ConversationId]) -> Result<Vec<Call>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = conn.all(LIVE_CALLS, vec![Value::ids(of)]).await?;
        rows.iter().map(call).collect()
    }

    /// Every live call, the oldest first.
    pub async fn live_call_ids(&self) -> Result<Vec<CallId>, StoreError> {
        let rows = self.reader().await?.all(LIVE_CALL_IDS, values![]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Calls the rules must look at, the longest overdue first, at most 1000.
    pub async fn due_calls(&self, now: Timestamp) -> Result<Vec<CallId>, StoreError> {
        let rows = self.reader().await?.all(DUE_CALLS, values![now]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Calls this person has started since then, the newest first, at most 20. Those that nobody has
    /// answered yet and that go on are not among them.
    pub async fn own_calls_since(
        &self,
        user: UserId,
        since: Timestamp,
    ) -> Result<Vec<Call>, StoreError> {
        let oldest = CallId::from_parts(since, 0);
        let mut conn = self.reader().await?;
        let rows = conn.all(OWN_SINCE, values![user, oldest]).await?;
        rows.iter().map(call).collect()
    }

    /// The card and every stay.
    pub async fn call_details(&self, id: CallId) -> Result<Option<CallDetails>, StoreError> {
        let mut conn = self.reader().await?;
        let Some(row) = conn.one(CALL, values![id]).await? else {
            return Ok(None);
        };
        let call = call(&row)?;
        Ok(Some(CallDetails {
            call: call.summary(card::messages(&mut conn, id).await?),
            legs: call.legs(),
        }))
    }

    /// The call's card as it is now.
    pub async fn call_summary(&self, id: CallId) -> Result<Option<CallSummary>, StoreError> {
        let mut conn = self.reader().await?;
        Ok(cards(&mut conn, &[id]).await?.newest(id))
    }
}

async fn insert(conn: &mut Conn, call: &mut Call) -> Result<Vec<Entry>, StoreError> {
    let record = call.record();
    let id = record.id;
    conn.run(
        INSERT_CALL,
        values![
            id,
            record.conversation_id,
            record.started_by,
            record.version,
            record.due,
            record.ended.map(|ended| ended.at),
            to_json(&KeptCall::from(record))?,
        ],
    )
    .await?;
    let body = EntryBody::CallStarted {
        call: call.summary(0),
    };
    let record = call.record();
    let draft = Draft::new(
        record.conversation_id,
        record.started_by,
        record.started_at,
        body,
    );
    let card = timeline::append(conn, draft).await?;
    let before = call.clone();
    call.set_card_seq(card.seq);
    let mut entries = vec![card];
    log::note(conn, None, call).await?;
    entries.extend(save(conn, &before, call).await?);
    Ok(entries)
}

/// Keeps a changed call and appends its end.
async fn save(conn: &mut Conn, before: &Call, call: &mut Call) -> Result<Vec<Entry>, StoreError> {
    let record = call.record();
    if record == before.record() {
        return Ok(Vec::new());
    }
    assert_eq!(record.id, before.record().id, "a change keeps to its call");
    let mut entries = Vec::new();
    if record.conversation_id != before.record().conversation_id {
        entries = move_card(conn, before, call).await?;
    }
    let record = call.record();
    let values = values![
        record.id,
        record.version,
        record.due,
        record.ended.map(|ended| ended.at),
        to_json(&KeptCall::from(record))?,
        before.record().version,
        record.conversation_id,
    ];
    if conn.run(UPDATE_CALL, values).await? == 0 {
        return Err(StoreError::Conflict);
    }
    log::note(conn, Some(before), call).await?;
    if let (None, Some(ended)) = (before.record().ended, record.ended) {
        let body = EntryBody::CallEnded {
            target_seq: record.card_seq.unwrap_or(0),
            call: call.summary(card::messages(conn, record.id).await?),
        };
        let draft = Draft::new(record.conversation_id, record.started_by, ended.at, body);
        entries.push(timeline::append(conn, draft).await?);
    }
    Ok(entries)
}

/// The call goes on in another conversation: its card here is over, and there it has a new one.
async fn move_card(
    conn: &mut Conn,
    before: &Call,
    call: &mut Call,
) -> Result<Vec<Entry>, StoreError> {
    let record = call.record();
    let id = record.id;
    let (from, to) = (before.record().conversation_id, record.conversation_id);
    let by = record.started_by;
    let at = record.moved.map_or(record.started_at, |moved| moved.at);
    let messages = card::messages(conn, id).await?;
    let over = EntryBody::CallEnded {
        target_seq: before.record().card_seq.unwrap_or(0),
        call: call.summary_in(from, messages),
    };
    let over = timeline::append(conn, Draft::new(from, by, at, over)).await?;
    let body = EntryBody::CallStarted {
        call: call.summary(messages),
    };
    let card = timeline::append(conn, Draft::new(to, by, at, body)).await?;
    call.set_card_seq(card.seq);
    Ok(vec![over, card])
}

pub(crate) fn call(row: &Row) -> Result<Call, StoreError> {
    let kept: KeptCall = from_json(&row.get::<String>("record")?)?;
    Ok(Call::from_record(kept.into()))
}
