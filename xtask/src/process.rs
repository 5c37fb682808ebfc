//! Child processes: each leads a group of its own, has a bound on its time, and is gone when the
//! command that started it is.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// A group that was asked to stop gets this long to tidy up.
const STOP_PATIENCE: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(10);
/// Every process of a run carries this variable, so that those which leave their group are found.
const MARK: &str = "CONNECT_XTASK_RUN";

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Has Ctrl-C and its like end the wait for a child, so that everything is dropped in order. The
/// second one ends this process at once.
pub(crate) fn watch_signals() {
    let flag = INTERRUPTED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(flag)))
            .expect("these signals can be caught");
    }
}

pub(crate) fn interrupted() -> bool {
    INTERRUPTED
        .get()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// A child and everything it starts in its group; stopped when dropped.
pub(crate) struct Group {
    child: Child,
    pid: Pid,
    name: String,
    stop: Signal,
}

impl Group {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self, String> {
        let name = describe(command);
        let child = command
            .stdin(Stdio::null())
            .env(MARK, mark())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        Ok(Self {
            pid: Pid::from_child(&child),
            child,
            name,
            stop: Signal::TERM,
        })
    }

    /// Stops with that signal instead of SIGTERM.
    pub(crate) fn stopped_by(mut self, signal: Signal) -> Self {
        self.stop = signal;
        self
    }

    /// What it writes, if that was asked for.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until the child has ended by itself.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<ExitStatus, String> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            if interrupted() {
                return Err(format!("{} was interrupted", self.name));
            }
            if started.elapsed() > limit {
                return Err(format!(
                    "{} was stopped: it took longer than {} s",
                    self.name,
                    limit.as_secs()
                ));
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.ended().is_none() {
            // Neither signal can fail in a way that leaves anything to do: the group is gone then.
            let _ = kill_process_group(self.pid, self.stop);
            let asked = Instant::now();
            while self.ended().is_none() && asked.elapsed() < STOP_PATIENCE {
                thread::sleep(POLL);
            }
        }
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; its output goes where ours goes.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<(), String> {
    let name = describe(command);
    let status = Group::spawn(command)?.wait(limit)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name} failed ({status})"))
    }
}

/// What a command said and how it ended.
pub(crate) struct Logged {
    pub(crate) output: String,
    /// An error when it did not end by itself.
    pub(crate) ended: Result<ExitStatus, String>,
}

impl Logged {
    pub(crate) fn success(&self) -> bool {
        self.ended.as_ref().is_ok_and(ExitStatus::success)
    }
}

/// Runs a command to its end with its output in that file, and gives it back.
pub(crate) fn run_logged(
    command: &mut Command,
    log: &Path,
    limit: Duration,
) -> Result<Logged, String> {
    let cannot = |error: io::Error| format!("{}: {error}", log.display());
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let file = File::create(log).map_err(cannot)?;
    command
        .stdout(file.try_clone().map_err(cannot)?)
        .stderr(file);
    let ended = Group::spawn(command)?.wait(limit);
    let bytes = fs::read(log).map_err(cannot)?;
    Ok(Logged {
        output: String::from_utf8_lossy(&bytes).into_owned(),
        ended,
    })
}

/// Ends what this run started and what left its group, such as the browsers of a killed driver.
pub(crate) fn end_strays() {
    let mark = format!("{MARK}={}", mark());
    // Only Linux tells the environment of a process, and only there it is asked.
    let Ok(processes) = fs::read_dir("/proc") else {
        return;
    };
    for process in processes.filter_map(Result::ok) {
        let pid = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(pid) = pid.and_then(Pid::from_raw) else {
            continue;
        };
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        let ours = environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == mark.as_bytes());
        if ours {
            // It may have ended since it was read.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn mark() -> String {
    std::process::id().to_string()
}

/// The command as one would type it, without the folder of its program.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let error = run(&mut shell("exit 3"), Duration::from_secs(10)).unwrap_err();
        assert_eq!(error, "sh -c exit 3 failed (exit status: 3)");
    }

    #[test]
    fn a_command_that_takes_too_long_ends_with_everything_it_started() {
        let mut command = shell("sleep 600 & echo $!; wait");
        let mut group = Group::spawn(command.stdout(Stdio::piped())).unwrap();
        let mut line = String::new();
        let stdout = group.stdout().unwrap();
        io::BufRead::read_line(&mut io::BufReader::new(stdout), &mut line).unwrap();
        let sleeper = Pid::from_raw(line.trim().parse().unwrap()).unwrap();

        let error = group.wait(Duration::from_millis(50)).unwrap_err();
        assert!(error.contains("longer than 0 s"), "{error}");
        drop(group);

        // Whoever adopts it needs a moment to notice that it has ended.
        let asked = Instant::now();
        while rustix::process::test_kill_process(sleeper).is_ok() && !is_zombie(sleeper) {
            assert!(asked.elapsed() < Duration::from_secs(10), "still running");
            thread::sleep(POLL);
        }
    }

    fn is_zombie(pid: Pid) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
            .is_ok_and(|stat| stat.contains(") Z "))
    }
}
