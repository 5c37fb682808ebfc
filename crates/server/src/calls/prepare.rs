//! Answering at once: a device that rings makes ready for its connection to the caller, and brings it
//! up where its person and the workspace allow that.

use std::sync::Arc;

use domain::{
    access::Action,
    call::{CallError, Input, PREPARED_MAX, PrepareInput},
};
use protocol::{
    CallId, PeerId,
    server::{Prepared, Reply},
};

use super::{
    commands::{hand_in, reachable},
    refusal::refuse,
    view,
};
use crate::{
    app::App,
    clock::{self, Fresh},
    gateway::hub::Socket,
    http::error::ApiError,
    people,
};

/// Lets a page prepare, on one of the devices the person has used last.
pub(super) async fn prepare(
    app: &Arc<App>,
    socket: &Arc<Socket>,
    call_id: CallId,
) -> Result<Reply, ApiError> {
    let (user_id, device_id) = (socket.user_id, socket.device_id);
    reachable(app, user_id, call_id, Action::JoinCall).await?;
    let latest = app.presence.latest_devices(user_id, PREPARED_MAX);
    if !latest.contains(&device_id) {
        return Err(refuse(CallError::NotToPrepare));
    }
    let me = people::me(app, user_id, device_id).await?;
    let page = PrepareInput {
        user_id,
        device_id,
        tab: socket.tab.clone(),
        peer_id: PeerId::fresh(clock::now()),
    };
    let call = hand_in(app, call_id, Input::Prepare(page)).await?;
    let own = call.prepared(user_id, device_id, &socket.tab);
    let (Some(peer_id), Some(caller)) = (own, call.caller()) else {
        return Err(refuse(CallError::NotToPrepare));
    };
    Ok(Reply::Prepared {
        prepared: Prepared {
            peer_id,
            caller: caller.peer_id,
            epoch: call.record().session.epoch,
            media: view::media_setup(app, &call),
            connects: me.instant_answer && me.workspace.instant_answer,
        },
    })
}
