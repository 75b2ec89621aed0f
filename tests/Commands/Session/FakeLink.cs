using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Commands.Session;

/// <summary>A link whose broker is the test: it records what is sent and raises events on the test's thread.</summary>
sealed class FakeLink(Func<Hello> hello) : IBrokerLink
{
    private readonly List<byte[]> _sent = [];
    private readonly List<Action> _posted = [];

    public ILinkEvents Events { get; private set; } = null!;

    public bool IsUp { get; set; }

    /// <summary>Takes what is sent and keeps nothing of it.</summary>
    public bool IsForgetful { get; set; }

    public bool IsDisposed { get; private set; }

    public string? LeftBecause { get; private set; }

    public long Unsent => 0;

    public void Start(ILinkEvents events)
    {
        Events = events;
        events.Connecting("tcp://test:1");
    }

    public Hello SayHello() => hello();

    public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        if (!IsUp) return false;
        if (IsForgetful) return true;
        lock (_sent) _sent.Add([.. head, .. body]);
        return true;
    }

    public void Post(Action action)
    {
        lock (_posted) _posted.Add(action);
    }

    public void RunPosted()
    {
        Action[] actions;
        lock (_posted)
        {
            actions = [.. _posted];
            _posted.Clear();
        }
        foreach (Action action in actions) action();
    }

    public Task LeaveAsync(string reason)
    {
        LeftBecause = reason;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>The messages of a kind that were sent, and forgets all that were.</summary>
    public List<byte[]> Take(MessageKind kind)
    {
        lock (_sent)
        {
            List<byte[]> found = _sent.FindAll(message => MessageCodec.KindOf(message) == kind);
            _sent.Clear();
            return found;
        }
    }

    /// <summary>Waits until messages of a kind were sent; the first of them, and forgets all.</summary>
    public async Task<byte[]> WaitAsync(MessageKind kind)
    {
        long untilMs = Environment.TickCount64 + 30_000;
        while (true)
        {
            lock (_sent)
                if (_sent.Exists(message => MessageCodec.KindOf(message) == kind)) break;
            if (Environment.TickCount64 > untilMs) throw new TimeoutException($"no {kind} was sent");
            await Task.Delay(5);
        }
        return Take(kind)[0];
    }

    public void Up(bool resumed = false, ulong session = 1, string jwt = "jwt-1")
    {
        IsUp = true;
        Events.Up(new(new SessionId(session), resumed, "team1", "hp", jwt, 2500, 0, "test"));
    }

    public void Down(string why = "the test pulled the plug")
    {
        IsUp = false;
        Events.Down(why, TimeSpan.FromMilliseconds(100));
    }

    public void Refuse(ErrorCode code, bool retrying = false, string what = "no")
    {
        IsUp = false;
        Events.Refused(new(default, code, what, "why", "fix"), retrying);
    }

    public void Deliver(Action<WireWriter> write, ReadOnlySpan<byte> body = default)
    {
        var wire = new WireWriter();
        write(wire);
        byte[] message = [.. wire.Written, .. body];
        Events.Received(MessageCodec.KindOf(message), message);
    }

    public void DeliverOutput(RequestId id, ulong offset, string text, string worker = "demo01")
    {
        byte[] bytes = Bytes(text);
        byte[] name = Bytes(worker);
        Deliver(
            wire => new Output { Id = id.Value, Offset = offset, Worker = name, Bytes = bytes }.WriteHead(wire),
            bytes);
    }

    public void DeliverFinished(
        RequestId id,
        string tail = "",
        ulong? offset = null,
        string worker = "demo01",
        bool last = true,
        Outcome outcome = Outcome.Done,
        int exitCode = 0,
        string detail = "")
    {
        byte[] bytes = Bytes(tail);
        byte[] name = Bytes(worker);
        byte[] why = Bytes(detail);
        Deliver(
            wire => new Finished
            {
                Id = id.Value,
                Flags = last ? Finished.Last : (byte)0,
                Outcome = outcome,
                ExitCode = exitCode,
                Offset = offset ?? (ulong)bytes.Length,
                DurationMs = 5,
                Run = new(17),
                Worker = name,
                Detail = why,
                Tail = bytes,
            }.WriteHead(wire),
            bytes);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
