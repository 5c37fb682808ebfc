//! Passwords as argon2id hashes, made where they hold up nobody.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::http::error::ApiError;

/// RFC 9106's choice for little memory: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes computed at once; further ones wait, so that memory and cores stay for calls.
const AT_ONCE_MAX: usize = 2;

pub struct Passwords {
    turns: Semaphore,
    /// Compared with when there is no such account, so that both answers take as long.
    decoy: String,
}

impl Passwords {
    pub fn new() -> Self {
        let decoy = hash(b"nobody's password");
        Self {
            turns: Semaphore::new(AT_ONCE_MAX),
            decoy,
        }
    }

    /// The text to keep for a password.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.compute(move || hash(password.as_bytes())).await
    }

    /// Whether this is the password of `hash`; without one, no, after the same work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self
            .compute(move || verify(password.as_bytes(), &hash))
            .await?;
        Ok(matches && known)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|error| ApiError::internal(&error))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::internal(&error))
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The text to keep for a password; takes tens of milliseconds.
pub fn hash(password: &[u8]) -> String {
    argon2()
        .hash_password(password)
        .expect("argon2 takes every password within the length limit")
        .to_string()
}

fn verify(password: &[u8], hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password, &hash).is_ok())
}
