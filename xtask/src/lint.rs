//! `cargo xtask lint`: everything a machine can say about the code without running it.

use std::{process::Command, time::Duration};

use crate::{
    Failure, npm, process,
    project::{Project, which},
};

const LIMIT: Duration = Duration::from_secs(30 * 60);

pub(crate) fn run(project: &Project) -> Result<(), Failure> {
    let web = project.web();
    npm::check()?;
    npm::install(&web)?;
    let npm_run = |script: &str| {
        let mut command = Command::new("npm");
        command.current_dir(&web).args(["run", "--silent", script]);
        command
    };
    let mut documentation = project.cargo(&[
        "doc",
        "--quiet",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    // Private items are documented too, for whoever works here: linking to them is the point.
    documentation.env(
        "RUSTDOCFLAGS",
        "--deny warnings --allow rustdoc::private_intra_doc_links",
    );

    let mut steps = vec![
        ("format", project.cargo(&["fmt", "--all", "--check"])),
        ("clippy", clippy(project)),
        ("documentation", documentation),
        ("types of the client", npm_run("check")),
        ("lints and imports of the client", npm_run("lint")),
    ];
    // Not everybody has it; it needs its data anew only for advisories, which it is not asked for.
    if which("cargo-deny").is_some() {
        let check = ["deny", "check", "bans", "licenses", "sources"];
        steps.push(("dependencies", project.cargo(&check)));
    }

    let mut faults = Vec::new();
    for (name, mut command) in steps {
        println!("== {name}");
        if let Err(sentence) = process::run(&mut command, LIMIT) {
            if process::interrupted() {
                return Err(Failure::Sentence(sentence));
            }
            faults.push(name);
        }
    }
    if faults.is_empty() {
        println!("No faults.");
        Ok(())
    } else {
        Err(Failure::Sentence(format!(
            "Faults in: {}.",
            faults.join(", ")
        )))
    }
}

fn clippy(project: &Project) -> Command {
    project.cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ])
}
