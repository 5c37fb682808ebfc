use proptest::prelude::*;

use super::*;

fn simulcast() -> Vec<LayerOffer> {
    [(180, 150_000), (360, 500_000), (720, 1_700_000)]
        .map(|(height, bits_per_second)| LayerOffer {
            height,
            bits_per_second,
            is_active: true,
        })
        .to_vec()
}

fn tile(height: u16) -> Demand {
    Demand {
        height,
        is_first: false,
        layers: simulcast(),
        current: None,
    }
}

fn steady(bits_per_second: u64) -> Budget {
    Budget {
        newest: bits_per_second,
        proven: bits_per_second,
        proven_base: bits_per_second,
        held_base: bits_per_second,
    }
}

#[test]
fn a_tile_gets_no_more_than_it_shows() {
    let allocation = allocate(&[tile(180), tile(400), tile(1080)], steady(10_000_000));
    assert_eq!(allocation.layers, [Some(0), Some(1), Some(2)]);
    assert_eq!(allocation.limited, [false, false, false]);
    assert_eq!(allocation.spent, allocation.next_step);
}

#[test]
fn everyone_has_the_base_layer_before_anyone_has_more() {
    let allocation = allocate(&[tile(720), tile(180), tile(180)], steady(600_000));
    assert_eq!(allocation.layers, [Some(0), Some(0), Some(0)]);
    assert_eq!(allocation.limited, [true, false, false]);
}

#[test]
fn the_pinned_picture_is_the_last_to_go() {
    let pinned = Demand {
        is_first: true,
        ..tile(90)
    };
    let allocation = allocate(&[tile(720), pinned], steady(190_000));
    assert_eq!(allocation.layers, [None, Some(0)]);
}

#[test]
fn down_is_at_once_and_up_needs_proof_and_headroom() {
    let mut demand = tile(720);
    demand.current = Some(2);
    assert_eq!(
        allocate(&[demand.clone()], steady(1_700_000)).layers,
        [Some(2)]
    );
    assert_eq!(
        allocate(&[demand.clone()], steady(1_690_000)).layers,
        [Some(1)]
    );
    demand.current = Some(1);
    assert_eq!(
        allocate(&[demand.clone()], steady(1_900_000)).layers,
        [Some(1)]
    );
    let unproven = Budget {
        proven: 1_000_000,
        ..steady(4_000_000)
    };
    assert_eq!(allocate(&[demand.clone()], unproven).layers, [Some(1)]);
    assert_eq!(allocate(&[demand], steady(2_000_000)).layers, [Some(2)]);
}

#[test]
fn a_picture_is_taken_away_late_and_comes_back_soon() {
    let mut demand = tile(720);
    demand.current = Some(1);
    let doubted = Budget {
        held_base: 200_000,
        ..steady(120_000)
    };
    assert_eq!(allocate(&[demand.clone()], doubted).layers, [Some(0)]);
    assert_eq!(allocate(&[demand], steady(120_000)).layers, [None]);
    let soon = Budget {
        proven: 120_000,
        ..steady(700_000)
    };
    assert_eq!(allocate(&[tile(720)], soon).layers, [Some(0)]);
    let unproven = Budget {
        proven_base: 120_000,
        ..soon
    };
    assert_eq!(allocate(&[tile(720)], unproven).layers, [None]);
}

#[test]
fn a_layer_nobody_sends_is_not_given() {
    let mut demand = tile(720);
    demand.layers[2].is_active = false;
    assert_eq!(allocate(&[demand], steady(10_000_000)).layers, [Some(1)]);
}

fn demands() -> impl Strategy<Value = Vec<Demand>> {
    let demand =
        (90u16..1200, any::<bool>(), 1usize..=3).prop_map(|(height, is_first, layers)| Demand {
            height,
            is_first,
            layers: simulcast()[..layers].to_vec(),
            current: None,
        });
    proptest::collection::vec(demand, 0..12)
}

proptest! {
    #[test]
    fn the_budget_is_kept(demands in demands(), bits in 0u64..20_000_000) {
        prop_assert!(allocate(&demands, steady(bits)).spent <= bits);
    }

    #[test]
    fn more_bandwidth_never_serves_fewer(demands in demands(), bits in 0u64..20_000_000, more in 0u64..5_000_000) {
        let served = |bits| allocate(&demands, steady(bits)).layers.iter().flatten().count();
        prop_assert!(served(bits) <= served(bits + more));
    }

    #[test]
    fn a_steady_link_takes_nothing_away_and_changes_no_layer(
        mut demands in demands(),
        bits in 50_000u64..20_000_000,
        noise in proptest::collection::vec(900u64..=1_100, 120),
    ) {
        let mut estimate = crate::bandwidth::estimate::Estimate::new(bits);
        #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
        let mut now = std::time::Instant::now();
        let mut switches = 0;
        for (round, noise) in noise.into_iter().enumerate() {
            // The lowest possible estimate now and then, so that its luck does not decide.
            let noise = if round % 8 == 0 { 900 } else { noise };
            estimate.update(bits * noise / 1_000, now);
            let allocation = allocate(&demands, estimate.budget(now));
            for (demand, layer) in demands.iter_mut().zip(&allocation.layers) {
                // A base layer may come as soon as there was a lucky second; all the better.
                if round >= 40 && demand.current.is_some() && demand.current != *layer {
                    switches += 1;
                }
                demand.current = *layer;
            }
            now += std::time::Duration::from_millis(500);
        }
        prop_assert_eq!(switches, 0);
    }
}
