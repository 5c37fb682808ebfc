-- Whom calls and messages may disturb: what a member has chosen for a conversation, and when a
-- person works, as JSON.
ALTER TABLE members ADD COLUMN muted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE members ADD COLUMN rings BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE users ADD COLUMN working_hours TEXT;
