-- Who founded a team, what more is known of a user, and the generations that end sessions and JWTs when they change.

ALTER TABLE teams ADD COLUMN founder INTEGER REFERENCES users (id) ON DELETE SET NULL;

ALTER TABLE users ADD COLUMN full_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';
-- Until now every user chose the secret when the installation was made.
ALTER TABLE users ADD COLUMN own_secret INTEGER NOT NULL DEFAULT 1 CHECK (own_secret IN (0, 1));
ALTER TABLE users ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

ALTER TABLE memberships ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
ALTER TABLE memberships ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
