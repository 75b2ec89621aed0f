using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Mail;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Revisions;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker;

/// <summary>
/// Every decision of the broker: happenings come in as calls, and what they lead to goes out through
/// <see cref="IEffects"/>. No socket, clock, disk or thread in here: the same happenings lead to the same effects.
/// </summary>
sealed partial class BrokerState
{
    private readonly Surroundings _around;
    private readonly Peers _peers;
    private readonly Lanes _lanes;
    private readonly JobTable _table;
    private readonly Inflight _inflight = new();
    private readonly JobFlow _flow;
    private readonly Admission _admission;
    private readonly UserSessions _users;
    private readonly SignIn _signIn;
    private readonly SignUps _signUps;
    private readonly Requests _requests;
    private readonly PublicCalls _calls;
    private readonly TreeFeed _tree;
    private readonly Monitors _monitors;
    private readonly StatementDesk _statements;
    private readonly AuditTrail _audit;
    private readonly TokenSeal _seal;
    private readonly Mailroom _mail;
    private readonly ShutdownTimer _shutdown;
    private readonly Drain _drain;
    private readonly SenderRates _rates;
    private readonly QueueRoom _room;
    private readonly Office _office;
    private readonly Confirmations _confirmations;
    private readonly MessageQueue _queue;
    private readonly StreamDesk _streams;
    private bool _stopping;

    /// <param name="effects">Where decisions go.</param>
    /// <param name="roster">What is stored, as it was loaded.</param>
    /// <param name="tokens">Signs the JWTs.</param>
    /// <param name="seal">Keeps workers' tokens.</param>
    /// <param name="options">What peers are told.</param>
    /// <param name="now">The moment of the start.</param>
    public BrokerState(
        IEffects effects, Roster roster, Tokens tokens, TokenSeal seal, BrokerOptions options, Instant now)
    {
        _around = new(effects, roster, options, now);
        _audit = new(_around);
        _seal = seal;
        _peers = new(_around);
        _lanes = new(roster, new(options.WorkersUnreadMax));
        _table = new(_around, _inflight);
        _monitors = new(_around, _peers);
        _flow = new(_around, _table, _inflight, new(_around, _peers, _monitors), _lanes.Unread, _monitors);
        _users = new(_around, _peers, _flow);
        _signIn = new(_around, _peers, _users, _lanes, _flow, tokens, seal, _audit) { TokenKept = TokenKept };
        _calls = new(_around, _audit);
        _admission = new(_inflight, _flow);
        _rates = new(_around);
        _requests = new(_around, _peers, _lanes, _table, _flow, _admission, _calls, _rates, _audit);
        _tree = new(_around, _peers, _users);
        var overview = new Overview(_around, _users, _lanes);
        _office = new Office(roster, seal, Fill, overview, options) { Clock = _around.Clock };
        var registrar = new Registrar(_office);
        var commits = new Commits(_around, registrar);
        _statements = new(_around, _peers, _users, registrar, commits, overview, _monitors, _audit) { Applied = Apply };
        _signUps = new(_around, _peers, _statements, _office, _audit);
        _mail = new(_around, _statements, _office);
        _shutdown = new(_around);
        _drain = new(_around);
        _room = new(options.Queue);
        _statements.Ordered = _shutdown.Set;
        _statements.Sent = CarryOut;
        _confirmations = new(_around, commits.Back, _statements);
        _queue = new(_around, _peers, _lanes, _table, _inflight, _flow, _requests, _room, _rates);
        _queue.Died = _mail.Died;
        _flow.Queue = overview.Queue = _queue;
        _flow.SessionOf = (id, request) => _users.Find(id) ?? _queue.Claim(id, request);
        _streams = new(_around, _peers, _lanes, _table, _flow, _requests);
        _flow.Streams = _streams;
        overview.Streams = _streams;
        _users.Leaving = session =>
        {
            _queue.Leave(session);
            _streams.Leave(session);
        };
        _flow.LaneOf = LaneOf;
    }

