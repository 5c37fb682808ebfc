//! What people do, and when.

use std::time::Duration;

use protocol::conversation::ConversationKind;
use rand::{RngExt, rngs::StdRng};

/// Who is there: people, each with this many devices.
#[derive(Debug, Clone)]
pub struct Scene {
    pub kind: ConversationKind,
    pub devices_of: Vec<usize>,
}

/// Something a person does with a device, or that happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Presses "call", which joins where there is one.
    Call,
    /// Joins the live call, which answers a ring.
    Join,
    Decline,
    Leave,
    EndForAll,
    ToggleMicrophone,
    RaiseHand,
    /// The page is loaded again: the same tab comes back a little later.
    Reload,
    /// The network is gone without a word.
    Unplug,
    /// And there again.
    PlugIn,
    /// The tab is closed for good.
    Close,
    /// The tab is gone for good, without a word.
    Die,
    /// The server's process ends at once and is started again.
    RestartServer,
}

impl Act {
    pub const ALL: [Self; 13] = [
        Self::Call,
        Self::Join,
        Self::Decline,
        Self::Leave,
        Self::EndForAll,
        Self::ToggleMicrophone,
        Self::RaiseHand,
        Self::Reload,
        Self::Unplug,
        Self::PlugIn,
        Self::Close,
        Self::Die,
        Self::RestartServer,
    ];
}

/// Acts by device, each with the pause since the one before.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub steps: Vec<(Duration, usize, Act)>,
}

impl Plan {
    /// Adds an act of that device after a pause.
    #[must_use]
    pub fn then(mut self, pause_ms: u64, device: usize, act: Act) -> Self {
        self.steps
            .push((Duration::from_millis(pause_ms), device, act));
        self
    }

    /// Some minutes of people who call, answer, lose their network and come back.
    pub fn random(scene: &Scene, random: &mut StdRng) -> Self {
        let devices: usize = scene.devices_of.iter().sum();
        let count = random.random_range(4..24);
        let mut plan = Self::default().then(0, random.random_range(0..devices), Act::Call);
        for _ in 0..count {
            // Many things within the same moment, some after long silence.
            let pause = match random.random_range(0..10) {
                0..4 => random.random_range(0..40),
                4..8 => random.random_range(40..4_000),
                _ => random.random_range(4_000..40_000),
            };
            let act = match random.random_range(0..100) {
                0..14 => Act::Call,
                14..36 => Act::Join,
                36..42 => Act::Decline,
                42..52 => Act::Leave,
                52..54 => Act::EndForAll,
                54..62 => Act::ToggleMicrophone,
                62..66 => Act::RaiseHand,
                66..76 => Act::Reload,
                76..84 => Act::Unplug,
                84..93 => Act::PlugIn,
                93..95 => Act::Close,
                95..97 => Act::Die,
                _ => Act::RestartServer,
            };
            plan = plan.then(pause, random.random_range(0..devices), act);
        }
        plan
    }
}
