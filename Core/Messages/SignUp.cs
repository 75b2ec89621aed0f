using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Instead of Hello, from somebody without an account: send an activation code to this e-mail address. The answer,
/// Done with id 0, is the same for every address; the connection ends with it.
/// </summary>
/// <remarks>text email</remarks>
sealed record SignUp(string Email)
{
    public static SignUp Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(wire.Text(EmailAddress.LengthMax));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.SignUp);
        wire.Text(Email);
    }
}