    /// <summary>
    /// Takes over what was stored when the broker started: messages, streams that are kept, mails that wait.
    /// </summary>
    public void TakeOver(StoredState stored)
    {
        _queue.Load(stored);
        _streams.TakeOver();
        _mail.TakeOver();
    }

    /// <summary>What is under way now.</summary>
    public BrokerLoad Load =>
        new(_table.Count, _table.RunCount, _flow.Waiting, _table.Deadlines.Count, _table.KeptBytes,
        _flow.OrphanCount, _users.All.Count(static session => session.Peer is null),
        _statements.Count + _signIn.Count + _signUps.Count, _streams.Count);

    /// <summary>
    /// What runs and ends by itself, as streams need not, and what of the queue is not on the disk yet: messages, and
    /// that they are done.
    /// </summary>
    private int Underway => _table.Count - _streams.Jobs.Count() + _queue.Intake.Count;

    /// <summary>A connection is there; it has proved nothing yet.</summary>
    public void Joined(PeerId id, string address, Instant now)
    {
        _around.Now = now;
        Peer peer = _peers.Join(id, address);
        if (_stopping) _peers.Dismiss(peer, "the broker is shutting down");
    }

    /// <summary>A message came. The bytes are used within the call only.</summary>
    public void Received(PeerId id, ReadOnlySpan<byte> message, Instant now)
    {
        _around.Now = now;
        if (_stopping || _peers.Find(id) is not { Stage: not PeerStage.Leaving } peer) return;
        peer.HeardMs = now.SteadyMs;
        try
        {
            Hear(peer, message);
        }
        catch (WireException problem)
        {
            Log.ProtocolBroken(_around.Log, peer.Address, problem.Message, problem.Why ?? "");
            TurnOut(peer, problem);
        }
        Settle();
    }

    /// <summary>More came of a message that is not whole yet, which is a sign of life.</summary>
    public void Arriving(PeerId id, Instant now)
    {
        _around.Now = now;
        if (_peers.Find(id) is { } peer) peer.HeardMs = now.SteadyMs;
    }

    /// <summary>A connection is gone.</summary>
    public void Left(PeerId id, LinkEnd end, string why, Instant now)
    {
        _around.Now = now;
        if (_peers.Leave(id) is not { } peer) return;
        if (peer.Stage == PeerStage.Checking) Forget(peer);
        // Whoever has a session is logged by name.
        if (end == LinkEnd.Dismissed && peer.Stage is (PeerStage.Stranger or PeerStage.Checking))
            Log.StrangerDismissed(_around.Log, peer.Address, why);
        LoseLink(peer, end, why, mayReturn: peer.Stage != PeerStage.Leaving);
        Settle();
    }

    /// <summary>Time passed: deadlines, heartbeats, counters.</summary>
    public void Ticked(Instant now)
    {
        _around.Now = now;
        if (_stopping) return;
        foreach (Due due in _table.Deadlines.Turn(now.SteadyMs))
        {
            if (!due.IsDue) continue;
            due.IsDue = false;
            if (due is Job job) _flow.JobDue(job);
            else _flow.RunDue((JobRun)due);
        }
        _users.Sweep();
        foreach (Peer late in _peers.Sweep()) TurnOutLate(late);
        _flow.Tick(_lanes.Desks);
        _queue.Tick();
        _streams.Tick();
        _tree.Tick();
        _monitors.Tick();
        _audit.Tick();
        _mail.Tick();
        _shutdown.Tick();
        _drain.Tick(Underway);
        _rates.Tick();
        _confirmations.Tick();
        _calls.Tick();
        Settle();
    }

    /// <summary>The proof of a Hello was checked.</summary>
    public void Verified(long ticket, Verdict verdict, Instant now)
    {
        _around.Now = now;
        if (_stopping) return;
        _signIn.Verified(ticket, verdict);
        Settle();
    }

