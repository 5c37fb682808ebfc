//! Programs of the distribution the tests use: found, or installed where that is ours to do.

use std::{env, path::Path, process::Command, time::Duration};

use crate::{process, project::which};

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// A program and the package of Debian and its relatives that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Chromium,
    Firefox,
    PulseAudio,
}

impl Engine {
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Chromium => "chromium",
            Self::Firefox => "firefox-esr",
            Self::PulseAudio => "pulseaudio",
        }
    }

    fn is_here(self) -> bool {
        let browser = |variable: &str, path: &str| {
            env::var_os(variable)
                .map_or(Path::new(path).is_file(), |path| Path::new(&path).is_file())
        };
        match self {
            Self::Postgres => crate::postgres::programs().is_some(),
            Self::Chromium => browser("CHROMIUM", "/usr/bin/chromium"),
            Self::Firefox => browser("FIREFOX", "/usr/bin/firefox-esr"),
            Self::PulseAudio => which("pulseaudio").is_some(),
        }
    }
}

/// Installs those of them that are missing when run as root; else says what to install.
pub(crate) fn provide(engines: &[Engine]) -> Result<(), String> {
    let missing = |engines: &[Engine]| -> Vec<&'static str> {
        let engines = engines.iter().filter(|engine| !engine.is_here());
        engines.map(|engine| engine.package()).collect()
    };
    let packages = missing(engines);
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(", ");
    if !rustix::process::geteuid().is_root() || which("apt-get").is_none() {
        return Err(format!(
            "Not installed here: {names}. Install them with your distribution's packages, such as `sudo apt-get install {}`.",
            packages.join(" ")
        ));
    }
    println!("Installing {names}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command, LIMIT)
    };
    // An old list of packages may still do.
    if let Err(sentence) = apt(&["update", "-qq"]) {
        eprintln!("{sentence}");
    }
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(&packages);
    apt(&install).map_err(|error| format!("{names} cannot be installed: {error}."))?;
    match missing(engines).as_slice() {
        [] => Ok(()),
        still => Err(format!(
            "Installed, and still not found: {}.",
            still.join(", ")
        )),
    }
}
