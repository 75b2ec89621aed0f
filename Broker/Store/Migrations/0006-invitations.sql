-- Offers of a place in a team; a team of NULL: a team of one's own. The code of one to an e-mail address is in no table.

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    team INTEGER REFERENCES teams (id),
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    sender INTEGER REFERENCES users (id) ON DELETE SET NULL,
    invited INTEGER REFERENCES users (id) ON DELETE SET NULL,
    address TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE INDEX invitations_invited ON invitations (invited);
CREATE INDEX invitations_sender ON invitations (sender);
