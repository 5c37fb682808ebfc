//! What people do, and when.

use std::time::Duration;

use protocol::conversation::ConversationKind;
use rand::{RngExt, rngs::StdRng};

/// Who is there: people, each with this many devices.
#[derive(Debug, Clone)]
pub struct Scene {
    pub kind: ConversationKind,
    pub devices_of: Vec<usize>,
    /// So many of them, the last ones, are no members until somebody adds them.
    pub outside: usize,
}

/// Something a person does with a device, or that happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Presses "call", which joins where there is one.
    Call,
    /// Joins the live call, which answers a ring.
    Join,
    /// Joins, and has the other devices leave.
    MoveHere,
    Decline,
    Leave,
    EndForAll,
    ToggleMicrophone,
    ShareScreen,
    RaiseHand,
    /// Whoever is alone says that they stay.
    Stay,
    /// Acts as a host: on whom and how is drawn.
    Host,
    /// Asks somebody into the call.
    Add,
    StopRinging,
    /// The page's media is lost while its socket goes on.
    LoseMedia,
    /// And there again.
    FindMedia,
    /// The page is loaded again: the same tab comes back a little later.
    Reload,
    /// Another tab of the device takes the place of this one.
    OtherTab,
    /// The network is gone without a word.
    Unplug,
    /// And there again.
    PlugIn,
    /// The tab is closed for good.
    Close,
    /// The tab is gone for good, without a word.
    Die,
    /// The person is signed out on this device.
    SignOut,
    /// The server's process ends at once and is started again.
    RestartServer,
    /// Something arrives that nobody meant now: late, twice, from elsewhere, about somebody else.
    Stray,
}

impl Act {
    pub const ALL: [Self; 24] = [
        Self::Call,
        Self::Join,
        Self::MoveHere,
        Self::Decline,
        Self::Leave,
        Self::EndForAll,
        Self::ToggleMicrophone,
        Self::ShareScreen,
        Self::RaiseHand,
        Self::Stay,
        Self::Host,
        Self::Add,
        Self::StopRinging,
        Self::LoseMedia,
        Self::FindMedia,
        Self::Reload,
        Self::OtherTab,
        Self::Unplug,
        Self::PlugIn,
        Self::Close,
        Self::Die,
        Self::SignOut,
        Self::RestartServer,
        Self::Stray,
    ];

    /// How often it is done, of a thousand acts.
    fn weight(self) -> u32 {
        match self {
            Self::Call => 130,
            Self::Join => 190,
            Self::MoveHere => 30,
            Self::Decline => 50,
            Self::Leave => 90,
            Self::EndForAll => 12,
            Self::ToggleMicrophone => 50,
            Self::ShareScreen => 20,
            Self::RaiseHand => 30,
            Self::Stay => 10,
            Self::Host => 90,
            Self::Add => 40,
            Self::StopRinging => 10,
            Self::LoseMedia => 20,
            Self::FindMedia => 20,
            Self::Reload => 70,
            Self::OtherTab => 20,
            Self::Unplug => 50,
            Self::PlugIn => 60,
            Self::Close => 15,
            Self::Die => 15,
            Self::SignOut => 10,
            Self::RestartServer => 20,
            Self::Stray => 160,
        }
    }

    fn draw(random: &mut StdRng) -> Self {
        let sum: u32 = Self::ALL.into_iter().map(Self::weight).sum();
        let mut left = random.random_range(0..sum);
        for act in Self::ALL {
            match left.checked_sub(act.weight()) {
                Some(rest) => left = rest,
                None => return act,
            }
        }
        Self::Call
    }
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
        let count = random.random_range(6..40);
        let mut plan = Self::default().then(0, random.random_range(0..devices), Act::Call);
        for _ in 0..count {
            // Many things in the same moment, some soon after, some after long silence.
            let pause = match random.random_range(0..100) {
                0..15 => 0,
                15..45 => random.random_range(0..150),
                45..82 => random.random_range(150..4_000),
                82..99 => random.random_range(4_000..40_000),
                _ => random.random_range(40_000..620_000),
            };
            plan = plan.then(pause, random.random_range(0..devices), Act::draw(random));
        }
        plan
    }
}
