//! Channels, groups and direct messages: made, changed, joined, left.
//!
//! What changes is in the timeline as entries. Besides, `conversation` goes to whoever it is new
//! to, and to all connected members when its name, topic or archive state changed or a group's
//! members did; in a channel, people come and go by entries alone, because there may be thousands.

use std::sync::Arc;

use cluster::Audience;
use domain::{
    access::{Action, WorkspaceAction, may, may_in_workspace},
    conversation::{ConversationName, NewConversation, Topic, has_room, people_to_add},
};
use protocol::{
    ConversationId, Timestamp, UserId,
    conversation::{ConversationKind, Member, MyConversation, Preferences, ReadState},
    rest::{CreateConversationRequest, UpdateConversationRequest},
    server::ServerMessage,
    timeline::Entry,
};
use store::{Created, NewChannel, NewDirect, NewGroup, StoreError};

use crate::{
    app::App,
    calls,
    chat::allowed,
    clock::{self, Fresh},
    http::error::ApiError,
    people,
};

/// The conversation as this person sees it.
pub async fn get(
    app: &App,
    user: UserId,
    conversation: ConversationId,
) -> Result<MyConversation, ApiError> {
    allowed(app, user, conversation, Action::Find).await?;
    mine(app, user, conversation).await
}

/// Makes one, or finds the direct message there is.
pub async fn create(
    app: &Arc<App>,
    user: UserId,
    request: CreateConversationRequest,
) -> Result<MyConversation, ApiError> {
    let role = people::role(app, user).await?;
    let action = match &request {
        CreateConversationRequest::Channel { .. } => WorkspaceAction::CreateChannel,
        CreateConversationRequest::Group { .. } => WorkspaceAction::CreateGroup,
        CreateConversationRequest::Direct { .. } => WorkspaceAction::WriteDirectly,
    };
    may_in_workspace(role, action)?;
    let new = NewConversation::parse(request, user)?;
    let members = match &new {
        NewConversation::Channel { .. } => vec![user],
        NewConversation::Group { members, .. } => members.clone(),
        NewConversation::Direct { other } if *other == user => vec![user],
        NewConversation::Direct { other } => vec![user, *other],
    };
    people::require(app, &members).await?;
    let at = clock::now();
    let id = ConversationId::fresh(at);
    let own = Arc::clone(app);
    app.carry_through(async move {
        let created = make(&own, id, user, new, at).await?;
        if created.new {
            introduce(&own, created.conversation.conversation.id, &members).await?;
            own.hub.publish_entries(created.entries);
        }
        Ok(created.conversation)
    })
    .await
}

async fn make(
    app: &App,
    id: ConversationId,
    by: UserId,
    new: NewConversation,
    at: Timestamp,
) -> Result<Created, StoreError> {
    match new {
        NewConversation::Channel {
            name,
            topic,
            visibility,
        } => {
            let channel = NewChannel {
                id,
                name: name.into_string(),
                topic: topic.into_string(),
                visibility,
                created_by: by,
                at,
            };
            app.store.create_channel(channel).await
        }
        NewConversation::Group { name, members } => {
            let group = NewGroup {
                id,
                name: name.map(ConversationName::into_string),
                members,
                created_by: by,
                at,
            };
            app.store.create_group(group).await
        }
        NewConversation::Direct { other } => {
            let direct = NewDirect {
                id,
                user: by,
                other,
                at,
            };
            app.store.direct(direct).await
        }
    }
}

/// Changes name or topic.
pub async fn update(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
    request: UpdateConversationRequest,
) -> Result<MyConversation, ApiError> {
    let UpdateConversationRequest { name, topic } = request;
    let place = allowed(app, user, conversation, Action::Find).await?;
    let name = match name {
        Some(name) => {
            may(&place, Action::Rename)?;
            Some(new_name(place.kind, &name)?)
        }
        None => None,
    };
    let topic = match topic {
        Some(topic) => {
            may(&place, Action::SetTopic)?;
            Some(
                Topic::parse(&topic)
                    .map_err(ApiError::text("topic"))?
                    .into_string(),
            )
        }
        None => None,
    };
    let own = Arc::clone(app);
    app.carry_through(async move {
        let at = clock::now();
        let mut entries = Vec::new();
        if let Some(name) = name {
            entries.extend(own.store.rename(conversation, user, name, at).await?);
        }
        if let Some(topic) = topic {
            entries.extend(own.store.set_topic(conversation, user, topic, at).await?);
        }
        changed(&own, conversation, entries).await?;
        mine(&own, user, conversation).await
    })
    .await
}

/// An empty name takes a group's away.
fn new_name(kind: ConversationKind, name: &str) -> Result<Option<String>, ApiError> {
    if kind == ConversationKind::Group && name.trim().is_empty() {
        return Ok(None);
    }
    let name = ConversationName::parse(name).map_err(ApiError::text("name"))?;
    Ok(Some(name.into_string()))
}

/// The conversation as a member has it, or as whoever may find it does.
async fn mine(app: &App, user: UserId, id: ConversationId) -> Result<MyConversation, ApiError> {
    if let Some(mine) = app.store.my_conversation(user, id).await? {
        return Ok(mine);
    }
    let conversation = app
        .store
        .conversation(id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(MyConversation {
        conversation,
        read: ReadState::default(),
        preferences: Preferences::default(),
    })
}

/// Keeps what the person has chosen for it, and shows it to their devices as it is now.
pub async fn set_preferences(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
    preferences: Preferences,
) -> Result<MyConversation, ApiError> {
    allowed(app, user, conversation, Action::SetPreferences).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        own.store
            .set_preferences(user, conversation, preferences)
            .await?;
        show(&own, user, conversation).await?;
        mine(&own, user, conversation).await
    })
    .await
}

