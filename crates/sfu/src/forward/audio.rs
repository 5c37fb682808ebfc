//! Which voices a receiver's audio slots carry. Pure; loudness comes from [`crate::speaker`].

/// Fills the slots from `ranked`, the loudest first, each entry with whether it sounds now. An entry
/// keeps its slot while it is ranked within it, so with no more publishers than slots nothing moves.
/// A full slot changes hands only towards somebody who sounds, away from somebody who does not.
pub(crate) fn assign<T: Copy + PartialEq>(slots: &mut [Option<T>], ranked: &[(T, bool)]) -> bool {
    let mut changed = false;
    for slot in slots.iter_mut() {
        if slot.is_some_and(|held| !ranked.iter().any(|(who, _)| *who == held)) {
            *slot = None;
            changed = true;
        }
    }
    for (who, sounds) in ranked {
        if slots.contains(&Some(*who)) {
            continue;
        }
        let place = slots.iter().position(Option::is_none).or_else(|| {
            let quiet = |held: &T| {
                ranked
                    .iter()
                    .any(|(other, sounds)| other == held && !sounds)
            };
            let last_quiet = || {
                ranked
                    .iter()
                    .rev()
                    .find(|(held, _)| quiet(held) && slots.contains(&Some(*held)))
            };
            let (loser, _) = sounds.then(last_quiet).flatten()?;
            slots.iter().position(|slot| *slot == Some(*loser))
        });
        let Some(place) = place else {
            continue;
        };
        slots[place] = Some(*who);
        changed = true;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_publishers_have_stable_slots() {
        let mut slots = [None; 3];
        assign(&mut slots, &[('a', false), ('b', false)]);
        let before = slots;
        assert!(!assign(&mut slots, &[('b', true), ('a', false)]));
        assert_eq!(slots, before);
    }

    #[test]
    fn a_speaker_takes_the_slot_of_the_quietest_silent_one() {
        let mut slots = [Some('a'), Some('b')];
        assign(&mut slots, &[('c', true), ('a', false), ('b', false)]);
        assert_eq!(slots, [Some('a'), Some('c')]);
    }

    #[test]
    fn one_who_speaks_is_not_cut_off() {
        let mut slots = [Some('a')];
        assert!(!assign(&mut slots, &[('b', true), ('a', true)]));
        assert_eq!(slots, [Some('a')]);
    }

    #[test]
    fn who_left_leaves_the_slot() {
        let mut slots = [Some('a'), Some('b')];
        assign(&mut slots, &[('b', false)]);
        assert_eq!(slots, [None, Some('b')]);
    }

    proptest! {
        #[test]
        fn nobody_is_heard_twice_and_no_slot_is_wasted(
            rounds in proptest::collection::vec(proptest::collection::vec((0u8..8, any::<bool>()), 0..8), 1..20)
        ) {
            let mut slots = [None; 3];
            for mut ranked in rounds {
                ranked.sort_unstable_by_key(|(who, _)| *who);
                ranked.dedup_by_key(|(who, _)| *who);
                assign(&mut slots, &ranked);
                let held: std::collections::BTreeSet<_> = slots.iter().flatten().collect();
                prop_assert_eq!(held.len(), slots.iter().flatten().count());
                prop_assert_eq!(held.len(), ranked.len().min(3));
            }
        }
    }
}
