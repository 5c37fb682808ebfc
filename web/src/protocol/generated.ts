// Generated from crates/protocol by `cargo xtask gen`. Do not edit.

export type AcceptInviteRequest = { name: string, email: string, password: string, };

export type AddMembersRequest = { user_ids: Array<UserId>, };

export type Alone = { 
/**
 * The client says that nobody else is here.
 */
hint_at: Timestamp, 
/**
 * It asks whether the person stays.
 */
prompt_at: Timestamp, 
/**
 * The server ends the call.
 */
ends_at: Timestamp, };

export type AudioSlot = { mid: string, peer_id: PeerId | null, source: Source, };

export type Availability = "available" | "do_not_disturb";

export type CallDetails = { call: CallSummary, legs: Array<CallLeg>, };

export type CallId = string & { readonly __id: "call" };

export type CallLeg = { user_id: UserId, device_name: string, joined_at: Timestamp, left_at: Timestamp | null, 
/**
 * Whether it ended by losing the connection.
 */
lost: boolean, };

export type CallLock = { by: UserId, since: Timestamp, };

export type CallLogEntry = { call: CallSummary, 
/**
 * How it went for the person whose log this is.
 */
outcome: CallOutcome, 
/**
 * Whether a missed one still waits to be looked at.
 */
unseen: boolean, 
/**
 * What its caller wrote first with a missed one, cut to 200 characters; null without, and for
 * who is no member of the conversation any more.
 */
words: string | null, };

export type CallLogFilter = "all" | "missed" | "incoming" | "outgoing";

export type CallLogPage = { 
/**
 * Fewer than asked for, even none, when few of those looked through are wanted.
 */
calls: Array<CallLogEntry>, 
/**
 * Give it as `before` for the next page; null at the end.
 */
next: CallId | null, };

export type CallLogRetention = { "kind": "forever" } | { "kind": "days", days: number, };

export type CallMedia = "voice" | "video";

export type CallOutcome = "started" | "joined" | "missed" | "declined" | "busy" | "no_answer" | "cancelled" | "not_joined";

export type CallPhase = "ringing" | "active";

export type CallState = { id: CallId, conversation_id: ConversationId, media: CallMedia, phase: CallPhase, version: number, session: MediaSession, started_by: UserId, started_at: Timestamp, 
/**
 * When a second person came in: the talk's start. Null while ringing.
 */
answered_at: Timestamp | null, participants: Array<Participant>, 
/**
 * For each person rung, what is known of it.
 */
rings: Array<RingState>, 
/**
 * Set while the call takes in nobody new.
 */
lock: CallLock | null, 
/**
 * Those a host has taken out, who come in again only when a host lets them in.
 */
removed: Array<UserId>, 
/**
 * Set while one person is in it and nobody is rung.
 */
alone: Alone | null, 
/**
 * The direct message it was in until people were added to it.
 */
moved_from: ConversationId | null, };

export type CallSummary = { id: CallId, conversation_id: ConversationId, 
/**
 * The card's number in the conversation's timeline.
 */
seq: number, media: CallMedia, started_by: UserId, started_at: Timestamp, answered_at: Timestamp | null, 
/**
 * Null while it is live.
 */
ended_at: Timestamp | null, end_reason: EndReason | null, 
/**
 * Everybody who was in it, in order of coming, at most 100. Nobody once it is older than the
 * workspace keeps the call log: the card stays, and names only who started it.
 */
people: Array<UserId>, 
/**
 * Everybody who was rung, with how it went; forgotten with `people`.
 */
rung: Array<PersonOutcome>, 
/**
 * Messages written in its panel.
 */
message_count: number, 
/**
 * Whether it was cancelled so soon that nobody it rang can have noticed: only its starter is
 * shown the card.
 */
slip: boolean, 
/**
 * Where it goes on, with the reason `moved`.
 */
moved_to: ConversationId | null, };

export type CallsSeenRequest = { 
/**
 * At most 100; null for all of them.
 */
calls: Array<CallId> | null, };

export type ChangePasswordRequest = { current: string, new: string, };

export type ChannelList = { channels: Array<ChannelListing>, };

