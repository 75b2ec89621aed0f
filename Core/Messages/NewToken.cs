using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// To a worker: prove yourself with this token from now on, and say so when it is where it survives you. From a worker:
/// the same token, when it is kept; the one before is worth nothing from then on. A worker that cannot keep it says
/// nothing, and both are good.
/// </summary>
/// <remarks>text token</remarks>
sealed record NewToken(string Token)
{
    /// <summary>Characters of a token at the most; ours have 36.</summary>
    public const int TokenMax = 64;

    public static NewToken Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(wire.Text(TokenMax));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.NewToken);
        wire.Text(Token);
    }

    /// <summary>Without the token, so that no log can have it.</summary>
    public override string ToString() => "a new token";
}
