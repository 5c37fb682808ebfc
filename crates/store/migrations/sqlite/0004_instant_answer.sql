-- Whether devices may connect to whoever calls while they still ring: for everybody, and for oneself.
ALTER TABLE workspace ADD COLUMN instant_answer INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN instant_answer INTEGER NOT NULL DEFAULT 1;
