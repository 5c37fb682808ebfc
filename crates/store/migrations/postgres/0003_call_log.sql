-- Whom a call concerned, asked from the call's side: a log is read by the people in its calls.
CREATE INDEX call_people_call ON call_people (call_id, user_id, outcome);
