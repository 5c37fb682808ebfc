//! Calls are forgotten once they are older than the workspace keeps them.

use std::{sync::Arc, time::Duration};

use domain::call_log::forgotten_before;
use tokio::time;

use super::announce;
use crate::{app::App, clock, http::error::ApiError};

const LOOK_EVERY: Duration = Duration::from_secs(60 * 60);
/// Calls forgotten in one transaction. More of them go in the next ones, and between two of them
/// everybody else's work is done.
const AT_ONCE: u32 = 100;

/// Forgets what has become too old, every hour and when that is chosen anew, until the server stops.
pub async fn forget_old(app: Arc<App>) {
    let mut round = time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = app.calls.retention_changed.notified() => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = forget(&app).await {
            tracing::warn!(code = ?error.code(), "old calls were not forgotten");
        }
    }
}

async fn forget(app: &App) -> Result<(), ApiError> {
    let Some(workspace) = app.store.workspace().await? else {
        return Ok(());
    };
    let Some(before) = forgotten_before(workspace.call_log, clock::now()) else {
        return Ok(());
    };
    let mut calls = 0;
    while !app.stopping.is_cancelled() {
        let forgotten = app.store.forget_calls(before, AT_ONCE).await?;
        calls += forgotten.calls;
        for user in forgotten.missed_by {
            announce::tell_missed(app, user).await;
        }
        if forgotten.calls < AT_ONCE {
            break;
        }
    }
    if calls > 0 {
        tracing::info!(
            calls,
            "calls older than the workspace keeps them are forgotten"
        );
    }
    Ok(())
}
