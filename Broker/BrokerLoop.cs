using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker;

/// <summary>The broker's secrets, from its state folder.</summary>
sealed record BrokerKeys(Tokens Tokens, TokenSeal Seal);

/// <summary>
/// Carries out what <see cref="BrokerState"/> decides: it brings the network, the clock and the store to it, on the
/// router's one thread, and its effects to the network and the store.
/// </summary>
sealed class BrokerLoop : IRouterEvents, IEffects, IDisposable
{
    private readonly IRouter _router;
    private readonly IStore _store;
    private readonly AuditLog _audit;
    private readonly IMailer? _mailer;
    private readonly BrokerState _state;
    private readonly SecretVerifier _verifier = new();
    private readonly Credentials _credentials;
    private readonly Action _tick;
    private readonly Action _turnedOver;
    private readonly byte[] _random = new byte[512];
    private int _randomLeft;
    private volatile bool _keepsSoon;
    private bool _deciding;

    /// <summary>
    /// Loads what is stored. The router already listens; who connects is heard from <see cref="Run"/> on.
    /// </summary>
    public BrokerLoop(
        IRouter router,
        IStore store,
        AuditLog audit,
        BrokerKeys keys,
        BrokerOptions options,
        ILogger log,
        IMailer? mailer = null)
    {
        _mailer = mailer;
        _router = router;
        _store = store;
        _audit = audit;
        Log = log;
        StoredState stored = store.Load();
        var roster = new Roster(stored);
        TriggerFs.Broker.Log.Loaded(
            log, stored.Teams.Count, stored.Workers.Count, stored.Services.Count, stored.Nodes.Count);
        _credentials = new(roster, keys.Seal, keys.Tokens, _verifier, new Throttle(), router.Post);
        _state = new(this, roster, keys.Tokens, keys.Seal, options, Instant.Now());
        _state.TakeOver(stored);
        _tick = () => _state.Ticked(Instant.Now());
        Action turnedOver = () => _state.TurnedOver(Instant.Now());
        _turnedOver = () => Decide(turnedOver);
        _audit.Write(AuditTrail.Start(Instant.Now(), options.Software));
    }

    public ILogger Log { get; }

    /// <summary>Runs on the calling thread until <see cref="Stop"/>.</summary>
    public void Run() => _router.Run(this);

    /// <summary>Says Goodbye to everybody and ends <see cref="Run"/>. From any thread.</summary>
    public void Stop() => _router.Post(() =>
    {
        Decide(() => _state.Stopping(Instant.Now()));
        _router.Stop();
    });

    /// <summary>Begins nothing new, and stops once what runs has ended, or the time is up. From any thread.</summary>
    public void Drain(TimeSpan max) => _router.Post(() => Decide(() => _state.Drain(max, Instant.Now())));

    /// <summary>Goes on with other settings. From any thread.</summary>
    public void Become(BrokerOptions options) =>
        _router.Post(() => Decide(() => _state.Become(options, Instant.Now())));

    public void Dispose() => _verifier.Dispose();

    void IRouterEvents.Joined(PeerId peer, string address) => Decide(() => _state.Joined(peer, address, Instant.Now()));

    /// <summary>The hot path: as <see cref="Decide"/>, without a closure.</summary>
    void IRouterEvents.Received(PeerId peer, ReadOnlySpan<byte> message)
    {
        _deciding = true;
        try
        {
            _state.Received(peer, message, Instant.Now());
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            TriggerFs.Broker.Log.DecisionFailed(Log, fault);
            _router.Dismiss(peer, "internal error");
        }
        finally
        {
            _deciding = false;
        }
    }

    void IRouterEvents.Arriving(PeerId peer) => Decide(() => _state.Arriving(peer, Instant.Now()));

    // A send may find out that a peer is gone: that is a happening of its own, after the one being decided.
    void IRouterEvents.Left(PeerId peer, LinkEnd end, string why)
    {
        if (_deciding) _router.Post(() => Decide(() => _state.Left(peer, end, why, Instant.Now())));
        else Decide(() => _state.Left(peer, end, why, Instant.Now()));
    }

