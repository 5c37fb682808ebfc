//! As much HTTP/1.1 as a first run needs, so that this program builds in seconds.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(20);

/// Somebody who uses the server, with the cookie of their sign-in.
pub(crate) struct Client {
    server: SocketAddr,
    cookie: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    cookie: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self {
            server,
            cookie: None,
        }
    }

    /// Forgets the sign-in.
    pub(crate) fn forget(&mut self) {
        self.cookie = None;
    }

    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, String> {
        self.send("GET", path, None)
    }

    /// Sends JSON and expects JSON, or nothing, with a good status.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Value, String> {
        self.send("POST", path, Some(body))?.json(path)
    }

    fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        let answer = self
            .exchange(method, path, body)
            .map_err(|error| format!("{method} {path}: {error}"))?;
        if answer.cookie.is_some() {
            self.cookie.clone_from(&answer.cookie);
        }
        Ok(answer)
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.server, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let cookie = self
            .cookie
            .iter()
            .map(|cookie| format!("Cookie: {cookie}\r\n"))
            .collect::<String>();
        let port = self.server.port();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{cookie}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        Answer::read(BufReader::new(stream))
    }
}

impl Answer {
    fn read(mut from: impl BufRead) -> io::Result<Self> {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Self {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            content_type: String::new(),
            cookie: None,
            body: Vec::new(),
        };
        let mut length = None;
        let mut chunked = false;
        loop {
            line.clear();
            from.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-type" => value.clone_into(&mut answer.content_type),
                "set-cookie" => {
                    answer.cookie = value.split(';').next().map(str::to_owned);
                }
                "content-length" => length = value.parse::<u64>().ok(),
                "transfer-encoding" => chunked = value == "chunked",
                _ => {}
            }
        }
        match (chunked, length) {
            (true, _) => read_chunks(&mut from, &mut answer.body)?,
            (false, Some(length)) => {
                from.take(length).read_to_end(&mut answer.body)?;
            }
            (false, None) => {
                from.read_to_end(&mut answer.body)?;
            }
        }
        Ok(answer)
    }

    /// The body of a request that must have gone well.
    pub(crate) fn json(&self, path: &str) -> Result<Value, String> {
        let text = String::from_utf8_lossy(&self.body);
        if !(200..300).contains(&self.status) {
            return Err(format!("{path} answers {}: {text}", self.status));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error} in {text}"))
    }
}

fn read_chunks(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
        from.by_ref().take(size).read_to_end(body)?;
        // The end of the chunk's line.
        from.read_line(&mut line)?;
        if size == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Answer {
        Answer::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_body_ends_where_its_length_says() {
        let answer = read(
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\
             set-cookie: session=abc; HttpOnly; Path=/\r\ncontent-length: 9\r\n\r\n{\"a\": 17}more",
        );
        assert_eq!(answer.status, 201);
        assert_eq!(answer.content_type, "application/json");
        assert_eq!(answer.cookie.as_deref(), Some("session=abc"));
        assert_eq!(answer.json("/").unwrap()["a"], 17);
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let answer = read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\nc\r\n: \"chunked\"}\r\n0\r\n\r\n",
        );
        assert_eq!(answer.json("/").unwrap()["a"], "chunked");
    }

    #[test]
    fn a_refusal_is_an_error_with_its_words() {
        let answer = read("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
        assert_eq!(answer.json("/x").unwrap_err(), "/x answers 403: no");
    }
}
