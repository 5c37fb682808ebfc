use std::{
    collections::{BTreeSet, HashMap},
    env, thread,
};

use domain::call::{Cell, Table};
use protocol::conversation::ConversationKind;
use sim::{Scene, World};

/// Seeds that once found a bug.
const KEPT: [u64; 2] = [
    // Somebody rung again moved to the end of the list, which only those knew who asked anew.
    1314,
    // A page that said it closes was heard, and yet lost its place by what was heard before.
    1331,
];
/// Fewer would leave too much of the tables to chance; `LIVES=100000` reaches all of it.
const LIVES: u64 = 10_000;

fn scenes() -> [Scene; 3] {
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

#[derive(Default)]
struct Lived {
    lives: u64,
    calls: u64,
    reached: HashMap<Cell, u64>,
}

impl Lived {
    fn live(&mut self, seed: u64) {
        let scenes = scenes();
        let scene = &scenes[usize::try_from(seed % 3).expect("three scenes")];
        let life = World::live(scene, seed).unwrap_or_else(|broken| panic!("{broken}"));
        self.lives += 1;
        self.calls += u64::try_from(life.calls).expect("a life has few calls");
        for (cell, count) in life.reached {
            *self.reached.entry(cell).or_default() += count;
        }
    }

    fn add(&mut self, other: Self) {
        self.lives += other.lives;
        self.calls += other.calls;
        for (cell, count) in other.reached {
            *self.reached.entry(cell).or_default() += count;
        }
    }
}

/// Plays the lives of these seeds, spread over the cores.
fn live_all(lives: u64) -> Lived {
    let cores = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|core| {
                scope.spawn(move || {
                    let mut lived = Lived::default();
                    let kept = KEPT.into_iter().filter(|_| core == 0);
                    for seed in kept.chain((core..lives).step_by(cores as usize)) {
                        lived.live(seed);
                    }
                    lived
                })
            })
            .collect();
        let mut all = Lived::default();
        for worker in workers {
            match worker.join() {
                Ok(lived) => all.add(lived),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// `SEED=n` plays that one life alone, `LIVES=n` so many; then the page's cells that no life has
/// reached are printed.
#[test]
fn whatever_people_and_networks_do_the_rules_of_calls_hold() {
    if let Ok(seed) = env::var("SEED") {
        Lived::default().live(seed.parse().expect("SEED is a number"));
        return;
    }
    let lives = env::var("LIVES").map_or(LIVES, |lives| lives.parse().expect("LIVES is a number"));
    let lived = live_all(lives);
    assert!(
        lived.calls > lives,
        "{} calls in {lives} lives: nothing much happened",
        lived.calls
    );
    let cells: BTreeSet<Cell> = Table::ALL
        .into_iter()
        .flat_map(Table::cells)
        .filter(|cell| cell.can_be())
        .collect();
    let missed: Vec<_> = cells
        .iter()
        .filter(|cell| !lived.reached.contains_key(cell))
        .collect();
    eprintln!(
        "{} lives, {} calls, {} of {} pairs of state and input",
        lived.lives,
        lived.calls,
        cells.len() - missed.len(),
        cells.len()
    );
    for cell in &missed {
        eprintln!(
            "not reached: {:?}: {} while {}",
            cell.table, cell.input, cell.state
        );
    }
    let strangers: Vec<_> = lived
        .reached
        .keys()
        .filter(|cell| !cells.contains(cell))
        .collect();
    assert!(strangers.is_empty(), "said not to be: {strangers:?}");
    // Fewer lives than these reach fewer pairs.
    if lives >= LIVES {
        assert!(
            missed.len() * 20 <= cells.len(),
            "{} not reached",
            missed.len()
        );
    }
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let scene = &scenes()[0];
    let first = World::live(scene, 42).unwrap();
    let second = World::live(scene, 42).unwrap();
    assert_eq!(first.reached, second.reached);
}
