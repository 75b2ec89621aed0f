-- Everything that an installation knows. The numbers of enumerations are those of the wire and of Core/Model; times are
-- Unix milliseconds. Names are unique as the broker decides; here they are held a second time.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The highest number ever given to anything: no number is used twice, even when what had it is gone.
INSERT INTO meta (name, value) VALUES ('last id', 1);

CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL, -- bcrypt
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    team INTEGER NOT NULL REFERENCES teams (id),
    user INTEGER NOT NULL REFERENCES users (id),
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    PRIMARY KEY (team, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    token BLOB NOT NULL, -- sealed with a key of the state folder
    owner INTEGER NOT NULL REFERENCES users (id),
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (team, name)
) STRICT;

CREATE TABLE services (
    id INTEGER PRIMARY KEY,
    team INTEGER NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    algorithm INTEGER NOT NULL CHECK (algorithm BETWEEN 1 AND 3),
    on_failure INTEGER NOT NULL CHECK (on_failure BETWEEN 1 AND 2),
    timeout_ms INTEGER NOT NULL CHECK (timeout_ms BETWEEN 0 AND 4294967295),
    retry INTEGER NOT NULL,
    visibility INTEGER NOT NULL CHECK (visibility BETWEEN 1 AND 3),
    owner INTEGER NOT NULL REFERENCES users (id),
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (team, name)
) STRICT;

CREATE TABLE attachments (
    service INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    worker INTEGER NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
    PRIMARY KEY (service, position),
    UNIQUE (service, worker)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachments_worker ON attachments (worker);

-- Directories, and triggers when there is a row in triggers. A parent of NULL is the team's root.
CREATE TABLE nodes (
    id INTEGER PRIMARY KEY CHECK (id > 1),
    team INTEGER NOT NULL REFERENCES teams (id),
    parent INTEGER REFERENCES nodes (id),
    name TEXT NOT NULL,
    mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 511),
    owner INTEGER NOT NULL REFERENCES users (id),
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX nodes_place ON nodes (team, ifnull(parent, 1), name);
CREATE INDEX nodes_parent ON nodes (parent);

CREATE TABLE triggers (
    node INTEGER PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    plugin TEXT NOT NULL,
    service INTEGER REFERENCES services (id) ON DELETE SET NULL,
    timeout_ms INTEGER NOT NULL CHECK (timeout_ms BETWEEN 0 AND 4294967295),
    retry INTEGER NOT NULL,
    messages INTEGER NOT NULL CHECK (messages BETWEEN 1 AND 3),
    synchronous INTEGER NOT NULL CHECK (synchronous IN (0, 1)),
    visibility INTEGER NOT NULL CHECK (visibility BETWEEN 1 AND 3)
) STRICT;

CREATE INDEX triggers_service ON triggers (service);

CREATE TABLE hits (
    node INTEGER PRIMARY KEY REFERENCES triggers (node) ON DELETE CASCADE,
    count INTEGER NOT NULL,
    fired INTEGER NOT NULL
) STRICT;
