using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Asynchronous messages are on the broker's disk, or were before: whoever sent them may forget them. The answer to
/// each still comes, once it is there, if the session is.
/// </summary>
/// <remarks>u16 count | count × u64 request</remarks>
sealed record Stored(IReadOnlyList<RequestId> Requests)
{
    /// <summary>Requests in one message at the most.</summary>
    public const int Max = 1000;

    public static Stored Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        var requests = new RequestId[wire.Count(Max, sizeMin: 8)];
        for (int i = 0; i < requests.Length; i++) requests[i] = new(wire.UInt64());
        return new(requests);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Stored);
        wire.Count(Requests.Count, Max);
        foreach (RequestId request in Requests) wire.UInt64(request.Value);
    }
}
