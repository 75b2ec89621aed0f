-- What was written to asynchronous triggers and has no answer yet, and how far each spool's messages were taken.

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL,
    user INTEGER NOT NULL,
    trigger INTEGER NOT NULL,
    spool INTEGER NOT NULL, -- u64, as its 64 bits
    sequence INTEGER NOT NULL, -- likewise
    hops INTEGER NOT NULL,
    written INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    due INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE spools (
    team INTEGER NOT NULL,
    user INTEGER NOT NULL,
    spool INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (team, user, spool)
) STRICT, WITHOUT ROWID;
