//! `cargo xtask test`: every level of tests, each against private instances of what it needs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Failure,
    apt::{self, Engine},
    counts::{self, Counts},
    npm,
    postgres::{Postgres, Purpose},
    process::{self, Group},
    project::{Project, in_ci},
};

const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);
const PROGRAM_LIMIT: Duration = Duration::from_secs(10 * 60);
const DOC_LIMIT: Duration = Duration::from_secs(15 * 60);
const CLIENT_LIMIT: Duration = Duration::from_secs(5 * 60);
const BROWSER_LIMIT: Duration = Duration::from_secs(40 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The crates that are not named below, the client, and what holds for the code as a whole.
    Unit,
    Sim,
    /// On SQLite and on Postgres.
    Store,
    Server,
    /// Real browsers against a release build.
    Browser,
    /// Networks that lose and delay.
    Lab,
}

impl Level {
    const ALL: [Self; 6] = [
        Self::Unit,
        Self::Sim,
        Self::Store,
        Self::Server,
        Self::Browser,
        Self::Lab,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Sim => "sim",
            Self::Store => "store",
            Self::Server => "server",
            Self::Browser => "browser",
            Self::Lab => "lab",
        }
    }

    /// Where the tests of that crate belong.
    fn of_crate(name: &str) -> Self {
        match name {
            "sim" => Self::Sim,
            "store" => Self::Store,
            "server" => Self::Server,
            _ => Self::Unit,
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Leaves out what is slow to start: browsers, Postgres, examples in documentation, fuzz corpora.
    fast: bool,
    /// Empty: all.
    only: Vec<Level>,
}

impl Options {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--fast" => options.fast = true,
                "--only" => {
                    let name = arguments.next().copied().unwrap_or_default();
                    let level = Level::ALL.into_iter().find(|level| level.name() == name);
                    options.only.push(level.ok_or_else(|| {
                        let names = Level::ALL.map(Level::name).join(", ");
                        Failure::Usage(format!("--only takes one of {names}"))
                    })?);
                }
                other => return Err(Failure::Usage(format!("test does not take {other}"))),
            }
        }
        Ok(options)
    }

    fn levels(&self) -> Vec<Level> {
        Level::ALL
            .into_iter()
            .filter(|level| match self.only.as_slice() {
                // There are no tests of this level yet, so only who asks for it is told so.
                [] => *level != Level::Lab && !(self.fast && *level == Level::Browser),
                only => only.contains(level),
            })
            .collect()
    }
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<(), Failure> {
    let mut run = Run {
        project,
        fast: options.fast,
        folder: project.target.join("test-env"),
        rows: Vec::new(),
        skipped: Vec::new(),
    };
    let levels = options.levels();
    if let Err(sentence) = run.levels(&levels) {
        eprintln!("\n{sentence}");
        run.rows.push(Row {
            name: "run".to_owned(),
            counts: Counts::ONE_FAILED,
            time: Duration::ZERO,
        });
    }
    process::end_strays();
    if run.summary() {
        Ok(())
    } else {
        Err(Failure::Told)
    }
}

/// One run of the tests, and what it has found.
struct Run<'a> {
    project: &'a Project,
    fast: bool,
    /// Logs and instances.
    folder: PathBuf,
    rows: Vec<Row>,
    /// Sentences about what was left out.
    skipped: Vec<String>,
}

struct Row {
    name: String,
    counts: Counts,
    time: Duration,
}

/// A built test program.
struct Program {
    level: Level,
    /// Such as `store` for a crate's unit tests and `store it` for its integration tests.
    name: String,
    executable: PathBuf,
    manifest: PathBuf,
}

