//! `cargo xtask facts`: figures to look at from time to time. They describe, they do not command.

use std::{collections::BTreeMap, fs, process::Command};

use crate::project::Project;

/// How many of the largest files are named.
const LARGEST: usize = 8;

struct File {
    path: String,
    lines: usize,
    text: String,
}

pub(crate) fn run(project: &Project) -> Result<(), String> {
    let files = files(project)?;
    let with = |end: &[&str]| -> Vec<&File> {
        files
            .iter()
            .filter(|file| end.iter().any(|end| file.path.ends_with(end)))
            .filter(|file| !file.path.contains("/generated."))
            .collect()
    };
    let rust = with(&[".rs"]);
    let client = with(&[".ts", ".tsx"]);

    println!("crate           lines  files  tests");
    let mut crates: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in &rust {
        crates.entry(crate_of(&file.path)).or_default().push(file);
    }
    for (name, files) in &crates {
        let (lines, tests) = (lines(files), tests(files, RUST_TESTS));
        println!("{name:<14}{lines:>7}{:>7}{tests:>7}", files.len());
    }
    println!("\n                lines  files  median   p90    max  tests");
    sizes("Rust", &rust, tests(&rust, RUST_TESTS));
    sizes("TypeScript", &client, tests(&client, CLIENT_TESTS));

    let any: usize = client
        .iter()
        .flat_map(|file| file.text.lines())
        .filter(|line| ANY.iter().any(|any| line.contains(any)))
        .count();
    let per_10k = any as f64 * 10_000.0 / lines(&client).max(1) as f64;
    println!("\n`any` in TypeScript: {any} ({per_10k:.1} per 10,000 lines)");

    let mut all: Vec<&&File> = rust.iter().chain(&client).collect();
    all.sort_by_key(|file| std::cmp::Reverse(file.lines));
    println!("\nLargest files");
    for file in all.into_iter().take(LARGEST) {
        println!("{:>7}  {}", file.lines, file.path);
    }
    Ok(())
}

const RUST_TESTS: &[&str] = &["#[test]", "#[tokio::test"];
const CLIENT_TESTS: &[&str] = &["test(\"", "it(\"", "test(`", "it(`"];
const ANY: &[&str] = &[": any", "as any", "<any", "any[]"];

fn files(project: &Project) -> Result<Vec<File>, String> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(&project.root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(listed
        .split('\0')
        .filter(|path| [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end)))
        .filter_map(|path| {
            // One that is deleted and not committed yet is listed too.
            let text = fs::read_to_string(project.root.join(path)).ok()?;
            Some(File {
                path: path.to_owned(),
                lines: text.lines().count(),
                text,
            })
        })
        .collect())
}

fn crate_of(path: &str) -> &str {
    let path = path.strip_prefix("crates/").unwrap_or(path);
    path.split('/').next().unwrap_or(path)
}

fn lines(files: &[&File]) -> usize {
    files.iter().map(|file| file.lines).sum()
}

fn tests(files: &[&File], marks: &[&str]) -> usize {
    files
        .iter()
        .flat_map(|file| file.text.lines())
        .filter(|line| marks.iter().any(|mark| line.trim_start().starts_with(mark)))
        .count()
}

fn sizes(name: &str, files: &[&File], tests: usize) {
    let mut sizes: Vec<usize> = files.iter().map(|file| file.lines).collect();
    sizes.sort_unstable();
    let at = |part: f64| {
        let index = (sizes.len().saturating_sub(1) as f64 * part).round() as usize;
        sizes.get(index).copied().unwrap_or(0)
    };
    println!(
        "{name:<14}{:>7}{:>7}{:>8}{:>6}{:>7}{tests:>7}",
        lines(files),
        files.len(),
        at(0.5),
        at(0.9),
        at(1.0),
    );
}
