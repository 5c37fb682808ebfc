//! STUN and TURN as state machines that know nothing of Connect.
