//! The media core, pure: rooms, forwarding, layers, speakers.
