//! A private Postgres for the length of a test run or a benchmark.

use std::{
    env, fs,
    io::{self, Read},
    net::{Ipv4Addr, TcpListener},
    os::unix::{
        fs::{DirBuilderExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Signal, geteuid};

use crate::{
    process::{self, Group},
    project::which,
};

const LIMIT: Duration = Duration::from_secs(60);
/// Somebody else may take the free port between our looking and Postgres' opening it.
const PORT_TRIES: usize = 3;
/// Followed by the number of the process that made it.
const FOLDER: &str = "connect-postgres-";
/// Children have no shared memory of the system's to leave behind.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "dynamic_shared_memory_type=mmap",
    "logging_collector=off",
    "log_min_messages=warning",
];

/// What somebody wants a Postgres for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Its data is gone with the run, so it need not outlive a power cut.
    Tests,
    /// As an operator has it: what it says is committed is on the disk.
    Figures,
}

impl Purpose {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Tests => &[
                "shared_buffers=64MB",
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ],
            Self::Figures => &["fsync=on", "synchronous_commit=on", "full_page_writes=on"],
        }
    }
}

pub(crate) struct Postgres {
    /// Stopped before its data goes.
    server: Option<Group>,
    folder: PathBuf,
    /// As a superuser, with its own password.
    pub(crate) url: String,
}

impl Postgres {
    /// Starts one with its data in a new folder below that one.
    pub(crate) fn start(below: &Path, purpose: Purpose) -> Result<Self, String> {
        let programs = programs().ok_or("there is no Postgres")?;
        let user = User::unprivileged()?;
        let mut postgres = Self {
            server: None,
            folder: user.folder(below)?,
            url: String::new(),
        };
        let folder = postgres.folder.clone();
        let password = random_word().map_err(|error| format!("/dev/urandom: {error}"))?;
        let file = folder.join("password");
        fs::write(&file, &password)
            .and_then(|()| user.own(&file))
            .map_err(|error| format!("{}: {error}", file.display()))?;

        let data = folder.join("data");
        let mut initdb = user.command(&programs.join("initdb"), &folder);
        initdb
            .args(["--no-sync", "--encoding=UTF8", "--locale=C"])
            .args(["--auth=scram-sha-256", "--username=connect"])
            .arg(format!("--pwfile={}", file.display()))
            .arg("--pgdata")
            .arg(&data);
        let logged = process::run_logged(&mut initdb, &folder.join("initdb.log"), LIMIT)?;
        if !logged.success() {
            return Err(format!("initdb failed: {}", logged.output));
        }

        let log = folder.join("server.log");
        for _ in 0..PORT_TRIES {
            let port = free_port().map_err(|error| format!("no free port: {error}"))?;
            let mut command = user.command(&programs.join("postgres"), &folder);
            command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
            for setting in SETTINGS.iter().chain(purpose.settings()) {
                command.args(["-c", setting]);
            }
            let file = fs::File::create(&log).map_err(|error| error.to_string())?;
            command
                .stdout(file.try_clone().map_err(|error| error.to_string())?)
                .stderr(file);
            // At once, without writing down what nobody will read again.
            let mut server = Group::spawn(&mut command)?.stopped_by(Signal::QUIT);
            if answers(&programs, port, &mut server)? {
                postgres.server = Some(server);
                postgres.url = format!("postgres://connect:{password}@127.0.0.1:{port}/postgres");
                return Ok(postgres);
            }
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        Err(format!("Postgres does not start: {said}"))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.server = None;
        // What cannot be removed is below target/ or in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Waits until it takes connections; false when it ended instead.
fn answers(programs: &Path, port: u16, server: &mut Group) -> Result<bool, String> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        if server.ended().is_some() {
            return Ok(false);
        }
        if process::interrupted() {
            return Err("interrupted".to_owned());
        }
        let ready = Command::new(programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .status()
            .map_err(|error| format!("pg_isready: {error}"))?;
        if ready.success() {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(format!(
        "Postgres takes no connection after {} s",
        LIMIT.as_secs()
    ))
}

/// The folder of the newest Postgres' programs; Debian keeps them off `PATH`.
pub(crate) fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(|path| version(path))
        .map(|path| path.join("bin"));
    debian.or_else(|| which("initdb")?.parent().map(Path::to_path_buf))
}

/// Whom Postgres runs as: it refuses to be root.
enum User {
    Ourselves,
    Other { uid: u32, gid: u32 },
}

impl User {
    fn unprivileged() -> Result<Self, String> {
        if !geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let accounts = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::named(&accounts, name))
            .ok_or_else(|| "There is no user postgres or nobody to run Postgres as.".to_owned())
    }

    fn named(accounts: &str, name: &str) -> Option<Self> {
        let account = accounts
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(&name))?;
        Some(Self::Other {
            uid: account.get(2)?.parse().ok()?,
            gid: account.get(3)?.parse().ok()?,
        })
    }

    /// Runs that program as this user; on Linux it ends when we do, however we end.
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = match which("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "QUIT"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(folder).env("LC_ALL", "C");
        if let Self::Other { uid, gid } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    fn own(&self, path: &Path) -> io::Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(*uid), Some(*gid)),
        }
    }

    /// A new folder of this user's, below that one unless the user cannot get there.
    fn folder(&self, below: &Path) -> Result<PathBuf, String> {
        for parent in [below.to_path_buf(), env::temp_dir()] {
            remove_forgotten(&parent);
            let folder = parent.join(format!("{FOLDER}{}", std::process::id()));
            let made = fs::create_dir_all(&parent)
                .and_then(|()| fs::DirBuilder::new().mode(0o700).create(&folder))
                .and_then(|()| self.own(&folder));
            made.map_err(|error| format!("{}: {error}", folder.display()))?;
            if self.can_enter(&folder) {
                return Ok(folder);
            }
            let _ = fs::remove_dir_all(&folder);
        }
        Err("The user Postgres runs as can write nowhere.".to_owned())
    }

    fn can_enter(&self, folder: &Path) -> bool {
        // The change of folder happens as that user.
        self.command(Path::new("test"), folder)
            .args(["-w", "."])
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Removes what runs left that could not tidy up after themselves.
fn remove_forgotten(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(FOLDER)) else {
            continue;
        };
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists() {
            // Somebody else's in the shared folder for temporary files stays.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn random_word() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
