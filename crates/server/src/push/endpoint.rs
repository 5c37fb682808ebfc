//! Where a push goes: an address a stranger's browser names, so that this server must not be made
//! to knock at doors only it can reach.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::http::{Uri, uri::Authority};
use tokio::net::lookup_host;

/// Bytes of an endpoint. Push services' own are a few hundred.
pub const ENDPOINT_BYTES_MAX: usize = 2048;
/// Addresses of one host that are looked at; further ones are not tried.
const ADDRESSES_MAX: usize = 16;

/// The endpoint of a subscription. Who knows its path can make the push service work, so it is
/// not shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    authority: Authority,
    secure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error("the endpoint has more than {ENDPOINT_BYTES_MAX} bytes")]
    TooLong,
    #[error("the endpoint is not an https address of a push service")]
    Malformed,
    #[error("the endpoint is not on the public internet")]
    Private,
    #[error("the endpoint's host is not known")]
    UnknownHost,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.authority).finish()
    }
}

impl Endpoint {
    /// Reads an endpoint. `allow_private` also lets those without TLS through.
    pub fn parse(text: &str, allow_private: bool) -> Result<Self, EndpointError> {
        if text.len() > ENDPOINT_BYTES_MAX {
            return Err(EndpointError::TooLong);
        }
        let uri: Uri = text.parse().map_err(|_| EndpointError::Malformed)?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))
            .filter(|authority| !authority.host().is_empty())
            // A port that is none is as good as absent to the library.
            .filter(|authority| {
                authority.port_u16().is_some() || authority.as_str() == authority.host()
            })
            .cloned()
            .ok_or(EndpointError::Malformed)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if allow_private => false,
            Some(_) | None => return Err(EndpointError::Malformed),
        };
        let endpoint = Self {
            uri,
            authority,
            secure,
        };
        match endpoint.literal() {
            Some(address) if !allow_private && !is_public(address) => Err(EndpointError::Private),
            Some(_) | None => Ok(endpoint),
        }
    }

    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The name to be proved by the certificate; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        let host = self.authority.host();
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    /// Host and port as they stand in the address.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    pub fn path_and_query(&self) -> &str {
        self.uri
            .path_and_query()
            .map_or("/", |path| match path.as_str() {
                "" => "/",
                path => path,
            })
    }

    /// Scheme, host and port: whom a token is for (RFC 8292, section 2).
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let host = self.authority.host().to_ascii_lowercase();
        match self.authority.port_u16() {
            Some(port) if port != self.default_port() => format!("{scheme}://{host}:{port}"),
            Some(_) | None => format!("{scheme}://{host}"),
        }
    }

    /// The addresses a connection may be made to, looked up now. What a name stands for can change
    /// at any moment, so it is these that are connected to and not the name.
    pub async fn addresses(&self, allow_private: bool) -> Result<Vec<SocketAddr>, EndpointError> {
        let port = self.authority.port_u16().unwrap_or(self.default_port());
        let found = lookup_host((self.host(), port))
            .await
            .map_err(|_: io::Error| EndpointError::UnknownHost)?;
        reachable(found, allow_private)
    }

    fn default_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }

    fn literal(&self) -> Option<IpAddr> {
        self.host().parse().ok()
    }
}

