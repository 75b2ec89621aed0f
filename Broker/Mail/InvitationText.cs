using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>What people read about an invitation, in their mailbox and in an e-mail.</summary>
static class InvitationText
{
    /// <summary>The letter to somebody who has an account.</summary>
    public static string Letter(Invitation invitation, string by, string team, string role) =>
        $"{by} invites you into team {team} as {role}: request invitation {invitation.Id.Value} accept (or decline)";

    /// <summary>The e-mail to somebody who may have no account yet.</summary>
    public static MailOrder Mail(Invitation invitation, string code, string invited, BrokerOptions options) => new(
        invitation.Address,
        $"Your activation code for triggerFS{(options.Address is { } at ? $" at {Host(at)}" : "")}",
        $"""
        {invited}
        Your activation code is

            {code}

        It is good for {Life(invitation)}. Without an account of this broker yet, make one:

            {SignUp(invitation.Address, code, options)}

        {Accept(invitation, code)}
        If you do not expect this mail, forget it: without the code nothing happens.

        """)
    {
        About = invitation,
    };

    /// <summary>What is typed to sign up with a code.</summary>
    public static string SignUp(string address, string code, BrokerOptions options) =>
        $"triggerfs signup --broker {options.Address ?? "tcp://THE-BROKER:5555"} --brokerkey '{options.Key}' "
        + $"--email {Quoted(address)} --code {code}";

    /// <summary>The e-mail to somebody who signs up and has an account already: no code is needed.</summary>
    public static MailOrder HasAccount(string address, IEnumerable<string> identities, BrokerOptions options) => new(
        address,
        $"Your account for triggerFS{(options.Address is { } at ? $" at {Host(at)}" : "")}",
        $"""
        Somebody, most likely you, wants an account with this address. There is one already:

            {string.Join(", ", identities)}

        Sign in with it. If you have forgotten its secret, an operator of the broker can set another one.
        If you did not ask, forget this mail: nothing has happened.

        """);

    /// <summary>An address as a shell takes it: some of its letters mean something there.</summary>
    private static string Quoted(string address) =>
        address.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '@' or '.' or '-' or '_' or '+')
            ? address : $"'{address.Replace("'", "'\\''")}'";

    private static string Life(Invitation invitation) =>
        TimeSpan.FromMilliseconds(invitation.ExpiresUnixMs - invitation.CreatedUnixMs) is { TotalHours: > 24 } life
            ? $"{life.TotalDays:0} days" : "24 hours";

    /// <summary>How somebody goes into the team who has an account; a team of one's own needs no invitation.</summary>
    private static string Accept(Invitation invitation, string code) => invitation.Team is null ? "" : $"""
        With one, sign in and accept it:

            triggerfs cli -c 'request invitation {code} accept'

        """;

    private static string Host(string address) => address.Split("//")[^1].Split(':')[0];
}
