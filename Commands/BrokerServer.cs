using Microsoft.Extensions.Logging;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Store;
using TriggerFs.Commands.Mail;
using TriggerFs.Core.Model;
using TriggerFs.Transport;

namespace TriggerFs.Commands;

/// <summary>
/// A whole broker in this process: its state folder, its port, and its decisions on a thread of their own.
/// </summary>
sealed class BrokerServer : IDisposable
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);

    private readonly ILogger _log;
    private readonly SqliteStore _store;
    private readonly AuditLog _audit;
    private readonly BrokerRouter _router;
    private readonly TokenSeal _seal;
    private readonly BrokerLoop _loop;
    private readonly SmtpMailer? _mailer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerServer(
        ILogger log, SqliteStore store, AuditLog audit, BrokerRouter router, TokenSeal seal, BrokerLoop loop,
        SmtpMailer? mailer, string key)
    {
        _mailer = mailer;
        _log = log;
        _store = store;
        _audit = audit;
        _router = router;
        _seal = seal;
        _loop = loop;
        Key = key;
    }

    /// <summary>Where it listens, with the real port when 0 was asked for.</summary>
    public string Address => _router.Address;

    /// <summary>The public key that peers pin.</summary>
    public string Key { get; }

    /// <summary>Ends when the broker does, with what ended it if that was no <see cref="StopAsync"/>.</summary>
    public Task Ended => _ended.Task;

    /// <summary>
    /// Opens the state and listens. Refuses a folder without an installation, one that another broker uses, an address
    /// in use. Nobody is answered before <see cref="Start"/>.
    /// </summary>
    /// <param name="settings">What was said about it; it has a place to listen and a state folder.</param>
    /// <param name="log">Where it writes what it does.</param>
    public static BrokerServer Open(BrokerSettings settings, ILogger log)
    {
        string stateFolder = settings.State!;
        Installation installation = Installation.Open(stateFolder);
        KeyPair keys = Keys.ReadSecret(Path.Join(stateFolder, NewInstallation.KeyFile));
        var opened = new Stack<IDisposable>();
        try
        {
            var store = new SqliteStore(installation.DatabasePath, settings.QueueSync,
                problem => Log.StoreInTrouble(log, problem.Message, problem.Why));
            opened.Push(store);
            var audit = new AuditLog(settings.Audit.Options(stateFolder), log);
            opened.Push(audit);
            var router = new BrokerRouter(new(settings.Listen!, keys, Logger: log));
            opened.Push(router);
            var seal = new TokenSeal(installation.SealKey);
            opened.Push(seal);
            var tokens = new Tokens(installation.SigningKey, installation.PreviousSigningKey);
            string key = Keys.Format(keys.Public);
            SmtpMailer? mailer = SmtpServer.Of(settings.Smtp) is { } server ? new(server, log) : null;
            if (mailer is not null) opened.Push(mailer);
            var loop = new BrokerLoop(
                router, store, audit, new(tokens, seal), OptionsOf(settings, key, mailer is not null), log, mailer);
            return new(log, store, audit, router, seal, loop, mailer, key);
        }
        catch
        {
            foreach (IDisposable part in opened) part.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Raises the limit on open descriptors to what this process may have: each peer is one, and 1,024, the usual
    /// limit, is for programs that use select(2).
    /// </summary>
    public static unsafe void TakeDescriptors()
    {
        ResourceLimit limit;
        if (Native.GetLimit(Native.RLIMIT_NOFILE, &limit) != 0 || limit.Current >= limit.Max) return;
        limit.Current = limit.Max;
        _ = Native.SetLimit(Native.RLIMIT_NOFILE, &limit);
    }

    /// <summary>Begins to accept connections, on a thread of its own.</summary>
    public void Start() => new Thread(Run) { Name = "broker", IsBackground = true }.Start();

    /// <summary>Goes on with settings that were read again, as far as they can change.</summary>
    public void Become(BrokerSettings settings) =>
        _loop.Become(OptionsOf(settings, Key, canMail: _mailer is not null));

    /// <summary>
    /// Lets what runs end, as long as it may, says Goodbye to all peers and ends; ten seconds later at the most.
    /// </summary>
    public async Task StopAsync(TimeSpan drain = default)
    {
        if (drain > TimeSpan.Zero) _loop.Drain(drain);
        else _loop.Stop();
        TimeSpan max = drain + StopMax;
        if (await Task.WhenAny(Ended, Task.Delay(max)) != Ended) Log.StopTooSlow(_log, (int)max.TotalSeconds);
        else await Ended;
    }

    /// <summary>Closes what is open, the store last: what was answered as done is on its disk already.</summary>
    public void Dispose()
    {
        _mailer?.Dispose();
        _router.Dispose();
        _loop.Dispose();
        _store.Dispose();
        _audit.Dispose(); // After the store, whose last commits have a line each.
        _seal.Dispose();
    }

    private static BrokerOptions OptionsOf(
        BrokerSettings settings, string key, bool canMail) => BrokerOptions.Default with
        {
            Software = Software.Name,
            Signup = settings.Signup ?? SignupMode.Invited,
            Address = settings.Address,
            Key = key,
            CanMail = canMail,
            SessionRate = settings.SessionRate ?? Rate.None,
            TeamRate = settings.TeamRate ?? Rate.None,
            Queue = QueueOptions.Default with
            {
                MessagesMax = settings.QueueLength ?? QueueOptions.Default.MessagesMax,
                BytesMax = settings.QueueSize ?? QueueOptions.Default.BytesMax,
            },
        };

    private void Run()
    {
        try
        {
            _loop.Run();
            _ended.TrySetResult();
        }
        catch (Exception bug)
        {
            _ended.TrySetException(bug);
        }
    }
}
