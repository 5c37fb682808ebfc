//! `cargo xtask bench`: runs the measuring programs of `sim`, one for each name.

use std::{fs, time::Duration};

use crate::{Failure, process, project::Project};

const LIMIT: Duration = Duration::from_secs(60 * 60);

pub(crate) fn run(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let existing = existing(project);
    let named = |name: &&str| existing.iter().any(|bench| bench == name);
    let there = match existing.as_slice() {
        [] => "There are no benchmarks yet.".to_owned(),
        names => format!("There are: {}.", names.join(", ")),
    };
    if let Some(unknown) = arguments.iter().find(|name| !named(name)) {
        return Err(Failure::Usage(format!(
            "there is no benchmark {unknown}. {there}"
        )));
    }
    if existing.is_empty() {
        return Err(Failure::Sentence(there));
    }
    for bench in &existing {
        if arguments.is_empty() || arguments.contains(&bench.as_str()) {
            let program = format!("bench_{bench}");
            let arguments = ["run", "--release", "--package", "sim", "--bin", &program];
            process::run(&mut project.cargo(&arguments), LIMIT)?;
        }
    }
    Ok(())
}

/// Each is a program `crates/sim/src/bin/bench_NAME.rs`, which prints its table and writes
/// `target/bench/NAME.json`.
fn existing(project: &Project) -> Vec<String> {
    let programs = fs::read_dir(project.root.join("crates/sim/src/bin"));
    let mut names: Vec<String> = programs
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_prefix("bench_")?.strip_suffix(".rs")?.to_owned()))
        .collect();
    names.sort();
    names
}
