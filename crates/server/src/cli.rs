//! The command line: what each command takes, and how it ends (0 good, 1 failed, 2 wrong use).

mod backup;
mod doctor;
mod people;

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use store::Store;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{Config, Given},
    data_dir::DataDir,
    serve,
};

#[derive(Debug, Parser)]
#[command(
    name = "connect",
    version,
    about = "A workplace messenger you host yourself, with calls in every conversation"
)]
struct Arguments {
    #[command(flatten)]
    given: Given,
    /// A TOML file with settings
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Look after accounts; a running server notices
    #[command(subcommand)]
    User(people::Command),
    /// Check that Connect can run here, and say what is wrong
    Doctor,
    /// Print the configuration in force, secrets masked
    Config,
    /// Write everything that lasts into one file, while the server runs
    Backup { file: PathBuf },
    /// Put a backup into an empty data directory
    Restore { file: PathBuf },
}

/// A command failed; the sentence says why and what to do.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Reads the command line of this process and does what it says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("Cannot start threads: {error}.")),
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(sentence)) => failed(&sentence),
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = Config::load(&arguments.given, arguments.config.as_deref())?;
    log_to_stderr(&config.log);
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => Ok(serve::run(config).await?),
        Command::User(command) => people::run(&config, command).await,
        Command::Doctor => doctor::run(&config).await,
        Command::Config => say(config.masked()),
        Command::Backup { file } => backup::write(&config, &file).await,
        Command::Restore { file } => backup::restore(&config, &file).await,
    }
}

/// The store, beside a server that may be running.
async fn open_store(config: &Config) -> Result<Store, Failure> {
    let dir = DataDir::open(&config.data)?;
    Ok(serve::open_store(config, &dir).await?)
}

/// Prints a line of the command's answer.
fn say(line: impl Display) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{line}") {
        // Whoever reads no further (`| head`) has what they wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

fn failed(sentence: &str) -> ExitCode {
    // Nowhere is left to report that standard error is closed.
    let _ = writeln!(io::stderr(), "connect: {sentence}");
    ExitCode::FAILURE
}

fn log_to_stderr(filter: &str) {
    // The WebRTC library warns about every codec of every browser it is not asked for.
    let quiet = "str0m=error,";
    let targets: Targets = format!("{quiet}{filter}").parse().unwrap_or_default();
    let registry = tracing_subscriber::registry().with(targets);
    if io::stderr().is_terminal() {
        let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        registry.with(layer).init();
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .with_writer(io::stderr);
        registry.with(layer).init();
    }
}
