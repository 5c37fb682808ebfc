//! People: their accounts, and what they have chosen.

use protocol::{
    ConversationId, DeviceId, Timestamp, UserId,
    account::{Me, Role, User, WorkingHours},
    conversation::Preferences,
    presence::Availability,
    timeline::Entry,
};

use crate::{
    Store, StoreError,
    db::{Conn, Row, Sql, Value, from_json, locking, statements, values},
    members, sessions,
    workspace::{self, workspace_columns},
};

/// A person to come.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    pub name: String,
    /// In the one spelling the rules give an address.
    pub email: String,
    pub password_hash: String,
    pub role: Role,
    /// Degrees of the person's colour.
    pub hue: u16,
    pub at: Timestamp,
}

/// A person who came, with the entry that says so in the channel everybody comes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub user: User,
    pub entries: Vec<Entry>,
}

/// What a sign-in is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub user_id: UserId,
    pub password_hash: String,
    pub disabled: bool,
}

/// What a person has chosen about being disturbed, and for one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    pub user_id: UserId,
    pub availability: Availability,
    pub working_hours: Option<WorkingHours>,
    /// Of whoever is no member: nothing was chosen.
    pub preferences: Preferences,
}

/// What of an account changes. None leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    pub name: Option<String>,
    pub email: Option<String>,
    pub password_hash: Option<String>,
    pub role: Option<Role>,
    /// Disabling also signs the person out everywhere.
    pub disabled: Option<bool>,
    pub instant_answer: Option<bool>,
    pub at: Timestamp,
}

macro_rules! user_columns {
    () => {
        "u.id, u.name, u.role, u.picture, u.hue, u.disabled_at"
    };
}

macro_rules! wishes {
    ($these:literal) => {
        concat!(
            "SELECT u.id, u.availability, u.working_hours, m.muted, m.rings
             FROM users u LEFT JOIN members m
                ON m.user_id = u.id AND m.conversation_id = $1 AND m.left_at IS NULL
             WHERE u.id ",
            $these,
            " ORDER BY u.id"
        )
    };
}

