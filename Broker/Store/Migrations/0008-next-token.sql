-- A worker's token of tomorrow, sealed as the one of today; empty while there is none. Both are good until the worker has
-- said that it keeps the new one.

ALTER TABLE workers ADD COLUMN next_token BLOB NOT NULL DEFAULT x'';
