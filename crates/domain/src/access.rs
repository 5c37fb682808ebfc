//! Who may do what: one table over a person's place in a conversation, and one over their role.
//!
//! Whoever may not know that a thing exists is told [`Denied::Hidden`], before any other reason.

#[cfg(test)]
mod tests;

use protocol::{
    account::Role,
    conversation::{ConversationKind, Visibility},
};

/// Where a person stands towards a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub role: Role,
    pub kind: ConversationKind,
    pub visibility: Visibility,
    pub membership: Membership,
    pub archived: bool,
    /// Whether the person made the conversation.
    pub creator: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    Never,
    Member,
    /// Was one, and left or was removed.
    Former,
}

/// What can be done in or to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Learn that it exists, its name and topic.
    Find,
    Read,
    SeeMembers,
    Post,
    EditOwn,
    DeleteOwn,
    DeleteOthers,
    React,
    Type,
    MarkRead,
    /// Mute it for oneself, or say whether its calls ring.
    SetPreferences,
    Rename,
    SetTopic,
    Join,
    Leave,
    AddMembers,
    RemoveMember,
    Archive,
    Unarchive,
    StartCall,
    /// Look at its call, live or over.
    SeeCall,
    /// Come into its call, which also answers its ring.
    JoinCall,
    /// Ask others into its call, which makes them members where they are not. A direct message's
    /// call then goes on in a group.
    AddToCall,
    /// Mute others, stop their screens, lower their hands, take them out, lock the call.
    HostCall {
        /// Whether the person is its host by being in it ([`crate::call::Call::host`]).
        host: bool,
    },
    EndCallForAll {
        /// Whether the person started that call, or is its host.
        host: bool,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Denied {
    /// The person may not know of it: answer as if it did not exist.
    #[error("there is no such thing")]
    Hidden,
    /// Joining first would help.
    #[error("this is for members of the conversation")]
    NotMember,
    #[error("this is not for this person")]
    Forbidden,
    /// A conversation of this kind does not have that.
    #[error("this kind of conversation does not have that")]
    WrongKind,
    #[error("the conversation is archived")]
    Archived,
}

/// What can be done in the workspace as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkspaceAction {
    SeePeople,
    CreateChannel,
    CreateGroup,
    WriteDirectly,
    Invite,
    ManageInvites,
    /// Change roles, disable and enable accounts.
    ManagePeople,
    /// Its name, and how long it keeps the call log.
    ChangeWorkspace,
}

/// Whether a person in this place may do this.
pub fn may(place: &Place, action: Action) -> Result<(), Denied> {
    if !place.sees() {
        return Err(Denied::Hidden);
    }
    exists(place.kind, action)?;
    match need(place.kind, action) {
        Need::Sight => {}
        Need::Membership => place.require_member()?,
        Need::Ownership => {
            if !place.owns() {
                return Err(Denied::Forbidden);
            }
        }
        Need::Admin => {
            if place.role != Role::Admin {
                return Err(Denied::Forbidden);
            }
        }
        Need::Nobody => return Err(Denied::Forbidden),
    }
    if place.archived && adds(action) {
        return Err(Denied::Archived);
    }
    Ok(())
}

/// Whether a person of this role may do this.
pub fn may_in_workspace(role: Role, action: WorkspaceAction) -> Result<(), Denied> {
    match (action, role) {
        (
            WorkspaceAction::SeePeople
            | WorkspaceAction::CreateChannel
            | WorkspaceAction::CreateGroup
            | WorkspaceAction::WriteDirectly,
            Role::Admin | Role::Member,
        )
        | (
            WorkspaceAction::Invite
            | WorkspaceAction::ManageInvites
            | WorkspaceAction::ManagePeople
            | WorkspaceAction::ChangeWorkspace,
            Role::Admin,
        ) => Ok(()),
        (
            WorkspaceAction::Invite
            | WorkspaceAction::ManageInvites
            | WorkspaceAction::ManagePeople
            | WorkspaceAction::ChangeWorkspace,
            Role::Member,
        ) => Err(Denied::Forbidden),
    }
}

