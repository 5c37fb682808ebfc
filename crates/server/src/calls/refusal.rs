//! The rules' refusals, as clients see them.

use std::borrow::Cow;

use domain::call::CallError;
use protocol::ErrorCode;

use crate::{http::error::ApiError, media::MediaError};

pub(super) fn refuse(error: CallError) -> ApiError {
    ApiError::new(error.code(), sentence(error))
}

fn sentence(error: CallError) -> Cow<'static, str> {
    Cow::Borrowed(match error {
        CallError::NobodyToCall => "There is nobody else in this conversation to call.",
        CallError::Ended(_) => "The call has ended.",
        CallError::Full { limit } => {
            return Cow::Owned(format!("The call is full: it holds {limit} people."));
        }
        CallError::Locked => "The call is locked. Somebody in it has to let you in.",
        CallError::Removed => "You were taken out of this call. Its host has to let you in again.",
        CallError::NoHost => "A direct message's call has no host.",
        CallError::Oneself => "Leave the call instead.",
        CallError::NotInCall => {
            "This device is not in the call with this connection. Join it again."
        }
        CallError::StaleEpoch => {
            "The call's media has moved. Use the session of the newest call state."
        }
        CallError::NotRung => "This call does not ring you.",
        CallError::WrongMode => "Only a direct message's call is carried between two browsers.",
        CallError::NotToPrepare => "There is nothing to prepare for on this device.",
    })
}

pub(super) fn refuse_media(error: MediaError) -> ApiError {
    match error {
        MediaError::Unavailable => ApiError::unavailable(),
        MediaError::Refused(reason) => ApiError::new(
            ErrorCode::MediaRefused,
            format!("The session description cannot be answered: {reason}."),
        ),
    }
}
