//! The real binary, in a process of its own.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
};

/// A running `connect serve`, killed when it is dropped.
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
    pub url: String,
}

impl Process {
    /// The command with nothing of this process's environment in its way.
    pub fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connect"));
        command.args(arguments).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CONNECT_")) {
            command.env_remove(name);
        }
        command
    }

    /// Starts a server on this directory and waits until it is ready.
    pub fn serve(data: &Path) -> Self {
        Self::serve_with(data, &[])
    }

    pub fn serve_with(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().unwrap();
        let mut arguments = vec![
            "--data",
            data,
            "--listen",
            "127.0.0.1:0",
            "--media-port",
            "0",
        ];
        arguments.extend(more);
        let mut child = Self::command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Self {
            stdout: BufReader::new(child.stdout.take().unwrap()),
            stderr: child.stderr.take().unwrap(),
            child,
            url: String::new(),
        };
        process.url = process.line_after("Connect is ready at ");
        process.line_after("Listening on ");
        process
    }

    /// The rest of the next line that begins so.
    pub fn line_after(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).unwrap() == 0 {
                let mut errors = String::new();
                self.stderr.read_to_string(&mut errors).unwrap();
                panic!("it ended without \"{start}\": {errors}");
            }
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
        }
    }

    /// As a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end and gives the exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
