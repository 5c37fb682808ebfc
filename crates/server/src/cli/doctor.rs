//! `connect doctor`: tries what `serve` would need, one line each.

use super::{Failure, say};
use crate::{
    config::{Config, PublicUrl},
    data_dir::DataDir,
    serve,
};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let mut ill = 0;
    let mut tell = |what: &str, found: Result<String, String>| {
        let line = match found {
            Ok(found) => format!("good  {what}: {found}"),
            Err(problem) => {
                ill += 1;
                format!("BAD   {what}: {problem}")
            }
        };
        say(line)
    };
    let data = DataDir::lock(&config.data);
    tell(
        "data directory",
        described(&data, |dir| dir.path().display().to_string()),
    )?;
    if let Ok(data) = &data {
        let store = serve::open_store(config, data).await;
        tell(
            "database",
            described(&store, |_| "opens, schema is current".to_owned()),
        )?;
        if let Ok(store) = store {
            store.close().await;
        }
    }
    let tcp = serve::listen(config.listen, "--listen").await;
    tell(
        "TCP address",
        described(&tcp, |_| config.listen.to_string()),
    )?;
    let udp = serve::media_socket(config.media_port);
    tell(
        "UDP port",
        described(&udp, |_| config.media_port.to_string()),
    )?;
    let url = config
        .public_url
        .clone()
        .unwrap_or_else(|| PublicUrl::local(config.listen));
    let note = if url.is_https() || url.is_local() {
        "browsers give camera and microphone here"
    } else {
        "browsers give camera and microphone to https only: put a proxy with a certificate in front"
    };
    tell("public address", Ok(format!("{url}; {note}")))?;
    match ill {
        0 => Ok(()),
        1 => Err(Failure("One thing is not well.".to_owned())),
        _ => Err(Failure(format!("{ill} things are not well."))),
    }
}

fn described<T, E: ToString>(
    found: &Result<T, E>,
    words: impl FnOnce(&T) -> String,
) -> Result<String, String> {
    match found {
        Ok(found) => Ok(words(found)),
        Err(error) => Err(error.to_string()),
    }
}
