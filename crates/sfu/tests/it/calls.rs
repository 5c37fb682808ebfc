use std::time::Duration;

use crate::browser::World;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn three_people_hear_and_see_each_other() {
    let mut world = World::with_people(3);
    for number in 1..=3u8 {
        let others: Vec<u8> = (1..=3).filter(|other| *other != number).collect();
        let view: Vec<_> = others
            .iter()
            .enumerate()
            .map(|(slot, other)| (slot as u8, *other, 180))
            .collect();
        world.browser(number).down.view(&view);
    }
    world.run_with_media(SECOND);
    world.clear();
    world.run_with_media(2 * SECOND);
    for number in 1..=3u8 {
        let browser = &world.browsers[&number];
        assert_eq!(browser.from(number).len(), 0, "nobody gets their own media");
        for other in (1..=3).filter(|other| *other != number) {
            let packets = browser.from(other);
            let audio = packets
                .iter()
                .filter(|packet| packet.payload.len() == 4)
                .count();
            assert!(
                (99..=101).contains(&audio),
                "{number} heard {audio} packets of {other}"
            );
            let video = packets.len() - audio;
            assert!(
                (65..=68).contains(&video),
                "{number} saw {video} frames of {other}"
            );
        }
    }
}
