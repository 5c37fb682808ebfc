//! One connection to the file. What is asked of it is done on the thread that asks.

use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::{
    Connection, OpenFlags, Statement, ToSql,
    types::{self, FromSql, ToSqlOutput, ValueRef},
};

use crate::{StoreError, db::Value};

/// How long another process, such as a command run beside the server, may hold the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements kept ready. There are fewer; each that is not kept is read anew with every use.
const STATEMENTS_MAX: usize = 256;

const PRAGMAS: &[(&str, &str)] = &[
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("temp_store", "MEMORY"),
    ("cache_size", "-32768"),
    // Erased words are overwritten where that costs no further writing.
    ("secure_delete", "FAST"),
];

pub(crate) struct SqliteConnection(Connection);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Writing,
    Reading,
}

impl SqliteConnection {
    /// Opens the file; makes it where it is missing and is to be written to.
    pub(super) fn open(path: &Path, of_use: Use) -> Result<Self, StoreError> {
        // A connection stays with the thread it is on, or goes to another as a whole.
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if of_use == Use::Writing {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        for (name, value) in PRAGMAS {
            conn.pragma_update(None, name, value)?;
        }
        if of_use == Use::Reading {
            conn.pragma_update(None, "query_only", true)?;
        }
        Ok(Self(conn))
    }

    pub(crate) fn all(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        let names: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..names.len()).map(|index| row.get(index));
            all.push(SqliteRow {
                names: Arc::clone(&names),
                values: values.collect::<Result<_, _>>()?,
            });
        }
        Ok(all)
    }

    /// Runs a statement for its effect; tells how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        Ok(self.0.changes())
    }

    /// Runs several statements without values.
    pub(crate) fn script(&mut self, script: &str) -> Result<(), StoreError> {
        Ok(self.0.execute_batch(script)?)
    }

    /// Reads a statement without running it.
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.prepare(sql)?;
        Ok(())
    }

    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.0.close().map_err(|(_, error)| error.into())
    }
}

/// Binds each parameter to the value its number names: SQLite takes `$3` for a name, and counts by
/// first mention.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.ok_or_else(|| {
            StoreError::Corrupt("a statement asks for a value it was not given".to_owned())
        })?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Int(value) => value.to_sql(),
            Self::Bool(value) => value.to_sql(),
            Self::Text(value) => value.to_sql(),
            Self::Bytes(value) => value.to_sql(),
            Self::Ids(ids) => Ok(ToSqlOutput::from(hex_list(ids))),
        }
    }
}

/// `["01ab…","…"]`, for SQLite's `json_each` and `unhex`.
fn hex_list(ids: &[[u8; 16]]) -> String {
    use std::fmt::Write;
    let mut list = String::with_capacity(2 + ids.len() * 35);
    list.push('[');
    for (index, id) in ids.iter().enumerate() {
        list.push_str(if index == 0 { "\"" } else { ",\"" });
        for byte in id {
            write!(list, "{byte:02x}").expect("writing to a string cannot fail");
        }
        list.push('"');
    }
    list.push(']');
    list
}

/// A row, taken out of the database whole.
pub(crate) struct SqliteRow {
    names: Arc<[String]>,
    values: Vec<types::Value>,
}

impl SqliteRow {
    pub(crate) fn get<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        let wrong = |what: String| StoreError::Corrupt(format!("{name}: {what}"));
        let value = self
            .names
            .iter()
            .position(|known| known == name)
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| wrong("there is no such column".to_owned()))?;
        T::column_result(ValueRef::from(value)).map_err(|error| wrong(error.to_string()))
    }
}
