-- The revisions of the teams' configurations: who changed what, and what takes it back (JSON, with tokens as sealed as they
-- are in workers).
CREATE TABLE revisions (
    team INTEGER NOT NULL REFERENCES teams (id),
    number INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    comment TEXT NOT NULL,
    confirm_by INTEGER NOT NULL, -- 0 when it stands
    detail TEXT NOT NULL,
    PRIMARY KEY (team, number)
) STRICT;
