//! A log narrowed to a person, a conversation or a name. What few calls have is not found by an
//! index, so one page looks through a bounded number of calls and says how far it came.

use protocol::{CallId, ConversationId, UserId, call::CallLogFilter};

use super::{LogQuery, at_most};
use crate::{
    StoreError,
    db::{Conn, Row, Sql, Value, statements, values},
};

/// Calls looked through for one page. Twice as many take twice as long; with fewer, a rare name
/// takes more requests to find.
macro_rules! looked_through {
    () => {
        "5000"
    };
}

macro_rules! mine {
    ($filter:literal) => {
        concat!(
            " FROM call_people WHERE user_id = $1 AND call_id < $2 AND call_id >= $3",
            $filter,
            " ORDER BY call_id DESC LIMIT "
        )
    };
}

macro_rules! narrowed {
    ($filter:literal, $before:literal, $after:literal) => {
        concat!(
            "SELECT mine.call_id, mine.outcome, mine.missed, mine.seen_at FROM (
                SELECT call_id, outcome, missed, seen_at",
            mine!($filter),
            looked_through!(),
            ") AS mine JOIN calls ON calls.id = mine.call_id
             WHERE ($5 = FALSE OR calls.conversation_id",
            $before,
            "$6",
            $after,
            ") AND ($7 = FALSE OR EXISTS (SELECT 1 FROM call_people AS other
                WHERE other.call_id = mine.call_id AND other.outcome <> 'not_joined'
                    AND other.user_id",
            $before,
            "$8",
            $after,
            ")) AND ($9 = FALSE OR calls.conversation_id",
            $before,
            "$10",
            $after,
            " OR EXISTS (SELECT 1 FROM call_people AS other
                WHERE other.call_id = mine.call_id AND other.outcome <> 'not_joined'
                    AND other.user_id",
            $before,
            "$11",
            $after,
            ")) ORDER BY mine.call_id DESC LIMIT $4"
        )
    };
}

macro_rules! search {
    ($filter:literal) => {
        Sql::each(
            narrowed!($filter, " IN (SELECT unhex(value) FROM json_each(", "))"),
            narrowed!($filter, " = ANY (", ")"),
        )
    };
}

macro_rules! looked_to {
    ($filter:literal) => {
        Sql::both(concat!(
            "SELECT call_id",
            mine!($filter),
            "1 OFFSET ",
            looked_through!(),
            " - 1"
        ))
    };
}

statements! {
    SEARCH_ALL = search!("");
    SEARCH_MISSED = search!(" AND missed");
    SEARCH_INCOMING = search!(" AND outgoing = FALSE");
    SEARCH_OUTGOING = search!(" AND outgoing = TRUE");
    LOOKED_TO_ALL = looked_to!("");
    LOOKED_TO_MISSED = looked_to!(" AND missed");
    LOOKED_TO_INCOMING = looked_to!(" AND outgoing = FALSE");
    LOOKED_TO_OUTGOING = looked_to!(" AND outgoing = TRUE");
    OTHERS = Sql::both("SELECT id, name FROM users WHERE id <> $1");
    PLACES = Sql::both(
        "SELECT conversations.id, conversations.name FROM conversations
         JOIN members ON members.conversation_id = conversations.id
         WHERE members.user_id = $1 AND members.left_at IS NULL AND conversations.name <> ''");
}

impl LogQuery {
    /// Whether more is asked than an index answers.
    pub(super) fn is_search(&self) -> bool {
        self.person.is_some() || self.conversation.is_some() || self.text.is_some()
    }
}

/// The rows of a page, and how far it has looked when there are more to look through.
pub(super) async fn rows(
    conn: &mut Conn,
    user: UserId,
    query: &LogQuery,
) -> Result<(Vec<Row>, Option<CallId>), StoreError> {
    let (search, looked_to) = match query.filter {
        CallLogFilter::All => (SEARCH_ALL, LOOKED_TO_ALL),
        CallLogFilter::Missed => (SEARCH_MISSED, LOOKED_TO_MISSED),
        CallLogFilter::Incoming => (SEARCH_INCOMING, LOOKED_TO_INCOMING),
        CallLogFilter::Outgoing => (SEARCH_OUTGOING, LOOKED_TO_OUTGOING),
    };
    let (below, from) = query.bounds();
    let (places, people) = match &query.text {
        None => (Vec::new(), Vec::new()),
        Some(text) => named(conn, user, text).await?,
    };
    let mut values = values![user, below, from, at_most(query)];
    values.push(Value::from(query.conversation.is_some()));
    values.push(Value::ids(&query.conversation));
    values.push(Value::from(query.person.is_some()));
    values.push(Value::ids(&query.person));
    values.push(Value::from(query.text.is_some()));
    values.push(Value::ids(&places));
    values.push(Value::ids(&people));
    let rows = conn.all(search, values).await?;
    let last = conn.one(looked_to, values![user, below, from]).await?;
    let looked_to = last.map(|row| row.get("call_id")).transpose()?;
    Ok((rows, looked_to))
}

/// The conversations of a person and the other people whose name has this in it.
async fn named(
    conn: &mut Conn,
    user: UserId,
    text: &str,
) -> Result<(Vec<ConversationId>, Vec<UserId>), StoreError> {
    let wanted = text.trim().to_lowercase();
    let is_named = |row: &&Row| {
        row.get::<String>("name")
            .is_ok_and(|name| name.to_lowercase().contains(&wanted))
    };
    let places = conn.all(PLACES, values![user]).await?;
    let people = conn.all(OTHERS, values![user]).await?;
    let places = places.iter().filter(is_named).map(|row| row.get("id"));
    let people = people.iter().filter(is_named).map(|row| row.get("id"));
    Ok((
        places.collect::<Result<_, _>>()?,
        people.collect::<Result<_, _>>()?,
    ))
}