statements! {
    INSERT_USER = Sql::both(
        "INSERT INTO users (id, name, email, password_hash, role, hue, availability, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    USER = Sql::both(concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1"));
    USERS = Sql::both(concat!("SELECT ", user_columns!(), " FROM users u ORDER BY u.id"));
    CREDENTIALS = Sql::both(
        "SELECT id, password_hash, disabled_at FROM users WHERE email = $1");
    CREDENTIALS_OF = Sql::both(
        "SELECT id, password_hash, disabled_at FROM users WHERE id = $1");
    ME = Sql::both(concat!(
        "SELECT ", user_columns!(), ", u.email, u.availability, u.instant_answer, u.working_hours, ",
        workspace_columns!("w."), "
         FROM users u, workspace w WHERE u.id = $1"));
    EMAIL = Sql::both("SELECT email FROM users WHERE id = $1");
    UPDATE_USER = Sql::both(
        "UPDATE users SET
            name = COALESCE($2, name), email = COALESCE($3, email),
            password_hash = COALESCE($4, password_hash), role = COALESCE($5, role),
            instant_answer = COALESCE($6, instant_answer)
         WHERE id = $1");
    DISABLE = Sql::both("UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL");
    ENABLE = Sql::both("UPDATE users SET disabled_at = NULL WHERE id = $1");
    ADMINS = locking!(
        "SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id");
    SET_AVAILABILITY = Sql::both("UPDATE users SET availability = $2 WHERE id = $1");
    AVAILABILITIES = Sql::both(
        "SELECT id, availability FROM users WHERE availability <> 'available'");
    SET_WORKING_HOURS = Sql::both("UPDATE users SET working_hours = $2 WHERE id = $1");
    WISHES = Sql::each(
        wishes!("IN (SELECT unhex(value) FROM json_each($2))"),
        wishes!("= ANY ($2)"));
}

impl Store {
    /// Adds a person by the operator's word, as a member of the channel everybody comes into.
    pub async fn create_user(&self, user: NewUser) -> Result<Person, StoreError> {
        self.write(move |conn| Box::pin(async move { come_in(conn, user).await }))
            .await
    }

    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        find(&mut self.reader().await?, id).await
    }

    /// Everybody, disabled people too, in order of coming.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = self.reader().await?.all(USERS, values![]).await?;
        rows.iter().map(user).collect()
    }

    /// What a sign-in with this address is checked against.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row = self
            .reader()
            .await?
            .one(CREDENTIALS, values![email])
            .await?;
        row.as_ref().map(credentials).transpose()
    }

    pub async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let row = self
            .reader()
            .await?
            .one(CREDENTIALS_OF, values![id])
            .await?;
        row.as_ref().map(credentials).transpose()
    }

    /// The address a person signs in with.
    pub async fn email(&self, id: UserId) -> Result<Option<String>, StoreError> {
        let row = self.reader().await?.one(EMAIL, values![id]).await?;
        row.map(|row| row.get("email")).transpose()
    }

    /// The person as they see themselves, on this device of theirs.
    pub async fn me(&self, id: UserId, device_id: DeviceId) -> Result<Option<Me>, StoreError> {
        let row = self.reader().await?.one(ME, values![id]).await?;
        row.map(|row| {
            Ok(Me {
                user: user(&row)?,
                email: row.get("email")?,
                availability: row.word("availability")?,
                instant_answer: row.get("instant_answer")?,
                working_hours: working_hours(&row)?,
                device_id,
                workspace: workspace::workspace(&row)?,
            })
        })
        .transpose()
    }

    /// Changes an account. Refused with [`StoreError::LastAdmin`] when no admin would be left who
    /// can sign in.
    pub async fn update_user(&self, id: UserId, change: UserChange) -> Result<User, StoreError> {
        self.write(move |conn| Box::pin(async move { update(conn, id, change).await }))
            .await
    }

    pub async fn set_availability(
        &self,
        id: UserId,
        availability: Availability,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let values = vec![Value::from(id), Value::word(&availability)];
                match conn.run(SET_AVAILABILITY, values).await? {
                    0 => Err(StoreError::NotFound),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// None: the person works at any time.
    pub async fn set_working_hours(
        &self,
        id: UserId,
        hours: Option<&WorkingHours>,
    ) -> Result<(), StoreError> {
        let hours = match hours {
            Some(hours) => Value::json(hours)?,
            None => Value::Text(None),
        };
        self.write(move |conn| {
            Box::pin(async move {
                let values = vec![Value::from(id), hours];
                match conn.run(SET_WORKING_HOURS, values).await? {
                    0 => Err(StoreError::NotFound),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// What these people have chosen about being disturbed, here. In order of coming.
    pub async fn wishes(
        &self,
        conversation: ConversationId,
        people: &[UserId],
    ) -> Result<Vec<Wishes>, StoreError> {
        let values = vec![Value::from(conversation), Value::ids(people)];
        let rows = self.reader().await?.all(WISHES, values).await?;
        rows.iter().map(wishes).collect()
    }

    /// What people have chosen, where it is not [`Availability::Available`].
    pub async fn availabilities(&self) -> Result<Vec<(UserId, Availability)>, StoreError> {
        let rows = self.reader().await?.all(AVAILABILITIES, values![]).await?;
        rows.iter()
            .map(|row| Ok((row.get("id")?, row.word("availability")?)))
            .collect()
    }
}

/// Inserts a person and makes them a member of the channel everybody comes into.
pub(crate) async fn come_in(conn: &mut Conn, new: NewUser) -> Result<Person, StoreError> {
    let (id, at) = (new.id, new.at);
    let user = insert(conn, new).await?;
    let entries = match workspace::general(conn).await? {
        Some(general) => members::join(conn, general, id, at).await?,
        None => Vec::new(),
    };
    Ok(Person { user, entries })
}

pub(crate) async fn insert(conn: &mut Conn, new: NewUser) -> Result<User, StoreError> {
    let values = vec![
        Value::from(new.id),
        Value::from(new.name.as_str()),
        Value::from(new.email),
        Value::from(new.password_hash),
        Value::word(&new.role),
        Value::from(new.hue),
        Value::word(&Availability::Available),
        Value::from(new.at),
    ];
    conn.run(INSERT_USER, values).await?;
    Ok(User {
        id: new.id,
        name: new.name,
        role: new.role,
        picture: None,
        hue: new.hue,
        disabled: false,
    })
}

pub(crate) async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row = conn.one(USER, values![id]).await?;
    row.as_ref().map(user).transpose()
}

async fn update(conn: &mut Conn, id: UserId, change: UserChange) -> Result<User, StoreError> {
    if change.role == Some(Role::Member) || change.disabled == Some(true) {
        keep_an_admin(conn, id).await?;
    }
    let values = vec![
        Value::from(id),
        Value::from(change.name),
        Value::from(change.email),
        Value::from(change.password_hash),
        Value::Text(change.role.map(|role| crate::db::word(&role))),
        Value::Bool(change.instant_answer),
    ];
    if conn.run(UPDATE_USER, values).await? == 0 {
        return Err(StoreError::NotFound);
    }
    match change.disabled {
        Some(true) => {
            conn.run(DISABLE, values![id, change.at]).await?;
            sessions::revoke_all(conn, id).await?;
        }
        Some(false) => {
            conn.run(ENABLE, values![id]).await?;
        }
        None => {}
    }
    find(conn, id).await?.ok_or(StoreError::NotFound)
}

/// Holds all admins while one of them ceases to be one.
async fn keep_an_admin(conn: &mut Conn, leaving: UserId) -> Result<(), StoreError> {
    let rows = conn.all(ADMINS, values![]).await?;
    let admins = rows
        .iter()
        .map(|row| row.get("id"))
        .collect::<Result<Vec<UserId>, _>>()?;
    match admins.as_slice() {
        [only] if *only == leaving => Err(StoreError::LastAdmin),
        _ => Ok(()),
    }
}

fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.get("id")?,
        name: row.get("name")?,
        role: row.word("role")?,
        picture: row.optional("picture")?,
        hue: row.get("hue")?,
        disabled: row.optional::<Timestamp>("disabled_at")?.is_some(),
    })
}

fn working_hours(row: &Row) -> Result<Option<WorkingHours>, StoreError> {
    let kept = row.optional::<String>("working_hours")?;
    kept.map(|text| from_json(&text)).transpose()
}

fn wishes(row: &Row) -> Result<Wishes, StoreError> {
    let chosen = row.optional::<bool>("muted")?.is_some();
    Ok(Wishes {
        user_id: row.get("id")?,
        availability: row.word("availability")?,
        working_hours: working_hours(row)?,
        preferences: match chosen {
            true => members::preferences(row)?,
            false => Preferences::default(),
        },
    })
}

fn credentials(row: &Row) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        user_id: row.get("id")?,
        password_hash: row.get("password_hash")?,
        disabled: row.optional::<Timestamp>("disabled_at")?.is_some(),
    })
}
