//! Channels, groups and direct messages.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    ConversationId, UserId,
    conversation::{MyConversation, Preferences},
    rest::{
        AddMembersRequest, ChannelList, ConversationList, CreateConversationRequest, MemberList,
        UpdateConversationRequest,
    },
};

use super::{
    error::ApiError,
    extract::{Body, Id, Ids, SignedIn},
};
use crate::{app::App, conversations as chats};

/// Public channels, joined or not
#[utoipa::path(get, path = "/channels", responses((status = 200, body = ChannelList)))]
pub async fn channels(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<Json<ChannelList>, ApiError> {
    let channels = app.store.channels(who.user_id).await?;
    Ok(Json(ChannelList { channels }))
}

/// One's own conversations
#[utoipa::path(get, path = "/conversations", responses((status = 200, body = ConversationList)))]
pub async fn list(
    State(app): State<Arc<App>>,
    who: SignedIn,
) -> Result<Json<ConversationList>, ApiError> {
    let conversations = app.store.my_conversations(who.user_id).await?;
    Ok(Json(ConversationList { conversations }))
}

/// Make a channel or a group, or find the direct message with somebody
#[utoipa::path(
    post,
    path = "/conversations",
    request_body = CreateConversationRequest,
    responses((status = 200, body = MyConversation))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(request): Body<CreateConversationRequest>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(chats::create(&app, who.user_id, request).await?))
}

/// One conversation
#[utoipa::path(
    get,
    path = "/conversations/{conversation}",
    params(("conversation" = ConversationId, Path)),
    responses((status = 200, body = MyConversation))
)]
pub async fn get(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(chats::get(&app, who.user_id, conversation).await?))
}

/// Change name or topic
#[utoipa::path(
    patch,
    path = "/conversations/{conversation}",
    params(("conversation" = ConversationId, Path)),
    request_body = UpdateConversationRequest,
    responses((status = 200, body = MyConversation))
)]
pub async fn update(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Body(request): Body<UpdateConversationRequest>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(
        chats::update(&app, who.user_id, conversation, request).await?,
    ))
}

/// Mute a conversation for oneself, or say whether a group's calls ring
#[utoipa::path(
    put,
    path = "/conversations/{conversation}/preferences",
    params(("conversation" = ConversationId, Path)),
    request_body = Preferences,
    responses((status = 200, body = MyConversation))
)]
pub async fn set_preferences(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Body(preferences): Body<Preferences>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(
        chats::set_preferences(&app, who.user_id, conversation, preferences).await?,
    ))
}

/// Close a conversation for everything but reading
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/archive",
    params(("conversation" = ConversationId, Path)),
    responses((status = 200, body = MyConversation))
)]
pub async fn archive(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(chats::archive(&app, who.user_id, conversation).await?))
}

/// Open it again
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/unarchive",
    params(("conversation" = ConversationId, Path)),
    responses((status = 200, body = MyConversation))
)]
pub async fn unarchive(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(
        chats::unarchive(&app, who.user_id, conversation).await?,
    ))
}

/// Become a member of a public channel
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/join",
    params(("conversation" = ConversationId, Path)),
    responses((status = 200, body = MyConversation))
)]
pub async fn join(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(chats::join(&app, who.user_id, conversation).await?))
}

/// Be a member no longer
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/leave",
    params(("conversation" = ConversationId, Path)),
    responses((status = 204))
)]
pub async fn leave(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<StatusCode, ApiError> {
    chats::leave(&app, who.user_id, conversation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is a member
#[utoipa::path(
    get,
    path = "/conversations/{conversation}/members",
    params(("conversation" = ConversationId, Path)),
    responses((status = 200, body = MemberList))
)]
pub async fn members(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<MemberList>, ApiError> {
    let members = chats::members(&app, who.user_id, conversation).await?;
    Ok(Json(MemberList { members }))
}

/// Bring people in
#[utoipa::path(
    post,
    path = "/conversations/{conversation}/members",
    params(("conversation" = ConversationId, Path)),
    request_body = AddMembersRequest,
    responses((status = 200, body = MyConversation))
)]
pub async fn add_members(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Id(conversation): Id<ConversationId>,
    Body(AddMembersRequest { user_ids }): Body<AddMembersRequest>,
) -> Result<Json<MyConversation>, ApiError> {
    Ok(Json(
        chats::add_members(&app, who.user_id, conversation, user_ids).await?,
    ))
}

/// Take somebody out
#[utoipa::path(
    delete,
    path = "/conversations/{conversation}/members/{user}",
    params(("conversation" = ConversationId, Path), ("user" = UserId, Path)),
    responses((status = 204))
)]
pub async fn remove_member(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Ids(conversation, user): Ids<ConversationId, UserId>,
) -> Result<StatusCode, ApiError> {
    chats::remove_member(&app, who.user_id, conversation, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