/// What an action asks of a person who sees the conversation.
enum Need {
    Sight,
    Membership,
    /// Its creator while a member, or an admin.
    Ownership,
    Admin,
    Nobody,
}

impl Place {
    /// Not even an admin sees a private conversation from outside, and only channels are public.
    fn sees(&self) -> bool {
        match (self.membership, self.visibility, self.kind) {
            (Membership::Member, _, _) | (_, Visibility::Public, ConversationKind::Channel) => true,
            (Membership::Never | Membership::Former, Visibility::Private, _)
            | (
                Membership::Never | Membership::Former,
                Visibility::Public,
                ConversationKind::Group | ConversationKind::Direct,
            ) => false,
        }
    }

    fn owns(&self) -> bool {
        self.role == Role::Admin || (self.creator && self.membership == Membership::Member)
    }

    fn require_member(&self) -> Result<(), Denied> {
        match self.membership {
            Membership::Member => Ok(()),
            Membership::Never | Membership::Former => Err(Denied::NotMember),
        }
    }
}

/// A direct message is its two people for ever, and neither is the other's host; a group is joined
/// by being added.
fn exists(kind: ConversationKind, action: Action) -> Result<(), Denied> {
    match (kind, action) {
        (
            ConversationKind::Direct,
            Action::Rename
            | Action::SetTopic
            | Action::Join
            | Action::Leave
            | Action::AddMembers
            | Action::RemoveMember
            | Action::Archive
            | Action::Unarchive
            | Action::HostCall { .. },
        )
        | (ConversationKind::Group, Action::Join) => Err(Denied::WrongKind),
        (ConversationKind::Channel | ConversationKind::Group | ConversationKind::Direct, _) => {
            Ok(())
        }
    }
}

fn need(kind: ConversationKind, action: Action) -> Need {
    match action {
        Action::Find | Action::Read | Action::SeeMembers | Action::SeeCall | Action::Join => {
            Need::Sight
        }
        Action::Post
        | Action::EditOwn
        | Action::DeleteOwn
        | Action::React
        | Action::Type
        | Action::MarkRead
        | Action::SetPreferences
        | Action::Leave
        | Action::AddMembers
        | Action::StartCall
        | Action::JoinCall
        | Action::AddToCall
        | Action::SetTopic => Need::Membership,
        // A group goes by what its members call it; a channel's name is an address others use.
        Action::Rename => match kind {
            ConversationKind::Group => Need::Membership,
            ConversationKind::Channel | ConversationKind::Direct => Need::Ownership,
        },
        Action::RemoveMember | Action::Archive | Action::Unarchive => Need::Ownership,
        // In a direct message the other person's words are theirs.
        Action::DeleteOthers => match kind {
            ConversationKind::Direct => Need::Nobody,
            ConversationKind::Channel | ConversationKind::Group => Need::Admin,
        },
        Action::HostCall { host: true } | Action::EndCallForAll { host: true } => Need::Membership,
        Action::HostCall { host: false } => Need::Ownership,
        // The two of a direct message are equals.
        Action::EndCallForAll { host: false } => match kind {
            ConversationKind::Direct => Need::Admin,
            ConversationKind::Channel | ConversationKind::Group => Need::Ownership,
        },
    }
}

/// What an archived conversation refuses. Cleaning up and leaving stay possible.
fn adds(action: Action) -> bool {
    match action {
        Action::Post
        | Action::EditOwn
        | Action::React
        | Action::Type
        | Action::Rename
        | Action::SetTopic
        | Action::Join
        | Action::AddMembers
        | Action::StartCall
        | Action::JoinCall
        | Action::AddToCall => true,
        Action::Find
        | Action::Read
        | Action::SeeMembers
        | Action::SeeCall
        | Action::DeleteOwn
        | Action::DeleteOthers
        | Action::MarkRead
        | Action::SetPreferences
        | Action::Leave
        | Action::RemoveMember
        | Action::Archive
        | Action::Unarchive
        | Action::HostCall { .. }
        | Action::EndCallForAll { .. } => false,
    }
}
