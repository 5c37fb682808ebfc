//! Conversations, and one person's place in them.

use std::collections::HashMap;

use domain::access::{Membership, Place};
use protocol::{
    CallId, ConversationId, Timestamp, UserId,
    conversation::{Conversation, ConversationKind, MyConversation, Visibility},
    rest::ChannelListing,
    timeline::{Entry, EntryBody},
};

use crate::{
    CallPlace, Store, StoreError,
    db::{Conn, Row, Sql, Value, locking, statements, values},
    members,
    timeline::{self, Draft},
    unread,
};

/// A channel to be made, its creator in it.
#[derive(Debug, Clone)]
pub struct NewChannel {
    pub id: ConversationId,
    pub name: String,
    pub topic: String,
    pub visibility: Visibility,
    pub created_by: UserId,
    pub at: Timestamp,
}

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    pub id: ConversationId,
    pub name: Option<String>,
    /// The creator is one of them, named or not.
    pub members: Vec<UserId>,
    pub created_by: UserId,
    pub at: Timestamp,
}

/// A direct message to be found, or made.
#[derive(Debug, Clone)]
pub struct NewDirect {
    /// Of the conversation, should it be new.
    pub id: ConversationId,
    pub user: UserId,
    /// The same person: notes to oneself.
    pub other: UserId,
    pub at: Timestamp,
}

/// A conversation as its maker has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub conversation: MyConversation,
    /// Nothing when the conversation was there already, and in a new direct message.
    pub entries: Vec<Entry>,
    pub new: bool,
}

macro_rules! columns {
    () => {
        "c.id, c.kind, c.visibility, c.name, c.topic, c.created_by, c.created_at, c.archived_at,
         c.last_seq, c.last_at, c.member_count"
    };
}

macro_rules! place {
    ($from:literal) => {
        concat!(
            "SELECT u.role, c.id, c.kind, c.visibility, c.archived_at,
                c.created_by, m.user_id AS member, m.left_at ",
            $from,
            " JOIN users u ON u.id = $1
             LEFT JOIN members m ON m.conversation_id = c.id AND m.user_id = $1 "
        )
    };
}

