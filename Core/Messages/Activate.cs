using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Instead of Hello, from somebody without an account who has an activation code: make the account. The answer is
/// Activated, or Refused with id 0; the connection ends with it.
/// </summary>
/// <remarks>
/// text email | text code | name identity | text full name | text secret | name team (empty: the one of the invitation)
/// | text software
/// </remarks>
sealed record Activate(
    string Email, string Code, string Identity, string FullName, string Secret, string Team, string Software)
{
    /// <summary>Bytes of a code: ours have 14 with their hyphens.</summary>
    public const int CodeMax = 64;

    /// <summary>Bytes of a secret: more than bcrypt takes, so that who sends more is told why it is refused.</summary>
    public const int SecretMax = 512;

    public static Activate Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            wire.Text(EmailAddress.LengthMax),
            wire.Text(CodeMax),
            wire.NameText(),
            wire.Text(2 * Limits.FullNameMax),
            wire.Text(SecretMax),
            wire.NameText(),
            wire.Text(256));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Activate);
        wire.Text(Email);
        wire.Text(Code);
        wire.Name(Identity);
        wire.Text(FullName);
        wire.Text(Secret);
        wire.Name(Team);
        wire.Text(Software);
    }

    /// <summary>Without the code and the secret, so that no log can have them.</summary>
    public override string ToString() => $"{Identity} of {Email} ({Software})";
}
