//! The client's types, as one TypeScript module.

use std::{any::TypeId, collections::BTreeMap};

use ts_rs::{Config, TS, TypeVisitor};

use crate::{account, call, client, limits, media, push, rest, server, timeline};

/// The whole module, ready to be written to `web/src/protocol/generated.ts`.
pub fn module() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Declarations {
        config,
        declared: BTreeMap::new(),
        seen: Vec::new(),
    };
    types.visit::<client::ClientFrame>();
    types.visit::<server::ServerMessage>();
    types.visit::<media::ClientMediaMessage>();
    types.visit::<media::ServerMediaMessage>();
    types.visit::<timeline::TimelinePage>();
    types.visit::<call::CallLogFilter>();
    types.visit::<call::CallLogPage>();
    types.visit::<call::CallsSeenRequest>();
    types.visit::<call::CallDetails>();
    types.visit::<push::PushMessage>();
    types.visit::<push::PushStatus>();
    types.visit::<push::PushSubscriptionRequest>();
    types.visit::<push::RingStanding>();
    types.visit::<account::InviteCreated>();
    types.visit::<account::InvitePreview>();
    types.visit::<rest::SetupRequest>();
    types.visit::<rest::SetupStatus>();
    types.visit::<rest::LoginRequest>();
    types.visit::<rest::CreateInviteRequest>();
    types.visit::<rest::AcceptInviteRequest>();
    types.visit::<rest::UpdateMeRequest>();
    types.visit::<rest::ChangePasswordRequest>();
    types.visit::<rest::UpdateUserRequest>();
    types.visit::<rest::UpdateWorkspaceRequest>();
    types.visit::<rest::CreateConversationRequest>();
    types.visit::<rest::UpdateConversationRequest>();
    types.visit::<rest::AddMembersRequest>();
    types.visit::<rest::SendMessageRequest>();
    types.visit::<rest::EditMessageRequest>();
    types.visit::<rest::MarkReadRequest>();
    types.visit::<rest::UserList>();
    types.visit::<rest::InviteList>();
    types.visit::<rest::DeviceList>();
    types.visit::<rest::ConversationList>();
    types.visit::<rest::ChannelList>();
    types.visit::<rest::MemberList>();
    types.visit::<rest::ErrorAnswer>();

    let mut text =
        String::from("// Generated from crates/protocol by `cargo xtask gen`. Do not edit.\n\n");
    for declaration in types.declared.values() {
        text.push_str("export ");
        text.push_str(declaration);
        text.push_str("\n\n");
    }
    for (name, value) in constants() {
        text.push_str(&format!("export const {name} = {value};\n"));
    }
    text
}

/// Limits the client keeps to by itself. Durations are in milliseconds.
fn constants() -> Vec<(&'static str, u128)> {
    vec![
        ("PROTOCOL_VERSION", u128::from(crate::PROTOCOL_VERSION)),
        ("MESSAGE_CHARS_MAX", limits::MESSAGE_CHARS_MAX as u128),
        ("USER_NAME_CHARS_MAX", limits::USER_NAME_CHARS_MAX as u128),
        ("PASSWORD_CHARS_MIN", limits::PASSWORD_CHARS_MIN as u128),
        (
            "CONVERSATION_NAME_CHARS_MAX",
            limits::CONVERSATION_NAME_CHARS_MAX as u128,
        ),
        ("TOPIC_CHARS_MAX", limits::TOPIC_CHARS_MAX as u128),
        ("PICTURE_BYTES_MAX", limits::PICTURE_BYTES_MAX as u128),
        ("CALL_LOG_DAYS_MAX", u128::from(limits::CALL_LOG_DAYS_MAX)),
        ("GROUP_MEMBERS_MAX", limits::GROUP_MEMBERS_MAX as u128),
        (
            "TIMELINE_PAGE_DEFAULT",
            u128::from(limits::TIMELINE_PAGE_DEFAULT),
        ),
        ("TIMELINE_PAGE_MAX", u128::from(limits::TIMELINE_PAGE_MAX)),
        (
            "RESUME_CONVERSATIONS_MAX",
            limits::RESUME_CONVERSATIONS_MAX as u128,
        ),
        ("HEARTBEAT_MS", limits::HEARTBEAT.as_millis()),
        ("HEARTBEAT_DEAD_MS", limits::HEARTBEAT_DEAD.as_millis()),
        ("RING_TIMEOUT_MS", limits::RING_TIMEOUT.as_millis()),
        ("RING_ACKNOWLEDGE_MS", limits::RING_ACKNOWLEDGE.as_millis()),
        ("HANDOVER_MS", limits::HANDOVER_TIMEOUT.as_millis()),
        (
            "PARTICIPANT_LEASE_MS",
            limits::PARTICIPANT_LEASE.as_millis(),
        ),
        ("TYPING_SHOWN_MS", limits::TYPING_SHOWN.as_millis()),
    ]
}

/// Walks a type and all it is made of, once each.
struct Declarations {
    config: Config,
    declared: BTreeMap<String, String>,
    seen: Vec<TypeId>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let id = TypeId::of::<T>();
        if self.seen.contains(&id) {
            return;
        }
        self.seen.push(id);
        // Types without a file of their own (string, arrays) are TypeScript's.
        if T::output_path().is_some() {
            self.declared
                .insert(T::ident(&self.config), T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