statements! {
    INSERT_CONVERSATION = Sql::both(
        "INSERT INTO conversations
            (id, kind, visibility, name, name_key, topic, created_by, created_at, pair, last_at,
             member_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, 0)");
    BY_PAIR = Sql::both("SELECT id FROM conversations WHERE pair = $1");
    /// Two people who write to each other first at the same moment take turns.
    TAKE_TURNS = Sql::each(
        "SELECT 1 AS turn",
        "SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 1)) IS NULL AS turn");
    MINE = Sql::both(concat!(
        "SELECT ", columns!(), ", m.rings, ", unread::columns!(),
        " FROM members m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.user_id = $1 AND m.left_at IS NULL ORDER BY c.last_at DESC, c.id"));
    MINE_ONE = Sql::both(concat!(
        "SELECT ", columns!(), ", m.rings, ", unread::columns!(),
        " FROM members m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.user_id = $1 AND m.left_at IS NULL AND c.id = $2"));
    /// Members of the groups and direct messages a person is in.
    MINE_MEMBERS = Sql::both(
        "SELECT o.conversation_id, o.user_id
         FROM members m JOIN conversations c ON c.id = m.conversation_id AND c.kind <> 'channel'
         JOIN members o ON o.conversation_id = c.id AND o.left_at IS NULL
         WHERE m.user_id = $1 AND m.left_at IS NULL
         ORDER BY o.conversation_id, o.joined_at, o.user_id");
    CONVERSATION = Sql::both(concat!("SELECT ", columns!(), " FROM conversations c WHERE c.id = $1"));
    CHANNELS = Sql::both(
        "SELECT c.id, c.kind, c.name, c.topic, c.member_count, c.archived_at,
            m.user_id AS member, m.left_at
         FROM conversations c LEFT JOIN members m ON m.conversation_id = c.id AND m.user_id = $1
         WHERE c.kind = 'channel' AND c.visibility = 'public' ORDER BY c.name, c.id");
    PLACE = Sql::both(concat!(place!("FROM conversations c"), "WHERE c.id = $2"));
    PLACE_BY_CALL = Sql::both(concat!(
        place!("FROM calls k JOIN conversations c ON c.id = k.conversation_id"), "WHERE k.id = $2"));
    CALL_FACTS = Sql::both("SELECT started_by, ended_at FROM calls WHERE id = $1");
    LOCK = locking!(
        "SELECT kind, visibility, name, topic, archived_at, last_seq, member_count
         FROM conversations WHERE id = $1");
    RENAME = Sql::both("UPDATE conversations SET name = $2, name_key = $3 WHERE id = $1");
    SET_TOPIC = Sql::both("UPDATE conversations SET topic = $2 WHERE id = $1");
    ARCHIVE = Sql::both(
        "UPDATE conversations SET archived_at = $2, name_key = $3 WHERE id = $1");
}

impl Store {
    /// The person's place in a conversation; None when there is no such conversation or person.
    pub async fn place(
        &self,
        user: UserId,
        conversation: ConversationId,
    ) -> Result<Option<Place>, StoreError> {
        let row = self
            .reader()
            .await?
            .one(PLACE, values![user, conversation])
            .await?;
        row.map(|row| place(&row, user)).transpose()
    }

    /// The person's place in a call's conversation; None when there is no such call.
    pub async fn place_by_call(
        &self,
        user: UserId,
        call: CallId,
    ) -> Result<Option<CallPlace>, StoreError> {
        let mut conn = self.reader().await?;
        let row = conn.one(PLACE_BY_CALL, values![user, call]).await?;
        let facts = conn.one(CALL_FACTS, values![call]).await?;
        row.zip(facts)
            .map(|(row, facts)| {
                Ok(CallPlace {
                    conversation_id: row.get("id")?,
                    place: place(&row, user)?,
                    started_by: facts.get("started_by")?,
                    live: facts.optional::<Timestamp>("ended_at")?.is_none(),
                })
            })
            .transpose()
    }

    /// Refused with [`StoreError::AlreadyExists`] when a public channel has the name already.
    pub async fn create_channel(&self, new: NewChannel) -> Result<Created, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let entry = insert_channel(conn, &new).await?;
                created(conn, new.created_by, new.id, vec![entry]).await
            })
        })
        .await
    }

    pub async fn create_group(&self, new: NewGroup) -> Result<Created, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let entry = insert_group(conn, &new).await?;
                created(conn, new.created_by, new.id, vec![entry]).await
            })
        })
        .await
    }

    /// The direct message of these two, made when there is none.
    pub async fn direct(&self, new: NewDirect) -> Result<Created, StoreError> {
        let known = self
            .reader()
            .await?
            .one(BY_PAIR, values![pair(&new)])
            .await?;
        if let Some(row) = known {
            let conversation = self.my_conversation(new.user, row.get("id")?).await?;
            return Ok(Created {
                conversation: conversation.ok_or(StoreError::NotFound)?,
                entries: Vec::new(),
                new: false,
            });
        }
        self.write(move |conn| {
            Box::pin(async move {
                conn.one(TAKE_TURNS, values![pair(&new)]).await?;
                let row = conn.one(BY_PAIR, values![pair(&new)]).await?;
                let known: Option<ConversationId> = row.map(|row| row.get("id")).transpose()?;
                let id = match known {
                    Some(id) => id,
                    None => insert_direct(conn, &new).await?,
                };
                Ok(Created {
                    new: known.is_none(),
                    ..created(conn, new.user, id, Vec::new()).await?
                })
            })
        })
        .await
    }

    /// The conversations a person is a member of, the last used first.
    pub async fn my_conversations(&self, user: UserId) -> Result<Vec<MyConversation>, StoreError> {
        let mut conn = self.reader().await?;
        let rows = conn.all(MINE, values![user]).await?;
        let mut members: HashMap<ConversationId, Vec<UserId>> = HashMap::new();
        for row in conn.all(MINE_MEMBERS, values![user]).await? {
            let of: ConversationId = row.get("conversation_id")?;
            members.entry(of).or_default().push(row.get("user_id")?);
        }
        rows.iter()
            .map(|row| {
                let mut mine = my_conversation(row)?;
                let id = mine.conversation.id;
                mine.conversation.members = members.remove(&id).unwrap_or_default();
                Ok(mine)
            })
            .collect()
    }

    /// A conversation as this member has it; None for others.
    pub async fn my_conversation(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<Option<MyConversation>, StoreError> {
        find_mine(&mut self.reader().await?, user, id).await
    }

    /// A conversation as it is for everybody who sees it.
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut conn = self.reader().await?;
        let Some(row) = conn.one(CONVERSATION, values![id]).await? else {
            return Ok(None);
        };
        let mut conversation = conversation(&row)?;
        if conversation.kind != ConversationKind::Channel {
            conversation.members = members::ids(&mut conn, id).await?;
        }
        Ok(Some(conversation))
    }

    /// Public channels, joined by this person or not, by name.
    pub async fn channels(&self, user: UserId) -> Result<Vec<ChannelListing>, StoreError> {
        let rows = self.reader().await?.all(CHANNELS, values![user]).await?;
        rows.iter()
            .map(|row| {
                Ok(ChannelListing {
                    id: row.get("id")?,
                    kind: row.word("kind")?,
                    name: row.optional("name")?.unwrap_or_default(),
                    topic: row.get("topic")?,
                    member_count: row.get("member_count")?,
                    joined: membership(row)? == Membership::Member,
                    archived: row.optional::<Timestamp>("archived_at")?.is_some(),
                })
            })
            .collect()
    }

    /// None takes a group's name away. No entry when it has this name already.
    pub async fn rename(
        &self,
        id: ConversationId,
        by: UserId,
        name: Option<String>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let now = lock(conn, id).await?.open()?;
                if now.name == name {
                    return Ok(Vec::new());
                }
                let key = name_key(now.kind, now.visibility, name.as_deref());
                conn.run(RENAME, values![id, name.clone(), key]).await?;
                let body = EntryBody::Renamed { name };
                Ok(vec![
                    timeline::append(conn, Draft::new(id, by, at, body)).await?,
                ])
            })
        })
        .await
    }

    pub async fn set_topic(
        &self,
        id: ConversationId,
        by: UserId,
        topic: String,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                if lock(conn, id).await?.open()?.topic == topic {
                    return Ok(Vec::new());
                }
                conn.run(SET_TOPIC, values![id, topic.as_str()]).await?;
                let body = EntryBody::TopicChanged { topic };
                Ok(vec![
                    timeline::append(conn, Draft::new(id, by, at, body)).await?,
                ])
            })
        })
        .await
    }

    /// Nothing can be added from now on. A channel's name is free for another.
    pub async fn archive(
        &self,
        id: ConversationId,
        by: UserId,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                if lock(conn, id).await?.archived {
                    return Ok(Vec::new());
                }
                let values = values![id, at, None::<String>];
                conn.run(ARCHIVE, values).await?;
                let draft = Draft::new(id, by, at, EntryBody::Archived);
                Ok(vec![timeline::append(conn, draft).await?])
            })
        })
        .await
    }

    pub async fn unarchive(
        &self,
        id: ConversationId,
        by: UserId,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let now = lock(conn, id).await?;
                if !now.archived {
                    return Ok(Vec::new());
                }
                let key = name_key(now.kind, now.visibility, now.name.as_deref());
                conn.run(ARCHIVE, values![id, None::<Timestamp>, key])
                    .await?;
                let draft = Draft::new(id, by, at, EntryBody::Unarchived);
                Ok(vec![timeline::append(conn, draft).await?])
            })
        })
        .await
    }
}

