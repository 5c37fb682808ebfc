//! Everything that lasts: people, conversations, timelines and calls, in SQLite or Postgres.
//!
//! All SQL of Connect is here, and no rule: who may do what is decided before, by `domain`. What
//! must hold whatever happens at the same moment is held here, in transactions: numbers without
//! gaps, one entry for each nonce, one live call for each conversation, one direct message for each
//! pair, an invitation's uses, the last admin. Times are arguments. Files of any size do not belong
//! here, nor what may be lost.

mod calls;
mod conversations;
mod db;
mod error;
mod invites;
mod log;
mod members;
mod messages;
mod migrate;
mod people;
mod pictures;
mod postgres;
mod push_subscriptions;
mod sessions;
mod sqlite;
mod store;
#[cfg(test)]
mod tests;
mod timeline;
mod unread;
mod work;
mod workspace;

pub use calls::{CallPlace, Changed, Forgotten};
pub use conversations::{Created, NewChannel, NewDirect, NewGroup};
pub use error::{StoreError, Taken};
pub use invites::NewInvite;
pub use log::LogQuery;
pub use messages::{DeleteMessage, EditMessage, MessageAt, NewMessage, Sent};
pub use people::{Credentials, NewUser, Person, UserChange, Wishes};
pub use pictures::Picture;
pub use push_subscriptions::PushSubscription;
pub use sessions::{NewSession, Session};
pub use store::{Store, StoreConfig};
pub use workspace::{SetUp, WorkspaceChange};

/// Every statement of this crate, by name.
fn all_statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    [
        calls::ALL,
        calls::card::ALL,
        calls::forget::ALL,
        conversations::ALL,
        invites::ALL,
        log::ALL,
        log::search::ALL,
        members::ALL,
        messages::ALL,
        migrate::ALL,
        people::ALL,
        pictures::ALL,
        push_subscriptions::ALL,
        sessions::ALL,
        store::ALL,
        timeline::ALL,
        unread::ALL,
        workspace::ALL,
    ]
    .into_iter()
    .flatten()
}