    void IRouterEvents.Drained(PeerId peer)
    {
        if (_deciding) _router.Post(() => Decide(() => _state.Drained(peer, Instant.Now())));
        else Decide(() => _state.Drained(peer, Instant.Now()));
    }

    void IRouterEvents.Ticked() => Decide(_tick);

    /// <summary>A bug in a decision must not end the broker for everybody.</summary>
    private void Decide(Action happening)
    {
        _deciding = true;
        try
        {
            happening();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            TriggerFs.Broker.Log.DecisionFailed(Log, fault);
        }
        finally
        {
            _deciding = false;
        }
    }

    void IEffects.Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int underWay) =>
        _router.Send(peer, head, body, underWay);

    void IEffects.Dismiss(PeerId peer, string why) => _router.Dismiss(peer, why);

    void IEffects.Admit(PeerId peer, int messageMax, bool answers) =>
        _router.Admit(peer, messageMax, answers);

    long IEffects.Unsent(PeerId peer) => _router.Unsent(peer);

    void IEffects.Verify(long ticket, Hello hello, string address) =>
        _credentials.Check(hello, address, Instant.Now(), verdict =>
            // Some answers are there at once; the state hears of them after it has asked.
            _router.Post(() => Decide(() => _state.Verified(ticket, verdict, Instant.Now()))));

    void IEffects.Hash(long ticket, SecretOrder order) =>
        _credentials.Hash(order, Instant.Now(), (hash, problem) =>
            _router.Post(() => Decide(() => _state.Hashed(ticket, hash, problem, Instant.Now()))));

    /// <summary>What nobody could be held to account for later is not stored now.</summary>
    void IEffects.Commit(long ticket, IReadOnlyList<Change> changes, AuditEntry? line)
    {
        if (line is null) _store.Commit(changes, Answer);
        else if (_audit.Trouble is { } trouble) Answer(trouble);
        else _store.Commit(changes, problem => _audit.Write(line.For(problem), () => Answer(problem)));

        void Answer(TriggerException? problem) =>
            _router.Post(() => Decide(() => _state.Committed(ticket, problem, Instant.Now())));
    }

    void IEffects.Audit(AuditEntry line) => _audit.Write(line);

    void IEffects.ReadAudit(long ticket, AuditQuery query) =>
        _audit.Read(query, (lines, problem) =>
            _router.Post(() => Decide(() => _state.AuditRead(ticket, lines, problem, Instant.Now()))));

    void IEffects.Keep(long ticket, IReadOnlyList<Change> changes)
    {
        long begunTicks = Stopwatch.GetTimestamp();
        bool isLone = Store.LookOut.IsFor(changes);
        _store.Keep(changes, problem =>
        {
            _keepsSoon = isLone && Stopwatch.GetElapsedTime(begunTicks) < Store.LookOut.Max;
            _router.Post(() => Decide(() => _state.Kept(ticket, problem, Instant.Now())));
        });
        if (isLone && _keepsSoon) _router.LookOut(Store.LookOut.Max);
    }

    void IEffects.AfterTurn() => _router.Post(_turnedOver);

    void IEffects.CountHits(IReadOnlyList<TriggerHits> hits) => _store.Count([.. hits]);

    void IEffects.Mail(MailOrder mail) => _mailer?.Send(mail.To, mail.Subject, mail.Text, problem =>
        _router.Post(() => Decide(() => _state.Mailed(mail, problem, Instant.Now()))));

    void IEffects.Shutdown() => Stop();

    ulong IEffects.Random()
    {
        if (_randomLeft < sizeof(ulong))
        {
            RandomNumberGenerator.Fill(_random);
            _randomLeft = _random.Length;
        }
        _randomLeft -= sizeof(ulong);
        return BitConverter.ToUInt64(_random, _randomLeft);
    }
}
