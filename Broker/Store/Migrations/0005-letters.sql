-- Mailboxes. A team of NULL: a letter to the person, read in every team.

CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    recipient INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team INTEGER REFERENCES teams (id),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
    text TEXT NOT NULL,
    sent INTEGER NOT NULL,
    read INTEGER NOT NULL CHECK (read IN (0, 1))
) STRICT;

CREATE INDEX letters_recipient ON letters (recipient, team);
