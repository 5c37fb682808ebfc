//! Shares one receiver's bandwidth out among its video slots. Pure: the same input gives the same
//! shares.
//!
//! Audio is not here because it is never up for discussion: the caller takes it off the budget. Then
//! the base layer of pinned pictures and screens is served, then everyone's base layer, then the rest
//! by size on screen. A layer that is carried already stays as long as the newest estimate bears it; a
//! higher one must have fitted, with headroom, for as long as `proven` covers. So down is at once, up
//! is late, and a steady link means no switches. To have no picture at all is another thing than to
//! have a small one: the base layer is taken away late and given back soon.

/// What a layer must leave free of the proven rate before it is added.
const HEADROOM_PERCENT: u64 = 115;
/// The same for a base layer, which is not proven for as long: more than an estimate's usual noise of a
/// tenth up and down, or a picture would come and go.
const BASE_HEADROOM_PERCENT: u64 = 125;
/// A picture this much smaller than its tile (in percent of the tile) is not told apart from one that
/// fits, and the next layer costs about three times as much.
const HEIGHT_ENOUGH_PERCENT: u32 = 75;

/// One layer a publisher sends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerOffer {
    pub(crate) height: u16,
    pub(crate) bits_per_second: u64,
    /// Packets came lately.
    pub(crate) is_active: bool,
}

/// One slot that shows something.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub(crate) height: u16,
    /// Pinned, or a screen.
    pub(crate) is_first: bool,
    /// Lowest first.
    pub(crate) layers: Vec<LayerOffer>,
    /// What it carries or waits for.
    pub(crate) current: Option<usize>,
}

/// What the connection carries for video, in bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) newest: u64,
    /// For layers above what is carried.
    pub(crate) proven: u64,
    /// For a base layer where nothing is carried.
    pub(crate) proven_base: u64,
    /// For a base layer where something is carried. At least `newest`.
    pub(crate) held_base: u64,
}

impl Budget {
    /// Leaves this for pictures after what is not up for discussion.
    pub(crate) fn without(self, reserved: u64) -> Self {
        Self {
            newest: self.newest.saturating_sub(reserved),
            proven: self.proven.saturating_sub(reserved),
            proven_base: self.proven_base.saturating_sub(reserved),
            held_base: self.held_base.saturating_sub(reserved),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allocation {
    /// For every demand, the layer it gets.
    pub(crate) layers: Vec<Option<usize>>,
    /// For every demand, whether the budget kept it from what it asked for.
    pub(crate) limited: Vec<bool>,
    pub(crate) spent: u64,
    /// What the connection must carry for the next step up; equal to `spent` when all is served.
    pub(crate) next_step: u64,
    /// What it must carry for everything asked for.
    pub(crate) desired: u64,
}

impl Demand {
    /// The lowest active layer that fills the tile, or the highest there is.
    pub(crate) fn ideal(&self) -> Option<usize> {
        let active = || (0..self.layers.len()).filter(|index| self.layers[*index].is_active);
        active()
            .find(|index| self.fills(*index))
            .or_else(|| active().next_back())
    }

    /// Whether even the best layer there is leaves the tile blurry.
    pub(crate) fn is_short(&self) -> bool {
        self.ideal().is_none_or(|index| !self.fills(index))
    }

    fn fills(&self, layer: usize) -> bool {
        let enough = u32::from(self.height) * HEIGHT_ENOUGH_PERCENT / 100;
        u32::from(self.layers[layer].height) >= enough
    }

    fn cost(&self, layer: Option<usize>) -> u64 {
        layer.map_or(0, |index| self.layers[index].bits_per_second)
    }

    /// The active layers up to the ideal one, lowest first.
    fn steps(&self) -> impl Iterator<Item = usize> {
        let ideal = self.ideal();
        let layers = &self.layers;
        (0..layers.len()).filter(move |index| layers[*index].is_active && Some(*index) <= ideal)
    }
}

pub(crate) fn allocate(demands: &[Demand], budget: Budget) -> Allocation {
    let mut allocation = Allocation {
        layers: vec![None; demands.len()],
        limited: vec![false; demands.len()],
        spent: 0,
        next_step: 0,
        desired: demands
            .iter()
            .map(|demand| demand.cost(demand.ideal()))
            .sum(),
    };
    for (slot, layer) in order(demands) {
        let demand = &demands[slot];
        let delta = demand
            .cost(Some(layer))
            .saturating_sub(demand.cost(allocation.layers[slot]));
        let total = allocation.spent + delta;
        let is_base = allocation.layers[slot].is_none();
        let fits = match (Some(layer) <= demand.current, is_base) {
            (true, true) => total <= budget.held_base,
            (true, false) => total <= budget.newest,
            (false, true) => {
                total * BASE_HEADROOM_PERCENT / 100 <= budget.proven_base.min(budget.newest)
            }
            (false, false) => total * HEADROOM_PERCENT / 100 <= budget.proven.min(budget.newest),
        };
        if fits {
            allocation.layers[slot] = Some(layer);
            allocation.spent = total;
        } else if allocation.next_step == 0 {
            let headroom = if is_base {
                BASE_HEADROOM_PERCENT
            } else {
                HEADROOM_PERCENT
            };
            allocation.next_step = total * headroom / 100;
        }
    }
    for (slot, demand) in demands.iter().enumerate() {
        allocation.limited[slot] = allocation.layers[slot] < demand.ideal();
    }
    allocation.next_step = allocation.next_step.max(allocation.spent);
    allocation
}

/// All steps up, the most important first.
fn order(demands: &[Demand]) -> Vec<(usize, usize)> {
    let mut by_size: Vec<usize> = (0..demands.len()).collect();
    by_size.sort_by_key(|slot| (!demands[*slot].is_first, u16::MAX - demands[*slot].height));
    let base = by_size
        .iter()
        .filter_map(|slot| Some((*slot, demands[*slot].steps().next()?)));
    let rest = by_size
        .iter()
        .flat_map(|slot| demands[*slot].steps().skip(1).map(|layer| (*slot, layer)));
    base.chain(rest).collect()
}

#[cfg(test)]
mod tests;
