//! `cargo xtask gen`: the client's types, written by the test that compares them.

use std::time::Duration;

use crate::{process, project::Project};

const LIMIT: Duration = Duration::from_secs(15 * 60);
const TEST: [&str; 7] = [
    "test",
    "--quiet",
    "--package",
    "protocol",
    "--test",
    "it",
    "typescript",
];

pub(crate) fn run(project: &Project) -> Result<(), String> {
    process::run(project.cargo(&TEST).env("UPDATE", "1"), LIMIT)
}
