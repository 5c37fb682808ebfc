//! Development only: whole call lives on a virtual clock and a virtual network.
//!
//! [`World`] is one server with its store, the devices of some people, and the network between them.
//! A [`Plan`] says what people do; with a seed it is drawn at random. After every input the rules are
//! held against the same rules told plainly, and the world against [`model`]. The same seed gives the
//! same life, so a failure is one number. [`Lived`] plays many.

mod crowd;
mod device;
pub mod model;
mod net;
mod plan;
mod reference;
mod server;
mod world;

pub use crowd::{Lived, pairs, scenes, why_missed};
pub use device::Device;
pub use plan::{Act, Plan, Scene};
pub use world::{Broken, DELAY_MAX, Life, World};
