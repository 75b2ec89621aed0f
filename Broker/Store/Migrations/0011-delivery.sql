-- How messages are delivered, as words: 'ttl=60000 on-busy=replace'. Empty: nothing is set.

ALTER TABLE services ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
ALTER TABLE triggers ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
