//! Who is in a conversation: coming, going, being added and removed. A former member stays known,
//! and begins where the timeline is when they come back.

use protocol::{
    ConversationId, Timestamp, UserId,
    conversation::{ConversationKind, Member, Preferences},
    limits::GROUP_MEMBERS_MAX,
    timeline::{Entry, EntryBody},
};

use crate::{
    Store, StoreError,
    conversations::lock,
    db::{Conn, Row, Sql, Value, statements, values},
    timeline::{self, Draft},
};

macro_rules! insert {
    ($ids:literal) => {
        concat!(
            "INSERT INTO members (conversation_id, user_id, joined_at, read_seq)
             SELECT c.id, p.id, $3, c.last_seq FROM conversations c, ",
            $ids,
            " WHERE c.id = $1
             ON CONFLICT (conversation_id, user_id) DO UPDATE SET
                joined_at = excluded.joined_at, left_at = NULL, read_seq = excluded.read_seq
             WHERE members.left_at IS NOT NULL
             RETURNING user_id"
        )
    };
}

statements! {
    INSERT_MEMBERS = Sql::each(
        insert!("(SELECT DISTINCT unhex(value) AS id FROM json_each($2)) p"),
        insert!("(SELECT DISTINCT unnest($2::bytea[]) AS id) p"));
    COUNT_MEMBERS = Sql::both(
        "UPDATE conversations SET member_count =
            (SELECT count(*) FROM members WHERE conversation_id = $1 AND left_at IS NULL)
         WHERE id = $1 RETURNING member_count");
    GO = Sql::both(
        "UPDATE members SET left_at = $3
         WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL");
    MEMBERS = Sql::both(
        "SELECT user_id, joined_at FROM members
         WHERE conversation_id = $1 AND left_at IS NULL ORDER BY joined_at, user_id");
    EVERY_MEMBERSHIP = Sql::both(
        "SELECT conversation_id, user_id FROM members WHERE left_at IS NULL
         ORDER BY conversation_id");
    CONVERSATION_IDS = Sql::both(
        "SELECT conversation_id FROM members WHERE user_id = $1 AND left_at IS NULL");
    SET_PREFERENCES = Sql::both(
        "UPDATE members SET muted = $3, rings = $4
         WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL");
}

impl Store {
    /// In order of coming.
    pub async fn members(&self, id: ConversationId) -> Result<Vec<Member>, StoreError> {
        let rows = self.reader().await?.all(MEMBERS, values![id]).await?;
        rows.iter()
            .map(|row| {
                Ok(Member {
                    user_id: row.get("user_id")?,
                    joined_at: row.get("joined_at")?,
                })
            })
            .collect()
    }

    pub async fn member_ids(&self, id: ConversationId) -> Result<Vec<UserId>, StoreError> {
        ids(&mut self.reader().await?, id).await
    }

    /// The conversations a person is a member of.
    pub async fn conversation_ids(&self, user: UserId) -> Result<Vec<ConversationId>, StoreError> {
        let rows = self
            .reader()
            .await?
            .all(CONVERSATION_IDS, values![user])
            .await?;
        rows.iter().map(|row| row.get("conversation_id")).collect()
    }

    /// Every membership there is, for an index in memory.
    pub async fn memberships(&self) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        let rows = self
            .reader()
            .await?
            .all(EVERY_MEMBERSHIP, values![])
            .await?;
        rows.iter()
            .map(|row| Ok((row.get("conversation_id")?, row.get("user_id")?)))
            .collect()
    }

    /// What a member has chosen for this conversation. Refused with [`StoreError::NotFound`] for
    /// whoever is none.
    pub async fn set_preferences(
        &self,
        user: UserId,
        id: ConversationId,
        Preferences { muted, rings }: Preferences,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                match conn
                    .run(SET_PREFERENCES, values![id, user, muted, rings])
                    .await?
                {
                    0 => Err(StoreError::NotFound),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// No entry for whoever is a member already.
    pub async fn join(
        &self,
        id: ConversationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| Box::pin(join(conn, id, user, at)))
            .await
    }

    /// No entry for whoever is no member.
    pub async fn leave(
        &self,
        id: ConversationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| Box::pin(go(conn, id, user, user, at)))
            .await
    }

    pub async fn remove_member(
        &self,
        id: ConversationId,
        by: UserId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| Box::pin(go(conn, id, by, user, at)))
            .await
    }

    /// One entry names those who were not members yet; none when all were. A group that would
    /// grow too large is a [`StoreError::Conflict`].
    pub async fn add_members(
        &self,
        id: ConversationId,
        by: UserId,
        users: Vec<UserId>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let kind = lock(conn, id).await?.open()?.kind;
                let user_ids = insert(conn, id, &users, at).await?;
                if user_ids.is_empty() {
                    return Ok(Vec::new());
                }
                if kind == ConversationKind::Group && count(conn, id).await? > GROUP_MEMBERS_MAX {
                    return Err(StoreError::Conflict);
                }
                let body = EntryBody::MembersAdded { user_ids };
                Ok(vec![
                    timeline::append(conn, Draft::new(id, by, at, body)).await?,
                ])
            })
        })
        .await
    }
}

pub(crate) async fn ids(conn: &mut Conn, id: ConversationId) -> Result<Vec<UserId>, StoreError> {
    let rows = conn.all(MEMBERS, values![id]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}

/// Of a member, by the columns `muted` and `rings`.
pub(crate) fn preferences(row: &Row) -> Result<Preferences, StoreError> {
    Ok(Preferences {
        muted: row.get("muted")?,
        rings: row.get("rings")?,
    })
}

/// Makes people members; gives those who were not, in the order named.
pub(crate) async fn insert(
    conn: &mut Conn,
    id: ConversationId,
    users: &[UserId],
    at: Timestamp,
) -> Result<Vec<UserId>, StoreError> {
    let values = vec![Value::from(id), Value::ids(users), Value::from(at)];
    let rows = conn.all(INSERT_MEMBERS, values).await?;
    let mut came = rows
        .iter()
        .map(|row| row.get("user_id"))
        .collect::<Result<Vec<UserId>, _>>()?;
    came.sort_by_key(|user| users.iter().position(|named| named == user));
    count(conn, id).await?;
    Ok(came)
}

pub(crate) async fn join(
    conn: &mut Conn,
    id: ConversationId,
    user: UserId,
    at: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    lock(conn, id).await?.open()?;
    if insert(conn, id, &[user], at).await?.is_empty() {
        return Ok(Vec::new());
    }
    let draft = Draft::new(id, user, at, EntryBody::MemberJoined);
    Ok(vec![timeline::append(conn, draft).await?])
}

async fn go(
    conn: &mut Conn,
    id: ConversationId,
    by: UserId,
    user: UserId,
    at: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    lock(conn, id).await?;
    if conn.run(GO, values![id, user, at]).await? == 0 {
        return Ok(Vec::new());
    }
    count(conn, id).await?;
    let body = match by == user {
        true => EntryBody::MemberLeft,
        false => EntryBody::MemberRemoved { user_id: user },
    };
    Ok(vec![
        timeline::append(conn, Draft::new(id, by, at, body)).await?,
    ])
}

async fn count(conn: &mut Conn, id: ConversationId) -> Result<usize, StoreError> {
    let row = conn
        .one(COUNT_MEMBERS, values![id])
        .await?
        .ok_or(StoreError::NotFound)?;
    Ok(usize::try_from(row.get::<u32>("member_count")?).unwrap_or(usize::MAX))
}
