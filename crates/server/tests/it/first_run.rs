//! The binary as an operator meets it: what it prints, what it refuses, how it ends.

use std::{
    fs,
    io::Write,
    net::{TcpListener, UdpSocket},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Output, Stdio},
};

use protocol::rest::SetupStatus;
use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::harness::{PASSWORD, Person, Process, Scratch};

/// Runs a command to its end.
fn run(arguments: &[&str]) -> Output {
    Process::command(arguments).output().unwrap()
}

/// Runs a command that must fail for a reason, and gives the sentence.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.starts_with("connect: ") && text.trim_end().ends_with(['.', '^']),
        "{text}"
    );
    text
}

fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = Process::command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn the_first_run_makes_its_directory_and_prints_a_link_that_lasts() {
    let scratch = Scratch::new();
    let data = scratch.0.join("new/data");
    let mut first = Process::serve(&data);
    let link = first.line_after("First admin: ");
    assert!(
        link.starts_with(&format!("{}/setup#token=", first.url)),
        "{link}"
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("secrets.toml")), 0o600);
    let status: SetupStatus = Person::stranger(&first.url).get("/setup").await.ok();
    assert!(status.needed);

    first.kill();
    let mut second = Process::serve(&data);
    let again = second.line_after("First admin: ");
    let token = |link: &str| link.split_once("#token=").unwrap().1.to_owned();
    assert_eq!(token(&again), token(&link));
}

#[test]
fn a_busy_tcp_port_is_named() {
    let scratch = Scratch::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = scratch.0.join("data");
    let sentence = refusal(&[
        "--data",
        text(&data),
        "--listen",
        &address,
        "--media-port",
        "0",
    ]);
    assert!(
        sentence.contains(&address) && sentence.contains("--listen"),
        "{sentence}"
    );
}

#[test]
fn a_busy_udp_port_is_named() {
    let scratch = Scratch::new();
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = scratch.0.join("data");
    let sentence = refusal(&[
        "--data",
        text(&data),
        "--listen",
        "127.0.0.1:0",
        "--media-port",
        &port,
    ]);
    assert!(
        sentence.contains(&port) && sentence.contains("--media-port"),
        "{sentence}"
    );
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let scratch = Scratch::new();
    // Root may write everywhere, but not into a file.
    let data = if geteuid().is_root() {
        let file = scratch.0.join("file");
        fs::write(&file, "").unwrap();
        file.join("data")
    } else {
        fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o500)).unwrap();
        scratch.0.join("data")
    };
    let sentence = refusal(&[
        "--data",
        text(&data),
        "--listen",
        "127.0.0.1:0",
        "--media-port",
        "0",
    ]);
    assert!(
        sentence.contains(text(&data)) && sentence.contains("--data"),
        "{sentence}"
    );
}

#[test]
fn a_bad_configuration_names_file_and_key() {
    let scratch = Scratch::new();
    let file = scratch.0.join("connect.toml");
    let missing = refusal(&["config", "--config", text(&file)]);
    assert!(missing.contains(text(&file)), "{missing}");
    fs::write(&file, "listen = \"nowhere\"\n").unwrap();
    let value = refusal(&["config", "--config", text(&file)]);
    assert!(
        value.contains("listen") && value.contains(text(&file)),
        "{value}"
    );
    fs::write(&file, "lissten = \"nowhere\"\n").unwrap();
    let key = run(&["config", "--config", text(&file)]);
    let key_text = String::from_utf8(key.stderr).unwrap();
    assert_eq!(key.status.code(), Some(1));
    assert!(
        key_text.contains("lissten") && key_text.contains(text(&file)),
        "{key_text}"
    );
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let scratch = Scratch::new();
    let data = scratch.0.join("data");
    let _first = Process::serve(&data);
    let sentence = refusal(&[
        "--data",
        text(&data),
        "--listen",
        "127.0.0.1:0",
        "--media-port",
        "0",
    ]);
    assert!(
        sentence.contains("Another Connect") && sentence.contains(text(&data)),
        "{sentence}"
    );
}

#[test]
fn wrong_use_ends_with_two_and_the_version_is_told() {
    assert_eq!(run(&["serv"]).status.code(), Some(2));
    assert_eq!(run(&["user", "add"]).status.code(), Some(2));
    let version = run(&["--version"]);
    assert_eq!(version.status.code(), Some(0));
    let told = String::from_utf8(version.stdout).unwrap();
    assert!(told.contains(env!("CARGO_PKG_VERSION")), "{told}");
}