pub async fn archive(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
) -> Result<MyConversation, ApiError> {
    allowed(app, user, conversation, Action::Archive).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entries = own.store.archive(conversation, user, clock::now()).await?;
        changed(&own, conversation, entries).await?;
        calls::archived(&own, conversation, user).await;
        mine(&own, user, conversation).await
    })
    .await
}

pub async fn unarchive(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
) -> Result<MyConversation, ApiError> {
    allowed(app, user, conversation, Action::Unarchive).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entries = own
            .store
            .unarchive(conversation, user, clock::now())
            .await?;
        changed(&own, conversation, entries).await?;
        mine(&own, user, conversation).await
    })
    .await
}

pub async fn join(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
) -> Result<MyConversation, ApiError> {
    allowed(app, user, conversation, Action::Join).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entries = own.store.join(conversation, user, clock::now()).await?;
        if !entries.is_empty() {
            introduce(&own, conversation, &[user]).await?;
            own.hub.publish_entries(entries);
        }
        mine(&own, user, conversation).await
    })
    .await
}

pub async fn leave(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
) -> Result<(), ApiError> {
    let place = allowed(app, user, conversation, Action::Leave).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entries = own.store.leave(conversation, user, clock::now()).await?;
        part(&own, place.kind, user, conversation, entries).await
    })
    .await
}

pub async fn members(
    app: &App,
    user: UserId,
    conversation: ConversationId,
) -> Result<Vec<Member>, ApiError> {
    allowed(app, user, conversation, Action::SeeMembers).await?;
    Ok(app.store.members(conversation).await?)
}

pub async fn add_members(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
    named: Vec<UserId>,
) -> Result<MyConversation, ApiError> {
    let place = allowed(app, user, conversation, Action::AddMembers).await?;
    let mut new = people_to_add(named)?;
    people::require(app, &new).await?;
    let present = app.store.member_ids(conversation).await?;
    new.retain(|person| !present.contains(person));
    has_room(place.kind, present.len() + new.len())?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let entries = own
            .store
            .add_members(conversation, user, new.clone(), clock::now())
            .await?;
        introduce(&own, conversation, &new).await?;
        members_changed(&own, place.kind, conversation, entries).await?;
        mine(&own, user, conversation).await
    })
    .await
}

pub async fn remove_member(
    app: &Arc<App>,
    user: UserId,
    conversation: ConversationId,
    member: UserId,
) -> Result<(), ApiError> {
    let place = allowed(app, user, conversation, Action::RemoveMember).await?;
    let own = Arc::clone(app);
    app.carry_through(async move {
        let at = clock::now();
        let entries = own
            .store
            .remove_member(conversation, user, member, at)
            .await?;
        part(&own, place.kind, member, conversation, entries).await
    })
    .await
}

/// Shows the conversation to those it is new to, before anything that happens in it.
pub async fn introduce(
    app: &Arc<App>,
    conversation_id: ConversationId,
    people: &[UserId],
) -> Result<(), ApiError> {
    app.hub
        .publish_members_added(conversation_id, people.to_vec());
    for person in people {
        show(app, *person, conversation_id).await?;
    }
    calls::show_live(app, conversation_id, people).await;
    Ok(())
}

/// Shows the changed conversation to its connected members, and what was done to all of them.
async fn changed(
    app: &Arc<App>,
    conversation: ConversationId,
    entries: Vec<Entry>,
) -> Result<(), ApiError> {
    if !entries.is_empty() {
        app.hub.publish_entries(entries);
        for person in app.hub.members_here(conversation) {
            show(app, person, conversation).await?;
        }
    }
    Ok(())
}

/// The same for members who came or went: in a channel their entry is enough.
async fn members_changed(
    app: &Arc<App>,
    kind: ConversationKind,
    conversation: ConversationId,
    entries: Vec<Entry>,
) -> Result<(), ApiError> {
    match kind {
        ConversationKind::Channel => app.hub.publish_entries(entries),
        ConversationKind::Group | ConversationKind::Direct => {
            changed(app, conversation, entries).await?;
        }
    }
    Ok(())
}

/// Takes the conversation away from a member before the others hear of it.
async fn part(
    app: &Arc<App>,
    kind: ConversationKind,
    member: UserId,
    conversation_id: ConversationId,
    entries: Vec<Entry>,
) -> Result<(), ApiError> {
    if entries.is_empty() {
        return Err(ApiError::not_found());
    }
    app.hub.publish_member_removed(conversation_id, member);
    let gone = ServerMessage::ConversationGone { conversation_id };
    app.hub.publish(Audience::Users(vec![member]), &gone);
    members_changed(app, kind, conversation_id, entries).await?;
    calls::member_removed(app, conversation_id, member).await;
    Ok(())
}

/// Sends the person the conversation as they see it, if they are connected.
async fn show(app: &App, person: UserId, conversation: ConversationId) -> Result<(), ApiError> {
    if app.hub.is_connected(person)
        && let Some(conversation) = app.store.my_conversation(person, conversation).await?
    {
        let message = ServerMessage::Conversation { conversation };
        app.hub.publish(Audience::Users(vec![person]), &message);
    }
    Ok(())
}
