//! The one place where a refusal gets its status, its stable code and its sentence, for HTTP and
//! socket alike.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    TextError,
    access::Denied,
    account::{EmailError, LastAdmin, PasswordError},
    call_log::RetentionError,
    conversation::{MembersError, NewConversationError},
    message::NonceError,
    working_hours::WorkingHoursError,
};
use protocol::{ErrorBody, ErrorCode, rest::ErrorAnswer};
use store::{StoreError, Taken};

use crate::push::{encryption::KeysError, endpoint::EndpointError};

/// A request was refused and changed nothing.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: ErrorCode,
    message: Cow<'static, str>,
    field: Option<&'static str>,
    retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: status(code),
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// A field of the request breaks a rule.
    pub fn field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(field),
            ..Self::invalid(message)
        }
    }

    pub fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::TooLarge, message)
    }

    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Sign in first.")
    }

    pub fn wrong_credentials() -> Self {
        Self::new(
            ErrorCode::WrongCredentials,
            "This e-mail address and password do not belong together, or the account is disabled.",
        )
    }

    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    pub fn not_found() -> Self {
        Self::new(
            ErrorCode::NotFound,
            "There is no such thing, or it is not yours to see.",
        )
    }

    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    pub fn link_invalid() -> Self {
        Self::new(
            ErrorCode::LinkInvalid,
            "This link is used up, revoked or expired. Ask for a new one.",
        )
    }

    pub fn archived() -> Self {
        Self::new(
            ErrorCode::Archived,
            "This conversation is archived: nothing can be added to it.",
        )
    }

    pub fn rate_limited(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(ErrorCode::RateLimited, "Too many requests. Wait a moment.")
        }
    }

    pub fn unsupported_protocol() -> Self {
        Self::new(
            ErrorCode::UnsupportedProtocol,
            "This client is older or newer than the server. Load the page again.",
        )
    }

    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(Duration::from_secs(1)),
            ..Self::new(
                ErrorCode::Unavailable,
                "The server cannot do this for a moment. Try again.",
            )
        }
    }

    /// A fault of ours, logged here because only here it is known to end a request.
    pub fn internal(fault: &dyn std::fmt::Display) -> Self {
        tracing::error!(%fault, "a request failed by a fault of the server");
        Self::new(
            ErrorCode::Internal,
            "The server made a mistake. It has been logged.",
        )
    }

    pub fn method_not_allowed() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::invalid("This address does not take that method.")
        }
    }

    pub fn unsupported_media_type() -> Self {
        Self {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..Self::invalid("Send this as JSON, with content-type: application/json.")
        }
    }

    pub fn code(&self) -> ErrorCode {
        self.code
    }

    pub fn into_body(self) -> ErrorBody {
        ErrorBody {
            code: self.code,
            message: self.message.into_owned(),
            field: self.field.map(str::to_owned),
            retry_after_ms: self
                .retry_after
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

impl ApiError {
    /// A text of this field cannot be taken.
    pub fn text(field: &'static str) -> impl FnOnce(TextError) -> Self {
        move |error| {
            let code = match error {
                TextError::Empty | TextError::Unprintable => ErrorCode::Invalid,
                TextError::TooLong { .. } => ErrorCode::TooLarge,
            };
            Self {
                field: Some(field),
                ..Self::new(code, sentence(&error))
            }
        }
    }
}

/// The words of an error as a sentence.
fn sentence(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Hidden => Self::not_found(),
            Denied::NotMember => Self::forbidden("Join this conversation first."),
            Denied::Forbidden => Self::forbidden("You are not allowed to do this."),
            Denied::WrongKind => Self::conflict("This kind of conversation does not have that."),
            Denied::Archived => Self::archived(),
        }
    }
}

impl From<NonceError> for ApiError {
    fn from(error: NonceError) -> Self {
        Self::field("nonce", sentence(&error))
    }
}

impl From<EmailError> for ApiError {
    fn from(error: EmailError) -> Self {
        Self::field("email", sentence(&error))
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        Self::field("password", sentence(&error))
    }
}

impl From<RetentionError> for ApiError {
    fn from(error: RetentionError) -> Self {
        Self::field("call_log", sentence(&error))
    }
}

impl From<WorkingHoursError> for ApiError {
    fn from(error: WorkingHoursError) -> Self {
        let field = match error {
            WorkingHoursError::NoDay => "days",
            WorkingHoursError::NoSuchMinute => "from",
            WorkingHoursError::UnknownTimeZone => "time_zone",
        };
        Self::field(field, sentence(&error))
    }
}

impl From<LastAdmin> for ApiError {
    fn from(error: LastAdmin) -> Self {
        Self::conflict(sentence(&error))
    }
}

impl From<NewConversationError> for ApiError {
    fn from(error: NewConversationError) -> Self {
        match error {
            NewConversationError::Name(error) => Self::text("name")(error),
            NewConversationError::Topic(error) => Self::text("topic")(error),
            NewConversationError::Members(error) => error.into(),
        }
    }
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        Self::field("keys", sentence(&error))
    }
}

impl From<EndpointError> for ApiError {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::TooLong => Self {
                field: Some("endpoint"),
                ..Self::too_large(sentence(&error))
            },
            EndpointError::Malformed | EndpointError::Private | EndpointError::UnknownHost => {
                Self::field("endpoint", sentence(&error))
            }
        }
    }
}

impl From<MembersError> for ApiError {
    fn from(error: MembersError) -> Self {
        match error {
            MembersError::Nobody => Self::field("members", sentence(&error)),
            MembersError::TooMany { .. } => Self::too_large(sentence(&error)),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::AlreadyExists(taken) => Self {
                field: match taken {
                    Taken::Workspace => None,
                    Taken::Email => Some("email"),
                    Taken::ChannelName => Some("name"),
                },
                ..Self::new(ErrorCode::AlreadyExists, sentence(&error))
            },
            StoreError::Conflict => Self::conflict("This is no longer as you saw it. Look again."),
            StoreError::Archived => Self::archived(),
            StoreError::LastAdmin => LastAdmin.into(),
            StoreError::LinkInvalid => Self::link_invalid(),
            StoreError::Unavailable(reason) => {
                tracing::warn!(%reason, "the store does not answer");
                Self::unavailable()
            }
            StoreError::Lost => Self::unavailable(),
            StoreError::Corrupt(_) | StoreError::Panicked | StoreError::Unsupported(_) => {
                Self::internal(&error)
            }
        }
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Invalid | ErrorCode::UnsupportedProtocol | ErrorCode::MediaRefused => {
            StatusCode::BAD_REQUEST
        }
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Unauthenticated | ErrorCode::WrongCredentials => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::CallLocked | ErrorCode::CallRemoved => {
            StatusCode::FORBIDDEN
        }
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::AlreadyExists
        | ErrorCode::Conflict
        | ErrorCode::Archived
        | ErrorCode::CallEnded
        | ErrorCode::CallFull
        | ErrorCode::NotInCall
        | ErrorCode::RingsMany
        | ErrorCode::StaleEpoch => StatusCode::CONFLICT,
        ErrorCode::LinkInvalid => StatusCode::GONE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status;
        let retry_after = self.retry_after;
        let answer = ErrorAnswer {
            error: self.into_body(),
        };
        let mut response = (status, Json(answer)).into_response();
        if let Some(wait) = retry_after {
            let seconds = wait.as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}
