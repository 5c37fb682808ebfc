//! Carrying out what the rules ask for, once it is stored.

use std::sync::Arc;

use cluster::Audience;
use domain::call::{Call, Change, Output};
use protocol::{
    CallId, DeviceId, UserId,
    call::{CallSummary, Ring},
    server::ServerMessage,
    timeline::{Entry, EntryBody},
};

use crate::app::App;

/// Tells everybody, and the media node, what has changed. Gives the call back, drained.
pub(super) async fn carry_out(app: &Arc<App>, mut call: Call, entries: Vec<Entry>) -> Call {
    note_people(app, &call);
    // Rings before all else: people wait for them, and devices take their time to draw the rest.
    let mut next = call.poll_output();
    while let Some(Output::Ring {
        user_id,
        device_id,
        ring,
    }) = next
    {
        publish_ring(app, user_id, device_id, ring);
        next = call.poll_output();
    }
    // Then the card: who hears of a call finds it in the timeline.
    let call_id = call.record().id;
    let conversation_id = call.record().conversation_id;
    let mut here = entries
        .iter()
        .filter(|entry| entry.conversation_id == conversation_id);
    let ended = here.find_map(end_of);
    app.hub.publish_entries(entries);
    // Before those in it are taken out of it: they then know why.
    if let Some(call) = ended {
        let message = ServerMessage::CallEnded { call };
        app.hub
            .publish(Audience::Conversation(conversation_id), &message);
    }
    while let Some(output) = next {
        match output {
            Output::Ring {
                user_id,
                device_id,
                ring,
            } => publish_ring(app, user_id, device_id, ring),
            Output::RingStopped {
                user_id,
                device_id,
                reason,
            } => {
                let message = ServerMessage::RingStopped { call_id, reason };
                app.hub
                    .publish(Audience::Device(user_id, device_id), &message);
            }
            Output::Tell(change) => {
                let message = told(call_id, change);
                app.hub
                    .publish(Audience::Conversation(conversation_id), &message);
            }
            Output::Hosted { by, act } => {
                let message = ServerMessage::CallHosted { call_id, by, act };
                app.hub
                    .publish(Audience::Conversation(conversation_id), &message);
            }
            Output::Detached {
                user_id,
                device_id,
                peer_id,
                reason,
            } => {
                let message = ServerMessage::CallDetached {
                    call_id,
                    peer_id,
                    reason,
                };
                app.hub
                    .publish(Audience::Device(user_id, device_id), &message);
            }
            Output::OpenRoom { epoch: _ } => app.media.open_room(call_id).await,
            Output::RemovePeer { peer_id } => app.media.remove(call_id, peer_id),
            Output::SetMuted {
                peer_id,
                source,
                muted,
            } => app.media.set_muted(call_id, peer_id, source, muted),
            Output::CloseRoom => app.media.close_room(call_id),
            Output::Ended { reason, missed } => {
                tracing::info!(%call_id, ?reason, "call ended");
                for user in missed {
                    tell_missed(app, user).await;
                }
            }
        }
        next = call.poll_output();
    }
    call
}

fn publish_ring(app: &App, user_id: UserId, device_id: DeviceId, ring: Ring) {
    let message = ServerMessage::Ring { ring };
    app.hub
        .publish(Audience::Device(user_id, device_id), &message);
}

fn end_of(entry: &Entry) -> Option<CallSummary> {
    if let EntryBody::CallEnded { call, .. } = &entry.body {
        Some(call.clone())
    } else {
        None
    }
}

fn told(call_id: CallId, change: Change) -> ServerMessage {
    match change {
        Change::Call(call) => ServerMessage::Call { call },
        Change::Participant {
            version,
            participant,
        } => ServerMessage::CallParticipant {
            call_id,
            version,
            participant,
        },
        Change::ParticipantLeft { version, peer_id } => ServerMessage::CallParticipantLeft {
            call_id,
            version,
            peer_id,
        },
        Change::Ring { version, ring } => ServerMessage::CallRing {
            call_id,
            version,
            ring,
        },
    }
}

/// Tells a person's devices how many missed calls wait.
pub async fn tell_missed(app: &App, user: UserId) {
    match app.store.missed_unseen(user).await {
        Ok(unseen) => {
            let message = ServerMessage::MissedCalls { unseen };
            app.hub.publish(Audience::Users(vec![user]), &message);
        }
        Err(error) => tracing::warn!(%error, "missed calls could not be counted"),
    }
}

/// Keeps who is in the call for what is of the moment only; nobody vouches for those who have
/// gone.
pub(super) fn note_people(app: &App, call: &Call) {
    let record = call.record();
    let gone = if record.ended.is_some() {
        app.calls.roster().remove(record.id)
    } else {
        let people = call.live().map(|leg| (leg.peer_id, leg.user_id)).collect();
        app.calls
            .roster()
            .set(record.id, record.conversation_id, people)
    };
    let mut vouchers = app.calls.vouchers();
    for peer_id in gone {
        vouchers.release(peer_id);
    }
}