export type ChannelListing = { id: ConversationId, kind: ConversationKind, name: string, topic: string, member_count: number, joined: boolean, archived: boolean, };

export type ClientFrame = { 
/**
 * Chosen by the client, unlike all its unanswered ones.
 */
id: number, message: ClientMessage, };

export type ClientMediaMessage = { "kind": "view", slots: Array<SlotView>, };

export type ClientMessage = { "kind": "hello", 
/**
 * The versions the client speaks.
 */
protocols: Array<number>, 
/**
 * What the client holds already.
 */
resume: Array<ResumePoint>, 
/**
 * A random word of this tab, kept over its reloads: a tab that reloads comes back into
 * its call as the same participant.
 */
tab: string, } | { "kind": "pong" } | { "kind": "activity", active: boolean, } | { "kind": "set_availability", availability: Availability, } | { "kind": "send_message", conversation_id: ConversationId, nonce: string, text: string, call_id: CallId | null, } | { "kind": "edit_message", conversation_id: ConversationId, message_id: MessageId, text: string, } | { "kind": "delete_message", conversation_id: ConversationId, message_id: MessageId, } | { "kind": "mark_read", conversation_id: ConversationId, seq: number, } | { "kind": "typing", conversation_id: ConversationId, } | { "kind": "call_start", conversation_id: ConversationId, media: CallMedia, state: ParticipantChange, 
/**
 * Whether a direct message rings. Groups ring only when asked to; channels never.
 */
ring: boolean, 
/**
 * Whether the person was asked and means to ring more than eight people.
 */
ring_many: boolean, } | { "kind": "call_join", call_id: CallId, state: ParticipantChange, 
/**
 * Whether the person's other devices leave, once this one's media is up.
 */
move_here: boolean, } | { "kind": "call_leave", call_id: CallId, peer_id: PeerId, } | { "kind": "call_end_for_all", call_id: CallId, } | { "kind": "call_host", call_id: CallId, act: HostAct, } | { "kind": "call_add", call_id: CallId, user_ids: Array<UserId>, 
/**
 * Whether the person was asked and means to ring more than eight people.
 */
ring_many: boolean, } | { "kind": "call_stop_ring", call_id: CallId, user_id: UserId, } | { "kind": "call_stay", call_id: CallId, peer_id: PeerId, } | { "kind": "call_get", call_id: CallId, } | { "kind": "call_change", call_id: CallId, peer_id: PeerId, change: ParticipantChange, } | { "kind": "call_media_state", call_id: CallId, peer_id: PeerId, epoch: number, connected: boolean, } | { "kind": "ring_acknowledge", call_id: CallId, } | { "kind": "ring_prepare", call_id: CallId, } | { "kind": "ring_decline", call_id: CallId, 
/**
 * What the caller is told besides: a message in the conversation that names the call.
 */
message: string | null, } | { "kind": "call_signal", call_id: CallId, peer_id: PeerId, to: PeerId, epoch: number, signal: DirectSignal, } | { "kind": "media_offer", call_id: CallId, peer_id: PeerId, epoch: number, direction: Direction, 
/**
 * Rises when the client starts over with a new connection; the same number changes
 * the connection there is.
 */
session: number, sdp: string, };

export type Connection = { "kind": "connecting" } | { "kind": "connected" } | { "kind": "reconnecting", since: Timestamp, };

export type Conversation = { id: ConversationId, kind: ConversationKind, visibility: Visibility, 
/**
 * Channels have one. Groups may; without it a group goes by its members' names.
 */
name: string | null, topic: string, created_by: UserId, created_at: Timestamp, archived_at: Timestamp | null, 
/**
 * The newest number of the timeline; 0 while it is empty.
 */
last_seq: number, 
/**
 * When that entry was added.
 */
last_at: Timestamp, member_count: number, 
/**
 * The members of a group or a direct message. Empty for a channel, whose members are a
 * request of their own.
 */
members: Array<UserId>, };

export type ConversationId = string & { readonly __id: "cnv" };

export type ConversationKind = "channel" | "group" | "direct";

export type ConversationList = { conversations: Array<MyConversation>, };

