//! Ids: 128 bits, time first, printed with their kind in front (`call_01jq…`).
//!
//! The text after the prefix is a ULID in lower case, so ids of one kind sort by creation. Making one
//! takes the time and the randomness as arguments, because pure code makes ids too.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ulid::Ulid;

use crate::Timestamp;

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The prefix is that of another kind of id, or missing.
    #[error("an id of this kind begins with \"{0}_\"")]
    Prefix(&'static str),
    /// What follows the prefix is not 26 characters of Crockford's base 32.
    #[error("the id is not well formed")]
    Malformed,
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The kind, as printed in front of the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// An id made at `at`; the lower 80 bits of `random` make it unlike all others.
            pub fn from_parts(at: Timestamp, random: u128) -> Self {
                Self(Ulid::from_parts(at.as_millis().unsigned_abs(), random))
            }

            /// The 16 bytes databases keep.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// The id kept as these 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buffer = [0; ulid::ULID_LEN];
                let text = self.0.array_to_str(&mut buffer);
                text.make_ascii_lowercase();
                write!(f, "{}_{text}", Self::PREFIX)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let body = text
                    .strip_prefix(concat!($prefix, "_"))
                    .ok_or(IdError::Prefix(Self::PREFIX))?;
                // One spelling each: an upper-case id is somebody's mistake, not an alias.
                if body.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(IdError::Malformed);
                }
                Ulid::from_string(&body.to_ascii_uppercase())
                    .map(Self)
                    .map_err(|_| IdError::Malformed)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, "an id such as {}_01jq…", $name::PREFIX)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }

        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn decl(_: &ts_rs::Config) -> String {
                format!(
                    "type {} = string & {{ readonly __id: \"{}\" }};",
                    stringify!($name),
                    Self::PREFIX
                )
            }

            fn decl_concrete(config: &ts_rs::Config) -> String {
                <Self as ts_rs::TS>::decl(config)
            }

            fn name(_: &ts_rs::Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(config: &ts_rs::Config) -> String {
                <Self as ts_rs::TS>::name(config)
            }

            fn output_path() -> Option<std::path::PathBuf> {
                Some(concat!(stringify!($name), ".ts").into())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-hjkmnp-tv-z]{26}$")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

id_type!(
    /// A person with an account.
    UserId,
    "usr"
);
id_type!(
    /// One sign-in of one person: a browser profile. It keeps its name in calls and lists.
    DeviceId,
    "dev"
);
id_type!(
    /// An invitation to the workspace.
    InviteId,
    "inv"
);
id_type!(
    /// A channel, a group or a direct message.
    ConversationId,
    "cnv"
);
id_type!(
    /// A message in a conversation.
    MessageId,
    "msg"
);
id_type!(
    /// A call, live or ended.
    CallId,
    "call"
);
id_type!(
    /// One joining of a call by one device. Joining again makes another.
    PeerId,
    "peer"
);
