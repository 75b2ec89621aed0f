using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>The account is made and on the broker's disk: sign in with Hello, on another connection.</summary>
/// <remarks>name team | name identity | text notice</remarks>
/// <param name="Notice">For the person who made it.</param>
sealed record Activated(string Team, string Identity, string Notice)
{
    public static Activated Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(wire.NameText(), wire.NameText(), wire.Text());
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Activated);
        wire.Name(Team);
        wire.Name(Identity);
        wire.Text(Notice);
    }
}