fn reachable(
    found: impl Iterator<Item = SocketAddr>,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, EndpointError> {
    let mut any = false;
    let addresses: Vec<_> = found
        .inspect(|_| any = true)
        .filter(|address| allow_private || is_public(address.ip()))
        .take(ADDRESSES_MAX)
        .collect();
    match (addresses.is_empty(), any) {
        (false, _) => Ok(addresses),
        (true, true) => Err(EndpointError::Private),
        (true, false) => Err(EndpointError::UnknownHost),
    }
}

/// Whether an address belongs to the public internet, and not to this host, its networks or a
/// special use (the registries of RFC 6890 and their later entries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network; private use; loopback.
        (0 | 10 | 127, _, _) => true,
        // Shared by providers and their customers (RFC 6598).
        (100, 64..=127, _) => true,
        // Link-local, where clouds keep their hosts' secrets.
        (169, 254, _) => true,
        (172, 16..=31, _) => true,
        // Protocol assignments, documentation, the former 6to4 relays.
        (192, 0, 0 | 2) | (192, 88, 99) => true,
        (192, 168, _) => true,
        // Benchmarks, documentation.
        (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved, broadcast.
        (224..=255, _, _) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // The address of IPv4 that a translator or a tunnel would go on to.
    let inner = |from: usize| {
        let octets = address.octets();
        let four: [u8; 4] = octets[from..from + 4]
            .try_into()
            .expect("a slice of four bytes");
        is_public_v4(Ipv4Addr::from(four))
    };
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match (first, second) {
        // NAT64 (RFC 6052).
        (0x64, 0xff9b) => address.segments()[2..6] == [0; 4] && inner(12),
        // 6to4 (RFC 3056).
        (0x2002, _) => inner(2),
        // Protocol assignments, Teredo among them; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, _) => false,
        // Of the rest, what is given out to networks is in 2000::/3: neither loopback, nor unique
        // local, link-local, site-local or multicast.
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(text, false)
    }

    #[test]
    fn an_endpoint_is_an_https_address_of_a_push_service() {
        let endpoint = parse("https://Push.example.net/send/abc?d=e").unwrap();
        assert_eq!(endpoint.origin(), "https://push.example.net");
        assert_eq!(endpoint.path_and_query(), "/send/abc?d=e");
        assert!(endpoint.is_secure());
        let other = parse("https://push.example.net:8443").unwrap();
        assert_eq!(other.origin(), "https://push.example.net:8443");
        assert_eq!(other.path_and_query(), "/");
        let usual = parse("https://push.example.net:443/").unwrap();
        assert_eq!(usual.origin(), "https://push.example.net");
        for text in [
            "",
            "push.example.net",
            "/send/abc",
            "http://push.example.net/",
            "ftp://push.example.net/",
            "https://",
            "https:///send",
            "https://someone@push.example.net/",
            "https://push.example.net:99999/",
            "https://push.example.net:/",
            "https://push example.net/",
            "https://push.example.net/\r\nhost: other",
        ] {
            assert_eq!(parse(text), Err(EndpointError::Malformed), "{text}");
        }
    }

    #[test]
    fn an_endpoint_has_a_longest_length() {
        let of = |bytes: usize| {
            let start = "https://push.example.net/";
            format!("{start}{}", "x".repeat(bytes - start.len()))
        };
        assert!(parse(&of(ENDPOINT_BYTES_MAX)).is_ok());
        assert_eq!(
            parse(&of(ENDPOINT_BYTES_MAX + 1)),
            Err(EndpointError::TooLong)
        );
    }

    #[test]
    fn a_private_address_is_refused_as_soon_as_it_is_named() {
        for text in [
            "https://127.0.0.1/",
            "https://10.1.2.3:8443/push",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:192.168.1.1]/",
        ] {
            assert_eq!(parse(text), Err(EndpointError::Private), "{text}");
            assert!(Endpoint::parse(text, true).is_ok(), "{text}");
        }
        assert!(parse("https://1.1.1.1/").is_ok());
        let plain = Endpoint::parse("http://127.0.0.1:9000/push", true).unwrap();
        assert!(!plain.is_secure());
        assert_eq!(plain.origin(), "http://127.0.0.1:9000");
    }

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let is_public = |text: &str| is_public(text.parse().unwrap());
        for text in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text), "{text}");
        }
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2001:4860:4860::8888",
            "2002:101:101::1",
            "2606:4700::1111",
        ] {
            assert!(is_public(text), "{text}");
        }
    }

    #[test]
    fn of_what_a_name_stands_for_only_the_public_part_is_connected_to() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let mixed = addresses(&["127.0.0.1:443", "1.1.1.1:443", "[fe80::1]:443"]);
        assert_eq!(
            reachable(mixed.clone().into_iter(), false),
            Ok(addresses(&["1.1.1.1:443"]))
        );
        assert_eq!(reachable(mixed.clone().into_iter(), true), Ok(mixed));
        let private = addresses(&["127.0.0.1:443", "10.0.0.1:443"]);
        assert_eq!(
            reachable(private.into_iter(), false),
            Err(EndpointError::Private)
        );
        assert_eq!(
            reachable([].into_iter(), false),
            Err(EndpointError::UnknownHost)
        );
        let many = (0..=u16::try_from(ADDRESSES_MAX).unwrap())
            .map(|port| SocketAddr::from(([1, 1, 1, 1], port)));
        assert_eq!(
            reachable(many, false).map(|found| found.len()),
            Ok(ADDRESSES_MAX)
        );
    }

    #[tokio::test]
    async fn a_name_of_this_host_is_looked_up_and_refused() {
        for name in ["localhost", "LOCALHOST.", "0x7f.1", "2130706433"] {
            // Some resolvers know fewer of these spellings; none gives them a public address.
            let endpoint = parse(&format!("https://{name}/")).unwrap();
            let refused = endpoint.addresses(false).await.unwrap_err();
            assert!(
                matches!(refused, EndpointError::Private | EndpointError::UnknownHost),
                "{name}"
            );
        }
        let endpoint = parse("https://localhost/").unwrap();
        assert_eq!(endpoint.addresses(false).await, Err(EndpointError::Private));
        let own = endpoint.addresses(true).await.unwrap();
        assert!(own.iter().all(|address| address.port() == 443));
    }
}