export type CreateConversationRequest = { "kind": "channel", name: string, topic: string | null, visibility: Visibility, } | { "kind": "group", name: string | null, members: Array<UserId>, } | { "kind": "direct", user_id: UserId, };

export type CreateInviteRequest = { 
/**
 * Null: any number.
 */
uses_max: number | null, 
/**
 * Null: never.
 */
expires_in_s: number | null, };

export type DetachReason = "replaced" | "lost" | "ended" | "moved" | "removed";

export type Device = { id: DeviceId, 
/**
 * Such as "Firefox on Linux".
 */
name: string, signed_in_at: Timestamp, last_seen_at: Timestamp, 
/**
 * Whether this is the device asking.
 */
current: boolean, };

export type DeviceId = string & { readonly __id: "dev" };

export type DeviceList = { devices: Array<Device>, };

export type DirectSignal = { "kind": "offer", sdp: string, } | { "kind": "answer", sdp: string, } | { "kind": "candidate", candidate: string, sdp_mid: string | null, sdp_m_line_index: number | null, };

export type Direction = "up" | "down";

export type EditMessageRequest = { text: string, };

export type EndReason = "left" | "ended_for_all" | "cancelled" | "declined" | "no_answer" | "busy" | "connection_lost" | "alone" | "moved";

export type Entry = { conversation_id: ConversationId, 
/**
 * 1 for the first entry, then without a gap.
 */
seq: number, at: Timestamp, author: UserId, body: EntryBody, };

export type EntryBody = { "kind": "message", message: Message, } | { "kind": "message_edited", message_id: MessageId, target_seq: number, text: string, mentions: Array<UserId>, } | { "kind": "message_deleted", message_id: MessageId, target_seq: number, } | { "kind": "call_started", call: CallSummary, } | { "kind": "call_ended", target_seq: number, call: CallSummary, } | { "kind": "conversation_created" } | { "kind": "renamed", name: string | null, } | { "kind": "topic_changed", topic: string, } | { "kind": "members_added", user_ids: Array<UserId>, } | { "kind": "member_removed", user_id: UserId, } | { "kind": "member_joined" } | { "kind": "member_left" } | { "kind": "archived" } | { "kind": "unarchived" };

export type ErrorAnswer = { error: ErrorBody, };

export type ErrorBody = { code: ErrorCode, 
/**
 * One English sentence saying what happened and what to do.
 */
message: string, 
/**
 * The field of the request that is wrong, where one is.
 */
field: string | null, 
/**
 * When trying again can succeed, in milliseconds from now.
 */
retry_after_ms: number | null, };

export type ErrorCode = "invalid" | "too_large" | "unauthenticated" | "wrong_credentials" | "forbidden" | "not_found" | "already_exists" | "conflict" | "link_invalid" | "archived" | "rate_limited" | "call_ended" | "call_full" | "call_locked" | "call_removed" | "rings_many" | "not_in_call" | "stale_epoch" | "media_refused" | "unsupported_protocol" | "unavailable" | "internal";

export type HostAct = { "kind": "mute", peer_id: PeerId, } | { "kind": "mute_others" } | { "kind": "stop_screen", peer_id: PeerId, } | { "kind": "lower_hand", peer_id: PeerId, } | { "kind": "remove", user_id: UserId, } | { "kind": "let_in", user_id: UserId, } | { "kind": "lock" } | { "kind": "unlock" };

export type IceServer = { urls: Array<string>, username: string | null, credential: string | null, };

export type Invite = { id: InviteId, created_by: UserId, created_at: Timestamp, 
/**
 * Null: never.
 */
expires_at: Timestamp | null, 
/**
 * Null: any number.
 */
uses_max: number | null, uses: number, revoked_at: Timestamp | null, };

export type InviteCreated = { invite: Invite, 
/**
 * Path to append to the public address: `/invite/…`.
 */
path: string, url: string, };

export type InviteId = string & { readonly __id: "inv" };

export type InviteList = { invites: Array<Invite>, };

export type InvitePreview = { workspace_name: string, invited_by: string, expires_at: Timestamp | null, };

export type Joined = { 
/**
 * The own participant among `call.participants`.
 */
peer_id: PeerId, call: CallState, media: MediaSetup, server_time: Timestamp, };

