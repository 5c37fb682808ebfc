//! One way to both databases: statements, the values that go in, the rows that come out.
//!
//! A statement is one text wherever both engines read it alike, with `$1`, `$2` … for values. Only
//! literals become statements, so nothing a person typed can ever be part of one.

use protocol::{CallId, ConversationId, DeviceId, InviteId, MessageId, Timestamp, UserId};
use rusqlite::types::FromSql;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Arguments, Decode, Executor, Postgres, Row as _, SqlSafeStr, Type,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
};

use crate::{
    StoreError,
    sqlite::{Reader, SqliteConnection, SqliteRow},
};

/// A statement in the words of each engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    pub(crate) const fn both(text: &'static str) -> Self {
        Self::each(text, text)
    }

    pub(crate) const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    #[cfg(test)]
    pub(crate) const fn sqlite(self) -> &'static str {
        self.sqlite
    }
}

/// Declares a module's statements and lists them, so that all can be checked against a database.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: $crate::db::Sql = $sql;)*
        pub(crate) const ALL: &[(&str, $crate::db::Sql)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// A text for both engines that on Postgres also locks the rows it finds. SQLite has one writer.
macro_rules! locking {
    ($($text:expr),+ $(,)?) => {
        $crate::db::Sql::each(concat!($($text),+), concat!($($text),+, " FOR NO KEY UPDATE"))
    };
}
pub(crate) use locking;

/// What goes into a statement.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    /// A set of ids: an array on Postgres, a JSON list of hexadecimal text on SQLite.
    Ids(Vec<[u8; 16]>),
}

impl Value {
    /// An enum as the word it has on the wire.
    pub(crate) fn word(value: &impl Serialize) -> Self {
        Self::Text(Some(word(value)))
    }

    pub(crate) fn json(value: &impl Serialize) -> Result<Self, StoreError> {
        Ok(Self::Text(Some(to_json(value)?)))
    }

    pub(crate) fn ids<'a, I: IdBytes + 'a>(ids: impl IntoIterator<Item = &'a I>) -> Self {
        Self::Ids(ids.into_iter().map(|id| id.bytes()).collect())
    }
}

/// The values of a statement, in the order of their numbers.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use values;

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => panic!("only enums of bare words are kept as words, not {other:?}"),
    }
}

/// A type that a column of another, basic type holds.
pub(crate) trait Column: Sized {
    type Kept: Basic;
    fn restore(kept: Self::Kept) -> Result<Self, StoreError>;
}

/// Types both databases know.
pub(crate) trait Basic: FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

macro_rules! basic {
    ($($kept:ty => $variant:ident),*) => {$(
        impl Basic for $kept {}
        impl Column for $kept {
            type Kept = Self;
            fn restore(kept: Self) -> Result<Self, StoreError> { Ok(kept) }
        }
        impl From<$kept> for Value {
            fn from(value: $kept) -> Self { Self::$variant(Some(value)) }
        }
        impl From<Option<$kept>> for Value {
            fn from(value: Option<$kept>) -> Self { Self::$variant(value) }
        }
    )*};
}
basic!(i64 => Int, bool => Bool, String => Text, Vec<u8> => Bytes);

macro_rules! converted {
    ($($kept:ty => $variant:ident: $value:ident => $expression:expr),* $(,)?) => {$(
        impl From<$kept> for Value {
            fn from($value: $kept) -> Self { Self::$variant(Some($expression)) }
        }
        impl From<Option<$kept>> for Value {
            fn from(value: Option<$kept>) -> Self {
                Self::$variant(value.map(|$value| $expression))
            }
        }
    )*};
}
converted!(
    &str => Text: value => value.to_owned(),
    [u8; 32] => Bytes: value => value.to_vec(),
    Timestamp => Int: value => value.as_millis(),
    u64 => Int: value => i64::try_from(value).unwrap_or(i64::MAX),
    u32 => Int: value => i64::from(value),
    u16 => Int: value => i64::from(value),
);

impl Column for Timestamp {
    type Kept = i64;
    fn restore(kept: i64) -> Result<Self, StoreError> {
        Ok(Self::from_millis(kept))
    }
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Column for $number {
            type Kept = i64;
            fn restore(kept: i64) -> Result<Self, StoreError> {
                Self::try_from(kept)
                    .map_err(|_| StoreError::Corrupt(format!("{kept} is out of range")))
            }
        }
    )*};
}
number!(u64, u32, u16);

/// An id as the 16 bytes databases keep.
pub(crate) trait IdBytes {
    fn bytes(&self) -> [u8; 16];
}

