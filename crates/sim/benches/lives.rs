//! Whole lives of calls on the virtual clock, held against the rules after every input: how many in
//! a second, and which pairs of state and input of `docs/calls.md` they have met.
//!
//! `LIVES` is how many. Prints a table and writes `target/bench/lives.json`. Ends with code 1 when a
//! rule did not hold; the seed it names plays that life again.

#![expect(clippy::print_stdout, reason = "a table is what a benchmark is for")]

use std::{env, fs, path::Path, process::ExitCode, time::Instant};

use serde::Serialize;
use sim::{Lived, pairs, why_missed};

const LIVES: u64 = 100_000;
const SECONDS_GOAL: f64 = 60.0;

/// One line of the table, and of the file.
#[derive(Debug, Serialize)]
struct Row {
    row: &'static str,
    value: f64,
    unit: &'static str,
    peer: Option<String>,
    peer_value: Option<f64>,
    ratio: Option<f64>,
    goal: Option<String>,
}

impl Row {
    fn new(row: &'static str, value: f64, unit: &'static str, goal: Option<String>) -> Self {
        Self {
            row,
            value,
            unit,
            peer: None,
            peer_value: None,
            ratio: None,
            goal,
        }
    }
}

fn main() -> ExitCode {
    // `cargo test` runs benchmarks to see that they work.
    let few = env::args().any(|argument| argument == "--test");
    let asked = env::var("LIVES").ok().and_then(|text| text.parse().ok());
    let lives = if few { 20 } else { asked.unwrap_or(LIVES) };
    let before = Instant::now();
    let lived = match Lived::all(lives) {
        Ok(lived) => lived,
        Err(broken) => {
            println!("a rule did not hold: {broken}");
            return ExitCode::FAILURE;
        }
    };
    let seconds = before.elapsed().as_secs_f64();
    let inputs: u64 = lived.reached.values().sum();
    let (missed, pairs) = (lived.missed(), pairs().len());
    let rows = [
        Row::new(
            "lives without a broken rule",
            lived.lives as f64,
            "lives",
            None,
        ),
        Row::new(
            "they took",
            seconds,
            "s",
            (lives == LIVES).then(|| format!("<= {SECONDS_GOAL}")),
        ),
        Row::new("calls in them", lived.calls as f64, "calls", None),
        Row::new("states met by inputs", inputs as f64, "times", None),
        Row::new(
            "pairs of state and input met",
            (pairs - missed.len()) as f64,
            "pairs",
            None,
        ),
        Row::new("pairs there are", pairs as f64, "pairs", None),
    ];
    for row in &rows {
        let goal = row.goal.as_deref().unwrap_or("");
        println!("{:<30} {:>12.1} {:<6} {goal}", row.row, row.value, row.unit);
    }
    for cell in &missed {
        println!(
            "not met: {:?}: {} while {}: {}",
            cell.table,
            cell.input,
            cell.state,
            why_missed(cell)
        );
    }
    if !few {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
        fs::create_dir_all(&folder).expect("the target directory is writable");
        let text = serde_json::to_string_pretty(&rows).expect("rows are plain");
        fs::write(folder.join("lives.json"), text).expect("the target directory is writable");
    }
    ExitCode::SUCCESS
}
