//! How SQLite goes about every statement. Postgres has the same indexes; its planner decides by what
//! the tables hold, so there is nothing to see there in an empty one.

use rusqlite::Connection;

use crate::{Store, StoreConfig, all_statements};

/// These read a whole table, or an index that holds only what they list.
const READS_ALL: &[&str] = &[
    "APPLIED",
    "USERS",
    "OTHERS",
    "AVAILABILITIES",
    "ADMINS",
    "ME",
    "INVITES",
    "PREVIEW",
    "WORKSPACE",
    "GENERAL_ID",
    "CHANGE_WORKSPACE",
    "CHANNELS",
    "EVERY_MEMBERSHIP",
    "LIVE_CALL_IDS",
    "DELETE_EXPIRED",
];

/// These read a page of something long, so they must find its order ready.
const PAGES: &[&str] = &[
    "BEFORE",
    "AFTER",
    "ALL_CALLS",
    "MISSED_CALLS",
    "INCOMING_CALLS",
    "OUTGOING_CALLS",
    "SEARCH_ALL",
    "SEARCH_MISSED",
    "SEARCH_INCOMING",
    "SEARCH_OUTGOING",
    "LOOKED_TO_ALL",
    "LOOKED_TO_MISSED",
    "LOOKED_TO_INCOMING",
    "LOOKED_TO_OUTGOING",
    "DUE_CALLS",
    "OLD_CALLS",
];

#[tokio::test]
async fn no_statement_reads_more_rows_than_it_needs() {
    let path = std::env::temp_dir().join(format!("connect-store-plans-{}.db", std::process::id()));
    let url = format!("sqlite://{}", path.display());
    Store::open(&StoreConfig::new(url.as_str()))
        .await
        .unwrap()
        .close()
        .await;
    let conn = Connection::open(&path).unwrap();
    let mut faults = Vec::new();
    for (name, sql) in all_statements() {
        let explain = format!("EXPLAIN QUERY PLAN {}", sql.sqlite());
        let mut explain = conn.prepare(&explain).unwrap();
        let mut plan = explain.raw_query();
        while let Some(row) = plan.next().unwrap() {
            let step: String = row.get("detail").unwrap();
            // `mine` and `first` are the few rows of a statement within.
            let scan = step.starts_with("SCAN ")
                && step != "SCAN mine"
                && step != "SCAN first"
                && !step.contains("json_each")
                && !step.contains("CONSTANT")
                && !step.contains("SCAN p");
            // A conversation's timeline is as long as a table.
            let timeline = step.ends_with("entries_author (conversation_id=?)")
                || step.ends_with("autoindex_entries_1 (conversation_id=?)");
            let sort = step.contains("USE TEMP B-TREE FOR ORDER BY");
            if timeline || (scan && !READS_ALL.contains(name)) || (sort && PAGES.contains(name)) {
                faults.push(format!("{name}: {step}"));
            }
        }
    }
    conn.close().unwrap();
    let _ = std::fs::remove_file(&path);
    assert!(faults.is_empty(), "{faults:#?}");
}