macro_rules! id {
    ($($id:ty),*) => {$(
        impl IdBytes for $id {
            fn bytes(&self) -> [u8; 16] { self.to_bytes() }
        }
        impl Column for $id {
            type Kept = Vec<u8>;
            fn restore(kept: Vec<u8>) -> Result<Self, StoreError> {
                let bytes = <[u8; 16]>::try_from(kept)
                    .map_err(|_| StoreError::Corrupt("an id is not of 16 bytes".to_owned()))?;
                Ok(Self::from_bytes(bytes))
            }
        }
        converted!($id => Bytes: id => id.to_bytes().to_vec());
    )*};
}
id!(
    UserId,
    DeviceId,
    InviteId,
    ConversationId,
    MessageId,
    CallId
);

/// What came out of a statement.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn get<T: Column>(&self, name: &'static str) -> Result<T, StoreError> {
        T::restore(self.kept(name)?)
    }

    /// A column that may be null.
    pub(crate) fn optional<T: Column>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        let kept: Option<T::Kept> = match self {
            Self::Sqlite(row) => row.get(name)?,
            Self::Postgres(row) => read(row, name)?,
        };
        kept.map(T::restore).transpose()
    }

    /// An enum kept as its word.
    pub(crate) fn word<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StoreError> {
        let word: String = self.kept(name)?;
        T::deserialize(serde_json::Value::String(word))
            .map_err(|error| StoreError::Corrupt(format!("{name}: {error}")))
    }

    fn kept<T: Basic>(&self, name: &'static str) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => row.get(name),
            Self::Postgres(row) => read(row, name),
        }
    }
}

fn read<'r, T>(row: &'r PgRow, name: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(name)
        .map_err(|error| StoreError::Corrupt(format!("{name}: {error}")))
}

/// A connection to either database.
pub(crate) enum Conn {
    SqliteReader(Reader),
    SqliteWriter(SqliteConnection),
    Postgres(PoolConnection<Postgres>),
}

impl Conn {
    pub(crate) async fn all(
        &mut self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::SqliteReader(reader) => {
                let read = move |conn: &mut SqliteConnection| conn.all(sql.sqlite, &values);
                Ok(sqlite_rows(reader.read(read).await?))
            }
            Self::SqliteWriter(conn) => Ok(sqlite_rows(conn.all(sql.sqlite, &values)?)),
            Self::Postgres(conn) => {
                let query = sqlx::query_with(sql.postgres, postgres_arguments(values)?);
                let rows = query.fetch_all(&mut **conn).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    pub(crate) async fn one(
        &mut self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, values).await?.pop())
    }

    /// Runs a statement for its effect; tells how many rows it changed.
    pub(crate) async fn run(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, StoreError> {
        match self {
            Self::SqliteReader(reader) => {
                reader.read(move |conn| conn.run(sql.sqlite, &values)).await
            }
            Self::SqliteWriter(conn) => conn.run(sql.sqlite, &values),
            Self::Postgres(conn) => {
                let query = sqlx::query_with(sql.postgres, postgres_arguments(values)?);
                Ok(query.execute(&mut **conn).await?.rows_affected())
            }
        }
    }

    /// Runs a script of literal statements without values.
    pub(crate) async fn script(&mut self, script: Sql) -> Result<(), StoreError> {
        match self {
            Self::SqliteReader(reader) => reader.read(move |conn| conn.script(script.sqlite)).await,
            Self::SqliteWriter(conn) => conn.script(script.sqlite),
            Self::Postgres(conn) => {
                sqlx::raw_sql(script.postgres).execute(&mut **conn).await?;
                Ok(())
            }
        }
    }

    /// Has the database read a statement without running it.
    pub(crate) async fn prepare(&mut self, sql: Sql) -> Result<(), StoreError> {
        match self {
            Self::SqliteReader(reader) => reader.read(move |conn| conn.prepare(sql.sqlite)).await,
            Self::SqliteWriter(conn) => conn.prepare(sql.sqlite),
            Self::Postgres(conn) => {
                conn.prepare(sql.postgres.into_sql_str()).await?;
                Ok(())
            }
        }
    }

    pub(crate) async fn close(self) {
        let closed = match self {
            // Another goes on reading over it.
            Self::SqliteReader(_) => Ok(()),
            Self::SqliteWriter(conn) => conn.close(),
            Self::Postgres(conn) => conn.close().await.map_err(StoreError::from),
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "a database connection was not closed in order");
        }
    }
}

fn sqlite_rows(rows: Vec<SqliteRow>) -> Vec<Row> {
    rows.into_iter().map(Row::Sqlite).collect()
}

fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Int(value) => Arguments::add(&mut arguments, value),
            Value::Bool(value) => Arguments::add(&mut arguments, value),
            Value::Text(value) => Arguments::add(&mut arguments, value),
            Value::Bytes(value) => Arguments::add(&mut arguments, value),
            Value::Ids(ids) => {
                let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.to_vec()).collect();
                Arguments::add(&mut arguments, ids)
            }
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
