-- Whether devices may connect to whoever calls while they still ring.
ALTER TABLE users ADD COLUMN instant_answer BOOLEAN NOT NULL DEFAULT TRUE;