export type LimitReason = "your_connection" | "their_upload" | "switching" | "off";

export type LoginRequest = { email: string, password: string, };

export type MarkReadRequest = { seq: number, };

export type Me = { user: User, email: string, availability: Availability, 
/**
 * Whether the person's devices may connect to whoever calls while they still ring, which shows
 * the caller their network address before the answer.
 */
instant_answer: boolean, 
/**
 * Null: calls ring at any time.
 */
working_hours: WorkingHours | null, device_id: DeviceId, workspace: Workspace, };

export type MediaMode = "direct" | "forwarded";

export type MediaSession = { epoch: number, mode: MediaMode, };

export type MediaSetup = { ice_servers: Array<IceServer>, 
/**
 * Audio slots the down connection should have.
 */
audio_slots: number, 
/**
 * Video slots it may have at most.
 */
video_slots_max: number, 
/**
 * What the call was started as: whether a camera is expected.
 */
media: CallMedia, };

export type Member = { user_id: UserId, joined_at: Timestamp, };

export type MemberList = { members: Array<Member>, };

export type Message = { id: MessageId, 
/**
 * Markdown. Empty once deleted.
 */
text: string, mentions: Array<UserId>, 
/**
 * The call during which, and in whose panel, it was written.
 */
call_id: CallId | null, 
/**
 * The message this replies to in a thread.
 */
thread_seq: number | null, 
/**
 * What its author's client called it before it had a number. Only its author sees it.
 */
nonce: string | null, edited_at: Timestamp | null, deleted_at: Timestamp | null, };

export type MessageId = string & { readonly __id: "msg" };

export type MyConversation = { conversation: Conversation, read: ReadState, preferences: Preferences, };

export type Participant = { peer_id: PeerId, user_id: UserId, device_id: DeviceId, device_name: string, joined_at: Timestamp, microphone: Toggle, camera: Toggle, screen: Toggle, 
/**
 * Null: lowered.
 */
hand_raised_at: Timestamp | null, connection: Connection, };

export type ParticipantChange = { microphone: boolean | null, camera: boolean | null, screen: boolean | null, hand: boolean | null, };

export type PeerId = string & { readonly __id: "peer" };

export type PersonOutcome = { user_id: UserId, outcome: CallOutcome, };

export type Preferences = { 
/**
 * Only mentions call for attention, and its calls are shown without a sound.
 */
muted: boolean, 
/**
 * Whether a call of a group rings this person when its starter rings the group. A direct
 * message always does, a channel never.
 */
rings: boolean, };

export type Prepared = { 
/**
 * The participant this device will be if it answers in this tab, for as long as the ring goes on.
 */
peer_id: PeerId, 
/**
 * Whoever calls.
 */
caller: PeerId, epoch: number, media: MediaSetup, 
/**
 * Whether to connect before the answer. Where the person or the workspace forbids that, nothing
 * that shows a network address leaves before it.
 */
connects: boolean, };

export type Presence = "online" | "away" | "do_not_disturb" | "offline";

export type PushKeys = { p256dh: string, auth: string, };

export type PushMessage = { "kind": "ring", call_id: CallId, conversation_id: ConversationId, media: CallMedia, 
/**
 * Name of the caller.
 */
from: string, 
/**
 * Name of the group; null in a direct message and in a group without one.
 */
place: string | null, 
/**
 * The device stops by itself at this time of the server's clock.
 */
expires_at: Timestamp, 
/**
 * Whether to make no sound: the person is in another call.
 */
silent: boolean, } | { "kind": "missed", call_id: CallId, conversation_id: ConversationId, media: CallMedia, from: string, place: string | null, started_at: Timestamp, } | { "kind": "stop", call_id: CallId, conversation_id: ConversationId, from: string, reason: RingStopReason, } | { "kind": "test" };

export type PushStatus = { 
/**
 * What browsers call `applicationServerKey`, in base64url.
 */
public_key: string, 
/**
 * Where this device gets its pushes. Null: nowhere.
 */
endpoint: string | null, };

export type PushSubscriptionRequest = { endpoint: string, keys: PushKeys, };

