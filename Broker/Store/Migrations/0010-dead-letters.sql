-- Messages of the queue that were given up, until somebody sends them again or drops them.

CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL,
    user INTEGER NOT NULL,
    trigger INTEGER NOT NULL,
    spool INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hops INTEGER NOT NULL,
    written INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    due INTEGER NOT NULL,
    payload BLOB NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    died INTEGER NOT NULL
) STRICT;
