//! Profile pictures.

use protocol::{UserId, account::User};

use crate::{
    Store, StoreError,
    db::{Sql, statements, values},
    people,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Unlike that of every other picture the person had.
    pub version: String,
    /// Such as `image/png`.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

statements! {
    PICTURE = Sql::both("SELECT version, media_type, bytes FROM pictures WHERE user_id = $1");
    PUT_PICTURE = Sql::both(
        "INSERT INTO pictures (user_id, version, media_type, bytes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET
            version = excluded.version, media_type = excluded.media_type, bytes = excluded.bytes");
    DELETE_PICTURE = Sql::both("DELETE FROM pictures WHERE user_id = $1");
    NOTE_PICTURE = Sql::both("UPDATE users SET picture = $2 WHERE id = $1");
}

impl Store {
    pub async fn picture(&self, user_id: UserId) -> Result<Option<Picture>, StoreError> {
        let row = self.reader().await?.one(PICTURE, values![user_id]).await?;
        row.map(|row| {
            Ok(Picture {
                version: row.get("version")?,
                media_type: row.get("media_type")?,
                bytes: row.get("bytes")?,
            })
        })
        .transpose()
    }

    pub async fn set_picture(&self, id: UserId, picture: Picture) -> Result<User, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let version = picture.version;
                let values = values![id, version.as_str(), picture.media_type, picture.bytes];
                conn.run(PUT_PICTURE, values).await?;
                conn.run(NOTE_PICTURE, values![id, version]).await?;
                people::find(conn, id).await?.ok_or(StoreError::NotFound)
            })
        })
        .await
    }

    pub async fn clear_picture(&self, id: UserId) -> Result<User, StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                conn.run(DELETE_PICTURE, values![id]).await?;
                conn.run(NOTE_PICTURE, values![id, None::<String>]).await?;
                people::find(conn, id).await?.ok_or(StoreError::NotFound)
            })
        })
        .await
    }
}
