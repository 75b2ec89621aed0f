-- The run that wrote a message; 0 when it was no run.

ALTER TABLE messages ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;
