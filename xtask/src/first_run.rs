//! `cargo xtask first-run`
use crate::project::Project;
pub(crate) fn run(_: &Project) -> Result<(), String> {
    Err("not yet".to_owned())
}
