//! What an operator can set: on the command line, as `CONNECT_…` in the environment, in one TOML
//! file; in that order of strength.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

use axum::http::Uri;
use ipnet::IpNet;
use serde::Deserialize;

/// STUN's own port: firewalls that let calls through know it, and it needs no root.
const MEDIA_PORT: u16 = 3478;
const LISTEN: &str = "0.0.0.0:8080";
const DATA: &str = "./data";
const LOG: &str = "info";

/// One setting's value as given, with where it came from; parsed by [`Config::load`].
#[derive(Debug, Default, Clone, clap::Args)]
pub struct Given {
    /// Where everything that lasts is kept
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<String>,
    /// TCP address of web, HTTP and WebSocket
    #[arg(long, value_name = "ADDR", global = true)]
    pub listen: Option<String>,
    /// UDP port of media and STUN; 0 takes a free one
    #[arg(long, value_name = "PORT", global = true)]
    pub media_port: Option<String>,
    /// IP addresses browsers send media to, if this host is reached by others than its own: 203.0.113.7,2001:db8::7
    #[arg(long, value_name = "IP,…", global = true)]
    pub media_addresses: Option<String>,
    /// How people reach it, such as <https://connect.example.org>
    #[arg(long, value_name = "URL", global = true)]
    pub public_url: Option<String>,
    /// Proxies in front, believed about whom they speak for; those on this host always are: 172.16.0.0/12
    #[arg(long, value_name = "NET,…", global = true)]
    pub trusted_proxies: Option<String>,
    /// A postgres:// address; without one, SQLite in the data directory
    #[arg(long, value_name = "URL", global = true)]
    pub database: Option<String>,
    /// TCP address that serves /metrics; off when not set
    #[arg(long, value_name = "ADDR", global = true)]
    pub admin_listen: Option<String>,
    /// Whether push services at private addresses may be reached, also without https: true or false
    #[arg(long, value_name = "BOOL", global = true)]
    pub push_allow_private: Option<String>,
    /// What is logged: error, warn, info, debug, or a filter such as server=debug
    #[arg(long, value_name = "FILTER", global = true)]
    pub log: Option<String>,
}

/// The same as keys of the TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<String>,
    listen: Option<String>,
    media_port: Option<u16>,
    media_addresses: Option<Vec<String>>,
    public_url: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    database: Option<String>,
    admin_listen: Option<String>,
    push_allow_private: Option<bool>,
    log: Option<String>,
}

/// What is in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub media_port: u16,
    /// Empty: those of this host.
    pub media_addresses: Vec<IpAddr>,
    /// Not set: `http://localhost` with the port listened on.
    pub public_url: Option<PublicUrl>,
    /// Besides those on this host.
    pub trusted_proxies: Vec<IpNet>,
    pub database: Option<String>,
    pub admin_listen: Option<SocketAddr>,
    /// For push services of one's own. Otherwise a stranger's endpoint could point into this
    /// host's networks.
    pub push_allow_private: bool,
    pub log: String,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("Cannot read the configuration file {}: {reason}. Check the path given by --config.", path.display())]
    Unreadable {
        path: PathBuf,
        reason: std::io::Error,
    },
    #[error("The configuration file {} is not valid: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("The setting {key} ({from}) is not valid: \"{value}\" {problem}.")]
    Value {
        key: &'static str,
        from: String,
        value: String,
        problem: String,
    },
}

