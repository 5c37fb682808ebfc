use std::net::Ipv4Addr;

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::*;

fn envelope() -> Envelope<'static> {
    Envelope {
        ttl: Duration::from_millis(44_900),
        urgency: Urgency::High,
        topic: Some("topic"),
        authorization: "vapid t=token, k=key".to_owned(),
        body: b"sealed".to_vec(),
    }
}

fn plain() -> Transport {
    Transport::new(RootCertStore::empty(), true)
}

async fn post(transport: &Transport, endpoint: &str) -> Outcome {
    let endpoint = transport.endpoint(endpoint).unwrap();
    transport.post(&endpoint, envelope()).await
}

/// Answers one request with these words, and gives what was asked.
async fn answering(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        answer_one(stream, answer).await
    });
    (format!("http://{address}/push/abc"), serving)
}

async fn answer_one(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\nsealed") {
        let mut part = [0; 1024];
        let count = stream.read(&mut part).await.unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&asked));
        asked.extend_from_slice(&part[..count]);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(asked).unwrap()
}

#[tokio::test]
async fn a_push_is_posted_as_push_services_expect_it() {
    let (endpoint, serving) = answering("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(post(&plain(), &endpoint).await, Outcome::Delivered);
    let asked = serving.await.unwrap();
    let host = endpoint.strip_prefix("http://").unwrap().split('/').next();
    let mut lines: Vec<_> = asked.lines().collect();
    assert_eq!(lines.remove(0), "POST /push/abc HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: {}", host.unwrap());
    assert_eq!(
        lines,
        [
            "",
            "authorization: vapid t=token, k=key",
            "content-encoding: aes128gcm",
            "content-length: 6",
            "content-type: application/octet-stream",
            &*host,
            "sealed",
            "topic: topic",
            "ttl: 44",
            "urgency: high",
        ]
    );
}

#[tokio::test]
async fn an_answer_says_what_to_do_next() {
    let outcome = async |answer: &'static str| {
        let (endpoint, _serving) = answering(answer).await;
        post(&plain(), &endpoint).await
    };
    let gone = outcome("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(gone, Outcome::Gone);
    let unknown = outcome("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(unknown, Outcome::Gone);
    let later = outcome(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nslow",
    )
    .await;
    let slow = Outcome::Busy {
        reason: "429 Too Many Requests \"slow\"".to_owned(),
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(later, slow);
    let fault = outcome("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    assert!(
        matches!(
            fault,
            Outcome::Busy {
                retry_after: None,
                ..
            }
        ),
        "{fault:?}"
    );
    let refused = outcome("HTTP/1.1 403 Forbidden\r\ncontent-length: 8\r\n\r\nBadToken").await;
    assert_eq!(
        refused,
        Outcome::Refused("403 Forbidden \"BadToken\"".to_owned())
    );
    // Where it points to was not looked at.
    let elsewhere =
        outcome("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n")
            .await;
    assert!(matches!(elsewhere, Outcome::Refused(_)), "{elsewhere:?}");
    let nonsense = outcome("SSH-2.0-OpenSSH\r\n").await;
    assert!(matches!(nonsense, Outcome::Busy { .. }), "{nonsense:?}");
}

#[tokio::test]
async fn of_a_long_answer_only_a_little_is_read() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-length: 1000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent: usize = 0;
        // Until the other side has had enough.
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {
            sent += 1024;
        }
        sent
    });
    let outcome = post(&plain(), &endpoint).await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    assert!(serving.await.unwrap() < 100_000_000);
}

#[tokio::test]
async fn a_push_service_that_is_away_is_tried_again_later() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let outcome = post(&plain(), &endpoint).await;
    assert!(matches!(outcome, Outcome::Busy { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_sent_to() {
    // As if its name had stood for a public address when the device subscribed.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let transport = Transport::new(RootCertStore::empty(), false);
    let endpoint = format!("https://localhost:{port}/push");
    let refused = Outcome::Refused(EndpointError::Private.to_string());
    assert_eq!(post(&transport, &endpoint).await, refused);
    let endpoint = transport.endpoint(&endpoint).unwrap();
    assert_eq!(
        transport.check(&endpoint).await,
        Err(EndpointError::Private)
    );
    // Nothing has knocked: the next to come is this.
    let own = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (_, first) = listener.accept().await.unwrap();
    assert_eq!(first, own.local_addr().unwrap());
}

/// A push service with a certificate for this name; and what vouches for it.
async fn secured(name: &str) -> (u16, RootCertStore, JoinHandle<Option<String>>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.ok()?;
        let created = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
        Some(answer_one(stream, created).await)
    });
    (port, roots, serving)
}

#[tokio::test]
async fn a_push_goes_to_whoever_proves_to_be_the_push_service() {
    let (port, roots, serving) = secured("localhost").await;
    let endpoint = format!("https://localhost:{port}/push/abc");
    let outcome = post(&Transport::new(roots, true), &endpoint).await;
    assert_eq!(outcome, Outcome::Delivered);
    let asked = serving.await.unwrap().unwrap();
    assert!(asked.starts_with("POST /push/abc HTTP/1.1\r\n"), "{asked}");
}

#[tokio::test]
async fn a_push_does_not_go_to_whoever_does_not() {
    let (port, roots, serving) = secured("elsewhere.example").await;
    let endpoint = format!("https://localhost:{port}/push/abc");
    let outcome = post(&Transport::new(roots, true), &endpoint).await;
    assert!(matches!(outcome, Outcome::Busy { .. }), "{outcome:?}");
    assert_eq!(serving.await.unwrap(), None);

    let (port, _, serving) = secured("localhost").await;
    let endpoint = format!("https://localhost:{port}/push/abc");
    let outcome = post(&plain(), &endpoint).await;
    assert!(matches!(outcome, Outcome::Busy { .. }), "{outcome:?}");
    assert_eq!(serving.await.unwrap(), None);
}
