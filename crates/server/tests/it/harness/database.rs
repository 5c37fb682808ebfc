//! A Postgres database of a test's own.

use std::process::{Command, Stdio};

/// Dropped with the test.
pub struct Database {
    admin: String,
    name: String,
}

impl Database {
    /// None where there is no Postgres to test with, which is said, and wrong in CI.
    pub fn create() -> Option<Self> {
        let Ok(admin) = std::env::var("CONNECT_TEST_POSTGRES") else {
            let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(
                !in_ci,
                "CONNECT_TEST_POSTGRES names the server to test with"
            );
            eprintln!("skipped: CONNECT_TEST_POSTGRES names no server to test with");
            return None;
        };
        let name = format!("connect_server_{:032x}", rand::random::<u128>());
        let database = Self { admin, name };
        assert!(
            database.administer("CREATE DATABASE", ""),
            "the test server answers"
        );
        Some(database)
    }

    pub fn url(&self) -> String {
        let server = self
            .admin
            .rfind('/')
            .map_or(&*self.admin, |end| &self.admin[..end]);
        format!("{server}/{}", self.name)
    }

    fn administer(&self, command: &str, options: &str) -> bool {
        let statement = format!("{command} {}{options}", self.name);
        Command::new("psql")
            .args([&self.admin, "--quiet", "--command", &statement])
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.administer("DROP DATABASE", " WITH (FORCE)");
    }
}
