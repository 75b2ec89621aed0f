using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// A broker, workers and clients in simulated time, all from one seed: what is sent arrives late, links break in every
/// way, processes die and come back, the broker too. What is promised is checked as it goes and at the end.
/// </summary>
sealed class Sim : IEffects
{
    /// <summary>A tick, and the way there and back on a slow network.</summary>
    public const long SlackMs = 1500;

    private const long StormMs = 25_000;
    private const long CalmMs = 120_000;
    private const long HourMs = 3_600_000;

    private static readonly TokenSeal Seal = new(new byte[TokenSeal.KeySize]);
    private static readonly Tokens Tokens = new(new byte[Tokens.KeySize]);

    private readonly PriorityQueue<Action, (long Ms, long Order)> _events = new();
    private readonly Dictionary<PeerId, SimLink> _links = [];
    private readonly List<SimWorker> _workers = [];
    private readonly List<SimClient> _clients = [];
    private readonly List<Service> _services = [];
    private readonly List<SimSpool> _spools = [];
    private readonly SimAdmin _admin;
    private readonly List<SimTrigger> _triggers = [];
    private StoredState _stored;
    private BrokerState _broker = null!;
    private Roster _roster = null!;
    private int _brokerLife;
    private long _order;
    private ulong _lastPeer;

    /// <summary>Until then the disk is busy with what was to be written before.</summary>
    private long _diskMs;

    public Sim(int seed)
    {
        Random = new(seed);
        _admin = new(this);
        _stored = Store();
        Ledger = new(_services.ToDictionary(service => service.Name.Value), id => $"w{id.Value - 11}");
        StartBroker();
    }

    public Random Random { get; }

    public Ledger Ledger { get; }

    public MessageLedger Messages { get; } = new();

    /// <summary>A bug, planted to see that it is found: the disk says that it has what it may yet lose.</summary>
    public bool DiskLies { get; init; }

    public long NowMs { get; private set; } = 1_000_000;

    /// <summary>How much the wall clock of everybody has jumped.</summary>
    private long _jumpedMs;

    public bool BrokerIsUp { get; private set; }

    /// <summary>Where a run that is looked at tells what happens.</summary>
    public Action<string>? Trace { get; init; }

    public ILogger Log => NullLogger.Instance;

    private Instant Now => new(NowMs, WallMs);

    public long WallMs => 1_525_113_930_000 + NowMs + _jumpedMs;

    public void Run()
    {
        foreach (SimPeer peer in _workers.Concat<SimPeer>(_clients).Concat(_spools).Append(_admin)) Revive(peer, 500);
        Tick();
        Ask();
        Write();
        Alter();
        Trouble();
        Until(NowMs + StormMs);
        _stormIsOver = true;
        foreach (SimPeer peer in _workers.Concat<SimPeer>(_spools).Append(_admin))
            if (!peer.IsAlive) peer.Live();
        if (!BrokerIsUp) StartBroker();
        long end = NowMs + CalmMs;
        while (NowMs < end && _clients.Exists(client => client.Pending > 0)) Until(NowMs + 500);
        foreach (SimClient client in _clients)
            Ledger.Must(client.Pending == 0, $"without an answer: {client.Describe()}");
        for (end = NowMs + (20 * CalmMs); NowMs < end && IsOwed;) Until(NowMs + 500);
        Ledger.Must(!IsOwed, $"messages are left: {_spools.Sum(one => one.Depth)} in spools, and in the queue "
            + string.Join(", ", _stored.Messages.Select(one => Encoding.UTF8.GetString(one.Payload))));
        Messages.Close(_stored.DeadLetters);
        foreach (SimClient client in _clients) client.Leave();
        foreach (SimSpool spool in _spools) spool.Die(isClean: true);
        _admin.Die(isClean: true);
        Until(NowMs + 3000);
        // Runs of clients that died, and those that a worker was slow to end.
        for (end = NowMs + 45_000; NowMs < end && _broker.Load != default;) Until(NowMs + 1000);
        Ledger.Must(_broker.Load == default, $"something is left: {_broker.Load}");
    }

    /// <summary>Somebody answers for a message that has no end.</summary>
    private bool IsOwed => _stored.Messages.Count > 0 || _spools.Exists(spool => spool.Depth > 0);

    public void At(long ms, Action action) => _events.Enqueue(action, (ms, ++_order));

    public ulong Random64() => (ulong)Random.NextInt64();

    // Peers

    public SimLink Open(SimPeer peer)
    {
        var link = new SimLink(peer, new(++_lastPeer), _brokerLife);
        _links.Add(link.Id, link);
        Post(link, () => _broker.Joined(link.Id, "sim", Now));
        return link;
    }

