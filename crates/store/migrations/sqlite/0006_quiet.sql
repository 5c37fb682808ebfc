-- Whom calls and messages may disturb: what a member has chosen for a conversation, and when a
-- person works, as JSON.
ALTER TABLE members ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN rings INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN working_hours TEXT;
