-- Attempts of a message that were lost, since it was written or somebody sent it again; they were the rest of its
-- attempts before.

ALTER TABLE messages ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET losses = max(0, attempt - 1 - failures);
UPDATE dead_letters SET losses = max(0, attempt - 1 - failures);

-- A broker that was killed while a message became a dead letter could leave both behind: it had been given up.
DELETE FROM messages WHERE id IN (SELECT id FROM dead_letters);
