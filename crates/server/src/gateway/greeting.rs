//! The answer to `hello`: the snapshot, and what each resumed conversation has had since.

use std::sync::Arc;

use domain::access::Action;
use protocol::{
    PROTOCOL_VERSION,
    client::ResumePoint,
    limits,
    server::{Reply, ServerMessage, Snapshot, Welcome},
    timeline::{Entry, EntryBody},
};

use super::hub::Socket;
use crate::{app::App, calls, chat, clock, http::error::ApiError, people};

/// Characters of text sent for one resumed conversation; a client further behind reads pages,
/// which are compressed.
const RESUMED_TEXT_MAX: usize = 128 * 1024;

/// Loads all of it. The socket must be registered, so that nothing falls between this and the
/// first push.
pub(super) async fn compose(
    app: &Arc<App>,
    socket: &Socket,
    hello: u32,
    resume: &[ResumePoint],
) -> Result<Vec<ServerMessage>, ApiError> {
    let user = socket.user_id;
    let me = people::me(app, user, socket.device_id).await?;
    let conversations = app.store.my_conversations(user).await?;
    app.hub
        .join_all(user, conversations.iter().map(|mine| mine.conversation.id));
    app.presence.connected(socket, me.availability);
    let live = calls::greeting(app, user).await?;
    let snapshot = Snapshot {
        me,
        users: app.store.users().await?,
        presence: app.presence.all(),
        conversations,
        calls: live.calls,
        rings: live.rings,
        missed_calls: live.missed,
    };
    let mut greeting = vec![
        ServerMessage::Reply {
            id: hello,
            reply: Reply::Welcome {
                welcome: Box::new(welcome(app, socket)),
            },
        },
        ServerMessage::Snapshot {
            snapshot: Box::new(snapshot),
        },
    ];
    for point in resume {
        greeting.extend(resumed(app, socket, *point).await?);
    }
    Ok(greeting)
}

fn welcome(app: &App, socket: &Socket) -> Welcome {
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Welcome {
        protocol: PROTOCOL_VERSION,
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
        server_time: clock::now(),
        device_id: socket.device_id,
        heartbeat_ms: millis(app.timing.heartbeat),
        dead_ms: millis(app.timing.dead),
        resume_window_ms: millis(limits::PARTICIPANT_LEASE),
    }
}

/// Nothing for a conversation that is no longer this person's: the snapshot does not have it.
async fn resumed(
    app: &App,
    socket: &Socket,
    point: ResumePoint,
) -> Result<Option<ServerMessage>, ApiError> {
    let ResumePoint {
        conversation_id,
        last_seq,
    } = point;
    let user = socket.user_id;
    if chat::allowed(app, user, conversation_id, Action::Read)
        .await
        .is_err()
    {
        return Ok(None);
    }
    let limit = limits::RESUME_ENTRIES_MAX;
    let page = app
        .store
        .page_after(user, conversation_id, last_seq, limit)
        .await?;
    let mut entries = page.entries;
    let fit = fitting(&entries);
    let complete = !page.more && fit == entries.len();
    entries.truncate(fit);
    Ok(Some(ServerMessage::Resumed {
        conversation_id,
        entries,
        complete,
    }))
}

/// How many of the entries fit into one answer.
fn fitting(entries: &[Entry]) -> usize {
    let mut total = 0;
    entries
        .iter()
        .take_while(|entry| {
            total += match &entry.body {
                EntryBody::Message { message } => message.text.len(),
                EntryBody::MessageEdited { text, .. } => text.len(),
                EntryBody::MessageDeleted { .. }
                | EntryBody::CallStarted { .. }
                | EntryBody::CallEnded { .. }
                | EntryBody::ConversationCreated
                | EntryBody::Renamed { .. }
                | EntryBody::TopicChanged { .. }
                | EntryBody::MembersAdded { .. }
                | EntryBody::MemberRemoved { .. }
                | EntryBody::MemberJoined
                | EntryBody::MemberLeft
                | EntryBody::Archived
                | EntryBody::Unarchived => 0,
            };
            total <= RESUMED_TEXT_MAX
        })
        .count()
}
