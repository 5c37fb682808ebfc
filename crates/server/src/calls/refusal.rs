//! The rules' refusals, as clients see them.

use domain::call::CallError;
use protocol::ErrorCode;

use crate::{http::error::ApiError, media::MediaError};

pub(super) fn refuse(error: CallError) -> ApiError {
    match error {
        CallError::NobodyToCall => {
            ApiError::conflict("There is nobody else in this conversation to call.")
        }
        CallError::Ended(_) => ApiError::new(ErrorCode::CallEnded, "The call has ended."),
        CallError::Full { limit } => ApiError::new(
            ErrorCode::CallFull,
            format!("The call is full: it holds {limit} people."),
        ),
        CallError::Locked => ApiError::new(
            ErrorCode::CallLocked,
            "The call is locked. Somebody in it has to let you in.",
        ),
        CallError::Removed => ApiError::new(
            ErrorCode::CallRemoved,
            "You were taken out of this call. Its host has to let you in again.",
        ),
        CallError::Oneself => ApiError::conflict("Leave the call instead."),
        CallError::NotInCall => ApiError::new(
            ErrorCode::NotInCall,
            "This device is not in the call with this connection. Join it again.",
        ),
        CallError::StaleEpoch => ApiError::new(
            ErrorCode::StaleEpoch,
            "The call's media has moved. Use the session of the newest call state.",
        ),
        CallError::NotRung => ApiError::conflict("This call does not ring you."),
        CallError::WrongMode => {
            ApiError::conflict("Only a direct message's call is carried between two browsers.")
        }
    }
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
