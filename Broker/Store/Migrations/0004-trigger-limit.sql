-- Bytes of one message to a trigger.

ALTER TABLE triggers ADD COLUMN byte_limit INTEGER NOT NULL DEFAULT 1048576 CHECK (byte_limit BETWEEN 1 AND 16777216);
