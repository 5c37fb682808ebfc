//! `cargo xtask first-run`: what the README promises, done without a browser. Starts a release
//! build on empty data and walks from the printed link to a message somebody else reads.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    http::Client,
    process::{self, Group},
    project::Project,
    test::release_binary,
};

const START_LIMIT: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery";
const WORDS: &str = "Good morning, **everybody**";

pub(crate) fn run(project: &Project) -> Result<(), String> {
    let binary = release_binary(project)?;
    let folder = Folder::new()?;
    let server = Server::start(&binary, &folder.0)?;
    println!("Started at {}", server.url);
    walk(&server)
}

/// From the printed link to a message somebody else reads.
fn walk(server: &Server) -> Result<(), String> {
    let mut leah = Client::new(server.address);
    let page = leah.get("/")?;
    if page.status != 200 || !page.content_type.starts_with("text/html") {
        return Err(format!(
            "The first page answers {} with {}.",
            page.status, page.content_type
        ));
    }
    let body = String::from_utf8_lossy(&page.body);
    let script = body
        .split('"')
        .find(|word| word.starts_with("/assets/") && word.ends_with(".js"))
        .ok_or("The first page names no script: the web client is not in this build.")?;
    let script = leah.get(script)?;
    if script.status != 200 || script.body.is_empty() {
        return Err(format!("The client's script answers {}.", script.status));
    }
    done("the web client is served");

    let setup = json!({
        "token": server.setup_token, "workspace_name": "Marlow Instruments",
        "name": "Leah Morgan", "email": "leah@example.org", "password": PASSWORD,
    });
    let me = leah.post("/api/v1/setup", &setup)?;
    expect(&me["user"]["role"], "admin")?;
    done("the printed link makes the first admin");

    leah.forget();
    let login = json!({"email": "leah@example.org", "password": PASSWORD});
    let me = leah.post("/api/v1/auth/login", &login)?;
    expect(&me["user"]["name"], "Leah Morgan")?;
    done("the admin signs in");

    let invite = json!({"uses_max": 1, "expires_in_s": 600});
    let invite = leah.post("/api/v1/invites", &invite)?;
    let token = text(&invite["path"])?
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let mut ana = Client::new(server.address);
    let accept = json!({"name": "Ana Kovač", "email": "ana@example.org", "password": PASSWORD});
    ana.post(&format!("/api/v1/invites/{token}/accept"), &accept)?;
    done("a colleague accepts an invitation");

    let channel = json!({
        "kind": "channel", "name": "harbour-sensors", "topic": null, "visibility": "public",
    });
    let channel = leah.post("/api/v1/conversations", &channel)?;
    let channel = text(&channel["conversation"]["id"])?;
    let messages = format!("/api/v1/conversations/{channel}/messages");
    leah.post(&messages, &json!({"nonce": "first-run-1", "text": WORDS}))?;
    done("the admin makes a channel and writes into it");

    ana.post(&format!("/api/v1/conversations/{channel}/join"), &json!({}))?;
    let timeline = format!("/api/v1/conversations/{channel}/timeline");
    let page = ana.get(&timeline)?.json(&timeline)?;
    let found = page["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|entry| entry["body"]["message"]["text"] == WORDS);
    if !found {
        return Err(format!("The message is not in the timeline: {page}"));
    }
    done("the colleague joins the channel and reads it");
    Ok(())
}

fn done(what: &str) {
    println!("  ok: {what}");
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("not a text: {value}"))
}

fn expect(found: &Value, wanted: &str) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found} where it should be {wanted}"))
    }
}

struct Server {
    url: String,
    address: SocketAddr,
    setup_token: String,
    _group: Group,
}

impl Server {
    /// Starts it on free ports and waits until it says where it is and how to begin.
    fn start(binary: &Path, data: &Path) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--media-port", "0"])
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped());
        // Nobody else's settings: this is how it comes up by itself.
        for (variable, _) in env::vars_os() {
            if variable.to_string_lossy().starts_with("CONNECT_") {
                command.env_remove(variable);
            }
        }
        let mut group = Group::spawn(&mut command)?;
        let stdout = group.stdout().ok_or("the server's output is not piped")?;
        let lines = lines_of(stdout);
        let (mut url, mut setup_token) = (None, None);
        let started = Instant::now();
        while url.is_none() || setup_token.is_none() {
            let line = match lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err("The server ended before it was ready.".to_owned());
                }
                Err(RecvTimeoutError::Timeout) if process::interrupted() => {
                    return Err("interrupted".to_owned());
                }
                Err(RecvTimeoutError::Timeout) if started.elapsed() < START_LIMIT => continue,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!(
                        "After {} s the server has not said both \"Connect is ready at\" and the first admin's link.",
                        START_LIMIT.as_secs()
                    ));
                }
            };
            println!("  {line}");
            if let Some(ready) = line.strip_prefix("Connect is ready at ") {
                url = Some(ready.trim().to_owned());
            }
            if let Some((_, token)) = line.split_once("/setup#token=") {
                setup_token = Some(token.trim().to_owned());
            }
        }
        let (url, setup_token) = (url.unwrap_or_default(), setup_token.unwrap_or_default());
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        let port: u16 = port.ok_or_else(|| format!("There is no port in {url}."))?;
        Ok(Self {
            url,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            setup_token,
            _group: group,
        })
    }
}

/// Lines as they come; what is written after nobody listens is read all the same.
fn lines_of(stdout: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // The receiver may be gone; the pipe must not fill up.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// A folder for the data, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = env::temp_dir().join(format!("connect-first-run-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
