-- People and how they come in.

CREATE TABLE users (
    id BYTEA NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- As the rules write addresses: one spelling each.
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    hue BIGINT NOT NULL,
    -- The version of the picture; null without one.
    picture TEXT,
    availability TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND disabled_at IS NULL;
CREATE INDEX users_availability ON users (id) WHERE availability <> 'available';

CREATE TABLE pictures (
    user_id BYTEA NOT NULL PRIMARY KEY REFERENCES users (id),
    version TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BYTEA NOT NULL
);

CREATE TABLE sessions (
    device_id BYTEA NOT NULL PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES users (id),
    token_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE invites (
    id BYTEA NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL,
    created_by BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    uses_max BIGINT,
    uses BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX invites_token ON invites (token_hash);

-- Conversations. Every entry changes a row, so pages have room to do it in place.

CREATE TABLE conversations (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    name TEXT,
    -- The name as it is compared, where it has to be the only one: public channels.
    name_key TEXT,
    topic TEXT NOT NULL,
    created_by BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    -- Both ids of a direct message, the lower first: there is one for each pair.
    pair BYTEA,
    last_seq BIGINT NOT NULL DEFAULT 0,
    last_at BIGINT NOT NULL,
    -- Messages among the entries, deleted ones too.
    message_count BIGINT NOT NULL DEFAULT 0,
    member_count BIGINT NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX conversations_name_key ON conversations (name_key);
CREATE UNIQUE INDEX conversations_pair ON conversations (pair);

CREATE TABLE members (
    conversation_id BYTEA NOT NULL REFERENCES conversations (id),
    user_id BYTEA NOT NULL REFERENCES users (id),
    joined_at BIGINT NOT NULL,
    left_at BIGINT,
    read_seq BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX members_user ON members (user_id) WHERE left_at IS NULL;

-- One row, made by the setup.
CREATE TABLE workspace (
    workspace_id BIGINT NOT NULL PRIMARY KEY CHECK (workspace_id = 1),
    name TEXT NOT NULL,
    -- The channel everybody comes into.
    general BYTEA NOT NULL REFERENCES conversations (id),
    created_at BIGINT NOT NULL
);

-- Timelines. An edit or deletion is an entry of its own and also changes its target; the words of
-- a message are in its own row only.

CREATE TABLE entries (
    conversation_id BYTEA NOT NULL REFERENCES conversations (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    author BYTEA NOT NULL,
    -- The message written, edited or deleted.
    message_id BYTEA,
    nonce TEXT,
    text TEXT,
    -- JSON: a message's mentions, or what else the entry says.
    data TEXT,
    target_seq BIGINT,
    call_id BYTEA,
    thread_seq BIGINT,
    edited_at BIGINT,
    deleted_at BIGINT,
    -- Messages in the timeline up to and with this entry: unread is a difference of two of them.
    message_count BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);
CREATE UNIQUE INDEX entries_nonce ON entries (author, nonce) WHERE nonce IS NOT NULL;
CREATE UNIQUE INDEX entries_message ON entries (message_id) WHERE kind = 'message';
CREATE INDEX entries_author ON entries (conversation_id, author, seq) WHERE kind = 'message';
CREATE INDEX entries_deleted ON entries (conversation_id, seq) WHERE deleted_at IS NOT NULL;
CREATE INDEX entries_call ON entries (call_id) WHERE kind = 'message' AND call_id IS NOT NULL AND deleted_at IS NULL;

-- Who is mentioned where, except by themselves.
CREATE TABLE mentions (
    user_id BYTEA NOT NULL REFERENCES users (id),
    conversation_id BYTEA NOT NULL REFERENCES conversations (id),
    seq BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
);
CREATE INDEX mentions_entry ON mentions (conversation_id, seq);

-- Calls. The record is what the rules need; the columns are those of it that are searched.

CREATE TABLE calls (
    id BYTEA NOT NULL PRIMARY KEY,
    conversation_id BYTEA NOT NULL REFERENCES conversations (id),
    started_by BYTEA NOT NULL REFERENCES users (id),
    version BIGINT NOT NULL,
    due_at BIGINT,
    ended_at BIGINT,
    record TEXT NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX calls_live ON calls (conversation_id) WHERE ended_at IS NULL;
CREATE INDEX calls_due ON calls (due_at) WHERE due_at IS NOT NULL;

-- How each call went for each person it concerned: their log. Ids sort by time.
CREATE TABLE call_people (
    user_id BYTEA NOT NULL REFERENCES users (id),
    call_id BYTEA NOT NULL REFERENCES calls (id),
    outcome TEXT NOT NULL,
    outgoing BOOLEAN NOT NULL,
    -- Whether the outcome is one that waits to be looked at, and when it was.
    missed BOOLEAN NOT NULL,
    seen_at BIGINT,
    PRIMARY KEY (user_id, call_id)
);
CREATE INDEX call_people_direction ON call_people (user_id, outgoing, call_id);
CREATE INDEX call_people_missed ON call_people (user_id, call_id) WHERE missed;
CREATE INDEX call_people_unseen ON call_people (user_id) WHERE missed AND seen_at IS NULL;