export type ReadState = { 
/**
 * Everything up to this number has been read.
 */
read_seq: number, 
/**
 * Messages of others after it.
 */
unread: number, 
/**
 * Those among them that mention this person. In a direct message or a group that is not
 * muted: all of them.
 */
mentions: number, };

export type Reply = { "kind": "done" } | { "kind": "welcome", welcome: Welcome, } | { "kind": "sent", entry: Entry, } | { "kind": "joined", joined: Joined, } | { "kind": "call", call: CallState, } | { "kind": "prepared", prepared: Prepared, } | { "kind": "media_answer", epoch: number, session: number, sdp: string, };

export type ResumePoint = { conversation_id: ConversationId, 
/**
 * The newest number the client holds without a gap before it.
 */
last_seq: number, };

export type Ring = { call_id: CallId, conversation_id: ConversationId, from: UserId, media: CallMedia, started_at: Timestamp, 
/**
 * The device stops by itself at this time of the server's clock.
 */
expires_at: Timestamp, 
/**
 * Whether to make no sound: the person is in another call, has been called over and over, has
 * muted the conversation, or it is outside their working hours.
 */
silent: boolean, };

export type RingStanding = { rings: boolean, };

export type RingState = { user_id: UserId, status: RingStatus, 
/**
 * Devices that have said they ring.
 */
devices: number, since: Timestamp, };

export type RingStatus = "calling" | "ringing" | "notified" | "offline" | "busy" | "off_hours" | "quiet" | "do_not_disturb" | "answered" | "declined" | "no_answer";

export type RingStopReason = "answered_elsewhere" | "declined_elsewhere" | "handled" | "cancelled" | "expired" | "ended";

export type Role = "admin" | "member";

export type SendMessageRequest = { nonce: string, text: string, };

export type ServerMediaMessage = { "kind": "slots", audio: Array<AudioSlot>, video: Array<VideoSlot>, } | { "kind": "speakers", peers: Array<PeerId>, };

export type ServerMessage = { "kind": "reply", id: number, reply: Reply, } | { "kind": "failed", id: number, error: ErrorBody, } | { "kind": "ping", server_time: Timestamp, } | { "kind": "snapshot", snapshot: Snapshot, } | { "kind": "resumed", conversation_id: ConversationId, entries: Array<Entry>, complete: boolean, } | { "kind": "resync" } | { "kind": "going_away", retry_after_ms: number, } | { "kind": "signed_out" } | { "kind": "entry", entry: Entry, } | { "kind": "conversation", conversation: MyConversation, } | { "kind": "conversation_gone", conversation_id: ConversationId, } | { "kind": "read", conversation_id: ConversationId, read: ReadState, } | { "kind": "typing", conversation_id: ConversationId, user_id: UserId, } | { "kind": "user", user: User, } | { "kind": "me", me: Me, } | { "kind": "presence", user_id: UserId, presence: Presence, } | { "kind": "availability", availability: Availability, } | { "kind": "call", call: CallState, } | { "kind": "call_participant", call_id: CallId, version: number, participant: Participant, } | { "kind": "call_participant_left", call_id: CallId, version: number, peer_id: PeerId, } | { "kind": "call_ring", call_id: CallId, version: number, ring: RingState, } | { "kind": "call_hosted", call_id: CallId, by: UserId, act: HostAct, } | { "kind": "call_ended", call: CallSummary, } | { "kind": "call_speaking", call_id: CallId, user_ids: Array<UserId>, } | { "kind": "ring", ring: Ring, } | { "kind": "ring_stopped", call_id: CallId, reason: RingStopReason, } | { "kind": "missed_calls", unseen: number, } | { "kind": "call_signal", call_id: CallId, from: PeerId, epoch: number, signal: DirectSignal, } | { "kind": "call_detached", call_id: CallId, peer_id: PeerId, reason: DetachReason, };

export type SetupRequest = { token: string, workspace_name: string, name: string, email: string, password: string, };

export type SetupStatus = { 
/**
 * Whether the workspace still waits for its first admin.
 */
needed: boolean, 
/**
 * Whether who asks is signed in.
 */
signed_in: boolean, };