/// What a change of a conversation looks at first. On Postgres its row is held until the end.
pub(crate) struct Locked {
    pub(crate) kind: ConversationKind,
    visibility: Visibility,
    name: Option<String>,
    topic: String,
    archived: bool,
}

impl Locked {
    /// Something can be added to it.
    pub(crate) fn open(self) -> Result<Self, StoreError> {
        match self.archived {
            true => Err(StoreError::Archived),
            false => Ok(self),
        }
    }
}

pub(crate) async fn lock(conn: &mut Conn, id: ConversationId) -> Result<Locked, StoreError> {
    let row = conn
        .one(LOCK, values![id])
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok(Locked {
        kind: row.word("kind")?,
        visibility: row.word("visibility")?,
        name: row.optional("name")?,
        topic: row.get("topic")?,
        archived: row.optional::<Timestamp>("archived_at")?.is_some(),
    })
}

pub(crate) async fn insert_channel(conn: &mut Conn, new: &NewChannel) -> Result<Entry, StoreError> {
    let values = vec![
        Value::from(new.id),
        Value::word(&ConversationKind::Channel),
        Value::word(&new.visibility),
        Value::from(new.name.as_str()),
        Value::from(name_key(
            ConversationKind::Channel,
            new.visibility,
            Some(&new.name),
        )),
        Value::from(new.topic.as_str()),
        Value::from(new.created_by),
        Value::from(new.at),
        Value::Bytes(None),
    ];
    conn.run(INSERT_CONVERSATION, values).await?;
    members::insert(conn, new.id, &[new.created_by], new.at).await?;
    let body = EntryBody::ConversationCreated;
    timeline::append(conn, Draft::new(new.id, new.created_by, new.at, body)).await
}

