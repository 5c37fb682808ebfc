-- People and how they come in.

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- As the rules write addresses: one spelling each.
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    hue INTEGER NOT NULL,
    -- The version of the picture; null without one.
    picture TEXT,
    availability TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND disabled_at IS NULL;
CREATE INDEX users_availability ON users (id) WHERE availability <> 'available';

CREATE TABLE pictures (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    version TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE sessions (
    device_id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    token_hash BLOB NOT NULL,
    name TEXT NOT NULL,
    signed_in_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE invites (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL,
    created_by BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    uses_max INTEGER,
    uses INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX invites_token ON invites (token_hash);

-- Conversations. Every entry changes a row.

CREATE TABLE conversations (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    name TEXT,
    -- The name as it is compared, where it has to be the only one: public channels.
    name_key TEXT,
    topic TEXT NOT NULL,
    created_by BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    -- Both ids of a direct message, the lower first: there is one for each pair.
    pair BLOB,
    last_seq INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER NOT NULL,
    -- Messages among the entries, deleted ones too.
    message_count INTEGER NOT NULL DEFAULT 0,
    member_count INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversations_name_key ON conversations (name_key);
CREATE UNIQUE INDEX conversations_pair ON conversations (pair);

CREATE TABLE members (
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    joined_at INTEGER NOT NULL,
    left_at INTEGER,
    read_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id) WHERE left_at IS NULL;

-- One row, made by the setup.
CREATE TABLE workspace (
    workspace_id INTEGER NOT NULL PRIMARY KEY CHECK (workspace_id = 1),
    name TEXT NOT NULL,
    -- The channel everybody comes into.
    general BLOB NOT NULL REFERENCES conversations (id),
    created_at INTEGER NOT NULL
) STRICT;

-- Timelines. An edit or deletion is an entry of its own and also changes its target; the words of
-- a message are in its own row only.

CREATE TABLE entries (
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    author BLOB NOT NULL,
    -- The message written, edited or deleted.
    message_id BLOB,
    nonce TEXT,
    text TEXT,
    -- JSON: a message's mentions, or what else the entry says.
    data TEXT,
    target_seq INTEGER,
    call_id BLOB,
    thread_seq INTEGER,
    edited_at INTEGER,
    deleted_at INTEGER,
    -- Messages in the timeline up to and with this entry: unread is a difference of two of them.
    message_count INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT;
CREATE UNIQUE INDEX entries_nonce ON entries (author, nonce) WHERE nonce IS NOT NULL;
CREATE UNIQUE INDEX entries_message ON entries (message_id) WHERE kind = 'message';
CREATE INDEX entries_author ON entries (conversation_id, author, seq) WHERE kind = 'message';
CREATE INDEX entries_deleted ON entries (conversation_id, seq) WHERE deleted_at IS NOT NULL;
CREATE INDEX entries_call ON entries (call_id) WHERE kind = 'message' AND call_id IS NOT NULL AND deleted_at IS NULL;

-- Who is mentioned where, except by themselves.
CREATE TABLE mentions (
    user_id BLOB NOT NULL REFERENCES users (id),
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_entry ON mentions (conversation_id, seq);

-- Calls. The record is what the rules need; the columns are those of it that are searched.

CREATE TABLE calls (
    id BLOB NOT NULL PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    started_by BLOB NOT NULL REFERENCES users (id),
    version INTEGER NOT NULL,
    due_at INTEGER,
    ended_at INTEGER,
    record TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX calls_live ON calls (conversation_id) WHERE ended_at IS NULL;
CREATE INDEX calls_due ON calls (due_at) WHERE due_at IS NOT NULL;

-- How each call went for each person it concerned: their log. Ids sort by time.
CREATE TABLE call_people (
    user_id BLOB NOT NULL REFERENCES users (id),
    call_id BLOB NOT NULL REFERENCES calls (id),
    outcome TEXT NOT NULL,
    outgoing INTEGER NOT NULL,
    -- Whether the outcome is one that waits to be looked at, and when it was.
    missed INTEGER NOT NULL,
    seen_at INTEGER,
    PRIMARY KEY (user_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_people_direction ON call_people (user_id, outgoing, call_id);
CREATE INDEX call_people_missed ON call_people (user_id, call_id) WHERE missed;
CREATE INDEX call_people_unseen ON call_people (user_id) WHERE missed AND seen_at IS NULL;
