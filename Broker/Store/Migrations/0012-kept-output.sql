-- What the last attempt of a message that was given up wrote: the end of it.

ALTER TABLE dead_letters ADD COLUMN output BLOB NOT NULL DEFAULT x'';
