//! Which handler answers which request, and the document that says so.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use protocol::rest::ErrorAnswer;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, predicate::SizeAbove},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, RefOr, Response as Answer, content::ContentBuilder, path::Operation,
        schema::Ref,
    },
};

use super::{
    account, assets, call_export, calls, conversations, error::ApiError, guard, health, invites,
    people, pictures, push, timeline,
};
use crate::{app::App, gateway::socket};

/// Bytes of a request, unless its handler takes more: the longest message, escaped.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Smaller answers are not worth compressing.
const COMPRESS_FROM: u64 = 1024;

macro_rules! endpoints {
    ($($method:ident $path:literal => $($handler:ident)::+;)*) => {
        /// Method and path below `/api/v1` of every endpoint.
        pub const ENDPOINTS: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn endpoints() -> Router<Arc<App>> {
            Router::new()$(.route($path, axum::routing::$method($($handler)::+)))*
        }

        #[derive(OpenApi)]
        #[openapi(
            info(title = "Connect", description = "The HTTP interface of Connect."),
            servers((url = "/api/v1")),
            paths($($($handler)::+),*),
            components(schemas(ErrorAnswer)),
            modifiers(&Refusals)
        )]
        struct Described;
    };
}

endpoints! {
    get "/setup" => account::setup_status;
    post "/setup" => account::set_up;
    post "/auth/login" => account::login;
    post "/auth/logout" => account::logout;
    get "/auth/me" => account::me;
    get "/sessions" => account::devices;
    delete "/sessions/{device}" => account::sign_out;
    patch "/me" => account::update_me;
    post "/me/password" => account::change_password;
    put "/me/working-hours" => account::set_working_hours;
    delete "/me/working-hours" => account::clear_working_hours;
    put "/me/picture" => pictures::set;
    delete "/me/picture" => pictures::clear;
    get "/users" => people::list;
    patch "/users/{user}" => people::update;
    get "/users/{user}/picture" => pictures::get;
    patch "/workspace" => people::update_workspace;
    get "/invites" => invites::list;
    post "/invites" => invites::create;
    get "/invites/{invite}" => invites::preview;
    delete "/invites/{invite}" => invites::revoke;
    post "/invites/{invite}/accept" => invites::accept;
    get "/channels" => conversations::channels;
    get "/conversations" => conversations::list;
    post "/conversations" => conversations::create;
    get "/conversations/{conversation}" => conversations::get;
    patch "/conversations/{conversation}" => conversations::update;
    put "/conversations/{conversation}/preferences" => conversations::set_preferences;
    post "/conversations/{conversation}/archive" => conversations::archive;
    post "/conversations/{conversation}/unarchive" => conversations::unarchive;
    post "/conversations/{conversation}/join" => conversations::join;
    post "/conversations/{conversation}/leave" => conversations::leave;
    get "/conversations/{conversation}/members" => conversations::members;
    post "/conversations/{conversation}/members" => conversations::add_members;
    delete "/conversations/{conversation}/members/{user}" => conversations::remove_member;
    get "/conversations/{conversation}/timeline" => timeline::page;
    post "/conversations/{conversation}/messages" => timeline::send;
    patch "/conversations/{conversation}/messages/{message}" => timeline::edit;
    delete "/conversations/{conversation}/messages/{message}" => timeline::delete;
    post "/conversations/{conversation}/read" => timeline::mark_read;
    get "/calls" => calls::log;
    get "/calls/export" => call_export::export;
    get "/calls/{call}" => calls::details;
    post "/calls/seen" => calls::seen;
    post "/calls/{call}/acknowledge" => push::acknowledge;
    post "/calls/{call}/decline" => push::decline;
    get "/push" => push::status;
    put "/push/subscription" => push::subscribe;
    delete "/push/subscription" => push::unsubscribe;
    post "/push/test" => push::test;
    get "/socket" => socket::upgrade;
    get "/openapi.json" => openapi;
}

/// Everything on the web's port.
pub fn web(app: Arc<App>) -> Router {
    let api = endpoints()
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_FROM)))
        .layer(middleware::from_fn(guard::uncached));
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(assets::serve)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::same_site,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::confine,
        ))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), count))
        .with_state(app)
}

/// The document of the HTTP interface.
pub fn document() -> Document {
    Described::openapi()
}

/// This document
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = serde_json::Value)))]
async fn openapi() -> Json<Document> {
    Json(document())
}

async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    app.metrics.requests.add_one();
    next.run(request).await
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::internal(&"a handler panicked").into_response()
}

/// Every endpoint can refuse, and always in the same form.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut Document) {
        let operations = document.paths.paths.values_mut().flat_map(|path| {
            [
                &mut path.get,
                &mut path.put,
                &mut path.post,
                &mut path.delete,
                &mut path.patch,
            ]
        });
        for operation in operations.flatten() {
            add_refusal(operation);
        }
    }
}

fn add_refusal(operation: &mut Operation) {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ErrorAnswer")))
        .build();
    let mut answer = Answer::new("Refused");
    answer
        .content
        .insert("application/json".to_owned(), RefOr::T(content));
    operation
        .responses
        .responses
        .insert("default".to_owned(), RefOr::T(answer));
}
