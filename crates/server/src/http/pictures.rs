//! People's pictures: small, and nothing but a picture.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use protocol::{UserId, account::User, limits};

use super::{
    error::ApiError,
    extract::{Id, SignedIn},
};
use crate::{app::App, people};

/// Set one's picture: PNG, JPEG or WebP
#[utoipa::path(
    put,
    path = "/me/picture",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = User))
)]
pub async fn set(
    State(app): State<Arc<App>>,
    who: SignedIn,
    request: Request,
) -> Result<Json<User>, ApiError> {
    let picture = to_bytes(request.into_body(), limits::PICTURE_BYTES_MAX)
        .await
        .map_err(|_| ApiError::too_large("A picture has at most 2 MiB."))?;
    let kind =
        kind(&picture).ok_or_else(|| ApiError::invalid("A picture is a PNG, a JPEG or a WebP."))?;
    let user = people::set_picture(&app, who.user_id, kind, picture.to_vec()).await?;
    Ok(Json(user))
}

/// Remove one's picture
#[utoipa::path(delete, path = "/me/picture", responses((status = 200, body = User)))]
pub async fn clear(State(app): State<Arc<App>>, who: SignedIn) -> Result<Json<User>, ApiError> {
    Ok(Json(people::clear_picture(&app, who.user_id).await?))
}

/// A person's picture
#[utoipa::path(
    get,
    path = "/users/{user}/picture",
    params(("user" = UserId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/*"))
)]
pub async fn get(
    State(app): State<Arc<App>>,
    _: SignedIn,
    Id(user): Id<UserId>,
) -> Result<Response, ApiError> {
    let picture = app
        .store
        .picture(user)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, picture.media_type),
        // The address changes with the picture.
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable".to_owned(),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (
            HeaderName::from_static("content-disposition"),
            "inline".to_owned(),
        ),
    ];
    Ok((StatusCode::OK, headers, picture.bytes).into_response())
}

/// What the first bytes say it is; what the sender says counts for nothing.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}
