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

        It is good for {Life(invitation)} days. Without an account of this broker yet, make one:

            {SignUp(invitation.Address, code, options)}

        With one, sign in and accept it:

            triggerfs cli -c 'request invitation {code} accept'

        If you do not expect this mail, forget it: without the code nothing happens.

        """);

    /// <summary>What is typed to sign up with a code.</summary>
    public static string SignUp(string address, string code, BrokerOptions options) =>
        $"triggerfs signup --broker {options.Address ?? "tcp://THE-BROKER:5555"} --brokerkey '{options.Key}' "
        + $"--email {address} --code {code}";

    private static long Life(Invitation invitation) =>
        (invitation.ExpiresUnixMs - invitation.CreatedUnixMs) / (24 * 3_600_000L);

    private static string Host(string address) => address.Split("//")[^1].Split(':')[0];
}
