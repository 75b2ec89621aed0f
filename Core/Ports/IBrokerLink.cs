using TriggerFs.Core.Messages;

namespace TriggerFs.Core.Ports;

/// <summary>
/// A peer's link to the broker: it connects out, says Hello, answers heartbeats, and comes back by itself with
/// back-off. Events are raised on the link's own loop thread; every method may be called from any thread.
/// </summary>
interface IBrokerLink : IAsyncDisposable
{
    /// <summary>Starts connecting; returns at once. Events follow.</summary>
    void Start(ILinkEvents events);

    /// <summary>
    /// Sends one message made of a head and a body, both copied. False when the link is down: nothing was taken.
    /// </summary>
    bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default);

    /// <summary>Bytes that wait to be taken by the kernel.</summary>
    long Unsent { get; }

    /// <summary>Runs an action on the link's loop thread, soon.</summary>
    void Post(Action action);

    /// <summary>Says Goodbye, flushes for at most a second, and closes for good.</summary>
    Task LeaveAsync(string reason);
}

/// <summary>What a link tells its owner, always on the link's loop thread.</summary>
interface ILinkEvents
{
    /// <summary>A connection attempt begins.</summary>
    void Connecting(string address);

    /// <summary>The broker accepted us; sending works from here on.</summary>
    void Up(Accepted welcome);

    /// <summary>
    /// The broker refused us. The link stops for good unless <paramref name="retrying"/> (a refusal that time can
    /// mend).
    /// </summary>
    void Refused(Refused refusal, bool retrying);

    /// <summary>A whole message other than the session's own came. The bytes are valid during the call only.</summary>
    void Received(MessageKind kind, ReadOnlySpan<byte> message);

    /// <summary>
    /// The connection is gone, or could not be made; the link tries again after <paramref name="retryIn"/>.
    /// </summary>
    void Down(string why, TimeSpan retryIn);

    /// <summary>A heartbeat of the broker came (for those who log it).</summary>
    void Heard();

    /// <summary>Time passed: called about every 50 ms.</summary>
    void Ticked();
}
