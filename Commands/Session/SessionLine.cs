using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Session;

/// <summary>
/// The link of a session as its parts see it: up or not, and a way to send. The link behind it is replaced when a JWT
/// is refused and the secret is tried.
/// </summary>
sealed class SessionLine
{
    [ThreadStatic]
    private static WireWriter? _writer;

    private volatile IBrokerLink? _link;
    private volatile bool _isUp;

    public IBrokerLink? Link
    {
        get => _link;
        set => _link = value;
    }

    public bool IsUp
    {
        get => _isUp;
        set => _isUp = value;
    }

    /// <summary>A writer of the calling thread, for one message at a time.</summary>
    public static WireWriter Writer => _writer ??= new WireWriter();

    /// <summary>Sends what the thread's writer holds. False when the link is down: nothing was taken.</summary>
    public bool Send(WireWriter head, ReadOnlySpan<byte> body = default) =>
        IsUp && Link is { } link && link.Send(head.Written, body);

    /// <summary>Runs an action on the loop's thread; on the pool when there is no link yet.</summary>
    public void Post(Action action)
    {
        if (Link is { } link) link.Post(action);
        else ThreadPool.QueueUserWorkItem(static run => run(), action, preferLocal: false);
    }

    public static TriggerException Unreachable() => new(
        ErrorCode.BrokerUnreachable,
        "the broker cannot be reached at the moment",
        "the connection is down; it is being tried again",
        "wait until the broker is back, then send it again: nothing was sent");
}