    /// <summary>A doubled message arrives twice, the second right behind the first.</summary>
    public void ToBroker(SimLink link, byte[] message, bool isDoubled) => Post(link, () =>
    {
        for (int i = isDoubled ? 2 : 1; i > 0; i--)
        {
            if (link.IsCut || !link.IsOpenAtBroker) return;
            Trace?.Invoke($"{NowMs} {link.Peer} -> broker: {Heard.Of(message)}");
            _broker.Received(link.Id, message, Now);
        }
    });

    /// <summary>The peer closes: what it had sent arrives, then the end.</summary>
    public void CloseAtPeer(SimLink link)
    {
        link.IsOpenAtPeer = false;
        if (!link.IsCut) Post(link, () => Gone(link, LinkEnd.Closed));
        else Break(link);
    }

    /// <summary>
    /// The network ends the connection: what is under way is lost, and each side learns it when it does.
    /// </summary>
    public void Break(SimLink link)
    {
        link.IsCut = true;
        At(NowMs + Random.Next(1, 3000), () => Gone(link, LinkEnd.Broken));
    }

    private void Gone(SimLink link, LinkEnd end)
    {
        if (!link.IsOpenAtBroker || link.BrokerLife != _brokerLife) return;
        link.IsOpenAtBroker = false;
        _links.Remove(link.Id);
        _broker.Left(link.Id, end, "sim", Now);
    }

    /// <summary>In order behind what was sent before, at the broker that the link leads to.</summary>
    private void Post(SimLink link, Action action)
    {
        link.NextAtBrokerMs = Math.Max(link.NextAtBrokerMs, NowMs + Delay());
        At(link.NextAtBrokerMs, () =>
        {
            if (link.BrokerLife == _brokerLife && BrokerIsUp) action();
        });
    }

    private void PostToPeer(SimLink link, Action action)
    {
        link.NextAtPeerMs = Math.Max(link.NextAtPeerMs, NowMs + Delay());
        At(link.NextAtPeerMs, action);
    }

    private long Delay() => Random.Next(30) == 0 ? Random.Next(400) : Random.Next(1, 15);

    // The broker

    private void StartBroker()
    {
        _brokerLife++;
        BrokerIsUp = true;
        StoredState found = Disks.Load(ref _stored);
        _roster = new(found);
        _broker = new(this, _roster, Tokens, Seal, BrokerOptions.Default, Now);
        _broker.TakeOver(found);
        Trace?.Invoke($"{NowMs} broker {_brokerLife} starts");
    }

    /// <summary>The broker ends, with or without a word, and starts again soon.</summary>
    private void RestartBroker()
    {
        if (!BrokerIsUp) return;
        if (Random.Next(2) == 0) _broker.Stopping(Now);
        BrokerIsUp = false;
        foreach (SimLink link in _links.Values)
            if (!link.IsCut) PostToPeer(link, () => link.Peer.ClosedByBroker(link));
        _links.Clear();
        foreach (SimClient client in _clients) client.BrokerDied();
        At(NowMs + Random.Next(1, 2000), () =>
        {
            if (!BrokerIsUp) StartBroker();
        });
    }