impl Run<'_> {
    fn levels(&mut self, levels: &[Level]) -> Result<(), String> {
        let with_programs = levels
            .iter()
            .any(|level| !matches!(level, Level::Browser | Level::Lab));
        let programs = if with_programs {
            self.build()?
        } else {
            Vec::new()
        };
        let mut postgres = None;
        for &level in levels {
            heading(level.name());
            let started = Instant::now();
            if matches!(level, Level::Store | Level::Server) && !self.fast && postgres.is_none() {
                postgres = self.postgres()?;
            }
            let counts = match level {
                Level::Browser => self.browsers()?,
                Level::Lab => {
                    println!("There are no tests of this level yet.");
                    continue;
                }
                Level::Unit | Level::Sim | Level::Store | Level::Server => {
                    Some(self.programs(level, &programs, postgres.as_ref())?)
                }
            };
            let Some(mut counts) = counts else {
                continue;
            };
            if counts.passed + counts.failed == 0 {
                eprintln!("No test of level {} ran.", level.name());
                counts = Counts::ONE_FAILED;
            }
            let name = if postgres.is_some() && level == Level::Store {
                format!("{} (SQLite, Postgres)", level.name())
            } else {
                level.name().to_owned()
            };
            self.rows.push(Row {
                name,
                counts,
                time: started.elapsed(),
            });
        }
        Ok(())
    }

    /// Builds every test program of the workspace at once, so that all levels share one build.
    fn build(&self) -> Result<Vec<Program>, String> {
        heading("build");
        let started = Instant::now();
        let json = self.folder.join("build.json");
        fs::create_dir_all(&self.folder)
            .map_err(|error| format!("{}: {error}", self.folder.display()))?;
        let file =
            fs::File::create(&json).map_err(|error| format!("{}: {error}", json.display()))?;
        let mut command = self.project.cargo(&[
            "test",
            "--workspace",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ]);
        let status = Group::spawn(command.stdout(file))?.wait(BUILD_LIMIT)?;
        if !status.success() {
            return Err("The tests cannot be built: what the compiler says is above.".to_owned());
        }
        println!("   {:.1} s", started.elapsed().as_secs_f64());
        let messages =
            fs::read_to_string(&json).map_err(|error| format!("{}: {error}", json.display()))?;
        let mut programs: Vec<Program> = messages
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter_map(|message| Program::of(&message))
            .collect();
        programs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(programs)
    }

    fn programs(
        &mut self,
        level: Level,
        programs: &[Program],
        postgres: Option<&Postgres>,
    ) -> Result<Counts, String> {
        let mut counts = Counts::default();
        for program in programs.iter().filter(|program| program.level == level) {
            let mut command = program.command();
            // Whoever runs the tests may have set it, and --fast means without.
            command.env_remove("CONNECT_TEST_POSTGRES");
            if let Some(postgres) = postgres {
                command.env("CONNECT_TEST_POSTGRES", &postgres.url);
            }
            if self.fast {
                // There, a test that finds no Postgres fails.
                command.env_remove("CI");
            }
            counts += self.cargo_tests(&program.name, &mut command, PROGRAM_LIMIT)?;
        }
        if level == Level::Unit {
            if !self.fast {
                let mut command = self.project.cargo(&["test", "--workspace", "--doc"]);
                counts += self.cargo_tests("examples in documentation", &mut command, DOC_LIMIT)?;
                let mut command = self.fuzz_corpora();
                counts += self.cargo_tests("fuzz corpora", &mut command, BUILD_LIMIT)?;
            }
            counts += self.client()?;
        }
        Ok(counts)
    }

    /// What strangers have sent, once more. The targets are a workspace of their own.
    fn fuzz_corpora(&self) -> Command {
        let mut command = self
            .project
            .cargo(&["test", "--locked", "--test", "corpus"]);
        command.args(["--manifest-path", "fuzz/Cargo.toml"]);
        command.arg("--target-dir").arg(&self.project.target);
        command
    }

    /// Runs something that reports as Rust's test programs do.
    fn cargo_tests(
        &self,
        name: &str,
        command: &mut Command,
        limit: Duration,
    ) -> Result<Counts, String> {
        let started = Instant::now();
        let log = self.log(name);
        let logged = process::run_logged(command, &log, limit)?;
        let mut counts = counts::of_cargo(&logged.output).unwrap_or_default();
        if !logged.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        // A program without tests is not worth a line.
        if counts != Counts::default() {
            report(name, counts, started.elapsed());
        }
        if counts.failed > 0 {
            print!("{}", logged.output);
        }
        if let Err(sentence) = logged.ended {
            eprintln!("{name}: {sentence}");
            if process::interrupted() {
                return Err("Interrupted.".to_owned());
            }
        }
        Ok(counts)
    }

    /// The web client's unit tests.
    fn client(&self) -> Result<Counts, String> {
        const NAME: &str = "web client";
        let web = self.project.web();
        npm::check()?;
        npm::install(&web)?;
        let started = Instant::now();
        let json = self.folder.join("vitest.json");
        let _ = fs::remove_file(&json);
        let mut command = Command::new("npm");
        command.current_dir(&web).args(["test", "--"]);
        command.args(["--reporter=default", "--reporter=json"]);
        command.arg(format!("--outputFile.json={}", json.display()));
        let logged = process::run_logged(&mut command, &self.log(NAME), CLIENT_LIMIT)?;
        let mut counts = read_json(&json)
            .as_ref()
            .and_then(counts::of_vitest)
            .unwrap_or_default();
        if !logged.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        report(NAME, counts, started.elapsed());
        if counts.failed > 0 {
            print!("{}", logged.output);
        }
        logged.ended.map(|_| counts)
    }

    /// None when they are left out here.
    fn browsers(&mut self) -> Result<Option<Counts>, String> {
        let engines = [Engine::Chromium, Engine::Firefox, Engine::PulseAudio];
        if !self.engines("Browser tests", &engines)? {
            return Ok(None);
        }
        let binary = release_binary(self.project)?;
        let web = self.project.web();
        npm::check()?;
        npm::install(&web)?;
        let json = web.join("test-results/report.json");
        let _ = fs::remove_file(&json);
        let mut command = Command::new("node_modules/.bin/playwright");
        command
            .current_dir(&web)
            .args(["test", "--config", "e2e/playwright.config.ts"])
            .env("CONNECT_BIN", binary);
        let ended = Group::spawn(&mut command)?.wait(BROWSER_LIMIT);
        if let Err(sentence) = &ended {
            eprintln!("{sentence}");
        }
        let mut counts = read_json(&json)
            .as_ref()
            .and_then(counts::of_playwright)
            .unwrap_or_default();
        if !ended.is_ok_and(|status| status.success()) && counts.failed == 0 {
            counts.failed = 1;
        }
        Ok(Some(counts))
    }

    /// None when the tests run on SQLite alone here.
    fn postgres(&mut self) -> Result<Option<Postgres>, String> {
        if !self.engines("Tests on Postgres", &[Engine::Postgres])? {
            return Ok(None);
        }
        Postgres::start(&self.folder, Purpose::Tests).map(Some)
    }

    /// Whether all of them are here; missing ones are an error where nobody would see a remark.
    fn engines(&mut self, what: &str, engines: &[Engine]) -> Result<bool, String> {
        match apt::provide(engines) {
            Ok(()) => Ok(true),
            Err(sentence) if in_ci() => Err(format!("{what}: {sentence}")),
            Err(sentence) => {
                let sentence = format!("{what} LEFT OUT. {sentence}");
                eprintln!("{sentence}");
                self.skipped.push(sentence);
                Ok(false)
            }
        }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder
            .join("logs")
            .join(format!("{}.log", name.replace(' ', "-")))
    }

    /// Prints the table and the last line; true when all passed.
    fn summary(&self) -> bool {
        println!(
            "\n{:<28}{:>8}{:>8}{:>9}{:>9}",
            "level", "passed", "failed", "ignored", "seconds"
        );
        let mut all = Counts::default();
        for Row { name, counts, time } in &self.rows {
            println!(
                "{name:<28}{:>8}{:>8}{:>9}{:>9.1}",
                counts.passed,
                counts.failed,
                counts.ignored,
                time.as_secs_f64()
            );
            all += *counts;
        }
        for sentence in &self.skipped {
            println!("{sentence}");
        }
        if all.failed > 0 {
            println!(
                "Output of every program: {}",
                self.folder.join("logs").display()
            );
        }
        println!("{} passed, {} failed", all.passed, all.failed);
        all.failed == 0
    }
}

