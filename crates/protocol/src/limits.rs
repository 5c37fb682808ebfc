//! Sizes and rates both sides keep to. A sender beyond one gets an error with a stable code.

use std::time::Duration;

/// Characters of a message. Longer texts belong in a file.
pub const MESSAGE_CHARS_MAX: usize = 16_000;
/// Characters of a person's name.
pub const USER_NAME_CHARS_MAX: usize = 80;
/// Characters of an e-mail address (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Characters a password needs at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password that are hashed; more would let strangers buy CPU with bandwidth.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Characters of a channel's or group's name.
pub const CONVERSATION_NAME_CHARS_MAX: usize = 60;
/// Characters of a topic.
pub const TOPIC_CHARS_MAX: usize = 250;
/// Bytes of a profile picture.
pub const PICTURE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// People in a group. More belong in a channel.
pub const GROUP_MEMBERS_MAX: usize = 50;
/// People named in one request that adds members.
pub const ADD_MEMBERS_MAX: usize = 200;
/// People a message can mention; further ones are text only.
pub const MENTIONS_MAX: usize = 50;
/// Entries in one page of a timeline.
pub const TIMELINE_PAGE_MAX: u32 = 200;
/// Entries in one page of a timeline when the client names no number.
pub const TIMELINE_PAGE_DEFAULT: u32 = 50;
/// Calls in one page of the call log.
pub const CALL_LOG_PAGE_MAX: u32 = 100;
/// Missed calls noted as seen by one request.
pub const CALLS_SEEN_MAX: usize = 100;
/// Characters of the name a call log is searched for.
pub const CALL_LOG_TEXT_CHARS_MAX: usize = 100;
/// Days a call log can be kept when it is not kept for ever.
pub const CALL_LOG_DAYS_MAX: u16 = 3650;
/// Bytes of one frame from a client. A larger one closes the socket. The server's own may be
/// larger: a snapshot has everybody in it.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one session description.
pub const SDP_BYTES_MAX: usize = 48 * 1024;
/// Bytes of one ICE candidate line.
pub const CANDIDATE_BYTES_MAX: usize = 1024;
/// Characters of a client's nonce.
pub const NONCE_CHARS_MAX: usize = 64;
/// Conversations a client can resume in one hello; it reads the others when they are opened.
pub const RESUME_CONVERSATIONS_MAX: usize = 50;
/// Entries sent for one resumed conversation; a client further behind reads pages.
pub const RESUME_ENTRIES_MAX: u32 = 200;
/// People in one call.
pub const CALL_PARTICIPANTS_MAX: usize = 100;
/// Messages a socket may send at once; [`SOCKET_MESSAGES_PER_SECOND`] refills them.
pub const SOCKET_BURST: u32 = 120;
/// Messages a socket may send in the long run.
pub const SOCKET_MESSAGES_PER_SECOND: u32 = 40;
/// How often a server says ping.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// Silence after which either side holds the socket for dead.
pub const HEARTBEAT_DEAD: Duration = Duration::from_secs(15);
/// How long a device rings.
pub const RING_TIMEOUT: Duration = Duration::from_secs(45);
/// A device that has not said it rings by then may be asleep, and the caller is told so.
pub const RING_ACKNOWLEDGE: Duration = Duration::from_secs(3);
/// People rung at once without asking the caller first. A ring that would reach more is refused with
/// `rings_many`, until the caller says that it is meant.
pub const RING_UNASKED_MAX: usize = 8;
/// People asked into a call by one request.
pub const CALL_ADD_MAX: usize = 50;
/// A client hints this long after its person was left alone in a call.
pub const ALONE_HINT: Duration = Duration::from_secs(2 * 60);
/// And asks whether they are still there.
pub const ALONE_PROMPT: Duration = Duration::from_secs(5 * 60);
/// The server ends a call with one person in it this long after they were left alone or last said
/// that they stay.
pub const ALONE_END: Duration = Duration::from_secs(10 * 60);
/// A call between two browsers that is down this long while both are there moves to the media node.
pub const DIRECT_PATH_TIMEOUT: Duration = Duration::from_secs(5);
/// When media moves to another session or device, the old path goes after this long even when the new
/// one carries nothing yet. Longer, and somebody whose new path never comes up holds everybody's old
/// one; shorter, and slow networks hear the gap.
pub const HANDOVER_TIMEOUT: Duration = Duration::from_secs(5);
/// A participant is gone this long after the last sign of life.
pub const PARTICIPANT_LEASE: Duration = Duration::from_secs(30);
/// A page that says it closes is held this long, since a reload says the same.
pub const RELOAD_GRACE: Duration = Duration::from_secs(10);
/// A group's or channel's call ends this long after the last person has left.
pub const EMPTY_CALL_GRACE: Duration = Duration::from_secs(10);
/// How long a typing notice is shown without another.
pub const TYPING_SHOWN: Duration = Duration::from_secs(5);
