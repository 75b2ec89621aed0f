using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Requests on this host's disk that are sent when the broker is there, and carried out whether their sender is or not.
/// They are in the spools of the user's mounts and clients: whoever comes next sends what others left.
/// </summary>
sealed class Postbox : ISpoolOwner, IDisposable
{
    /// <summary>How long to wait for a spool when very many processes post at the same time.</summary>
    private static readonly TimeSpan SpoolWait = TimeSpan.FromSeconds(10);

    private readonly SpoolOptions _options;
    private readonly Action<string> _say;
    private readonly Lock _gate = new();
    private readonly List<(MessageSpool Spool, SpoolOptions Options)> _spools = [];
    private readonly List<SpoolSender> _senders = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (SpoolSender? Sender, ulong Sequence) _own;

    /// <param name="say">Hears what somebody should know of.</param>
    public Postbox(SpoolOptions options, Action<string> say)
    {
        _options = options;
        _say = say;
    }

    /// <summary>Messages that wait on this host, as far as they are in spools that are open here.</summary>
    public long Depth
    {
        get
        {
            lock (_gate) return _spools.Sum(static one => one.Spool.Depth);
        }
    }

    /// <summary>Why the request that was posted here will never be carried out; null when it may be.</summary>
    public TriggerException? Refusal { get; private set; }

    /// <summary>
    /// Takes a request: when this returns it is on the disk, as far as the settings ask for that. Returns its id.
    /// </summary>
    public async Task<MessageId> PostAsync(ClientRequest request, CancellationToken stop)
    {
        (MessageSpool spool, SpoolOptions options) = await OpenOwnAsync(stop);
        _spools.Add((spool, options));
        ulong sequence = Append(spool, Bytes(request));
        if (options.Sync != SyncRule.None && spool.Sync(spool.TakeUnsynced().Segments).Why is { } refused)
            throw SpoolFolder.Unusable(options.Folder, refused);
        _own = (null, sequence);
        return spool.IdOf(sequence);
    }

    /// <summary>Takes over what others left and nobody sends.</summary>
    public void Collect()
    {
        foreach ((MessageSpool, SpoolOptions) left in SpoolFolder.OpenLeft(_options, _say)) _spools.Add(left);
    }

    /// <summary>
    /// Sends all until the broker has it, or the time is up. Throws why the broker cannot be reached; what is left is
    /// kept.
    /// </summary>
    public async Task SendAsync(UserSession session, TimeSpan connectMax, TimeSpan sendMax, CancellationToken stop)
    {
        lock (_gate)
        {
            foreach ((MessageSpool spool, SpoolOptions options) in _spools)
                _senders.Add(new(spool, options with { Sync = SyncRule.None }, session, _gate, this));
            if (_own.Sequence != 0) _own.Sender = _senders[0];
            TellIfEmpty();
        }
        await session.OpenAsync(connectMax, stop);
        await Task.WhenAny(_empty.Task, Task.Delay(sendMax, stop));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (SpoolSender sender in _senders) sender.Dispose();
            foreach ((MessageSpool spool, _) in _spools) spool.Dispose();
        }
    }

    IAnswers ISpoolOwner.Begin(SpoolSender sender, in SpooledMessage message, int length) =>
        new Posting(this, sender, message, length);

    void ISpoolOwner.Rejected(SpoolSender sender, in SpooledMessage message, int length, TriggerException why)
    {
        if (_own == (sender, message.Sequence)) Refusal = why;
        else _say($"triggerfs: warning: a message of {length} bytes that was left here is rejected: {why.Message}");
    }

    void ISpoolOwner.Moved() => TellIfEmpty();

    private void TellIfEmpty()
    {
        if (_spools.TrueForAll(static one => one.Spool.Depth == 0)) _empty.TrySetResult();
    }

    private async Task<(MessageSpool Spool, SpoolOptions Options)> OpenOwnAsync(CancellationToken stop)
    {
        long endMs = Environment.TickCount64 + (long)SpoolWait.TotalMilliseconds;
        while (true)
        {
            if (SpoolFolder.TryOpenOwn(_options, _say) is { } own) return own;
            if (Environment.TickCount64 >= endMs) throw SpoolFolder.NoneFree(_options);
            await Task.Delay(20, stop);
        }
    }

    private ulong Append(MessageSpool spool, byte[] request)
    {
        try
        {
            // Trigger 0: the message says itself which service it is for.
            return spool.Append(default, SpoolClock.NowUnixMs, request) ?? throw Full();
        }
        catch (IOException problem)
        {
            throw SpoolFolder.Unusable(_options.Folder, problem);
        }
    }

    private TriggerException Full() => new(ErrorCode.Busy, $"the spool {_options.Folder} is full",
        $"{_options.BytesMax >> 20} MiB wait in it for the broker",
        "see that the broker can be reached, or let it be larger: spoolsize under [triggerfs]");

    private static byte[] Bytes(ClientRequest request)
    {
        var wire = new WireWriter();
        new Request
        {
            Hops = request.Origin.Hops,
            Parent = request.Origin.Parent,
            TimeoutMs = (uint)request.Timeout.TotalMilliseconds,
            Service = System.Text.Encoding.UTF8.GetBytes(request.Service),
            Plugin = System.Text.Encoding.UTF8.GetBytes(request.Plugin),
            ArgsBytes = request.Args,
            Payload = request.Payload,
        }.WriteHead(wire);
        return [.. wire.Written, .. request.Payload];
    }

    /// <summary>A message with the broker. Once it is stored, nobody here waits for its answer.</summary>
    private sealed class Posting(Postbox box, SpoolSender sender, SpooledMessage message, int length) : IAnswers
    {
        private bool _isStored;

        public bool ConsumesAtOnce => true;

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Stored()
        {
            _isStored = true;
            lock (box._gate) sender.Stored(message, length);
        }

        public void Output(in Output output)
        {
        }

        public void Finished(in Finished finished)
        {
        }

        public void Failed(TriggerException problem)
        {
            if (_isStored) return;
            lock (box._gate) sender.NotTaken(message, length, problem);
        }
    }
}
