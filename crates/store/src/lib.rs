//! Everything that lasts: all SQL, on SQLite and Postgres.
