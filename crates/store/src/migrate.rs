//! Brings a database to the schema of this binary, one numbered script at a time, all in one
//! transaction that keeps other processes out.

use crate::{
    StoreError,
    db::{Conn, Sql, statements, values},
};

macro_rules! migration {
    ($number:literal, $name:literal) => {
        (
            $number,
            Sql::each(
                include_str!(concat!(
                    "../migrations/sqlite/000",
                    $number,
                    "_",
                    $name,
                    ".sql"
                )),
                include_str!(concat!(
                    "../migrations/postgres/000",
                    $number,
                    "_",
                    $name,
                    ".sql"
                )),
            ),
        )
    };
}

/// The scripts in order; a number once published never changes its meaning.
const MIGRATIONS: &[(u32, Sql)] = &[
    migration!(1, "first"),
    migration!(2, "push"),
    migration!(3, "call_log"),
    migration!(4, "instant_answer"),
    migration!(5, "call_log_retention"),
    migration!(6, "quiet"),
];

/// Postgres lets in one process at a time by this number; SQLite by `BEGIN IMMEDIATE`.
const ENTER: Sql = Sql::each(
    "BEGIN IMMEDIATE",
    "BEGIN; SELECT pg_advisory_xact_lock(6087464012733);",
);
const CREATE: Sql = Sql::both("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)");

statements! {
    APPLIED = Sql::both("SELECT number FROM migrations ORDER BY number");
    NOTE = Sql::both("INSERT INTO migrations (number) VALUES ($1)");
}

pub(crate) async fn migrate(conn: &mut Conn) -> Result<(), StoreError> {
    conn.script(ENTER).await?;
    match apply(conn).await {
        Ok(()) => conn.script(Sql::both("COMMIT")).await,
        Err(error) => {
            conn.script(Sql::both("ROLLBACK")).await?;
            Err(error)
        }
    }
}

async fn apply(conn: &mut Conn) -> Result<(), StoreError> {
    conn.script(CREATE).await?;
    let applied = conn.all(APPLIED, values![]).await?;
    let applied = applied
        .iter()
        .map(|row| row.get::<u32>("number"))
        .collect::<Result<Vec<_>, _>>()?;
    let known = |number: &u32| MIGRATIONS.iter().any(|(known, _)| known == number);
    if let Some(newer) = applied.iter().find(|number| !known(number)) {
        return Err(StoreError::Unavailable(format!(
            "it was written by a newer version of Connect (migration {newer})"
        )));
    }
    for (number, script) in MIGRATIONS {
        if !applied.contains(number) {
            conn.script(*script).await?;
            conn.run(NOTE, values![*number]).await?;
            tracing::info!(migration = number, "brought the database's schema forward");
        }
    }
    Ok(())
}
