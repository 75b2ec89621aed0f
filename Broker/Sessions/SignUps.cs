using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// People without an account: they ask for an activation code, and make an account with one. Who asks learns nothing
/// about who else there is. Each of them has a connection that ends with the answer, and no session.
/// </summary>
sealed class SignUps(Surroundings around, Peers peers, StatementDesk desk, Office office, AuditTrail audit)
{
    private readonly Throttle _asking = new();
    private readonly Throttle _guessing = new();
    private readonly CodeBook _codes = new();
    private readonly Dictionary<long, Waiting> _hashing = [];

    // Below 0, so that those of statements, which are hashed as well, are others.
    private long _lastTicket;

    /// <summary>Accounts whose secrets are being hashed.</summary>
    public int Count => _hashing.Count;

    public void Hear(Peer peer, SignUp asked)
    {
        try
        {
            CheckOpen();
            string email = EmailAddress.Parse(asked.Email).Value;
            Check(_asking, "", peer);
            desk.CheckRoom();
            _asking.Failed("", peer.Host, around.NowMs);
            // Before it is decided, so that the time tells nothing either.
            new Done(default, Notice(email)).Write(around.Wire);
            peers.Send(peer);
            peers.Dismiss(peer, "its signup is answered");
            audit.CodeAsked(peer, email);
            SendCode(email);
        }
        catch (TriggerException problem)
        {
            Refuse(peer, "ask for an activation code", null, problem);
        }
    }

    public void Hear(Peer peer, Activate asked)
    {
        Invitation? invitation = null;
        try
        {
            CheckOpen();
            AccountWish wish = AccountWish.Of(asked);
            Check(_guessing, wish.Email, peer);
            invitation = Find(wish.Email, asked.Code) ?? throw Wrong(wish.Email, peer);
            // A trial, so that bcrypt has no work with what cannot be.
            NewAccount.Decide(office, invitation, wish, secretHash: "", around.Now);
            peer.Stage = PeerStage.Checking;
            peer.Ticket = --_lastTicket;
            _hashing.Add(peer.Ticket, new(peer, wish, asked.Code));
            around.Effects.Hash(peer.Ticket,
                new(asked.Secret, Current: null, CurrentHash: "", Asker: wish.Email, peer.Address));
        }
        catch (TriggerException problem)
        {
            if (invitation is not null) CountTry(invitation);
            Refuse(peer, What(asked), invitation?.Team, problem);
        }
    }

    /// <summary>The peer left while its secret was hashed: nothing was changed.</summary>
    public void Forget(Peer peer) => _hashing.Remove(peer.Ticket);

    /// <summary>The secret of an account was hashed, or cannot be. Whether the ticket is one of ours.</summary>
    public bool Hashed(long ticket, string hash, TriggerException? problem)
    {
        if (ticket >= 0) return false;
        if (!_hashing.Remove(ticket, out Waiting? waiting)) return true;
        if (problem is not null) Refuse(waiting, null, problem);
        else Store(waiting, hash);
        return true;
    }

    private void Store(Waiting waiting, string hash)
    {
        (Peer peer, AccountWish wish, string code) = waiting;
        Invitation? invitation = null;
        desk.Do(new(
            () =>
            {
                // It may be gone, or the identity taken, while bcrypt took its time.
                invitation = Find(wish.Email, code) ?? throw Wrong(wish.Email, peer);
                return NewAccount.Decide(office, invitation, wish, hash, around.Now);
            },
            changes => audit.SignedUp(peer, waiting.What, wish.Identity, changes),
            (decision, problem) =>
            {
                if (problem is not null) Refuse(waiting, invitation?.Team, problem);
                else Welcome(peer, wish, invitation!, decision!.Notice);
            }));
    }

    private void Welcome(Peer peer, AccountWish wish, Invitation invitation, string notice)
    {
        _guessing.Succeeded(wish.Email, peer.Host);
        string team = invitation.Team is { } id ? around.Roster.Team(id).Name.Value : wish.Team!.Value.Value;
        Log.SignedUp(around.Log, team, wish.Identity.Value, peer.Address);
        new Activated(team, wish.Identity.Value, notice).Write(around.Wire);
        peers.Send(peer);
        peers.Dismiss(peer, "it has its account");
    }

