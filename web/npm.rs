//! Node and npm as the build of the client needs them: told clearly when missing, and the packages
//! installed when they are not those of the lock file. Shared by `build.rs` and `xtask`.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

/// Vite's own bound.
const NODE_MIN: (u32, u32) = (20, 19);

/// Why the client cannot be built here, as a sentence that says what to do.
pub(crate) type Sentence = String;

/// Whether a Node.js that can build the client, and npm, are installed.
pub(crate) fn check() -> Result<(), Sentence> {
    const NEEDED: &str = "Node.js 20.19 or newer is needed to build the web client";
    const CURE: &str = "install it, or set CONNECT_WEB_DIST to the folder of a built client";
    let node = first_line("node", "--version")
        .ok_or_else(|| format!("{NEEDED}, and there is none here: {CURE}."))?;
    if version(&node).is_none_or(|found| found < NODE_MIN) {
        return Err(format!("{NEEDED}, and here is {node}: {CURE}."));
    }
    if first_line("npm", "--version").is_none() {
        return Err(format!(
            "npm is needed to build the web client, and there is none here: {CURE}."
        ));
    }
    Ok(())
}

/// Installs the packages of the lock file, unless they are installed. Two builds that come here at
/// once take turns.
pub(crate) fn install(web: &Path) -> Result<(), Sentence> {
    let lock_path = web.join("package-lock.json");
    let lock = File::open(&lock_path)
        .map_err(|error| format!("Cannot read {}: {error}.", lock_path.display()))?;
    lock.lock()
        .map_err(|error| format!("Cannot lock {}: {error}.", lock_path.display()))?;
    if is_installed(web) {
        return Ok(());
    }
    run(web, "npm", &["ci", "--no-audit", "--no-fund"])
        .map_err(|output| format!("{output}\nThe packages of the web client cannot be installed: npm ci failed. What it said is above."))
}

/// Runs a command in that folder; its output is the error when it fails.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// npm writes its own lock file into node_modules as the last thing it does.
fn is_installed(web: &Path) -> bool {
    let modified = |path: &str| fs::metadata(web.join(path)).and_then(|file| file.modified());
    match (
        modified("package-lock.json"),
        modified("node_modules/.package-lock.json"),
    ) {
        (Ok(wanted), Ok(installed)) => installed >= wanted,
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn first_line(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// Major and minor of something like `v20.20.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}
