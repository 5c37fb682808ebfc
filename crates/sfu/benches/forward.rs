//! What one forwarded packet costs: receive, decrypt, choose, renumber, encrypt for each receiver. No
//! system calls. `cargo bench -p sfu -- 20` takes twenty people.
#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]
#![expect(clippy::print_stdout, reason = "a bench prints")]
#![allow(dead_code, reason = "the harness does more for the tests")]

#[path = "../tests/it/browser.rs"]
mod browser;

use std::time::Duration;

use browser::World;

const LENGTH: Duration = Duration::from_secs(10);

fn main() {
    let people = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(10);
    let mut world = World::with_people(people);
    for number in 1..=people {
        let others = (1..=people).filter(|other| *other != number);
        let view: Vec<_> = others
            .zip(0..)
            .map(|(other, slot)| (slot, other, 180))
            .collect();
        world.browser(number).down.view(&view);
    }
    world.run_with_media(Duration::from_secs(1));
    let before = world.sfu.counters();
    world.spent = Duration::ZERO;
    world.run_with_media(LENGTH);
    let after = world.sfu.counters();
    let received = after.packets_received - before.packets_received;
    let forwarded = after.packets_forwarded - before.packets_forwarded;
    let each = world.spent.as_secs_f64() * 1e6 / forwarded as f64;
    println!("{people} people: {received} packets in, {forwarded} out, {each:.2} µs for each out");
}
