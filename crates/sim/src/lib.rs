//! Development only: virtual network and clock, scripted people.
