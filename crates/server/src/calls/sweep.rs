//! What happens to calls by itself: due times, what media says, and the review of who is there.
//!
//! Taking over and reviewing hold for a server that is one node: whoever this node does not vouch
//! for, nobody does. With several, a leg must name the node that vouches for it first.

use std::{sync::Arc, time::Duration};

use cluster::Audience;
use domain::call::{Call, Input};
use protocol::{CallId, PeerId, call::MediaMode, limits::HANDOVER_TIMEOUT, server::ServerMessage};
use tokio::time::{self, MissedTickBehavior};

use super::{
    announce,
    commands::{hand_in_all, ignore_if_over, note},
};
use crate::{
    app::App,
    clock,
    http::error::ApiError,
    media::{MediaEvent, MediaEvents},
};

/// A relieved media worker goes this long after the last client should have left it: they count from
/// when they hear of the move.
const DISMISSED_AFTER: Duration = Duration::from_secs(5);

/// Looks after calls until the server stops.
pub async fn run(app: Arc<App>) {
    if let Err(error) = take_over(&app).await {
        tracing::error!(code = ?error.code(), "live calls could not be taken over");
    }
    let mut round = time::interval(app.timing.sweep);
    let mut review = time::interval(app.timing.review);
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    review.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            _ = round.tick() => {
                tell_speaking(&app);
                take_due(&app).await
            }
            _ = review.tick() => review_live(&app).await,
            () = app.stopping.cancelled() => return,
        };
        if let Err(error) = done {
            tracing::warn!(code = ?error.code(), "calls were not looked after; the next round tries again");
        }
    }
}

/// At the start, whoever vouched for the participants of live calls was this server before it was
/// restarted: each has one lease to come back, and what it forwarded needs a new room.
async fn take_over(app: &Arc<App>) -> Result<(), ApiError> {
    for call_id in app.store.live_call_ids().await? {
        let Some(call) = app.store.call(call_id).await? else {
            continue;
        };
        announce::note_people(app, &call);
        let mut inputs = vec![Input::Restarted];
        match call.record().session.mode {
            MediaMode::Forwarded => inputs.push(Input::MoveTo(MediaMode::Forwarded)),
            MediaMode::Direct => {}
        }
        let handed = hand_in_all(app, call_id, inputs).await;
        if let Ok(call) = &handed {
            // Those who were quicker than this are back already.
            for leg in call.live() {
                let peer_id = leg.peer_id;
                let heard_at = app.calls.vouchers().heard_at(peer_id);
                if heard_at.is_some() {
                    note(app, call_id, Input::SocketBack { peer_id }).await;
                }
            }
        }
        ignore_if_over(handed)?;
    }
    Ok(())
}

/// Moves everything that is forwarded to another media worker, without anybody missing anything, and
/// ends the one it was on. Answers how many calls were moved.
pub async fn drain_media(app: &Arc<App>) -> Result<usize, ApiError> {
    let relieved = app.media.relieve().map_err(|error| {
        tracing::warn!(%error, "the media worker could not be relieved");
        ApiError::conflict("No further media worker can be started now.")
    })?;
    let mut moved = 0;
    for call_id in app.store.live_call_ids().await? {
        let Some(call) = app.store.call(call_id).await? else {
            continue;
        };
        if call.record().session.mode == MediaMode::Forwarded {
            let inputs = vec![Input::MoveTo(MediaMode::Forwarded)];
            ignore_if_over(hand_in_all(app, call_id, inputs).await)?;
            moved += 1;
        }
    }
    let own = Arc::clone(app);
    app.tasks.spawn(async move {
        own.stopping
            .run_until_cancelled(time::sleep(HANDOVER_TIMEOUT + DISMISSED_AFTER))
            .await;
        own.media.dismiss(relieved);
    });
    Ok(moved)
}

async fn take_due(app: &Arc<App>) -> Result<(), ApiError> {
    for call_id in app.store.due_calls(clock::now()).await? {
        let mut inputs = Vec::new();
        if let Some(call) = app.store.call(call_id).await? {
            inputs = media_evidence(app, &call).await;
        }
        inputs.push(Input::Timeout);
        ignore_if_over(hand_in_all(app, call_id, inputs).await)?;
    }
    Ok(())
}

/// Those without a socket whose media is heard all the same.
async fn media_evidence(app: &App, call: &Call) -> Vec<Input> {
    let mut inputs = Vec::new();
    for leg in call.live().filter(|leg| leg.lease_until.is_some()) {
        if let Some(silence) = app.media.silence(call.record().id, leg.peer_id).await {
            inputs.push(Input::Evidence {
                peer_id: leg.peer_id,
                at: clock::now() - silence,
            });
        }
    }
    inputs
}

/// Writes down when everybody was last heard, so that a crash dates nobody's departure by hours;
/// and finds those for whom nobody vouches although nobody said that their socket was lost.
async fn review_live(app: &Arc<App>) -> Result<(), ApiError> {
    for call_id in app.store.live_call_ids().await? {
        let Some(call) = app.store.call(call_id).await? else {
            continue;
        };
        let vouched = call.live().filter(|leg| leg.socket_lost_at.is_none());
        let inputs: Vec<_> = {
            let vouchers = app.calls.vouchers();
            vouched
                .map(|leg| match vouchers.heard_at(leg.peer_id) {
                    Some(at) => Input::Evidence {
                        peer_id: leg.peer_id,
                        at,
                    },
                    None => Input::SocketLost {
                        peer_id: leg.peer_id,
                        evidence_at: leg.evidence_at,
                    },
                })
                .collect()
        };
        if !inputs.is_empty() {
            ignore_if_over(hand_in_all(app, call_id, inputs).await)?;
        }
    }
    Ok(())
}

/// Carries out what media tells, until it ends.
pub async fn take_media_events(app: Arc<App>, mut events: MediaEvents) {
    while let Some(event) = events.recv().await {
        let noted = match event {
            MediaEvent::Connected { call, peer } => media_state(&app, call, peer, true).await,
            MediaEvent::Lost { call, peer } => media_state(&app, call, peer, false).await,
            MediaEvent::Speaking { call, peers } => {
                app.calls.roster().speak(call, &peers);
                Ok(())
            }
        };
        if let Err(error) = noted {
            tracing::warn!(code = ?error.code(), "what media told was not noted");
        }
    }
}

async fn media_state(
    app: &Arc<App>,
    call_id: CallId,
    peer_id: PeerId,
    connected: bool,
) -> Result<(), ApiError> {
    if let Some(call) = app.store.call(call_id).await? {
        let epoch = call.record().session.epoch;
        let input = Input::MediaState {
            peer_id,
            epoch,
            connected,
        };
        note(app, call_id, input).await;
    }
    Ok(())
}

/// Once in a round, to those who look at a call from outside.
fn tell_speaking(app: &App) {
    let changed = app.calls.roster().take_speaking();
    for (call_id, conversation_id, user_ids) in changed {
        let message = ServerMessage::CallSpeaking { call_id, user_ids };
        app.hub
            .publish(Audience::Conversation(conversation_id), &message);
    }
}
