using Microsoft.Data.Sqlite;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>Writes letters and invitations within the caller's transaction.</summary>
sealed class MailWriter(SqliteConnection connection) : IDisposable
{
    private readonly Prepared _putLetter = new(connection,
        """
        INSERT INTO letters (id, recipient, team, kind, text, sent, read) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (id) DO UPDATE SET read = ?7
        """);

    private readonly Prepared _dropLetter = new(connection, "DELETE FROM letters WHERE id = ?1");
    private readonly Prepared _emptyMailbox =
        new(connection, "DELETE FROM letters WHERE recipient = ?1 AND team = ?2");

    private readonly Prepared _putInvitation = new(connection,
        """
        INSERT INTO invitations (id, team, role, sender, invited, address, created, expires, mail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET sender = ?4, mail = ?9
        """);

    private readonly Prepared _dropInvitation = new(connection, "DELETE FROM invitations WHERE id = ?1");

    public void Put(Invitation invitation) => _putInvitation.Run(
        invitation.Id.Value, invitation.Team?.Value, (long)invitation.Role, invitation.By?.Value,
        invitation.Who?.Value, invitation.Address, invitation.CreatedUnixMs, invitation.ExpiresUnixMs,
        (long)invitation.Mail);

    public void Drop(InvitationId invitation) => _dropInvitation.Run(invitation.Value);

    public void Put(Letter letter) => _putLetter.Run(
        letter.Id.Value, letter.To.Value, letter.Team?.Value, (long)letter.Kind, letter.Text, letter.SentUnixMs,
        letter.IsRead ? 1L : 0L);

    public void Drop(LetterId letter) => _dropLetter.Run(letter.Value);

    /// <summary>Whoever leaves a team leaves its letters.</summary>
    public void Empty(TeamId team, UserId user) => _emptyMailbox.Run(user.Value, team.Value);

    public void Dispose()
    {
        foreach (Prepared statement in (Prepared[])
            [_putLetter, _dropLetter, _emptyMailbox, _putInvitation, _dropInvitation]) statement.Dispose();
    }
}
