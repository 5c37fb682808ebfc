//! `connect backup` and `connect restore`, for SQLite: one file, which is a database by itself.

use std::{fs, path::Path};

use super::{Failure, open_store, say};
use crate::{config::Config, data_dir::DataDir, serve};

/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

pub(super) async fn write(config: &Config, file: &Path) -> Result<(), Failure> {
    refuse_postgres(config)?;
    if file.exists() {
        return Err(Failure(format!(
            "{} exists already. Name a new file.",
            file.display()
        )));
    }
    let store = open_store(config).await?;
    let written = store.backup(file).await;
    store.close().await;
    written?;
    say(format_args!("Wrote {}.", file.display()))
}

pub(super) async fn restore(config: &Config, file: &Path) -> Result<(), Failure> {
    refuse_postgres(config)?;
    let unreadable = |error| Failure(format!("Cannot read {}: {error}.", file.display()));
    let mut start = [0; SQLITE_MAGIC.len()];
    fs::File::open(file)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start))
        .map_err(unreadable)?;
    if start != *SQLITE_MAGIC {
        return Err(Failure(format!(
            "{} is no backup of Connect.",
            file.display()
        )));
    }
    let data = DataDir::lock_empty(&config.data)?;
    fs::copy(file, data.database()).map_err(|error| {
        Failure(format!(
            "Cannot write to {}: {error}.",
            data.path().display()
        ))
    })?;
    // Opening it proves that it is whole, and brings an older one up to date.
    serve::open_store(config, &data).await?.close().await;
    say(format_args!(
        "Restored {} into {}.",
        file.display(),
        data.path().display()
    ))
}

fn refuse_postgres(config: &Config) -> Result<(), Failure> {
    if config.database.is_some() {
        return Err(Failure(
            "This database is Postgres. Use pg_dump and pg_restore.".to_owned(),
        ));
    }
    Ok(())
}
