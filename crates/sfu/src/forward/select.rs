//! Which layer a receive slot carries now and which it waits for.
//!
//! A switch waits, keeping the old layer, for the new layer's key frame. Which layer is wanted comes
//! from the allocator; asking the publisher for key frames is the broker's work.

/// What to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Drop,
    Forward,
    /// Forward it as the first of another incoming stream.
    Switch,
}

#[derive(Debug, Default)]
pub(crate) struct Selector {
    current: Option<usize>,
    target: Option<usize>,
}

impl Selector {
    /// Wants this layer; none stops the stream at once.
    pub(crate) fn aim(&mut self, target: Option<usize>) {
        self.target = target;
        if target.is_none() {
            self.current = None;
        }
    }

    /// Another publisher from now on: nothing of the old one passes any more.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn current(&self) -> Option<usize> {
        self.current
    }

    pub(crate) fn target(&self) -> Option<usize> {
        self.target
    }

    /// The layer whose key frame must come before the switch.
    pub(crate) fn awaits(&self) -> Option<usize> {
        self.target.filter(|_| self.current != self.target)
    }

    /// `key_frame` is true for the first packet of one; `in_order` when no later packet of its layer
    /// came before it, since those were dropped and would be missing.
    pub(crate) fn consider(&mut self, layer: usize, key_frame: bool, in_order: bool) -> Verdict {
        if self.awaits() == Some(layer) && key_frame && in_order {
            self.current = Some(layer);
            return Verdict::Switch;
        }
        if self.current == Some(layer) {
            Verdict::Forward
        } else {
            Verdict::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_switch_keeps_the_old_layer_until_the_new_ones_key_frame() {
        let mut selector = Selector::default();
        selector.aim(Some(0));
        assert_eq!(selector.consider(0, false, true), Verdict::Drop);
        assert_eq!(selector.consider(0, true, true), Verdict::Switch);
        selector.aim(Some(2));
        assert_eq!(selector.consider(0, false, true), Verdict::Forward);
        assert_eq!(selector.consider(2, false, true), Verdict::Drop);
        assert_eq!(
            selector.consider(2, true, false),
            Verdict::Drop,
            "its end came first"
        );
        assert_eq!(selector.consider(2, true, true), Verdict::Switch);
        assert_eq!(selector.consider(0, false, true), Verdict::Drop);
        assert_eq!(selector.awaits(), None);
    }

    #[test]
    fn wanting_nothing_stops_at_once() {
        let mut selector = Selector::default();
        selector.aim(Some(1));
        selector.consider(1, true, true);
        selector.aim(None);
        assert_eq!(selector.consider(1, true, true), Verdict::Drop);
    }

    proptest! {
        #[test]
        fn what_passes_is_one_layer_and_begins_with_a_key_frame(
            steps in proptest::collection::vec((proptest::option::of(0usize..3), 0usize..3, any::<bool>()), 0..200)
        ) {
            let mut selector = Selector::default();
            let mut carried = None;
            for (aim, layer, key_frame) in steps {
                selector.aim(aim);
                if aim.is_none() { carried = None; }
                match selector.consider(layer, key_frame, true) {
                    Verdict::Switch => { prop_assert!(key_frame); carried = Some(layer); }
                    Verdict::Forward => prop_assert_eq!(carried, Some(layer)),
                    Verdict::Drop => {}
                }
            }
        }
    }
}
