//! `cargo xtask bench`: runs the benchmarks of the crates, each a file `benches/NAME.rs`, and those
//! in browsers, `web/bench`. They print their own table, and write `target/bench/NAME.json` for
//! whoever compares.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    Failure,
    apt::{self, Engine},
    npm,
    postgres::{Postgres, Purpose},
    process,
    project::Project,
    test,
};

const LIMIT: Duration = Duration::from_secs(60 * 60);
/// Names the server that benchmarks with a database measure beside SQLite.
const POSTGRES: &str = "CONNECT_TEST_POSTGRES";
const WITH_POSTGRES: [&str; 2] = ["chat", "timeline"];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bench {
    name: String,
    of: Of,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Crate(String),
    Client,
    Calls,
}

pub(crate) fn run(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let existing = existing(&project.root.join("crates"));
    let names: Vec<&str> = existing.iter().map(|bench| bench.name.as_str()).collect();
    if let Some(unknown) = arguments.iter().find(|name| !names.contains(name)) {
        return Err(Failure::Usage(format!(
            "there is no benchmark {unknown}; there are: {}",
            names.join(", ")
        )));
    }
    for bench in &existing {
        if arguments.is_empty() || arguments.contains(&bench.name.as_str()) {
            println!("== {}", bench.name);
            match &bench.of {
                Of::Crate(of_crate) => crate_bench(project, &bench.name, of_crate)?,
                Of::Client => client(project)?,
                Of::Calls => calls(project)?,
            }
        }
    }
    process::end_strays();
    Ok(())
}

fn existing(crates: &Path) -> Vec<Bench> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Bench> = entries(crates)
        .flat_map(|of_crate| {
            let name = of_crate.file_name().to_string_lossy().into_owned();
            entries(&of_crate.path().join("benches")).map(move |file| (name.clone(), file.path()))
        })
        .filter(|(_, file)| file.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|(of_crate, file)| {
            Some(Bench {
                name: file.file_stem()?.to_str()?.to_owned(),
                of: Of::Crate(of_crate),
            })
        })
        .collect();
    found.extend(
        [("client", Of::Client), ("calls", Of::Calls)].map(|(name, of)| Bench {
            name: name.to_owned(),
            of,
        }),
    );
    found.sort();
    found
}

fn crate_bench(project: &Project, name: &str, of_crate: &str) -> Result<(), String> {
    let build = ["bench", "--quiet", "--no-run", "--package", of_crate];
    process::run(project.cargo(&build).args(["--bench", name]), LIMIT)?;
    let mut command = project.cargo(&["bench", "--quiet", "--package", of_crate]);
    command.args(["--bench", name]);
    let postgres = if WITH_POSTGRES.contains(&name) && env::var_os(POSTGRES).is_none() {
        postgres(project)?
    } else {
        None
    };
    if let Some(postgres) = &postgres {
        command.env(POSTGRES, &postgres.url);
    }
    process::run(&mut command, LIMIT)
}

/// None when there is none here: SQLite is measured alone then.
fn postgres(project: &Project) -> Result<Option<Postgres>, String> {
    if let Err(sentence) = apt::provide(&[Engine::Postgres]) {
        eprintln!("Postgres is LEFT OUT. {sentence}");
        return Ok(None);
    }
    Postgres::start(&project.target.join("bench-env"), Purpose::Figures).map(Some)
}

/// Real Chromium on a release build whose database has been filled.
fn client(project: &Project) -> Result<(), String> {
    apt::provide(&[Engine::Chromium])?;
    let fill = example(project, "server", "fill")?;
    let mut command = browsers(project, "client")?;
    // Lighthouse is large, and nobody needs it to build the client.
    npm::install(&project.web().join("bench"))?;
    process::run(command.env("CONNECT_FILL", fill), LIMIT)
}

/// Two of them that call each other, also over a slow way where one can be made.
fn calls(project: &Project) -> Result<(), String> {
    apt::provide(&[Engine::Chromium])?;
    let delay = example(project, "sim", "delay")?;
    let mut command = browsers(project, "calls")?;
    process::run(command.env("CONNECT_DELAY", delay), LIMIT)
}

/// The driver of a benchmark in browsers.
fn browsers(project: &Project, name: &str) -> Result<Command, String> {
    let binary = test::release_binary(project)?;
    let web = project.web();
    npm::check()?;
    npm::install(&web)?;
    let mut command = Command::new("node_modules/.bin/playwright");
    command
        .current_dir(&web)
        .args(["test", "--config", "bench/playwright.config.ts"])
        .arg(format!("{name}.bench.ts"))
        .env("CONNECT_BIN", binary)
        .env("CONNECT_BENCH", project.root.join("target/bench"));
    Ok(command)
}

/// A program that is an example of a crate, built for figures.
fn example(project: &Project, of_crate: &str, name: &str) -> Result<PathBuf, String> {
    let build = ["build", "--quiet", "--release", "--package", of_crate];
    process::run(project.cargo(&build).args(["--example", name]), LIMIT)?;
    Ok(project.target.join("release/examples").join(name))
}