export type SlotView = { 
/**
 * Index among the video lines of the down connection.
 */
slot: number, peer_id: PeerId, 
/**
 * `camera` or `screen`.
 */
source: Source, 
/**
 * Height of the tile in physical pixels: more is not sent.
 */
height_px: number, pinned: boolean, };

export type Snapshot = { me: Me, users: Array<User>, 
/**
 * Everybody not named is offline.
 */
presence: Array<UserPresence>, conversations: Array<MyConversation>, 
/**
 * Live calls in them.
 */
calls: Array<CallState>, 
/**
 * Rings still going for this person.
 */
rings: Array<Ring>, missed_calls: number, };

export type Source = "microphone" | "camera" | "screen" | "screen_audio";

export type TimelinePage = { entries: Array<Entry>, 
/**
 * Whether there is more in the direction asked for.
 */
more: boolean, 
/**
 * The conversation's newest number.
 */
last_seq: number, };

export type Timestamp = number;

export type Toggle = { on: boolean, since: Timestamp, 
/**
 * The host who has turned it off. Null: it is as its participant wants it.
 */
by: UserId | null, };

export type UpdateConversationRequest = { name: string | null, topic: string | null, };

export type UpdateMeRequest = { name: string | null, email: string | null, instant_answer: boolean | null, };

export type UpdateUserRequest = { role: Role | null, disabled: boolean | null, };

export type UpdateWorkspaceRequest = { name: string | null, call_log: CallLogRetention | null, instant_answer: boolean | null, };

export type User = { id: UserId, name: string, role: Role, 
/**
 * Changes whenever the picture does; null without one. The picture is at
 * `/api/v1/users/{id}/picture?v={picture}`.
 */
picture: string | null, 
/**
 * The hue, in degrees, of the person's colour for life.
 */
hue: number, 
/**
 * A disabled person cannot sign in; what they wrote stays theirs.
 */
disabled: boolean, };

export type UserId = string & { readonly __id: "usr" };

export type UserList = { users: Array<User>, };

export type UserPresence = { user_id: UserId, presence: Presence, };

export type VideoSlot = { slot: number, mid: string, peer_id: PeerId, source: Source, 
/**
 * Null while nothing is forwarded.
 */
height_px: number | null, 
/**
 * Why it is less than was asked for; null when it is not.
 */
reason: LimitReason | null, };

export type Visibility = "public" | "private";

export type Welcome = { protocol: number, server_version: string, server_time: Timestamp, device_id: DeviceId, heartbeat_ms: number, dead_ms: number, resume_window_ms: number, };

export type WorkingHours = { 
/**
 * On which days they begin, Monday first.
 */
days: [boolean, boolean, boolean, boolean, boolean, boolean, boolean], 
/**
 * The minute of the day they begin.
 */
from: number, 
/**
 * The minute they end: of the next day, unless it is later than `from`.
 */
to: number, 
/**
 * As the IANA names it: `Europe/Berlin`.
 */
time_zone: string, };

export type Workspace = { name: string, call_log: CallLogRetention, 
/**
 * Whether people may let their devices connect to whoever calls while they still ring.
 */
instant_answer: boolean, };

export const PROTOCOL_VERSION = 1;
export const MESSAGE_CHARS_MAX = 16000;
export const USER_NAME_CHARS_MAX = 80;
export const PASSWORD_CHARS_MIN = 8;
export const CONVERSATION_NAME_CHARS_MAX = 60;
export const TOPIC_CHARS_MAX = 250;
export const PICTURE_BYTES_MAX = 2097152;
export const CALL_LOG_DAYS_MAX = 3650;
export const GROUP_MEMBERS_MAX = 50;
export const TIMELINE_PAGE_DEFAULT = 50;
export const TIMELINE_PAGE_MAX = 200;
export const RESUME_CONVERSATIONS_MAX = 50;
export const HEARTBEAT_MS = 5000;
export const HEARTBEAT_DEAD_MS = 15000;
export const RING_TIMEOUT_MS = 45000;
export const RING_ACKNOWLEDGE_MS = 3000;
export const HANDOVER_MS = 5000;
export const PARTICIPANT_LEASE_MS = 30000;
export const TYPING_SHOWN_MS = 5000;
