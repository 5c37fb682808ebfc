//! Puts the web client into `OUT_DIR/dist`, from where `embed.rs` takes it.
//!
//! A release build makes the client with npm. Every other profile embeds a page that says how to
//! run the client in development, so that checks, tests and editors never wait for npm.
//! `CONNECT_WEB=build` or `stub` overrides the profile; `CONNECT_WEB_DIST=DIR` takes a client that
//! was built elsewhere.

mod npm;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::exit,
};

/// The folders in here that the built client is made of, beside the files next to this one.
const FOLDERS: [&str; 3] = ["src", "public", "scripts"];

const STUB: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Connect</title>
<h1>This is a development build without the web client.</h1>
<p>Run <code>npm run dev</code> in <code>web/</code>, or build with <code>cargo run --release</code>.</p>
</html>
"#;

enum Client {
    /// From a folder, as it is.
    Prebuilt(PathBuf),
    Build,
    Stub,
}

fn main() {
    println!("cargo::rerun-if-env-changed=CONNECT_WEB");
    println!("cargo::rerun-if-env-changed=CONNECT_WEB_DIST");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=npm.rs");
    let web = path("CARGO_MANIFEST_DIR");
    let dist = path("OUT_DIR").join("dist");
    if let Err(sentence) = wanted().and_then(|client| provide(&client, &web, &dist)) {
        eprintln!("{sentence}");
        exit(1);
    }
}

fn wanted() -> Result<Client, String> {
    if let Some(folder) = env::var_os("CONNECT_WEB_DIST").filter(|folder| !folder.is_empty()) {
        return Ok(Client::Prebuilt(folder.into()));
    }
    let profile = env::var("PROFILE").unwrap_or_default();
    match env::var("CONNECT_WEB").unwrap_or_default().as_str() {
        "build" => Ok(Client::Build),
        "stub" => Ok(Client::Stub),
        "" if profile == "release" => Ok(Client::Build),
        "" => Ok(Client::Stub),
        other => Err(format!(
            "CONNECT_WEB is \"{other}\": it takes \"build\" or \"stub\"."
        )),
    }
}

fn provide(client: &Client, web: &Path, dist: &Path) -> Result<(), String> {
    let cannot_write = |error: io::Error| {
        format!(
            "Cannot write the web client to {}: {error}.",
            dist.display()
        )
    };
    if dist.exists() {
        fs::remove_dir_all(dist).map_err(cannot_write)?;
    }
    fs::create_dir_all(dist).map_err(cannot_write)?;
    match client {
        Client::Stub => fs::write(dist.join("index.html"), STUB).map_err(cannot_write),
        Client::Prebuilt(folder) => {
            println!("cargo::rerun-if-changed={}", folder.display());
            if !folder.join("index.html").is_file() {
                return Err(format!(
                    "CONNECT_WEB_DIST is {}, and there is no index.html in it: give the folder of a built client.",
                    folder.display()
                ));
            }
            copy(folder, dist)
                .map_err(|error| format!("Cannot copy {}: {error}.", folder.display()))
        }
        Client::Build => build(web, dist),
    }
}

fn build(web: &Path, dist: &Path) -> Result<(), String> {
    watch(web).map_err(|error| format!("Cannot read {}: {error}.", web.display()))?;
    npm::check()?;
    npm::install(web)?;
    let failed = |output: String| {
        format!(
            "{output}\nThe web client cannot be built: what npm said is above. `npm run build` in web/ shows it again."
        )
    };
    let dist = dist
        .to_str()
        .ok_or("The build folder's path is not text.")?;
    npm::run(
        web,
        "npm",
        &["run", "build", "--", "--outDir", dist, "--emptyOutDir"],
    )
    .map_err(failed)?;
    npm::run(web, "node", &["scripts/compress.mjs", dist]).map_err(failed)
}

/// Has cargo build the client again when a part of it changes.
fn watch(web: &Path) -> io::Result<()> {
    // A path that does not exist would have it built every time.
    for folder in FOLDERS.iter().filter(|folder| web.join(folder).is_dir()) {
        println!("cargo::rerun-if-changed={folder}");
    }
    for entry in fs::read_dir(web)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("html" | "json" | "ts")) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn path(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).expect("cargo sets it for build scripts"))
}
