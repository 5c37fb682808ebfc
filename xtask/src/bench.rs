//! `cargo xtask bench`: runs the benchmarks of the crates, each a file `benches/NAME.rs`. They print
//! their own table, and write `target/bench/NAME.json` for whoever compares.

use std::{fs, path::Path, time::Duration};

use crate::{Failure, process, project::Project};

const LIMIT: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bench {
    name: String,
    of_crate: String,
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
            let mut command = project.cargo(&["bench", "--quiet", "--package", &bench.of_crate]);
            process::run(command.args(["--bench", &bench.name]), LIMIT)?;
        }
    }
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
                of_crate,
            })
        })
        .collect();
    found.sort();
    found
}
