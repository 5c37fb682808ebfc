-- Whether devices may connect to whoever calls while they still ring: for everybody, and for oneself.
ALTER TABLE workspace ADD COLUMN instant_answer BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE users ADD COLUMN instant_answer BOOLEAN NOT NULL DEFAULT TRUE;