async fn insert_group(conn: &mut Conn, new: &NewGroup) -> Result<Entry, StoreError> {
    let values = vec![
        Value::from(new.id),
        Value::word(&ConversationKind::Group),
        Value::word(&Visibility::Private),
        Value::from(new.name.clone()),
        Value::Text(None),
        Value::from(""),
        Value::from(new.created_by),
        Value::from(new.at),
        Value::Bytes(None),
    ];
    conn.run(INSERT_CONVERSATION, values).await?;
    let mut people = vec![new.created_by];
    people.extend(&new.members);
    members::insert(conn, new.id, &people, new.at).await?;
    let body = EntryBody::ConversationCreated;
    timeline::append(conn, Draft::new(new.id, new.created_by, new.at, body)).await
}

async fn insert_direct(conn: &mut Conn, new: &NewDirect) -> Result<ConversationId, StoreError> {
    let values = vec![
        Value::from(new.id),
        Value::word(&ConversationKind::Direct),
        Value::word(&Visibility::Private),
        Value::Text(None),
        Value::Text(None),
        Value::from(""),
        Value::from(new.user),
        Value::from(new.at),
        Value::Bytes(Some(pair(new))),
    ];
    conn.run(INSERT_CONVERSATION, values).await?;
    members::insert(conn, new.id, &[new.user, new.other], new.at).await?;
    Ok(new.id)
}

async fn created(
    conn: &mut Conn,
    by: UserId,
    id: ConversationId,
    entries: Vec<Entry>,
) -> Result<Created, StoreError> {
    Ok(Created {
        conversation: find_mine(conn, by, id).await?.ok_or(StoreError::NotFound)?,
        entries,
        new: true,
    })
}

async fn find_mine(
    conn: &mut Conn,
    user: UserId,
    id: ConversationId,
) -> Result<Option<MyConversation>, StoreError> {
    let Some(row) = conn.one(MINE_ONE, values![user, id]).await? else {
        return Ok(None);
    };
    let mut mine = my_conversation(&row)?;
    if mine.conversation.kind != ConversationKind::Channel {
        mine.conversation.members = members::ids(conn, id).await?;
    }
    Ok(Some(mine))
}

fn my_conversation(row: &Row) -> Result<MyConversation, StoreError> {
    let conversation = conversation(row)?;
    let read = unread::read_state(row, conversation.kind)?;
    Ok(MyConversation {
        conversation,
        read,
        preferences: members::preferences(row)?,
    })
}

fn conversation(row: &Row) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: row.get("id")?,
        kind: row.word("kind")?,
        visibility: row.word("visibility")?,
        name: row.optional("name")?,
        topic: row.get("topic")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        archived_at: row.optional("archived_at")?,
        last_seq: row.get("last_seq")?,
        last_at: row.get("last_at")?,
        member_count: row.get("member_count")?,
        members: Vec::new(),
    })
}

fn place(row: &Row, user: UserId) -> Result<Place, StoreError> {
    Ok(Place {
        role: row.word("role")?,
        kind: row.word("kind")?,
        visibility: row.word("visibility")?,
        membership: membership(row)?,
        archived: row.optional::<Timestamp>("archived_at")?.is_some(),
        creator: row.get::<UserId>("created_by")? == user,
    })
}

fn membership(row: &Row) -> Result<Membership, StoreError> {
    let member = row.optional::<UserId>("member")?;
    let left = row.optional::<Timestamp>("left_at")?;
    Ok(match (member, left) {
        (None, _) => Membership::Never,
        (Some(_), None) => Membership::Member,
        (Some(_), Some(_)) => Membership::Former,
    })
}

/// A private channel's name must not be learnt by its being taken, so only public ones compete.
fn name_key(kind: ConversationKind, visibility: Visibility, name: Option<&str>) -> Option<String> {
    match (kind, visibility) {
        (ConversationKind::Channel, Visibility::Public) => name.map(str::to_lowercase),
        (ConversationKind::Channel, Visibility::Private)
        | (ConversationKind::Group | ConversationKind::Direct, _) => None,
    }
}

fn pair(new: &NewDirect) -> Vec<u8> {
    let low = new.user.min(new.other);
    let high = new.user.max(new.other);
    [low.to_bytes(), high.to_bytes()].concat()
}
