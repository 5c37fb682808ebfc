//! How often strangers may try: sign-in, setup and invitations, by address and by e-mail; and how
//! often a device may have a push service asked.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use protocol::DeviceId;

use crate::http::error::ApiError;

/// Keys remembered in each table. When a table is full of fresh ones, further strangers wait:
/// that many at once are an attack.
const KEYS_MAX: usize = 50_000;

/// A person who tries out notifications presses a few times; a script must not make this server
/// knock at a stranger's door.
const PUSH: Rate = Rate {
    burst: 5,
    every: Duration::from_secs(10),
};

/// Tries at once, and how long one takes to come back.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: u32,
    pub every: Duration,
}

#[derive(Debug, Clone, Copy)]
pub struct Rates {
    pub address: Rate,
    pub email: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            // A whole office may sit behind one address.
            address: Rate {
                burst: 40,
                every: Duration::from_secs(3),
            },
            email: Rate {
                burst: 10,
                every: Duration::from_secs(30),
            },
        }
    }
}

pub struct Limits {
    address: Table<IpAddr>,
    email: Table<String>,
    push: Table<DeviceId>,
}

impl Limits {
    pub fn new(rates: Rates) -> Self {
        Self {
            address: Table::new(rates.address),
            email: Table::new(rates.email),
            push: Table::new(PUSH),
        }
    }

    /// Counts a try from this address. All of an IPv6 network of 64 bits counts as one.
    pub fn try_address(&self, address: IpAddr) -> Result<(), ApiError> {
        let key = match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(network.into())
            }
            address @ IpAddr::V4(_) => address,
        };
        self.address.check(key)
    }

    /// Counts a try for this account, whether or not it exists.
    pub fn try_email(&self, email: &str) -> Result<(), ApiError> {
        let mut key = email.trim().to_lowercase();
        key.truncate(key.floor_char_boundary(protocol::limits::EMAIL_CHARS_MAX));
        self.email.check(key)
    }

    /// Counts a push this device has asked for.
    pub fn try_push(&self, device: DeviceId) -> Result<(), ApiError> {
        self.push.check(device)
    }
}

struct Table<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn new(rate: Rate) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(rate.every)
            .unwrap_or_else(|| Quota::per_second(burst))
            .allow_burst(burst);
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }

    fn check(&self, key: K) -> Result<(), ApiError> {
        if self.limiter.len() >= KEYS_MAX {
            self.limiter.retain_recent();
            if self.limiter.len() >= KEYS_MAX {
                return Err(ApiError::rate_limited(Duration::from_secs(10)));
            }
        }
        self.limiter
            .check_key(&key)
            .map_err(|until| ApiError::rate_limited(until.wait_time_from(self.clock.now())))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Limits, Rate, Rates};

    #[test]
    fn one_address_is_slowed_down_and_others_are_not() {
        let rate = Rate {
            burst: 2,
            every: Duration::from_secs(60),
        };
        let limits = Limits::new(Rates {
            address: rate,
            email: rate,
        });
        let [here, there] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        assert!(limits.try_address(here).is_ok());
        assert!(limits.try_address(here).is_ok());
        assert!(limits.try_address(here).is_err());
        assert!(limits.try_address(there).is_ok());
        let [a, b] = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().unwrap());
        limits.try_address(a).unwrap();
        limits.try_address(b).unwrap();
        assert!(
            limits.try_address(a).is_err(),
            "one network is one stranger"
        );
    }
}