    /// <summary>Sends what there is to say about an address to it, now and then at the most.</summary>
    private void SendCode(string email) => desk.Do(new(
        () => AskedCode.Decide(office, email, around.Now),
        changes => audit.Own($"somebody asks for an account with the address {email}", changes),
        (decision, problem) =>
        {
            if (problem is not null) Log.NoCode(around.Log, email, problem.Message);
            else if (decision!.Mail is { } mail && office.Options.CanMail && _codes.TryMail(email, around.NowMs))
                around.Effects.Mail(mail);
        }));

    /// <summary>Takes as long for an address that there is not.</summary>
    private Invitation? Find(string email, string code)
    {
        Invitation? found = null;
        foreach (Invitation one in around.Roster.Invitations(around.Now))
            if (one.Address == email && office.Seal.IsCodeOf(one, code) && IsTaken(one)) found = one;
        return found;
    }

    private bool IsTaken(Invitation invitation) =>
        invitation.Team is not null || around.Options.Signup == SignupMode.Open;

    private TriggerException Wrong(string email, Peer peer)
    {
        _guessing.Failed(email, peer.Host, around.NowMs);
        foreach (Invitation one in around.Roster.Invitations(around.Now).Where(one => one.Address == email).ToArray())
            CountTry(one);
        return new(ErrorCode.Unauthenticated, "the e-mail address or the activation code is wrong",
            "which of them is not told to anybody; a code is good once, and not for ever",
            "compare both with the mail; or ask for another code: triggerfs signup --email ADDRESS");
    }

    /// <summary>An attempt with this invitation failed: too many, and it is gone.</summary>
    private void CountTry(Invitation invitation)
    {
        if (!_codes.Failed(invitation.Id)) return;
        desk.Do($"the code of {invitation.Address} was tried too often", () =>
            around.Roster.AnyInvitation(invitation.Id) is null ? [] :
            [
                new Change.DropInvitation(invitation.Id),
                .. InvitationStatements.TellSender(around.Roster, invitation,
                    $"the code that went to {invitation.Address} is worth nothing any more: "
                    + $"{Limits.CodeTriesMax} attempts with it failed", around.Now),
            ]);
    }

    private void CheckOpen()
    {
        if (around.Options.Signup == SignupMode.Closed)
            throw new TriggerException(ErrorCode.NotAllowed, "this broker takes no signups",
                "its operators make the accounts", "ask one of them, or an admin of a team");
    }

    private void Check(Throttle throttle, string what, Peer peer)
    {
        long waitMs = throttle.WaitMs(what, peer.Host, around.NowMs);
        if (waitMs > 0)
            throw new TriggerException(ErrorCode.Busy, "too many signups came from this address",
                fix: $"try again in {(waitMs + 999) / 1000} s");
    }

    private string Notice(string email)
    {
        string whom = around.Options.Signup == SignupMode.Open ? "" : "if somebody invited it, ";
        return around.Options.CanMail ? $"{whom}an activation code goes to {email}"
            : $"{whom}the activation code of {email} is with the admins: this broker sends no mail";
    }

    private void Refuse(Waiting waiting, TeamId? team, TriggerException problem) =>
        Refuse(waiting.Peer, waiting.What, team, problem);

    private void Refuse(Peer peer, string what, TeamId? team, TriggerException problem)
    {
        if (problem.Code != ErrorCode.Busy) audit.SignUpFailed(peer, what, team, problem);
        Log.SignUpRefused(around.Log, peer.Address, problem.Message, problem.Why ?? "");
        peers.Refuse(peer, default, problem);
        peers.Dismiss(peer, "its signup was refused");
    }

    private static string What(Activate asked) =>
        $"sign up as {NameRule.Shown(asked.Identity)} with the address {NameRule.Shown(asked.Email)}";

    /// <summary>Somebody whose secret is hashed or whose account is stored.</summary>
    private sealed record Waiting(Peer Peer, AccountWish Wish, string Code)
    {
        public string What => $"sign up as {Wish.Identity} with the address {Wish.Email}";

        /// <summary>Without the code, so that no log can have it.</summary>
        public override string ToString() => What;
    }
}
