//! One push to one push service (RFC 8030, section 5): resolved, checked, connected, posted.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time,
};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use super::endpoint::{Endpoint, EndpointError};

/// A push service that has not answered by then is tried again later.
const ANSWER: Duration = Duration::from_secs(10);
/// Each address of a host has this long to take the connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an answer's body that are read for the reason it gives.
const REASON_BYTES_MAX: usize = 4 * 1024;
/// Characters of a reason that are logged.
const REASON_CHARS_MAX: usize = 200;
/// A push service that asks for more patience than this is not waited for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon a device should be woken (RFC 8030, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Normal,
    /// Also with a low battery: someone waits.
    High,
}

/// A push, ready to go.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// How long the push service keeps it for a device that is away.
    pub ttl: Duration,
    pub urgency: Urgency,
    /// Replaces what waits there under the same topic: at most 32 letters of base64url (RFC 8030,
    /// section 5.4).
    pub topic: Option<&'a str>,
    pub authorization: String,
    pub body: Vec<u8>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// The subscription is no more.
    Gone,
    /// Not now.
    Busy {
        reason: String,
        retry_after: Option<Duration>,
    },
    /// And it would not be taken again.
    Refused(String),
}

pub struct Transport {
    tls: TlsConnector,
    allow_private: bool,
}

impl Transport {
    /// For push services whose certificates these roots vouch for; `allow_private` also for those
    /// that are not on the public internet.
    pub fn new(roots: RootCertStore, allow_private: bool) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the library supports its default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: TlsConnector::from(Arc::new(config)),
            allow_private,
        }
    }

    pub fn endpoint(&self, text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(text, self.allow_private)
    }

    /// Whether the endpoint's host may be reached, as far as can be told now.
    pub async fn check(&self, endpoint: &Endpoint) -> Result<(), EndpointError> {
        match time::timeout(CONNECT, endpoint.addresses(self.allow_private)).await {
            Ok(found) => found.map(drop),
            Err(_) => Err(EndpointError::UnknownHost),
        }
    }

    /// Posts to the address the endpoint's host has now.
    pub async fn post(&self, endpoint: &Endpoint, envelope: Envelope<'_>) -> Outcome {
        match time::timeout(ANSWER, self.exchange(endpoint, envelope)).await {
            Ok(outcome) => outcome.unwrap_or_else(|outcome| outcome),
            Err(_) => busy("no answer in time"),
        }
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        envelope: Envelope<'_>,
    ) -> Result<Outcome, Outcome> {
        let request = request(endpoint, envelope)?;
        let addresses = match endpoint.addresses(self.allow_private).await {
            Ok(addresses) => addresses,
            Err(error @ EndpointError::UnknownHost) => return Err(busy(&error)),
            Err(
                error
                @ (EndpointError::Private | EndpointError::TooLong | EndpointError::Malformed),
            ) => return Err(Outcome::Refused(error.to_string())),
        };
        let stream = connect(&addresses).await?;
        if !endpoint.is_secure() {
            return ask(stream, request).await;
        }
        let name = ServerName::try_from(endpoint.host().to_owned())
            .map_err(|error| Outcome::Refused(error.to_string()))?;
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|error| busy(&error))?;
        ask(stream, request).await
    }
}

fn request(endpoint: &Endpoint, envelope: Envelope<'_>) -> Result<Request<Body>, Outcome> {
    let Envelope {
        ttl,
        urgency,
        topic,
        authorization,
        body,
    } = envelope;
    let mut request = Request::post(endpoint.path_and_query())
        .header(header::HOST, endpoint.authority())
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_LENGTH, body.len())
        .header("ttl", ttl.as_secs())
        .header(
            "urgency",
            match urgency {
                Urgency::Normal => "normal",
                Urgency::High => "high",
            },
        );
    if let Some(topic) = topic {
        request = request.header("topic", topic);
    }
    request
        .body(Body::from(body))
        .map_err(|error| Outcome::Refused(error.to_string()))
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Outcome> {
    let mut last = busy("no address");
    for address in addresses {
        match time::timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = busy(&error),
            Err(_) => last = busy("no connection in time"),
        }
    }
    Err(last)
}

/// Asks and reads the answer. There is no going where a redirection points to: that address was
/// not checked.
async fn ask<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Body>,
) -> Result<Outcome, Outcome> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| busy(&error))?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let response = sender
        .send_request(request)
        .await
        .map_err(|error| busy(&error))?;
    let (head, body) = response.into_parts();
    let reason = match head.status.is_success() {
        true => String::new(),
        false => reason(head.status, Body::new(body)).await,
    };
    Ok(judge(head.status, &head.headers, reason))
}

async fn reason(status: StatusCode, body: Body) -> String {
    let body = to_bytes(body, REASON_BYTES_MAX).await.unwrap_or_default();
    let words: String = String::from_utf8_lossy(&body)
        .chars()
        .take(REASON_CHARS_MAX)
        .collect();
    format!("{status} {words:?}")
}

fn judge(status: StatusCode, headers: &HeaderMap, reason: String) -> Outcome {
    match status {
        status if status.is_success() => Outcome::Delivered,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Outcome::Busy {
            reason,
            retry_after: retry_after(headers),
        },
        status if status.is_server_error() => Outcome::Busy {
            reason,
            retry_after: retry_after(headers),
        },
        _ => Outcome::Refused(reason),
    }
}

/// In seconds; a date is as good as nothing, since clocks differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let wait = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(wait.min(RETRY_AFTER_MAX))
}

fn busy(reason: &(impl ToString + ?Sized)) -> Outcome {
    Outcome::Busy {
        reason: reason.to_string(),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests;
