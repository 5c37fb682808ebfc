-- Days the call log is kept after a call's end; null: for ever.
ALTER TABLE workspace ADD COLUMN call_log_days BIGINT;
CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL;
-- The cards of forgotten calls, which their entries keep.
CREATE INDEX entries_forgotten_calls ON entries (call_id) WHERE kind = 'call_started' AND data IS NOT NULL;
