//! Where things are: this checkout, its build folder, its crates.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

impl Project {
    pub(crate) fn open() -> Result<Self, String> {
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .ok_or("Run this as `cargo xtask`, which says where the project is.")?;
        let here = PathBuf::from(here);
        let metadata = metadata(&here, &["--no-deps"])?;
        let path = |key: &str| metadata[key].as_str().map(PathBuf::from);
        Ok(Self {
            root: path("workspace_root").ok_or("cargo metadata names no workspace_root")?,
            target: path("target_directory").ok_or("cargo metadata names no target_directory")?,
        })
    }

    pub(crate) fn web(&self) -> PathBuf {
        self.root.join("web")
    }

    /// The cargo that runs this.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(arguments).current_dir(&self.root);
        command
    }
}

/// What cargo knows about the workspace that folder is in.
pub(crate) fn metadata(folder: &Path, arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The program of that name on `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Continuous integration: what is missing there fails instead of being left out.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
