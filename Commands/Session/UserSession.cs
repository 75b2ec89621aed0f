using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Session;

/// <summary>
/// A user's session with the broker, as client, console and mount have it: requests, statements and the tree over one
/// link that comes back by itself. What was under way when the link broke is taken up again; what cannot be is failed
/// by name. Members may be called from any thread; answers and events come on the link's loop thread.
/// </summary>
sealed class UserSession : ILinkEvents, IRequestLine, IAsyncDisposable
{
    /// <summary>How long the broker may stay away before the requests under way are failed, in ms.</summary>
    public const long AwayMaxMs = 30_000;

    private readonly Func<Func<Hello>, IBrokerLink> _connect;
    private readonly Introduction _introduction;
    private readonly SessionLine _line = new();
    private readonly RequestDesk _requests;
    private readonly StatementDesk _statements;
    private readonly ListenDesk _listens;
    private readonly TaskCompletionSource<Accepted> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Action<Tree>? _treeChanged;
    private volatile string _address = "";
    private volatile string _lastTrouble = "no answer came";
    private volatile Refused? _lastRefusal;
    private volatile Accepted? _welcome;
    private volatile EvenClock _brokerClock = new(Instant.Now());
    private SessionId _session;
    private long _downSinceMs;

    /// <param name="who">The user and the proofs at hand.</param>
    /// <param name="software">Name and version of this program, for the broker's log.</param>
    /// <param name="connect">
    /// Makes a link that says the given Hello at each attempt; it is started by the session.
    /// </param>
    public UserSession(UserCredentials who, string software, Func<Func<Hello>, IBrokerLink> connect)
    {
        _connect = connect;
        _introduction = new(who, software);
        _requests = new(_line);
        _statements = new(_line);
        _listens = new(_line);
    }

    /// <summary>A connection attempt to this address begins.</summary>
    public event Action<string>? Dialing;

    /// <summary>The broker accepted the session, for the first time or again.</summary>
    public event Action<Accepted>? Joined;

    /// <summary>The link is gone, why, and how soon it is tried again.</summary>
    public event Action<string, TimeSpan>? Parted;

    /// <summary>The broker refused the session; whether the link keeps trying.</summary>
    public event Action<Refused, bool>? TurnedAway;

    public bool IsUp => _line.IsUp;

    /// <summary>What the broker said when it accepted the session last; null before.</summary>
    public Accepted? Welcome => _welcome;

    /// <summary>Requests that have not ended.</summary>
    public int RequestsUnderWay => _requests.Count;

    /// <summary>
    /// Connects and signs in. Throws the broker's refusal, or <see cref="ErrorCode.BrokerUnreachable"/> when it was not
    /// reached within the limit; an infinite limit waits for ever.
    /// </summary>
    public async Task<Accepted> OpenAsync(TimeSpan limit, CancellationToken stop)
    {
        StartLink();
        try
        {
            return await _opened.Task.WaitAsync(limit, stop);
        }
        catch (TimeoutException)
        {
            throw _lastRefusal?.ToException() ?? new TriggerException(
                ErrorCode.BrokerUnreachable,
                $"the broker{(_address.Length > 0 ? $" at {_address}" : "")} cannot be reached",
                _lastTrouble,
                "check 'broker' and 'brokerkey' under [main] in the settings, and that 'triggerfs broker' runs there");
        }
    }

