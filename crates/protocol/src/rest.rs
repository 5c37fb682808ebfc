//! Bodies of the HTTP interface, `/api/v1`. Answers that are not listed here are types of other modules.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{
    ConversationId, UserId,
    account::{CallLogRetention, Invite, Role, User},
    conversation::{ConversationKind, Member, MyConversation, Visibility},
};

/// `POST /setup`, once, with the link the server printed. Signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetupRequest {
    pub token: String,
    pub workspace_name: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// `GET /setup`: what a page has to know first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetupStatus {
    /// Whether the workspace still waits for its first admin.
    pub needed: bool,
    /// Whether who asks is signed in.
    pub signed_in: bool,
}

/// `POST /auth/login`. Sets the session's cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LoginRequest {
    pub email: String,
    pub password: String,
}

/// `POST /invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CreateInviteRequest {
    /// Null: any number.
    pub uses_max: Option<u32>,
    /// Null: never.
    pub expires_in_s: Option<u64>,
}

/// `POST /invites/{token}/accept`. Signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AcceptInviteRequest {
    pub name: String,
    pub email: String,
    pub password: String,
}

/// `PATCH /me`. Null leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct UpdateMeRequest {
    pub name: Option<String>,
    pub email: Option<String>,
    pub instant_answer: Option<bool>,
}

/// `POST /me/password`. Signs out every other device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ChangePasswordRequest {
    pub current: String,
    pub new: String,
}

/// `PATCH /users/{id}`, by an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct UpdateUserRequest {
    pub role: Option<Role>,
    pub disabled: Option<bool>,
}

/// `PATCH /workspace`, by an admin. Null leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct UpdateWorkspaceRequest {
    pub name: Option<String>,
    pub call_log: Option<CallLogRetention>,
    pub instant_answer: Option<bool>,
}

/// `POST /conversations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum CreateConversationRequest {
    Channel {
        name: String,
        topic: Option<String>,
        visibility: Visibility,
    },
    Group {
        name: Option<String>,
        members: Vec<UserId>,
    },
    /// The one of this pair, made when it is first asked for. With the own id: notes to oneself.
    Direct { user_id: UserId },
}

/// `PATCH /conversations/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct UpdateConversationRequest {
    pub name: Option<String>,
    pub topic: Option<String>,
}

/// `POST /conversations/{id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AddMembersRequest {
    pub user_ids: Vec<UserId>,
}

/// `POST /conversations/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SendMessageRequest {
    pub nonce: String,
    pub text: String,
}

/// `PATCH /conversations/{id}/messages/{message}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct EditMessageRequest {
    pub text: String,
}

/// `POST /conversations/{id}/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MarkReadRequest {
    pub seq: u64,
}

/// `GET /users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct UserList {
    pub users: Vec<User>,
}

/// `GET /invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct InviteList {
    pub invites: Vec<Invite>,
}

/// `GET /sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct DeviceList {
    pub devices: Vec<crate::account::Device>,
}

/// `GET /conversations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ConversationList {
    pub conversations: Vec<MyConversation>,
}

/// `GET /channels`: public channels, joined or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ChannelList {
    pub channels: Vec<ChannelListing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ChannelListing {
    pub id: ConversationId,
    pub kind: ConversationKind,
    pub name: String,
    pub topic: String,
    pub member_count: u32,
    pub joined: bool,
    pub archived: bool,
}

/// `GET /conversations/{id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MemberList {
    pub members: Vec<Member>,
}

/// Every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ErrorAnswer {
    pub error: crate::ErrorBody,
}
