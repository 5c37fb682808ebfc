//! What every request passes: where it comes from, and what browsers are told to forbid.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};

use super::error::ApiError;
use crate::{app::App, config::PublicUrl};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// `SCRIPTS` are the hashes of those within the page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'SCRIPTS; \
     style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' blob: data:; media-src 'self' blob:; \
     font-src 'self'; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(&web::inline_scripts()));
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(self), display-capture=(self), \
     fullscreen=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()";

/// Allows those scripts within the page, and no other (CSP Level 3, section 2.3.1).
fn policy(scripts: &[String]) -> HeaderValue {
    let hashes: String = scripts
        .iter()
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    HeaderValue::from_str(&CONTENT_SECURITY_POLICY.replace("SCRIPTS", &hashes))
        .expect("the policy and Base64 are ASCII")
}

/// Refuses what another site makes a browser send with this one's cookie.
pub async fn same_site(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let upgrades = request.headers().contains_key(header::UPGRADE);
    if (changes || upgrades) && !is_same_site(request.headers(), &app.public_url) {
        return ApiError::forbidden("This request comes from another site.").into_response();
    }
    next.run(request).await
}

/// A browser says where a request comes from in one of two headers. A script says neither, and
/// has no other person's cookie.
fn is_same_site(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if origin.eq_ignore_ascii_case(public_url.origin()) {
        return true;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

/// Adds the headers that confine a page.
pub async fn confine(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| POLICY.clone());
    let mut set = |name, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if app.public_url.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Nothing of the API is kept by a cache unless its handler says so.
pub async fn uncached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The stranger's address. Proxies on this host and those trusted are believed about whom they
/// speak for; each adds at the end whom it heard, so the last that is no proxy is the one.
pub fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_proxy =
        |ip: IpAddr| ip.is_loopback() || trusted.iter().any(|network| network.contains(&ip));
    let mut client = peer.ip().to_canonical();
    let heard = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','));
    for address in heard {
        if !is_proxy(client) {
            break;
        }
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use std::net::IpAddr;

    use super::{FETCH_SITE, FORWARDED_FOR, client_address, is_same_site, policy};

    #[test]
    fn a_script_within_the_page_is_allowed_by_its_hash_alone() {
        let policy = |scripts: &[String]| policy(scripts).to_str().unwrap().to_owned();
        assert!(policy(&[]).contains("script-src 'self';"));
        // The example of CSP Level 3, section 6.7.3.3.
        let script = "alert('Hello, world.');".to_owned();
        let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert!(policy(&[script]).contains(&format!("script-src 'self' {hash};")));
    }

    fn client(peer: &str, forwarded_for: &[&'static str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let trusted = ["172.16.0.0/12".parse().unwrap()];
        client_address(format!("{peer}:9").parse().unwrap(), &headers, &trusted)
    }

    #[test]
    fn only_proxies_are_believed_about_whom_they_speak_for() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(client("203.0.113.7", &["10.0.0.1"]), ip("203.0.113.7"));
        assert_eq!(client("127.0.0.1", &["203.0.113.7"]), ip("203.0.113.7"));
        assert_eq!(
            client("[::ffff:172.17.0.1]", &["203.0.113.7"]),
            ip("203.0.113.7")
        );
        assert_eq!(client("172.17.0.1", &[]), ip("172.17.0.1"));
    }

    #[test]
    fn what_a_stranger_claims_before_the_proxies_is_not_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let claimed = "127.0.0.1, 198.51.100.1, 203.0.113.7, 172.20.0.3";
        assert_eq!(client("127.0.0.1", &[claimed]), ip("203.0.113.7"));
        assert_eq!(
            client("127.0.0.1", &["1.1.1.1", "203.0.113.7"]),
            ip("203.0.113.7")
        );
        assert_eq!(
            client("127.0.0.1", &["203.0.113.7, nonsense"]),
            ip("127.0.0.1")
        );
    }

    fn same_site(headers: &[(axum::http::HeaderName, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        is_same_site(&headers, &"https://connect.example".parse().unwrap())
    }

    #[test]
    fn other_sites_are_refused_and_scripts_are_not() {
        assert!(same_site(&[]));
        assert!(same_site(&[(FETCH_SITE, "same-origin")]));
        assert!(same_site(&[(FETCH_SITE, "none")]));
        assert!(!same_site(&[(FETCH_SITE, "same-site")]));
        assert!(!same_site(&[
            (FETCH_SITE, "cross-site"),
            (header::ORIGIN, "https://connect.example")
        ]));
        assert!(same_site(&[(header::ORIGIN, "https://connect.example")]));
        assert!(same_site(&[
            (header::ORIGIN, "http://box:8080"),
            (header::HOST, "box:8080")
        ]));
        assert!(!same_site(&[
            (header::ORIGIN, "https://evil.example"),
            (header::HOST, "box:8080")
        ]));
        assert!(!same_site(&[(header::ORIGIN, "null")]));
    }
}