    void IEffects.Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int underWay)
    {
        if (!_links.TryGetValue(peer, out SimLink? link)) return;
        byte[] message = [.. head, .. body];
        PostToPeer(link, () =>
        {
            if (link.IsCut) return;
            Trace?.Invoke($"{NowMs} broker -> {link.Peer}: {Heard.Of(message)}");
            link.Peer.Heard(link, message);
        });
    }

    void IEffects.Dismiss(PeerId peer, string why)
    {
        if (!_links.TryGetValue(peer, out SimLink? link)) return;
        Trace?.Invoke($"{NowMs} {link.Peer} dismissed: {why}");
        PostToPeer(link, () =>
        {
            if (!link.IsCut) link.Peer.ClosedByBroker(link);
        });
        At(NowMs + Random.Next(1, 100), () => Gone(link, LinkEnd.Dismissed));
    }

    void IEffects.Admit(PeerId peer, int messageMax, bool answers)
    {
    }

    long IEffects.Unsent(PeerId peer) => 0;

    void IEffects.Verify(long ticket, Hello hello, string address)
    {
        int life = _brokerLife;
        At(NowMs + Random.Next(1, 60), () =>
        {
            if (life == _brokerLife && BrokerIsUp)
                _broker.Verified(ticket, FakeWorld.Judge(hello, _roster, Tokens, Now), Now);
        });
    }

    void IEffects.Hash(long ticket, SecretOrder order) => throw new InvalidOperationException("nobody asks for it");

    void IEffects.Commit(long ticket, IReadOnlyList<Change> changes, AuditEntry? line)
    {
        Change[] copy = [.. changes];
        int delayMs = Random.Next(1, 30);
        Write(copy, delayMs, () =>
        {
            foreach (Change.PutMessage put in copy.OfType<Change.PutMessage>())
                Messages.SendAgain(put.Message);
            foreach (Change.DropMessage drop in copy.OfType<Change.DropMessage>())
            {
                Messages.Drop(drop.Id, untilMs: NowMs + delayMs);
                Ledger.Count("message dropped by the admin");
            }
        }, () => _broker.Committed(ticket, null, Now));
    }

    /// <summary>
    /// One after another, in the order in which the broker wants it: it is on the disk a bit before the broker hears
    /// so; a broker that dies in between never hears it, and one that dies before loses it.
    /// </summary>
    /// <param name="stored">Null when the disk does not take it.</param>
    private void Write(Change[] changes, long delayMs, Action? stored, Action told)
    {
        int life = _brokerLife;
        _diskMs = Math.Max(_diskMs, NowMs + Random.NextInt64(delayMs));
        if (stored is not null) At(DiskLies ? _diskMs + 200 : _diskMs, () =>
        {
            if (life != _brokerLife || !BrokerIsUp) return;
            Trace?.Invoke($"{NowMs} on the disk: {string.Join("; ", changes.Select(Described))}");
            _stored = Disks.After(_stored, changes);
            stored();
        });
        At(Math.Max(_diskMs, NowMs + delayMs), () =>
        {
            if (life == _brokerLife && BrokerIsUp) told();
        });
    }

    private static string Described(Change change) => change switch
    {
        Change.PutMessage { Message: var put } =>
            $"{put.Id} {Encoding.UTF8.GetString(put.Payload)} attempt {put.Attempt} due {put.DueUnixMs}",
        Change.DropMessage drop => $"{drop.Id} is over",
        _ => change.ToString(),
    };

    /// <summary>Now and then the disk is full.</summary>
    void IEffects.Keep(long ticket, IReadOnlyList<Change> changes)
    {
        Change[] copy = [.. changes];
        if (copy is [Change.EndQuietly])
        {
            _stored = Disks.After(_stored, copy); // The last that it does; nothing is before it.
            return;
        }
        bool isFull = !_stormIsOver && Random.Next(40) == 0;
        Write(copy, delayMs: Random.Next(1, 40), isFull ? null : () =>
        {
            foreach (Change.PutMessage put in copy.OfType<Change.PutMessage>())
                Messages.Take(TriggerOf(put.Message.Trigger), put.Message.Id,
                    Encoding.UTF8.GetString(put.Message.Payload), NowMs);
            foreach (Change.PutDeadLetter put in copy.OfType<Change.PutDeadLetter>()) Messages.Bury(put.Letter);
        }, () => _broker.Kept(ticket, isFull ? new(ErrorCode.Storage, "the disk is full") : null, Now));
    }

    void IEffects.AfterTurn()
    {
        int life = _brokerLife;
        At(NowMs, () =>
        {
            if (life == _brokerLife && BrokerIsUp) _broker.TurnedOver(Now);
        });
    }

    void IEffects.Audit(AuditEntry line)
    {
    }

    void IEffects.ReadAudit(long ticket, AuditQuery query)
    {
    }

    void IEffects.CountHits(IReadOnlyList<TriggerHits> hits)
    {
    }

    void IEffects.Mail(MailOrder mail)
    {
    }

    void IEffects.Shutdown()
    {
    }

    ulong IEffects.Random() => Random64();

    // The story

    private bool _stormIsOver;

    private void Until(long ms)
    {
        while (_events.TryPeek(out _, out (long Ms, long Order) next) && next.Ms <= ms)
        {
            NowMs = Math.Max(NowMs, next.Ms);
            _events.Dequeue()();
        }
        NowMs = Math.Max(NowMs, ms);
    }

    private void Tick() => At(NowMs + (_stormIsOver ? 200 : 50), () =>
    {
        if (BrokerIsUp) _broker.Ticked(Now);
        foreach (SimClient client in _clients) client.CheckTimes();
        Tick();
    });

    private void Ask() => At(NowMs + Random.Next(1, 800), () =>
    {
        if (_stormIsOver) return;
        SimClient client = _clients[Random.Next(_clients.Count)];
        Service service = _services[Random.Next(_services.Count)];
        uint timeoutMs = Random.Next(4) == 0 ? (uint)Random.Next(200, 2000) : (uint)Random.Next(2000, 20_000);
        for (int i = Random.Next(4) == 0 ? 5 : 1; i > 0; i--) client.Ask(service.Name.Value, timeoutMs, service.Retry);
        Ask();
    });

    private void Write() => At(NowMs + Random.Next(1, 1500), () =>
    {
        if (_stormIsOver) return;
        SimSpool spool = _spools[Random.Next(_spools.Count)];
        for (int i = Random.Next(5) == 0 ? 12 : 1; i > 0; i--) spool.Write(_triggers[Random.Next(_triggers.Count)]);
        Write();
    });

    /// <summary>
    /// The admin changes how triggers are delivered, takes one from its service for a while, and sends again what was
    /// given up.
    /// </summary>
    private void Alter() => At(NowMs + Random.Next(500, 8000), () =>
    {
        if (_stormIsOver) return;
        _admin.Alter(_triggers[Random.Next(_triggers.Count)]);
        if (_stored.DeadLetters is { Count: > 0 } letters) _admin.SendAgain(letters[Random.Next(letters.Count)].Id);
        Alter();
    });

    private SimTrigger TriggerOf(NodeId id) => _triggers.Find(trigger => trigger.Id == id)!;

    public SimTrigger TriggerAt(string path) => _triggers.Find(trigger => path == $"/d/{trigger.Name}")!;

    private void Trouble() => At(NowMs + Random.Next(100, 5000), () =>
    {
        if (_stormIsOver) return;
        SimWorker worker = _workers[Random.Next(_workers.Count)];
        SimClient client = _clients[Random.Next(_clients.Count)];
        SimSpool spool = _spools[Random.Next(_spools.Count)];
        int what = Random.Next(27);
        Trace?.Invoke($"{NowMs} trouble {what} {worker} {client}");
        switch (what)
        {
            case < 4:
                Kill(worker, isClean: what < 2);
                break;
            case < 7:
                worker.LoseLink(isClean: what == 4);
                break;
            case 7:
                worker.Cut();
                break;
            case 8:
                worker.Leave();
                Revive(worker, 3000);
                break;
            case < 13:
                client.LoseLink(isClean: what < 11);
                break;
            case 13:
                client.Cut();
                break;
            case 14:
                Kill(client, isClean: Random.Next(2) == 0);
                break;
            case < 17:
                RestartBroker();
                break;
            case 20:
                Kill(spool, isClean: Random.Next(2) == 0);
                break;
            case 21:
                spool.LosePower();
                Revive(spool, 5000);
                break;
            case 22:
                spool.LoseLink(isClean: Random.Next(2) == 0);
                break;
            case 23:
                spool.Cut();
                break;
            case 24:
                _jumpedMs += Random.Next(2) == 0 ? HourMs : -HourMs;
                break;
            case 25:
                _admin.LoseLink(isClean: true);
                break;
        }
        Trouble();
    });

    private void Kill(SimPeer peer, bool isClean)
    {
        peer.Die(isClean);
        Revive(peer, 8000);
    }

    private void Revive(SimPeer peer, int withinMs) => At(NowMs + Random.Next(1, withinMs), () =>
    {
        if (!peer.IsAlive) peer.Live();
    });

    private StoredState Store()
    {
        int workers = Random.Next(1, 5);
        var stored = new List<Worker>();
        for (int i = 0; i < workers; i++)
        {
            stored.Add(Sample.Worker(11 + i, $"w{i}"));
            _workers.Add(new(this, $"w{i}"));
            _services.Add(Sample.Service(0, $"w{i}", 11 + i));
        }
        int services = Random.Next(1, 4);
        for (int i = 0; i < services; i++)
        {
            WorkerId[] order = [.. stored.Select(worker => worker.Id)];
            Random.Shuffle(order);
            _services.Add(Sample.Service(50 + i, $"s{i}") with
            {
                Algorithm = (Algorithm)Random.Next(1, 4),
                OnFailure = (OnFailure)Random.Next(1, 3),
                Retry = Random.Next(3) == 0 ? Random.Next(1, 3) : 0,
                Workers = [.. order[..Random.Next(1, order.Length + 1)]],
            });
        }
        int clients = Random.Next(1, 4);
        for (int i = 0; i < clients; i++) _clients.Add(new(this, i));
        var nodes = new List<Node> { Sample.Directory(30, "d") };
        for (int i = 0; i < services; i++)
        {
            var trigger = new SimTrigger(31 + (ulong)i, $"t{i}", _services[^(services - i)], Random);
            _triggers.Add(trigger);
            nodes.Add(trigger.AsNode(parent: 30));
        }
        for (int i = Random.Next(1, 3); i > 0; i--) _spools.Add(new(this, i, syncsEachWrite: Random.Next(2) == 0));
        return Sample.State with
        {
            Workers = stored,
            Services = [.. _services.Where(service => service.Id.Value != 0)],
            Nodes = nodes,
            LastId = 100,
        };
    }
}
