//! Development commands: `cargo xtask` lists them. Each file is a command or a thing the commands
//! use.

#![expect(clippy::print_stdout, reason = "printing is what these commands do")]

mod apt;
mod bench;
mod counts;
mod facts;
mod first_run;
mod generate;
mod http;
mod lint;
#[path = "../../web/npm.rs"]
mod npm;
mod postgres;
mod process;
mod project;
mod test;
mod tidy;

use std::{env, process::ExitCode};

use project::Project;

const HELP: &str = "\
cargo xtask test [--fast] [--only LEVEL]   run the tests; LEVEL is unit, sim, store, server,
                                           browser or lab; --fast leaves out browsers and Postgres
cargo xtask lint                           formatting, lints, documentation, types of the client
cargo xtask tidy                           check which crate uses which
cargo xtask gen                            write the client's types from crates/protocol
cargo xtask first-run                      start a release build on empty data and use it
cargo xtask bench [NAME]                   measure, and write target/bench/NAME.json
cargo xtask facts                          figures about the code";

/// Why a command did not succeed.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// It was called in a way it does not know.
    Usage(String),
    /// It has told already what is wrong.
    Told,
    /// This is wrong.
    Sentence(String),
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::Sentence(sentence)
    }
}

fn main() -> ExitCode {
    process::watch_signals();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::FAILURE,
        Err(Failure::Sentence(sentence)) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
        Err(Failure::Usage(sentence)) => {
            eprintln!("xtask: {sentence}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    let nothing_more = || match rest {
        [] => Ok(()),
        [argument, ..] => Err(Failure::Usage(format!(
            "{command} does not take {argument}"
        ))),
    };
    match *command {
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        "test" => test::run(&Project::open()?, &test::Options::parse(rest)?),
        "bench" => bench::run(&Project::open()?, rest),
        "lint" => nothing_more().and_then(|()| lint::run(&Project::open()?)),
        "tidy" => nothing_more().and_then(|()| tidy::run(&Project::open()?)),
        "gen" => nothing_more().and_then(|()| Ok(generate::run(&Project::open()?)?)),
        "facts" => nothing_more().and_then(|()| Ok(facts::run(&Project::open()?)?)),
        "first-run" => nothing_more().and_then(|()| Ok(first_run::run(&Project::open()?)?)),
        _ => Err(Failure::Usage(format!("there is no command {command}"))),
    }
}
