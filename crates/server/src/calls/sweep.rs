//! What happens to calls by itself: due times, and what media says.

use std::sync::Arc;

use cluster::Audience;
use domain::call::Input;
use protocol::{CallId, PeerId, server::ServerMessage};
use tokio::time::{self, MissedTickBehavior};

use super::{announce, commands::{hand_in, hand_in_all, ignore_if_over}};
use crate::{app::App, clock, http::error::ApiError, media::{MediaEvent, MediaEvents}};

/// Takes due calls until the server stops. At first, whoever vouched for the participants of live
/// calls was this server before its restart: each has one lease to come back.
pub async fn run(app: Arc<App>) {
    if let Err(error) = restart(&app).await {
        tracing::error!(code = ?error.code(), "live calls could not be taken over");
    }
    let mut round = time::interval(app.timing.sweep);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = take_due(&app).await {
            tracing::warn!(code = ?error.code(), "due calls could not be taken; the next round tries again");
        }
    }
}

async fn restart(app: &Arc<App>) -> Result<(), ApiError> {
    for call_id in app.store.live_call_ids().await? {
        match hand_in(app, call_id, Input::Restarted).await {
            Ok(call) => announce::note_people(app, &call),
            Err(error) => ignore_if_over(Err(error))?,
        }
    }
    Ok(())
}

async fn take_due(app: &Arc<App>) -> Result<(), ApiError> {
    for call_id in app.store.due_calls(clock::now()).await? {
        let mut inputs = evidence(app, call_id).await?;
        inputs.push(Input::Timeout);
        ignore_if_over(hand_in_all(app, call_id, inputs).await)?;
    }
    Ok(())
}

/// Those without a socket whose media is heard all the same.
async fn evidence(app: &Arc<App>, call_id: CallId) -> Result<Vec<Input>, ApiError> {
    let Some(call) = app.store.call(call_id).await? else { return Ok(Vec::new()) };
    let mut inputs = Vec::new();
    let unvouched = call
        .record()
        .legs
        .iter()
        .filter(|leg| leg.left.is_none() && leg.lease_until.is_some());
    for leg in unvouched {
        if let Some(silence) = app.media.silence(call_id, leg.peer_id).await {
            let at = clock::now() - silence;
            inputs.push(Input::Evidence { peer_id: leg.peer_id, at });
        }
    }
    Ok(inputs)
}

/// Carries out what the media workers tell, until they end.
pub async fn take_media_events(app: Arc<App>, mut events: MediaEvents) {
    while let Some(event) = events.recv().await {
        let handed = match event {
            MediaEvent::Connected { call, peer } => media_state(&app, call, peer, true).await,
            MediaEvent::Lost { call, peer } => media_state(&app, call, peer, false).await,
            MediaEvent::Speaking { call, peers } => {
                tell_speaking(&app, call, &peers);
                Ok(())
            }
        };
        if let Err(error) = handed {
            tracing::warn!(code = ?error.code(), "what media told could not be noted");
        }
    }
}

async fn media_state(
    app: &Arc<App>,
    call_id: CallId,
    peer_id: PeerId,
    connected: bool,
) -> Result<(), ApiError> {
    let Some(call) = app.store.call(call_id).await? else { return Ok(()) };
    let epoch = call.record().session.epoch;
    ignore_if_over(hand_in(app, call_id, Input::MediaState { peer_id, epoch, connected }).await)
}

fn tell_speaking(app: &App, call_id: CallId, peers: &[PeerId]) {
    let Some((conversation_id, user_ids)) = app.calls.roster().people(call_id, peers) else {
        return;
    };
    let message = ServerMessage::CallSpeaking { call_id, user_ids };
    app.hub.publish(Audience::Conversation(conversation_id), &message);
}