    /// <summary>A new secret was hashed, or why not.</summary>
    public void Hashed(long ticket, string hash, TriggerException? problem, Instant now)
    {
        _around.Now = now;
        if (_stopping) return;
        if (!_signUps.Hashed(ticket, hash, problem)) _statements.Hashed(ticket, hash, problem);
        Settle();
    }

    /// <summary>Changes are stored, or why not.</summary>
    public void Committed(long ticket, TriggerException? problem, Instant now)
    {
        _around.Now = now;
        _statements.Committed(ticket, problem);
        Settle();
    }

    /// <summary>Messages of the queue are stored, or why not.</summary>
    public void Kept(long ticket, TriggerException? problem, Instant now)
    {
        _around.Now = now;
        _queue.Intake.Kept(ticket, problem);
        Settle();
    }

    /// <summary>All that had come when somebody asked for this was heard.</summary>
    public void TurnedOver(Instant now)
    {
        _around.Now = now;
        _queue.Intake.TurnedOver();
        Settle();
    }

    /// <summary>The mail server has a mail, or will never take it, and why.</summary>
    public void Mailed(MailOrder mail, TriggerException? problem, Instant now)
    {
        _around.Now = now;
        if (!_stopping) _mail.Sent(mail, problem);
    }

    /// <summary>Lines of the audit were found, the oldest first, or why not.</summary>
    public void AuditRead(long ticket, IReadOnlyList<AuditEntry> lines, TriggerException? problem, Instant now)
    {
        _around.Now = now;
        _statements.AuditRead(ticket, lines, problem);
    }

    /// <summary>A slow peer has taken most of what waited for it.</summary>
    public void Drained(PeerId id, Instant now)
    {
        _around.Now = now;
        if (_peers.Find(id)?.User is { } session) _tree.Drain(session);
    }

    /// <summary>The settings were read again.</summary>
    public void Become(BrokerOptions options, Instant now)
    {
        _around.Now = now;
        _around.Options = _office.Options = options;
        _room.Options = options.Queue;
    }

    /// <summary>The broker is to stop once what runs has ended, and after so long at the latest.</summary>
    public void Drain(TimeSpan max, Instant now)
    {
        _around.Now = now;
        if (!_drain.IsOn) _drain.Begin(max, _table.Count);
        _drain.Tick(Underway);
    }

    /// <summary>The broker is going: everybody is told, and nothing is decided any more.</summary>
    public void Stopping(Instant now)
    {
        _around.Now = now;
        if (_stopping) return;
        _tree.Tick();
        _stopping = true;
        if (Underway == 0) _around.Effects.Keep(ticket: 0, [new Change.EndQuietly()]);
        _audit.Stop();
        Log.Stopping(_around.Log, _peers.Count);
        foreach (Peer peer in _peers.All)
        {
            if (peer.Stage != PeerStage.Accepted) continue;
            new Goodbye("the broker is shutting down").Write(_around.Wire);
            _peers.Send(peer);
        }
    }

    /// <summary>A happening is over: what it made room for begins, and what it closed may be used again.</summary>
    private void Settle()
    {
        while (_inflight.TryTake(out NodeId trigger)) _queue.Freed(trigger);
        while (_inflight.TryTake(out Lane lane))
        {
            // Those that somebody waits for and those of the queue are first by turns.
            lane.IsQueueFirst = !lane.IsQueueFirst;
            if (lane.IsQueueFirst) _queue.Pump(lane.Service.Id);
            _admission.LetIn(lane);
            if (!lane.IsQueueFirst) _queue.Pump(lane.Service.Id);
        }
        _table.Recycle();
    }

    private void Fill(Span<byte> bytes)
    {
        Span<byte> some = stackalloc byte[sizeof(ulong)];
        while (!bytes.IsEmpty)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(some, _around.Effects.Random());
            int count = Math.Min(some.Length, bytes.Length);
            some[..count].CopyTo(bytes);
            bytes = bytes[count..];
        }
    }
}