impl Program {
    /// The program a message of cargo's tells of, if it is one.
    fn of(message: &Value) -> Option<Self> {
        if message["profile"]["test"] != Value::Bool(true) {
            return None;
        }
        let manifest = PathBuf::from(message["manifest_path"].as_str()?);
        let package = manifest.parent()?.file_name()?.to_str()?.to_owned();
        let target = message["target"]["name"].as_str()?;
        let kind = message["target"]["kind"][0].as_str()?;
        Some(Self {
            level: Level::of_crate(&package),
            name: match kind {
                "test" => format!("{package} {target}"),
                "bin" if target != package => format!("{package} bin {target}"),
                _ => package,
            },
            executable: PathBuf::from(message["executable"].as_str()?),
            manifest,
        })
    }

    /// As `cargo test` would run it.
    fn command(&self) -> Command {
        let folder = self.manifest.parent().unwrap_or(Path::new("."));
        let mut command = Command::new(&self.executable);
        command
            .current_dir(folder)
            .env("CARGO_MANIFEST_DIR", folder)
            .env("RUST_BACKTRACE", "1");
        command
    }
}

/// What people get who build the product, or the binary somebody names instead.
pub(crate) fn release_binary(project: &Project) -> Result<PathBuf, String> {
    if let Some(binary) = std::env::var_os("CONNECT_BIN") {
        return Ok(PathBuf::from(binary));
    }
    let mut command = project.cargo(&["build", "--release", "--package", "server"]);
    process::run(&mut command, BUILD_LIMIT)?;
    Ok(project.target.join("release/connect"))
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn heading(name: &str) {
    println!("\n== {name}");
}

fn report(name: &str, counts: Counts, time: Duration) {
    let failed = match counts.failed {
        0 => String::new(),
        failed => format!(", {failed} FAILED"),
    };
    println!(
        "   {name:<32}{:>5} passed{failed} in {:.1} s",
        counts.passed,
        time.as_secs_f64()
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn levels(arguments: &[&str]) -> Vec<&'static str> {
        let options = Options::parse(arguments).unwrap();
        options.levels().into_iter().map(Level::name).collect()
    }

    #[test]
    fn without_arguments_every_level_that_has_tests_runs() {
        assert_eq!(levels(&[]), ["unit", "sim", "store", "server", "browser"]);
    }

    #[test]
    fn fast_leaves_out_browsers() {
        assert_eq!(levels(&["--fast"]), ["unit", "sim", "store", "server"]);
    }

    #[test]
    fn several_levels_can_be_asked_for() {
        assert_eq!(
            levels(&["--only", "browser", "--only", "sim"]),
            ["sim", "browser"]
        );
        assert_eq!(levels(&["--only", "lab"]), ["lab"]);
    }

    #[test]
    fn an_unknown_word_is_wrong_use() {
        for arguments in [&["--only"] as &[&str], &["--only", "all"], &["--slow"]] {
            let failure = Options::parse(arguments).unwrap_err();
            assert!(matches!(failure, Failure::Usage(_)), "{failure:?}");
        }
    }

    #[test]
    fn a_program_belongs_to_the_level_of_its_crate() {
        let program = |crate_name: &str, kind: &str, target: &str| {
            Program::of(&json!({
                "reason": "compiler-artifact",
                "manifest_path": format!("/src/crates/{crate_name}/Cargo.toml"),
                "target": {"name": target, "kind": [kind]},
                "profile": {"test": true},
                "executable": "/build/deps/it-0123",
            }))
            .map(|program| (program.level, program.name))
        };
        assert_eq!(
            program("store", "test", "it"),
            Some((Level::Store, "store it".to_owned()))
        );
        assert_eq!(
            program("newcomer", "lib", "newcomer"),
            Some((Level::Unit, "newcomer".to_owned()))
        );
    }
}
