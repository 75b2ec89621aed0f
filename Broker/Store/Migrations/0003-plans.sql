-- How often each user of another team may call a public service, as people write it; NULL for the default.
ALTER TABLE services ADD COLUMN rate TEXT;

-- The plan of a team, by its name.
ALTER TABLE teams ADD COLUMN plan TEXT NOT NULL DEFAULT 'unlimited';