/// The address people use, as scheme and authority, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Whether cookies may and must be for https only.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether browsers trust it although it is not https.
    pub fn is_local(&self) -> bool {
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| {
            let rest = self
                .0
                .strip_prefix("http://")
                .and_then(|rest| rest.strip_prefix(host));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    }

    /// What a browser sends as `Origin`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    pub fn local(address: SocketAddr) -> Self {
        let ip = address.ip();
        if ip.is_unspecified() || ip.is_loopback() {
            Self(format!("http://localhost:{}", address.port()))
        } else {
            Self(format!("http://{address}"))
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PROBLEM: &str =
            "is not an address such as https://connect.example.org, without a path";
        let uri: Uri = text.parse().map_err(|_| PROBLEM)?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) =
            (uri.scheme_str(), uri.authority())
        else {
            return Err(PROBLEM);
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(PROBLEM);
        }
        let authority = authority.as_str().to_ascii_lowercase();
        // A browser leaves the scheme's own port out of an origin.
        let port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(port).unwrap_or(&authority);
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

impl Config {
    /// What is in force, given the command line and the file it names.
    pub fn load(given: &Given, file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::resolve(given, file, |name| std::env::var(name).ok())
    }

    fn resolve(
        given: &Given,
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let path = file
            .map(Path::to_path_buf)
            .or_else(|| environment("CONNECT_CONFIG").map(PathBuf::from));
        let file = path.as_deref().map_or(Ok(File::default()), read)?;
        let from_file = path.map_or_else(String::new, |path| path.display().to_string());
        let pick = |key, option: &Option<String>, in_file: Option<String>, default: &str| {
            Setting::pick(key, option, &environment, in_file, &from_file, default)
        };

        let data = pick("data", &given.data, file.data, DATA);
        let listen = pick("listen", &given.listen, file.listen, LISTEN);
        let media_port = pick(
            "media_port",
            &given.media_port,
            file.media_port.map(|port| port.to_string()),
            &MEDIA_PORT.to_string(),
        );
        let media_addresses = pick(
            "media_addresses",
            &given.media_addresses,
            file.media_addresses.map(|addresses| addresses.join(",")),
            "",
        );
        let public_url = pick("public_url", &given.public_url, file.public_url, "");
        let trusted_proxies = pick(
            "trusted_proxies",
            &given.trusted_proxies,
            file.trusted_proxies.map(|networks| networks.join(",")),
            "",
        );
        let database = pick("database", &given.database, file.database, "");
        let admin_listen = pick("admin_listen", &given.admin_listen, file.admin_listen, "");
        let push_allow_private = pick(
            "push_allow_private",
            &given.push_allow_private,
            file.push_allow_private.map(|allowed| allowed.to_string()),
            "false",
        );
        let log = pick("log", &given.log, file.log, LOG);
        const ADDRESS: &str = "is not an address with a port, such as 0.0.0.0:8080";
        Ok(Self {
            data: PathBuf::from(data.value),
            listen: listen.parse(|text| text.parse().map_err(|_| ADDRESS))?,
            media_port: media_port
                .parse(|text| text.parse().map_err(|_| "is not a port from 0 to 65535"))?,
            media_addresses: media_addresses
                .optional(parse_addresses)?
                .unwrap_or_default(),
            public_url: public_url.optional(|text| text.parse())?,
            trusted_proxies: trusted_proxies
                .optional(parse_networks)?
                .unwrap_or_default(),
            database: database.optional(|text| {
                if text.starts_with("postgres://") || text.starts_with("postgresql://") {
                    Ok(text.to_owned())
                } else {
                    Err("is not an address that begins with postgres://")
                }
            })?,
            admin_listen: admin_listen.optional(|text| text.parse().map_err(|_| ADDRESS))?,
            push_allow_private: push_allow_private
                .parse(|text| text.parse().map_err(|_| "is neither true nor false"))?,
            log: log.parse(|text| {
                text.parse::<tracing_subscriber::filter::Targets>()
                    .map(|_| text.to_owned())
                    .map_err(|_| "is not a level or a filter such as info or server=debug")
            })?,
        })
    }

    /// What is in force as the TOML file that would say so, secrets masked.
    pub fn masked(&self) -> String {
        let mut lines = vec![
            format!("data = {:?}", self.data.display().to_string()),
            format!("listen = {:?}", self.listen.to_string()),
            format!("media_port = {}", self.media_port),
        ];
        if self.media_addresses.is_empty() {
            lines.push("# media_addresses: those of this host".to_owned());
        } else {
            lines.push(listed("media_addresses", &self.media_addresses));
        }
        let public_url = self
            .public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::local(self.listen));
        lines.push(format!("public_url = {:?}", public_url.to_string()));
        if self.trusted_proxies.is_empty() {
            lines.push("# trusted_proxies: those on this host".to_owned());
        } else {
            lines.push(listed("trusted_proxies", &self.trusted_proxies));
        }
        match &self.database {
            Some(url) => lines.push(format!("database = {:?}", mask_password(url))),
            None => lines.push("# database: SQLite in the data directory".to_owned()),
        }
        match self.admin_listen {
            Some(address) => lines.push(format!("admin_listen = {:?}", address.to_string())),
            None => lines.push("# admin_listen: off".to_owned()),
        }
        lines.push(format!("push_allow_private = {}", self.push_allow_private));
        lines.push(format!("log = {:?}", self.log));
        lines.join("\n")
    }
}

/// A value with the words that say where it was set.
struct Setting {
    key: &'static str,
    from: String,
    value: String,
}

impl Setting {
    fn pick(
        key: &'static str,
        option: &Option<String>,
        environment: impl Fn(&str) -> Option<String>,
        in_file: Option<String>,
        file: &str,
        default: &str,
    ) -> Self {
        let variable = format!("CONNECT_{}", key.to_ascii_uppercase());
        let (from, value) = if let Some(value) = option {
            (format!("--{}", key.replace('_', "-")), value.clone())
        } else if let Some(value) = environment(&variable) {
            (variable, value)
        } else if let Some(value) = in_file {
            (format!("in {file}"), value)
        } else {
            ("default".to_owned(), default.to_owned())
        };
        Self { key, from, value }
    }

    fn parse<T>(
        self,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigError> {
        parse(&self.value).map_err(|problem| ConfigError::Value {
            key: self.key,
            from: self.from,
            value: mask_password(&self.value),
            problem: problem.to_owned(),
        })
    }

    fn optional<T>(
        self,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ConfigError> {
        if self.value.is_empty() {
            Ok(None)
        } else {
            self.parse(parse).map(Some)
        }
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Unreadable {
        path: path.to_owned(),
        reason,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::File {
        path: path.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
    })
}

fn parse_addresses(text: &str) -> Result<Vec<IpAddr>, &'static str> {
    const PROBLEM: &str = "is not a list of IP addresses such as 203.0.113.7,2001:db8::7";
    text.split(',')
        .map(|address| address.trim().parse().map_err(|_| PROBLEM))
        .collect()
}

/// Networks, or single addresses.
fn parse_networks(text: &str) -> Result<Vec<IpNet>, &'static str> {
    const PROBLEM: &str =
        "is not a list of IP addresses and networks such as 10.0.0.5,172.16.0.0/12";
    text.split(',')
        .map(str::trim)
        .map(|network| {
            let address = || network.parse::<IpAddr>().map(IpNet::from);
            network.parse().or_else(|_| address()).map_err(|_| PROBLEM)
        })
        .collect()
}

fn listed<T: ToString>(key: &str, values: &[T]) -> String {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    format!("{key} = {values:?}")
}

fn mask_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((user_info, host)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    let user = user_info.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

#[cfg(test)]
mod tests;