    /// <summary>
    /// Runs a plugin on a service. A timeout of 0 is the service's own. Arguments are bytes of
    /// <see cref="Args.Encode"/>; a rollout is what
    /// <see cref="Rollout"/> makes of it. Input over a limit is thrown; everything
    /// later goes to <paramref name="answers"/>.
    /// </summary>
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
        Span<byte> serviceUtf8 = stackalloc byte[(2 * Limits.NameMax) + 1];
        Span<byte> pluginUtf8 = stackalloc byte[Limits.PathMax];
        if (!Encoding.UTF8.TryGetBytes(service, serviceUtf8, out int serviceLength)) throw TooLong("service", service);
        if (!Encoding.UTF8.TryGetBytes(plugin, pluginUtf8, out int pluginLength)) throw TooLong("plugin", plugin);
        return _requests.Ask(
            serviceUtf8[..serviceLength], pluginUtf8[..pluginLength], args, payload, timeout, flags, answers, origin,
            rollout);
    }

    /// <inheritdoc cref="Ask(string, string, ReadOnlySpan{byte}, ReadOnlySpan{byte}, TimeSpan, byte, IAnswers)"/>
    public RequestId Ask(
        ReadOnlySpan<byte> service,
        ReadOnlySpan<byte> plugin,
        ReadOnlySpan<byte> args,
        ReadOnlySpan<byte> payload,
        TimeSpan timeout,
        byte flags,
        IAnswers answers) => _requests.Ask(service, plugin, args, payload, timeout, flags, answers);

    /// <summary>
    /// Hands over what was written to a trigger some time ago; flags, hops and parent are those of
    /// <see cref="Core.Messages.Fire"/>. The broker is told when that was by its own clock: ours may be wrong.
    /// </summary>
    public RequestId Fire(
        NodeId trigger,
        ReadOnlySpan<byte> payload,
        byte flags,
        MessageId message,
        TimeSpan age,
        IAnswers answers,
        byte hops = 0,
        RunId parent = default)
    {
        long writtenUnixMs = _brokerClock.UnixMs(Instant.Now()) - (long)age.TotalMilliseconds;
        return _requests.Fire(trigger, payload, flags, message, writtenUnixMs, answers, hops, parent);
    }

    /// <summary>Asks the broker to end a request; its answer still comes.</summary>
    public void Cancel(RequestId id)
    {
        if (!_listens.Cancel(id)) _requests.Cancel(id);
    }

    /// <summary>
    /// Listens to a stream; goes on after a link that broke. Its output, and its end, go to <paramref name="answers"/>.
    /// </summary>
    public RequestId Listen(ListenOrder order, IAnswers answers)
    {
        RequestId id = _requests.NextId();
        _listens.Listen(id, order, answers);
        return id;
    }

    /// <summary>Reports output as read, for answers that do not consume at once.</summary>
    public void Consumed(RequestId id, ReadOnlySpan<byte> worker, int bytes)
    {
        if (!_listens.Consumed(id, bytes)) _requests.Consumed(id, worker, bytes);
    }

    /// <summary>Sends one statement and waits for its whole answer; a refusal is thrown.</summary>
    public Task<StatementAnswer> ManageAsync(
        Verb verb,
        ObjectKind kind,
        string name,
        string property,
        IReadOnlyList<string> values,
        CancellationToken stop) =>
        _statements.SendAsync(new Manage(_requests.NextId(), verb, kind, name, property, values), stop);

    /// <summary>Sends statements that belong together and waits for the answer; a refusal is thrown.</summary>
    public Task<StatementAnswer> CommitAsync(Func<RequestId, Commit> commit, CancellationToken stop) =>
        _statements.SendAsync(commit(_requests.NextId()), stop);

    /// <summary>
    /// Sends one statement whose answer goes on until it is stopped; returns when the last page has come. A refusal,
    /// and a link that breaks, are thrown. Pages come on the link's loop thread.
    /// </summary>
    public Task MonitorAsync(ObjectKind kind, string name, Action<Listing> pageCame, CancellationToken stop) =>
        _statements.FollowAsync(new(_requests.NextId(), Verb.Monitor, kind, name, "", []), pageCame, stop);

    /// <summary>
    /// Sends a Show whose answer is too large to be put together here; returns when the last page has come. A refusal,
    /// and a link that breaks, are thrown. Pages come on the link's loop thread.
    /// </summary>
    public Task ShowAsync(ObjectKind kind, string name, string property, Action<Listing> pageCame) =>
        _statements.FollowAsync(
            new(_requests.NextId(), Verb.Show, kind, name, property, []), pageCame, CancellationToken.None);

    /// <summary>
    /// Asks for the team's tree, now and whenever it changes; after a reconnect a whole snapshot comes again. Replaces
    /// an earlier watcher.
    /// </summary>
    public void Watch(Action<Tree> changed)
    {
        _treeChanged = changed;
        SendWatch();
    }

    /// <summary>Runs an action on the loop's thread, soon.</summary>
    public void Post(Action action) => _line.Post(action);

    /// <summary>Says Goodbye and closes; requests under way fail as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_line.Link is { } link)
        {
            await link.LeaveAsync("the session ends");
            await link.DisposeAsync();
        }
        _line.IsUp = false;
        _opened.TrySetCanceled();
        var closed = new TriggerException(ErrorCode.Cancelled, "the session was closed before the answer came");
        _requests.FailAll(closed);
        _listens.FailAll(closed);
        _statements.FailAll("the session was closed");
    }

    void ILinkEvents.Connecting(string address)
    {
        _address = address;
        Dialing?.Invoke(address);
    }

    void ILinkEvents.Up(Accepted welcome)
    {
        bool isSame = welcome.Resumed && (welcome.Session == _session || _session == SessionId.None);
        _session = welcome.Session;
        _welcome = welcome;
        var now = Instant.Now();
        _brokerClock = new(welcome.UnixMs == 0 ? now : now with { UnixMs = welcome.UnixMs });
        _introduction.Accepted(welcome.Jwt);
        _requests.FailAsynchronous();
        if (!isSame) _requests.FailAll(BrokerLost("the broker does not know the session any more"));
        _line.IsUp = true;
        _requests.Reclaim();
        _listens.Resume();
        SendWatch();
        Joined?.Invoke(welcome);
        _opened.TrySetResult(welcome);
    }

    void ILinkEvents.Refused(Refused refusal, bool retrying)
    {
        _lastRefusal = refusal;
        _lastTrouble = refusal.Why.Length > 0 ? $"{refusal.What}: {refusal.Why}" : refusal.What;
        if (_introduction.FallBack(refusal))
        {
            if (!retrying) ReplaceLink();
            return;
        }
        TurnedAway?.Invoke(refusal, retrying);
        if (retrying) return;
        TriggerException problem = refusal.ToException();
        GoDown();
        _opened.TrySetException(problem);
        _requests.FailAll(problem);
        _listens.FailAll(problem);
    }

    void ILinkEvents.Received(MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Output:
                Output output = Output.Read(message);
                if (!_listens.Hear(output)) _requests.Hear(output);
                break;
            case MessageKind.Finished:
                Finished finished = Finished.Read(message);
                if (!_listens.Hear(finished)) _requests.Hear(finished);
                break;
            case MessageKind.Dispatched:
                _requests.Hear(Dispatched.Read(message));
                break;
            case MessageKind.Stored:
                _requests.Hear(Stored.Read(message));
                break;
            case MessageKind.Refused:
                Hear(Refused.Read(message));
                break;
            case MessageKind.Listing:
                _statements.Hear(Listing.Read(message));
                break;
            case MessageKind.Done:
                _statements.Hear(Done.Read(message));
                break;
            case MessageKind.Tree:
                _treeChanged?.Invoke(Tree.Read(message));
                break;
            default: // What a newer broker says beyond these is not for us.
                break;
        }
    }

    void ILinkEvents.Down(string why, TimeSpan retryIn)
    {
        _lastTrouble = why;
        _lastRefusal = null;
        GoDown();
        Parted?.Invoke(why, retryIn);
    }

    void ILinkEvents.Heard()
    {
    }

    void ILinkEvents.Ticked()
    {
        if (_line.IsUp || _downSinceMs == 0 || _requests.Count == 0) return;
        long nowMs = Environment.TickCount64;
        if (nowMs - _downSinceMs >= AwayMaxMs) _requests.FailAll(BrokerLost(_lastTrouble));
        else _requests.FailLate(nowMs, BrokerLost(_lastTrouble));
    }

    private void StartLink()
    {
        IBrokerLink link = _connect(_introduction.Hello);
        _line.Link = link;
        link.Start(this);
    }

    /// <summary>A link that was refused has stopped for good; the secret needs a new one.</summary>
    private void ReplaceLink()
    {
        IBrokerLink? old = _line.Link;
        StartLink();
        if (old is not null) _ = Task.Run(async () => await old.DisposeAsync());
    }

    private void GoDown()
    {
        if (_line.IsUp || _downSinceMs == 0) _downSinceMs = Environment.TickCount64;
        _line.IsUp = false;
        _statements.FailAll(_lastTrouble);
    }

    private void Hear(Refused refused)
    {
        TriggerException problem = refused.ToException();
        if (!_requests.Fail(refused.Id.Value, problem) && !_listens.Fail(refused.Id.Value, problem))
            _statements.Hear(refused);
    }

    private void SendWatch()
    {
        if (_treeChanged is null) return;
        WireWriter head = SessionLine.Writer;
        Core.Messages.Watch.Write(head);
        _line.Send(head);
    }

    private static TriggerException BrokerLost(string why) => new(
        ErrorCode.BrokerLost,
        "the broker went away before the answer came",
        why,
        "the command may have run: look on the worker before you send it again");

    private static TriggerException TooLong(string what, string name) => new(
        ErrorCode.TooLarge, $"'{NameRule.Shown(name)}' is too long for the name of a {what}");
}
