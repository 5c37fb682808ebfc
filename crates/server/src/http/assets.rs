//! The web client: files from the `web` crate, and its page for every address that is a view.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{error::ApiError, extract::cookie};
use crate::app::App;

const PAGE: &str = "index.html";
static SIGNED_IN: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let script = web::signed_in_script()?;
    HeaderValue::from_str(&format!("<{script}>; rel=modulepreload; crossorigin")).ok()
});

/// Everything that is not the API.
pub async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::method_not_allowed().into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let accept_encoding = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let file = web::get_encoded(path, accept_encoding).filter(|_| !path.is_empty());
    // A file that is gone must not answer with the page: a script would be HTML.
    if file.is_none() && (path.starts_with("assets/") || path.starts_with("api/")) {
        return ApiError::not_found().into_response();
    }
    let is_page = file.is_none();
    let Some(asset) = file.or_else(|| web::get_encoded(PAGE, accept_encoding)) else {
        return ApiError::not_found().into_response();
    };
    let mut response = answer(asset, request.headers());
    // Whoever has been signed in will need this next. A cookie that is no longer good costs them a
    // script they do not need yet.
    if is_page
        && cookie(request.headers(), app.cookie_name()).is_some()
        && let Some(link) = SIGNED_IN.as_ref()
    {
        response.headers_mut().insert(header::LINK, link.clone());
    }
    response
}

fn answer(asset: web::Asset, request: &HeaderMap) -> Response {
    let cache = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == asset.etag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_response()
    };
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &asset.content_type);
    set(header::CACHE_CONTROL, cache);
    set(header::ETAG, &asset.etag);
    set(header::VARY, "accept-encoding");
    if let Some(encoding) = asset.encoding {
        set(header::CONTENT_ENCODING, encoding);
    }
    response
}
