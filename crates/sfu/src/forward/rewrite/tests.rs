use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const VIDEO_CLOCK: u32 = 90_000;
const FRAME: Duration = Duration::from_millis(33);

#[expect(clippy::disallowed_methods, reason = "a test's epoch")]
fn epoch() -> Instant {
    Instant::now()
}

fn packet(seq: u64, timestamp: u32, arrived: Instant) -> Incoming {
    Incoming {
        seq,
        timestamp,
        marker: true,
        arrived,
        picture_id: Some((seq & 0x7fff) as u16),
        base_layer_index: Some((seq & 0xff) as u8),
    }
}

#[test]
fn nothing_passes_before_the_first_switch() {
    let mut rewriter = Rewriter::new(VIDEO_CLOCK, 0);
    assert_eq!(rewriter.forward(&packet(7, 1, epoch())), None);
}

#[test]
fn a_switch_continues_numbers_time_and_counters() {
    let start = epoch();
    let mut rewriter = Rewriter::new(VIDEO_CLOCK, 99);
    let low = packet(5_000, 1_000_000, start);
    rewriter.switch(&low);
    let before = rewriter.forward(&low).unwrap();

    let high = packet(60_000, 77, start + FRAME);
    rewriter.switch(&high);
    let after = rewriter.forward(&high).unwrap();

    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.timestamp - before.timestamp, 2_970);
    assert_eq!(after.picture_id.unwrap(), before.picture_id.unwrap() + 1);
    assert_eq!(
        after.base_layer_index.unwrap(),
        before.base_layer_index.unwrap().wrapping_add(1)
    );
}

#[test]
fn a_switch_in_the_middle_of_a_frame_leaves_one_number_out() {
    let start = epoch();
    let mut rewriter = Rewriter::new(VIDEO_CLOCK, 0);
    let unfinished = Incoming {
        marker: false,
        ..packet(10, 0, start)
    };
    rewriter.switch(&unfinished);
    let before = rewriter.forward(&unfinished).unwrap();
    let next = packet(900, 0, start);
    rewriter.switch(&next);
    assert_eq!(rewriter.forward(&next).unwrap().seq, before.seq + 2);
}

#[test]
fn padding_left_out_leaves_no_gap_and_late_packets_still_fit() {
    let start = epoch();
    let mut rewriter = Rewriter::new(VIDEO_CLOCK, 0);
    rewriter.switch(&packet(10, 0, start));
    let first = rewriter.forward(&packet(10, 0, start)).unwrap().seq;
    // 11 is late, 12 comes, 13 is padding.
    assert_eq!(
        rewriter.forward(&packet(12, 0, start)).unwrap().seq,
        first + 2
    );
    rewriter.skip(13);
    assert_eq!(
        rewriter.forward(&packet(14, 0, start)).unwrap().seq,
        first + 3
    );
    assert_eq!(
        rewriter.forward(&packet(11, 0, start)).unwrap().seq,
        first + 1
    );
    assert_eq!(
        rewriter.forward(&packet(11, 0, start)),
        None,
        "sent already"
    );
}

#[test]
fn an_impossible_jump_is_closed() {
    let start = epoch();
    let mut rewriter = Rewriter::new(VIDEO_CLOCK, 0);
    rewriter.switch(&packet(10, 0, start));
    let first = rewriter.forward(&packet(10, 0, start)).unwrap().seq;
    let far = packet(10 + 40_000, 0, start);
    assert_eq!(rewriter.forward(&far).unwrap().seq, first + 2);
}

#[derive(Debug, Clone)]
enum Step {
    /// The next packet of the current source, this many places late at most.
    Packet {
        swap: bool,
    },
    Lose,
    Padding,
    Switch {
        to: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<bool>().prop_map(|swap| Step::Packet { swap }),
        1 => Just(Step::Lose),
        1 => Just(Step::Padding),
        1 => (0u64..200_000).prop_map(|to| Step::Switch { to }),
    ]
}

proptest! {
    #[test]
    fn the_outgoing_stream_is_one(steps in proptest::collection::vec(step(), 1..300), first_in in 0u64..70_000) {
        let mut now = epoch();
        let mut rewriter = Rewriter::new(VIDEO_CLOCK, 16_000);
        let mut seen = BTreeSet::new();
        let mut gaps_allowed = 0u64;
        let mut last: Option<Outgoing> = None;
        let mut next = first_in + 1;
        let mut source_time = 5u32;
        rewriter.switch(&packet(next, source_time, now));
        for step in steps {
            now += FRAME;
            source_time = source_time.wrapping_add(2_970);
            let sends: Vec<u64> = match step {
                Step::Packet { swap: false } => { next += 1; vec![next - 1] }
                Step::Packet { swap: true } => { next += 2; vec![next - 1, next - 2] }
                Step::Lose => { next += 1; gaps_allowed += 1; vec![] }
                Step::Padding => { rewriter.skip(next); next += 1; gaps_allowed += 1; vec![] }
                Step::Switch { to } => {
                    next = to;
                    source_time = source_time.wrapping_mul(31);
                    gaps_allowed += 1;
                    rewriter.switch(&packet(next, source_time, now));
                    vec![]
                }
            };
            for seq in sends {
                let Some(out) = rewriter.forward(&packet(seq, source_time, now)) else {
                    prop_assert!(false, "packet {} of the current source was dropped", seq);
                    continue;
                };
                prop_assert!(seen.insert(out.seq), "{} was used twice", out.seq);
                if let Some(before) = last {
                    let forward = out.timestamp.wrapping_sub(before.timestamp);
                    prop_assert!(forward < 90_000 * 60, "time ran backwards");
                }
                if last.is_none_or(|before| before.seq < out.seq) {
                    last = Some(out);
                }
            }
        }
        let (Some(low), Some(high)) = (seen.first(), seen.last()) else { return Ok(()); };
        let missing = high - low + 1 - seen.len() as u64;
        prop_assert!(missing <= gaps_allowed, "{} numbers missing, {} lost", missing, gaps_allowed);
        prop_assert!(*low < 0x8000, "the receiver's rollover counter begins at zero");
    }
}
