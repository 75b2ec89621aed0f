-- How far the mail with the code of an invitation is: 0 none, 1 waiting, 2 sent, 3 failed.
-- What was there before counts as sent.

ALTER TABLE invitations ADD COLUMN mail INTEGER NOT NULL DEFAULT 2 CHECK (mail BETWEEN 0 AND 3);
