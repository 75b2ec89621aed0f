using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that knows the invitations. One that is too old is not there for anybody.</summary>
sealed partial class Roster
{
    private readonly SortedDictionary<long, Invitation> _invitations = [];

    public IEnumerable<Invitation> Invitations(Instant now) =>
        _invitations.Values.Where(invitation => invitation.ExpiresUnixMs > now.UnixMs);

    public IEnumerable<Invitation> ExpiredInvitations(Instant now) =>
        _invitations.Values.Where(invitation => invitation.ExpiresUnixMs <= now.UnixMs);

    /// <summary>One by its number, too old or not.</summary>
    public Invitation? AnyInvitation(InvitationId id) => _invitations.GetValueOrDefault(id.Value);

    private void PutInvitation(Invitation invitation)
    {
        Used(invitation.Id.Value);
        _invitations[invitation.Id.Value] = invitation;
    }

    private void DropInvitation(InvitationId id) => _invitations.Remove(id.Value);

    /// <summary>
    /// What the database does by itself: those from or to a user who is gone stay, so that nobody sees that he is.
    /// </summary>
    private void ForgetInvitationsOf(UserId user)
    {
        foreach (Invitation invitation in _invitations.Values.Where(one => one.By == user || one.Who == user).ToArray())
            PutInvitation(invitation with
            {
                By = invitation.By == user ? null : invitation.By,
                Who = invitation.Who == user ? null : invitation.Who,
            });
    }
}
