//! What a device is shown of calls when it connects, and what it needs to bring up media.

use domain::call::Call;
use protocol::{
    UserId,
    call::{CallState, Ring},
    media::{IceServer, MediaSetup},
};

use crate::{app::App, http::error::ApiError};

/// Loudest voices a receiver gets at once. More cost every receiver a stream that nobody can tell
/// apart; fewer cut people off who talk across each other.
const AUDIO_SLOTS: u8 = 3;
/// Pictures on one page of the stage.
const VIDEO_SLOTS_MAX: u8 = 25;

/// Calls in a device's snapshot.
pub struct Greeting {
    pub calls: Vec<CallState>,
    /// Those that ring this person now.
    pub rings: Vec<Ring>,
    pub missed: u32,
}

/// The live calls of a person's conversations, their rings, and how many missed ones wait.
pub async fn greeting(app: &App, user: UserId) -> Result<Greeting, ApiError> {
    let conversations = app.store.conversation_ids(user).await?;
    let live = app.store.live_calls(&conversations).await?;
    Ok(Greeting {
        calls: live.iter().map(Call::state).collect(),
        rings: live.iter().filter_map(|call| call.ring_for(user)).collect(),
        missed: app.store.missed_unseen(user).await?,
    })
}

pub(super) fn media_setup(app: &App, call: &Call) -> MediaSetup {
    let stun = format!(
        "stun:{}:{}",
        host(app.public_url.origin()),
        app.media.port()
    );
    MediaSetup {
        ice_servers: vec![IceServer {
            urls: vec![stun],
            username: None,
            credential: None,
        }],
        audio_slots: AUDIO_SLOTS,
        video_slots_max: VIDEO_SLOTS_MAX,
        media: call.record().media,
    }
}

/// The host of an origin, an IPv6 address in its brackets.
fn host(origin: &str) -> &str {
    let authority = origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        Some(_) | None => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_an_origin_without_scheme_and_port() {
        assert_eq!(host("https://connect.example.org"), "connect.example.org");
        assert_eq!(host("http://localhost:8080"), "localhost");
        assert_eq!(host("http://[2001:db8::1]:8080"), "[2001:db8::1]");
        assert_eq!(host("https://[2001:db8::1]"), "[2001:db8::1]");
    }
}
