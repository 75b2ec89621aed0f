-- Streams that a service keeps running: one a line, the plugin and its arguments between tabs. Empty: none.

ALTER TABLE services ADD COLUMN keep TEXT NOT NULL DEFAULT '';