#[test]
fn the_configuration_in_force_can_be_used_as_a_file() {
    let scratch = Scratch::new();
    let printed = run(&[
        "config",
        "--listen",
        "127.0.0.1:4711",
        "--media-port",
        "4712",
    ]);
    assert_eq!(printed.status.code(), Some(0));
    let file = scratch.0.join("connect.toml");
    fs::write(&file, &printed.stdout).unwrap();
    let again = run(&["config", "--config", text(&file)]);
    assert_eq!(again.stdout, printed.stdout);
}

#[tokio::test]
async fn accounts_can_be_made_and_disabled_while_the_server_runs() {
    let scratch = Scratch::new();
    let data = scratch.0.join("data");
    let server = Process::serve(&data);
    let data = text(&data);
    let add = |email: &'static str, more: &'static [&'static str]| {
        let mut arguments = vec![
            "user",
            "add",
            email,
            "--name",
            "Somebody",
            "--password-stdin",
            "--data",
            data,
        ];
        arguments.extend(more);
        run_with_input(&arguments, &format!("{PASSWORD}\n"))
    };
    let first = add("admin@example.org", &["--admin"]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert_eq!(add("b@example.org", &[]).status.code(), Some(0));
    assert_eq!(
        add("b@example.org", &[]).status.code(),
        Some(1),
        "the address is taken"
    );

    let login = serde_json::json!({"email": "b@example.org", "password": PASSWORD});
    let stranger = Person::stranger(&server.url);
    assert!(
        stranger
            .post("/auth/login", &login)
            .await
            .status
            .is_success()
    );
    let list = String::from_utf8(run(&["user", "list", "--data", data]).stdout).unwrap();
    assert!(
        list.contains("admin@example.org") && list.contains("b@example.org"),
        "{list}"
    );
    assert_eq!(
        run(&["user", "disable", "b@example.org", "--data", data])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        stranger.post("/auth/login", &login).await.status.as_u16(),
        401
    );
    let last = refusal(&["user", "disable", "admin@example.org", "--data", data]);
    assert!(last.contains("admin"), "{last}");
}

#[tokio::test]
async fn a_signal_ends_it_well() {
    let scratch = Scratch::new();
    let mut server = Process::serve(&scratch.0.join("data"));
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn a_backup_of_a_running_server_restores_into_an_empty_directory() {
    let scratch = Scratch::new();
    let [data, file, restored] = ["data", "backup", "restored"].map(|name| scratch.0.join(name));
    let server = Process::serve(&data);
    let admin = run_with_input(
        &[
            "user",
            "add",
            "admin@example.org",
            "--name",
            "Ada",
            "--admin",
            "--password-stdin",
            "--data",
            text(&data),
        ],
        PASSWORD,
    );
    assert_eq!(admin.status.code(), Some(0), "{admin:?}");
    let backup = run(&["backup", text(&file), "--data", text(&data)]);
    assert_eq!(backup.status.code(), Some(0), "{backup:?}");
    server.kill();

    let into_full = refusal(&["restore", text(&file), "--data", text(&data)]);
    assert!(into_full.contains("not empty"), "{into_full}");
    let restore = run(&["restore", text(&file), "--data", text(&restored)]);
    assert_eq!(restore.status.code(), Some(0), "{restore:?}");
    let server = Process::serve(&restored);
    let login = serde_json::json!({"email": "admin@example.org", "password": PASSWORD});
    assert!(
        Person::stranger(&server.url)
            .post("/auth/login", &login)
            .await
            .status
            .is_success()
    );
}

#[test]
fn the_doctor_says_what_is_well_and_what_is_not() {
    let scratch = Scratch::new();
    let data = scratch.0.join("data");
    let well = run(&[
        "doctor",
        "--data",
        text(&data),
        "--listen",
        "127.0.0.1:0",
        "--media-port",
        "0",
    ]);
    assert_eq!(well.status.code(), Some(0), "{well:?}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ill = run(&[
        "doctor",
        "--data",
        text(&data),
        "--listen",
        &address,
        "--media-port",
        "0",
    ]);
    assert_eq!(ill.status.code(), Some(1), "{ill:?}");
    assert!(String::from_utf8(ill.stdout).unwrap().contains(&address));
}
