use std::{collections::BTreeMap, env};

use protocol::conversation::ConversationKind;
use sim::{Scene, World};

/// Seeds that once found a bug.
const KEPT: [u64; 1] = [
    // A page loaded again before the answer to its join left somebody behind.
    43,
];
const LIVES: u64 = 600;

fn scenes() -> [Scene; 3] {
    [
        Scene {
            kind: ConversationKind::Direct,
            devices_of: vec![2, 2],
        },
        Scene {
            kind: ConversationKind::Group,
            devices_of: vec![1, 2, 1, 1],
        },
        Scene {
            kind: ConversationKind::Channel,
            devices_of: vec![1, 1, 2],
        },
    ]
}

/// Plays one life; gives the number of its calls.
fn live(seed: u64, reached: &mut BTreeMap<&'static str, u64>) -> usize {
    let scenes = scenes();
    let scene = &scenes[usize::try_from(seed % 3).expect("three scenes")];
    let life = World::live(scene, seed).unwrap_or_else(|broken| panic!("{broken}"));
    for (name, count) in life.reached {
        *reached.entry(name).or_default() += count;
    }
    life.calls
}

/// `SEED=n` plays that one life alone, `LIVES=n` so many.
#[test]
fn whatever_people_and_networks_do_the_rules_of_calls_hold() {
    let mut reached = BTreeMap::new();
    if let Ok(seed) = env::var("SEED") {
        live(seed.parse().expect("SEED is a number"), &mut reached);
        return;
    }
    let lives = env::var("LIVES").map_or(LIVES, |lives| lives.parse().expect("LIVES is a number"));
    let calls: usize = KEPT
        .into_iter()
        .chain(0..lives)
        .map(|seed| live(seed, &mut reached))
        .sum();
    assert!(
        calls as u64 > lives,
        "{calls} calls in {lives} lives: nothing much happened"
    );
    for input in [
        "start",
        "join",
        "leave",
        "end for all",
        "change",
        "media state",
        "socket lost",
        "socket back",
        "page closing",
        "device connected",
        "ring acknowledged",
        "ring declined",
        "timeout",
        "restarted",
    ] {
        assert!(
            reached.get(input).is_some_and(|count| *count > 0),
            "no life reached {input}"
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
