using System.Text;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Author;

/// <summary>
/// Stands where a worker has its link to the broker: hands it runs, and what it answers to whoever asked. A run has
/// the number of its request.
/// </summary>
sealed class LocalLink : IBrokerLink, IRequestLine
{
    private readonly Dictionary<ulong, LocalRun> _runs = [];
    private readonly WireWriter _wire = new();
    private readonly Thread _thread;
    private ILinkEvents _events = null!;
    // Other workers of the host may have runs, too: nobody's process is to be taken for one of another's.
    private long _lastId = Random.Shared.NextInt64(1L << 40, 1L << 55);

    public LocalLink(Action<Exception> faulted)
    {
        Loop = new(faulted);
        _thread = new(Loop.Run) { IsBackground = true, Name = "worker" };
    }

    public EventLoop Loop { get; }

    /// <summary>Nothing waits here: what is sent has arrived.</summary>
    public long Unsent => 0;

    public void Start(ILinkEvents events)
    {
        _events = events;
        Loop.Every(TimeSpan.FromMilliseconds(50), events.Ticked);
        _thread.Start();
    }

    public void Post(Action action) => Loop.Post(action);

    public RequestId Ask(
        string service,
        string plugin,
        ReadOnlySpan<byte> args,
        ReadOnlySpan<byte> payload,
        TimeSpan timeout,
        byte flags,
        IAnswers answers,
        Origin origin = default,
        RolloutRules? rollout = null)
    {
        ulong id = (ulong)Interlocked.Increment(ref _lastId);
        var head = new WireWriter();
        byte[] name = Encoding.UTF8.GetBytes(service);
        new Run
        {
            Id = new(id),
            Session = new(1), // Without one nobody would read the output.
            Request = new(id),
            Attempt = 1,
            Hops = origin.Hops,
            Parent = origin.Parent,
            TimeoutMs = (uint)timeout.TotalMilliseconds,
            Window = Limits.OutputWindow,
            Team = "local"u8,
            User = "local"u8,
            Service = name,
            Plugin = Encoding.UTF8.GetBytes(plugin),
            ArgsBytes = args,
            Payload = payload,
        }.WriteHead(head);
        byte[] message = [.. head.Written, .. payload];
        Loop.Post(() =>
        {
            _runs.Add(id, new(answers, name));
            _events.Received(MessageKind.Run, message);
        });
        return new(id);
    }

    /// <summary>Nobody asks for it: a stream is run here as other plugins are, and ends with its time.</summary>
    public RequestId Listen(ListenOrder order, IAnswers answers) =>
        throw new NotSupportedException("there are no listeners without a broker");

    public void Cancel(RequestId id) => Tell(new Cancel(id.Value, ErrorCode.Cancelled).Write);

    public void Consumed(RequestId id, ReadOnlySpan<byte> worker, int bytes) => Loop.Post(() =>
    {
        if (!_runs.TryGetValue(id.Value, out LocalRun? run)) return;
        run.Consumed += (ulong)bytes;
        new Credit { Id = id.Value, Offset = run.Consumed }.Write(_wire);
        Deliver();
    });

    public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        byte[] message = [.. head, .. body];
        switch (MessageCodec.KindOf(message))
        {
            case MessageKind.Started when _runs.TryGetValue(Started.Read(message).Run.Value, out LocalRun? run):
                (run.Answers as IHearsStart)?.Started();
                break;
            case MessageKind.Output:
                Output output = Output.Read(message);
                if (_runs.TryGetValue(output.Id, out LocalRun? writer)) Take(writer, output);
                break;
            case MessageKind.Finished:
                Finished finished = Finished.Read(message);
                if (_runs.Remove(finished.Id, out LocalRun? ended)) ended.End(finished);
                break;
        }
        return true;
    }

    public Task LeaveAsync(string reason) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Loop.Stop();
        if (_thread.IsAlive) _thread.Join();
        Loop.Dispose();
        return default;
    }

    private void Take(LocalRun run, Output output)
    {
        int length = output.Bytes.Length;
        RequestId id = new(output.Id);
        run.Write(output);
        if (run.Answers.ConsumesAtOnce) Consumed(id, [], length);
    }

    private void Tell(Action<WireWriter> write) => Loop.Post(() =>
    {
        write(_wire);
        Deliver();
    });

    private void Deliver()
    {
        byte[] message = _wire.Written.ToArray();
        _events.Received(MessageCodec.KindOf(message), message);
    }

    /// <summary>Who waits for a run, under which worker's name, and how much of its output was read.</summary>
    private sealed class LocalRun(IAnswers answers, byte[] worker)
    {
        public IAnswers Answers => answers;

        public ulong Consumed { get; set; }

        public void Write(Output output)
        {
            output.Worker = worker;
            answers.Output(output);
        }

        public void End(Finished finished)
        {
            finished.Worker = worker;
            finished.Flags |= Finished.Last;
            answers.Finished(finished);
        }
    }
}

/// <summary>Wants to know when a run begins.</summary>
interface IHearsStart
{
    /// <summary>The plugin is about to start. Called on the loop's thread.</summary>
    void Started();
}
