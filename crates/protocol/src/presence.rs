//! Who can be reached, and how they have asked to be treated.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What a person has chosen. It lasts until they choose again.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(Default)]
pub enum Availability {
    #[default]
    Available,
    DoNotDisturb,
}

/// What others see.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Active on a device.
    Online,
    /// Connected, but not active on any device.
    Away,
    DoNotDisturb,
    Offline,
}
