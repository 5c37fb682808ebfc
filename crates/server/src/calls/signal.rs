//! Signaling: between the two browsers of a direct call, and between a browser and the media node.

use std::sync::Arc;

use cluster::Audience;
use domain::access::Action;
use protocol::{
    CallId, PeerId,
    limits::{CANDIDATE_BYTES_MAX, SDP_BYTES_MAX},
    media::{DirectSignal, Direction},
    server::{Reply, ServerMessage},
};

use super::{
    commands::{own, reachable},
    refusal::{refuse, refuse_media},
};
use crate::{app::App, gateway::hub::Socket, http::error::ApiError};

/// The address of a signal.
pub(super) struct Letter {
    pub(super) call_id: CallId,
    pub(super) from: PeerId,
    pub(super) to: PeerId,
    pub(super) epoch: u32,
}

/// A browser's offer to the media node.
pub(super) struct Offer {
    pub(super) call_id: CallId,
    pub(super) peer_id: PeerId,
    pub(super) epoch: u32,
    pub(super) direction: Direction,
    pub(super) session: u32,
    pub(super) sdp: String,
}

/// Passes a signal to the other participant, unread but for its size.
pub(super) async fn relay(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    letter: Letter,
    signal: DirectSignal,
) -> Result<Reply, ApiError> {
    let bounded = match &signal {
        DirectSignal::Offer { sdp } | DirectSignal::Answer { sdp } => sdp.len() <= SDP_BYTES_MAX,
        DirectSignal::Candidate {
            candidate, sdp_mid, ..
        } => candidate.len() + sdp_mid.as_ref().map_or(0, String::len) <= CANDIDATE_BYTES_MAX,
    };
    if !bounded {
        return Err(ApiError::too_large(
            "This signal is longer than any browser's.",
        ));
    }
    let call = reachable(app, socket.user_id, letter.call_id, Action::SeeCall).await?;
    let call = match call.has_prepared(letter.from, socket.user_id, socket.device_id) {
        true => call,
        false => own(app, socket, letter.call_id, letter.from).await?,
    };
    let receiver = call
        .signal_target(letter.from, letter.to, letter.epoch)
        .map_err(refuse)?;
    let message = ServerMessage::CallSignal {
        call_id: letter.call_id,
        from: letter.from,
        epoch: letter.epoch,
        signal,
    };
    app.hub.publish(
        Audience::Device(receiver.user_id, receiver.device_id),
        &message,
    );
    Ok(Reply::Done)
}

/// Has the media node answer an offer.
pub(super) async fn media_offer(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    offer: Offer,
) -> Result<Reply, ApiError> {
    if offer.sdp.len() > SDP_BYTES_MAX {
        return Err(ApiError::too_large(
            "This session description is longer than any browser's.",
        ));
    }
    let call = own(app, socket, offer.call_id, offer.peer_id).await?;
    call.check_offer(offer.peer_id, offer.epoch)
        .map_err(refuse)?;
    // It may have failed to open when the call asked for it; opening it twice is opening it once.
    app.media.open_room(offer.call_id).await;
    let sdp = app
        .media
        .offer(
            offer.call_id,
            offer.peer_id,
            offer.direction,
            offer.session,
            offer.sdp,
        )
        .await
        .map_err(refuse_media)?;
    Ok(Reply::MediaAnswer {
        epoch: offer.epoch,
        session: offer.session,
        sdp,
    })
}
