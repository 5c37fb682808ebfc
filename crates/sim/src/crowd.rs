//! Many lives at once, spread over the cores, and what they have met between them.

use std::{
    collections::{BTreeSet, HashMap},
    panic, thread,
};

use domain::call::{Cell, Table};
use protocol::conversation::ConversationKind;

use crate::{Scene, World, world::Broken};

/// Where lives take place: two people whom a third may be added to, a group, a channel with somebody
/// outside.
pub fn scenes() -> [Scene; 3] {
    [
        Scene {
            kind: ConversationKind::Direct,
            devices_of: vec![2, 2, 1],
            outside: 1,
        },
        Scene {
            kind: ConversationKind::Group,
            devices_of: vec![1, 2, 1, 1],
            outside: 0,
        },
        Scene {
            kind: ConversationKind::Channel,
            devices_of: vec![1, 1, 2, 1],
            outside: 1,
        },
    ]
}

/// What some lives came to.
#[derive(Debug, Default)]
pub struct Lived {
    pub lives: u64,
    pub calls: u64,
    /// How often each input met each state of what it is about.
    pub reached: HashMap<Cell, u64>,
}

impl Lived {
    /// The life of one seed, where its number puts it.
    ///
    /// # Errors
    /// The first rule that did not hold in it.
    pub fn live(&mut self, seed: u64) -> Result<(), Broken> {
        let scenes = scenes();
        let count = scenes.len() as u64;
        let scene = &scenes[usize::try_from(seed % count).expect("there are few scenes")];
        let life = World::live(scene, seed)?;
        self.lives += 1;
        self.calls += life.calls as u64;
        for (cell, count) in life.reached {
            *self.reached.entry(cell).or_default() += count;
        }
        Ok(())
    }

    /// The lives of seeds 0 to `lives`, on all cores.
    ///
    /// # Errors
    /// The first rule that did not hold in one of them.
    pub fn all(lives: u64) -> Result<Self, Broken> {
        let cores = thread::available_parallelism().map_or(1, |count| count.get() as u64);
        let share = |core: u64| {
            let mut lived = Self::default();
            for seed in (core..lives).step_by(cores as usize) {
                lived.live(seed)?;
            }
            Ok(lived)
        };
        thread::scope(|scope| {
            let share = &share;
            let workers: Vec<_> = (0..cores)
                .map(|core| scope.spawn(move || share(core)))
                .collect();
            let mut all = Self::default();
            for worker in workers {
                all.add(
                    worker
                        .join()
                        .unwrap_or_else(|panic| panic::resume_unwind(panic))?,
                );
            }
            Ok(all)
        })
    }

    fn add(&mut self, other: Self) {
        self.lives += other.lives;
        self.calls += other.calls;
        for (cell, count) in other.reached {
            *self.reached.entry(cell).or_default() += count;
        }
    }

    /// The pairs of the tables in `docs/calls.md` that none of these lives has met.
    pub fn missed(&self) -> Vec<Cell> {
        let met = |cell: &Cell| self.reached.contains_key(cell);
        pairs().into_iter().filter(|cell| !met(cell)).collect()
    }

    /// The pairs met of which the tables say that they cannot be.
    pub fn impossible(&self) -> Vec<Cell> {
        let pairs = pairs();
        let mut met: Vec<Cell> = self.reached.keys().copied().collect();
        met.retain(|cell| !pairs.contains(cell));
        met
    }
}

/// Every pair of state and input there can be.
pub fn pairs() -> BTreeSet<Cell> {
    let cells = Table::ALL.into_iter().flat_map(Table::cells);
    cells.filter(|cell| cell.can_be()).collect()
}

/// Why lives do not meet this pair.
pub fn why_missed(cell: &Cell) -> &'static str {
    match (cell.table, cell.input, cell.state) {
        (Table::Ring, "join", "offline") => {
            "the device somebody joins with is noted as connected first, and then it is calling"
        }
        _ => "rare, and these lives are too few",
    }
}
