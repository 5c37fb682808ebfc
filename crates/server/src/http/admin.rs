//! The admin listener: `/metrics` and what operators ask for, apart from the web so that no proxy
//! shows it to the world.

use std::{fmt::Write, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::header,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{error::ApiError, health};
use crate::{app::App, calls};

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/media/drain", post(drain_media))
        .with_state(app)
}

/// Moves all forwarded calls to another media worker. Answers how many.
async fn drain_media(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let own = Arc::clone(&app);
    let moved = app
        .carry_through(async move { calls::drain_media(&own).await })
        .await?;
    Ok(Json(json!({ "moved": moved })))
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let rows: [(&str, &str, &str, u64); 6] = [
        (
            "connect_sockets",
            "gauge",
            "Sockets open now",
            app.hub.socket_count() as u64,
        ),
        (
            "connect_sockets_opened_total",
            "counter",
            "Sockets opened",
            app.metrics.sockets_opened.get(),
        ),
        (
            "connect_http_requests_total",
            "counter",
            "HTTP requests",
            app.metrics.requests.get(),
        ),
        (
            "connect_messages_total",
            "counter",
            "Messages stored",
            app.metrics.messages.get(),
        ),
        (
            "connect_pushes_delivered_total",
            "counter",
            "Notifications push services have taken",
            app.metrics.pushes_delivered.get(),
        ),
        (
            "connect_pushes_failed_total",
            "counter",
            "Notifications given up",
            app.metrics.pushes_failed.get(),
        ),
    ];
    let mut text = String::new();
    let media = app.media.counts().metrics();
    let media = media
        .iter()
        .map(|metric| (metric.name, metric.kind, metric.help, metric.value));
    for (name, kind, help, value) in rows.into_iter().chain(media) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
