//! The data directory: made on the first run, readable by its owner only, and held by one server
//! at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{clock, push::vapid};

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "Cannot write to the data directory {}: {source}. Give the user Connect runs as the right to write there, or choose another with --data.",
        path.display()
    )]
    Unwritable { path: PathBuf, source: io::Error },
    #[error(
        "Another Connect is running on the data directory {}. Stop it, or choose another directory with --data.",
        path.display()
    )]
    Locked { path: PathBuf },
    #[error(
        "The file {} is damaged: {reason}. Restore it from a backup, or remove it to have new secrets made.",
        path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error("The data directory {} is not empty. Restore into a new one with --data.", path.display())]
    NotEmpty { path: PathBuf },
}

/// The directory, and while this lives, the right to serve it.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: Option<File>,
}

/// What only this installation knows. What is missing in an older file is made and added to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Whoever shows this becomes the first admin; without meaning once there is one.
    #[serde(default = "token")]
    pub setup_token: String,
    /// The private key this server pushes with. Browsers that subscribed for it have to subscribe
    /// again for another.
    #[serde(default = "vapid::fresh_key")]
    pub vapid_key: String,
}

impl DataDir {
    /// Opens or makes the directory, for looking and for changes a running server expects.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| unwritable(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: None,
        })
    }

    /// Opens or makes the directory, and keeps other servers away from it.
    pub fn lock(path: &Path) -> Result<Self, DataDirError> {
        let mut dir = Self::open(path)?;
        let lock = private_file(&path.join("lock"), OpenOptions::new().create(true))
            .map_err(|source| unwritable(path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unwritable(path, source)),
        }
        dir._lock = Some(lock);
        Ok(dir)
    }

    /// The directory, locked and without anything in it.
    pub fn lock_empty(path: &Path) -> Result<Self, DataDirError> {
        let dir = Self::lock(path)?;
        let others = fs::read_dir(path)
            .map_err(|source| unwritable(path, source))?
            .filter_map(Result::ok)
            .any(|entry| entry.file_name() != "lock");
        if others {
            return Err(DataDirError::NotEmpty {
                path: path.to_owned(),
            });
        }
        Ok(dir)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("connect.db")
    }

    /// The secrets, made on the first run.
    pub fn secrets(&self) -> Result<Secrets, DataDirError> {
        let path = self.path.join("secrets.toml");
        let mut kept = String::new();
        match File::open(&path).and_then(|mut file| file.read_to_string(&mut kept)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(unwritable(&self.path, source)),
        }
        let damaged = |reason: &str| DataDirError::Damaged {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let mut table: toml::Table =
            toml::from_str(&kept).map_err(|error| damaged(error.message()))?;
        let secrets: Secrets = table
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| damaged(error.message()))?;
        let known = table.len();
        let all = toml::Table::try_from(&secrets).map_err(|error| damaged(&error.to_string()))?;
        for (key, value) in all {
            table.entry(key).or_insert(value);
        }
        if table.len() > known {
            // Under another name first: a crash must not leave half a file.
            let temporary = self.path.join("secrets.toml.new");
            private_file(&temporary, OpenOptions::new().create(true).truncate(true))
                .and_then(|mut file| {
                    file.write_all(table.to_string().as_bytes())?;
                    file.sync_all()
                })
                .and_then(|()| fs::rename(&temporary, &path))
                .map_err(|source| unwritable(&self.path, source))?;
        }
        Ok(secrets)
    }
}

/// 256 bits as text for a link or a cookie.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(clock::random::<32>())
}

fn private_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.read(true).write(true).mode(0o600).open(path)
}

fn unwritable(path: &Path, source: io::Error) -> DataDirError {
    DataDirError::Unwritable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_an_older_file_lacks_is_added_and_the_others_stay() {
        let path = std::env::temp_dir().join(format!("connect-secrets-{}", token()));
        let data = DataDir::open(&path).unwrap();
        let file = path.join("secrets.toml");
        fs::write(&file, "setup_token = \"known\"\nlater = 1\n").unwrap();
        let first = data.secrets().unwrap();
        assert_eq!(first.setup_token, "known");
        let kept = fs::read_to_string(&file).unwrap();
        assert!(kept.contains("later = 1"), "{kept}");
        let again = data.secrets().unwrap();
        assert_eq!(again.vapid_key, first.vapid_key);
        fs::write(&file, "setup_token = 1\n").unwrap();
        assert!(matches!(data.secrets(), Err(DataDirError::Damaged { .. })));
        fs::remove_dir_all(&path).unwrap();
    }
}
