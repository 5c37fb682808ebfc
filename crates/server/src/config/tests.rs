use super::{Config, ConfigError, Given, PublicUrl};

fn given(listen: &str) -> Given {
    Given {
        listen: Some(listen.to_owned()),
        ..Given::default()
    }
}

fn file(text: &str) -> tempfile::Named {
    tempfile::Named::new(text)
}

/// A file that is gone at the end of the test.
mod tempfile {
    use std::path::PathBuf;

    pub(super) struct Named(pub(super) PathBuf);

    impl Named {
        pub(super) fn new(text: &str) -> Self {
            let name = format!("connect-config-{:032x}.toml", crate::clock::random_bits());
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, text).unwrap();
            Self(path)
        }
    }

    impl Drop for Named {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

#[test]
fn the_command_line_is_stronger_than_the_environment_and_that_than_the_file() {
    let file = file("listen = \"127.0.0.1:1\"\nmedia_port = 1\ndata = \"from-file\"\n");
    let environment = |name: &str| match name {
        "CONNECT_LISTEN" => Some("127.0.0.1:2".to_owned()),
        "CONNECT_MEDIA_PORT" => Some("2".to_owned()),
        _ => None,
    };
    let config = Config::resolve(&given("127.0.0.1:3"), Some(&file.0), environment).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.media_port, 2);
    assert_eq!(config.data.to_str(), Some("from-file"));
}

#[test]
fn media_addresses_are_a_list() {
    let file = file("media_addresses = [\"203.0.113.7\", \"2001:db8::7\"]\n");
    let config = Config::resolve(&Given::default(), Some(&file.0), |_| None).unwrap();
    let addresses: [std::net::IpAddr; 2] =
        [[203, 0, 113, 7].into(), "2001:db8::7".parse().unwrap()];
    assert_eq!(config.media_addresses, addresses);
    assert!(
        config
            .masked()
            .contains("media_addresses = [\"203.0.113.7\", \"2001:db8::7\"]")
    );
    let host_name = |name: &str| (name == "CONNECT_MEDIA_ADDRESSES").then(|| "here".to_owned());
    let error = Config::resolve(&Given::default(), None, host_name).unwrap_err();
    assert!(
        error.to_string().contains("CONNECT_MEDIA_ADDRESSES"),
        "{error}"
    );
}

#[test]
fn trusted_proxies_are_addresses_and_networks() {
    let file = file("trusted_proxies = [\"10.0.0.5\", \"172.16.0.0/12\", \"fd00::/8\"]\n");
    let config = Config::resolve(&Given::default(), Some(&file.0), |_| None).unwrap();
    let networks = ["10.0.0.5/32", "172.16.0.0/12", "fd00::/8"].map(|net| net.parse().unwrap());
    assert_eq!(config.trusted_proxies, networks);
    assert!(config.masked().contains("\"172.16.0.0/12\""));
    let host_name = |name: &str| (name == "CONNECT_TRUSTED_PROXIES").then(|| "proxy".to_owned());
    let error = Config::resolve(&Given::default(), None, host_name).unwrap_err();
    assert!(
        error.to_string().contains("CONNECT_TRUSTED_PROXIES"),
        "{error}"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let file = file("listne = \"127.0.0.1:1\"\n");
    let error = Config::resolve(&Given::default(), Some(&file.0), |_| None).unwrap_err();
    assert!(matches!(error, ConfigError::File { .. }));
    let text = error.to_string();
    assert!(
        text.contains("listne") && text.contains(file.0.to_str().unwrap()),
        "{text}"
    );
}

#[test]
fn a_wrong_value_names_key_and_place() {
    let error = Config::resolve(&given("somewhere"), None, |_| None).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("listen (--listen)") && text.contains("somewhere"),
        "{text}"
    );
}

#[test]
fn a_database_password_is_masked() {
    let environment = |name: &str| {
        (name == "CONNECT_DATABASE").then(|| "postgres://connect:hunter2@db/connect".to_owned())
    };
    let config = Config::resolve(&Given::default(), None, environment).unwrap();
    let text = config.masked();
    assert!(
        !text.contains("hunter2") && text.contains("connect:***@db"),
        "{text}"
    );
}

#[test]
fn a_public_url_is_compared_as_browsers_write_origins() {
    let url = |text: &str| text.parse::<PublicUrl>().map(|url| url.to_string());
    assert_eq!(
        url("https://Connect.Example:443/").as_deref(),
        Ok("https://connect.example")
    );
    assert_eq!(
        url("http://localhost:8080").as_deref(),
        Ok("http://localhost:8080")
    );
    assert!(url("connect.example").is_err());
    assert!(url("https://connect.example/path").is_err());
}

#[test]
fn private_push_services_are_allowed_by_one_word_only() {
    let of = |word: &'static str| {
        let variable =
            move |name: &str| (name == "CONNECT_PUSH_ALLOW_PRIVATE").then(|| word.to_owned());
        Config::resolve(&Given::default(), None, variable)
    };
    assert!(
        !Config::resolve(&Given::default(), None, |_| None)
            .unwrap()
            .push_allow_private
    );
    assert!(of("true").unwrap().push_allow_private);
    assert!(!of("false").unwrap().push_allow_private);
    let error = of("yes").unwrap_err().to_string();
    assert!(error.contains("CONNECT_PUSH_ALLOW_PRIVATE"), "{error}");
    let file = file("push_allow_private = true\n");
    let config = Config::resolve(&Given::default(), Some(&file.0), |_| None).unwrap();
    assert!(config.push_allow_private);
    assert!(config.masked().contains("push_allow_private = true"));
}
