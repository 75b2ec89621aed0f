using System.Collections.Immutable;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Broker.State;

/// <summary>A broker's state with peers around it. Time stands still but for <see cref="Pass"/>.</summary>
sealed class Scene
{
    private static readonly TokenSeal Seal = new(new byte[TokenSeal.KeySize]);

    private readonly Tokens _tokens = new(new byte[Tokens.KeySize]);
    private StoredState _stored;
    private readonly BrokerOptions _options;
    private ulong _lastPeer;

    /// <param name="stored">What the broker starts with.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="awayMs">How much later the wall clock is than in other scenes.</param>
    public Scene(StoredState? stored = null, BrokerOptions? options = null, long awayMs = 0)
    {
        _stored = stored ?? Team();
        _options = options ?? BrokerOptions.Default;
        Now = Now with { UnixMs = Now.UnixMs + awayMs };
        Restart();
    }

    public FakeWorld World { get; private set; } = null!;

    public Roster Roster { get; private set; } = null!;

    public BrokerState State { get; private set; } = null!;

    public Instant Now { get; private set; } = new(100_000, 1_525_113_930_000);

    /// <summary>Three workers, and a service of each algorithm over them in the order 2, 1, 3.</summary>
    public static StoredState Team(Func<Service, Service>? alter = null)
    {
        alter ??= static service => service;
        return Sample.State with
        {
            Workers = [Sample.Worker(11, "demo01"), Sample.Worker(12, "demo02"), Sample.Worker(13, "demo03")],
            Services =
            [
                alter(Sample.Service(21, "dc1", 12, 11, 13)),
                alter(Sample.Service(22, "steps", 12, 11, 13) with { Algorithm = Algorithm.Serial }),
                alter(Sample.Service(23, "all", 12, 11, 13) with { Algorithm = Algorithm.Mirror }),
                alter(Sample.Service(24, "empty")),
            ],
            Nodes =
            [
                Sample.Directory(31, "demo"), Sample.Trigger(32, "uptime", 31, service: 21),
                    Sample.Trigger(33, "loose", 31),
            ],
            LastId = 100,
        };
    }

    /// <summary>The broker dies and starts again: its connections are gone, and so is what it knew.</summary>
    public void Restart()
    {
        World = new();
        // Another process has other random numbers.
        for (ulong i = 0; i < _lastPeer; i++) World.Random();
        StoredState found = Disks.Load(ref _stored);
        Roster = new(found);
        State = new(World, Roster, _tokens, Seal, _options, Now);
        State.TakeOver(found);
    }

    /// <summary>The broker ends as it was told to, and starts again.</summary>
    public void Stop()
    {
        State.Stopping(Now);
        Settle();
        Restart();
    }

    public TestPeer Join(string address = "10.0.0.1:4711")
    {
        var peer = new TestPeer(this, new(++_lastPeer));
        World.Sent[peer.Id] = [];
        State.Joined(peer.Id, address, Now);
        return peer;
    }

    public TestPeer User(string name = "hp", string team = "team1", PeerRole role = PeerRole.Client) =>
        Join().SignIn(new(role, team, name, ProofKind.Secret, "right", "test", Link: _lastPeer));

    /// <summary>The user of an earlier connection comes back on the same link.</summary>
    public TestPeer Back(TestPeer before) =>
        Join().SignIn(new(PeerRole.Client, before.Welcome.Team, before.Welcome.Identity,
        ProofKind.Jwt, before.Welcome.Jwt, "test", before.Id.Value));

    public TestPeer SignedIn(string name) =>
        Join().SignIn(new(PeerRole.Worker, "team1", name, ProofKind.Token, "right", "test", Link: _lastPeer));

    public TestPeer Worker(string name, int jobs = 4, IReadOnlyList<HeldRun>? held = null)
    {
        TestPeer worker = SignedIn(name);
        worker.Announce(jobs, held);
        return worker;
    }

    /// <summary>The disk, as far as messages of the queue are on it.</summary>
    public StoredState Disk => _stored;

    /// <summary>The disk refuses what the queue wants to write.</summary>
    public TriggerException? DiskTrouble { get; set; }

    /// <summary>Answers proofs, secrets and commits that wait.</summary>
    public void Settle()
    {
        while (World.IsAsked)
        {
            while (World.Verifying.TryDequeue(out (long Ticket, Hello Hello) check))
                State.Verified(check.Ticket, FakeWorld.Judge(check.Hello, Roster, _tokens, Now), Now);
            while (World.Hashing.TryDequeue(out (long Ticket, SecretOrder Order) hashing))
                State.Hashed(hashing.Ticket, $"hash of {hashing.Order.New}", null, Now);
            if (World.IsTurning)
            {
                World.IsTurning = false;
                State.TurnedOver(Now);
            }
            while (World.Keeping.TryDequeue(out (long Ticket, IReadOnlyList<Change> Changes) keep))
            {
                if (DiskTrouble is null) _stored = Disks.After(_stored, keep.Changes);
                State.Kept(keep.Ticket, DiskTrouble, Now);
            }
            while (World.Committing.TryDequeue(out (long Ticket, IReadOnlyList<Change> Changes) commit))
            {
                _stored = Disks.After(_stored, commit.Changes);
                State.Committed(commit.Ticket, null, Now);
            }
        }
    }

    /// <summary>Lets time pass, a tick every 50 ms; peers in the list stay alive.</summary>
    public void Pass(long ms, params TestPeer[] alive)
    {
        for (long end = Now.SteadyMs + ms; Now.SteadyMs < end;)
        {
            long step = Math.Min(50, end - Now.SteadyMs);
            Now = new(Now.SteadyMs + step, Now.UnixMs + step);
            if (Now.SteadyMs % 1000 < step)
                foreach (TestPeer peer in alive) peer.Send(Heartbeat.Write);
            State.Ticked(Now);
        }
    }

    /// <summary>Lets much time pass at once, with one tick at its end: who is connected has fallen silent.</summary>
    public void Jump(TimeSpan time)
    {
        Now = new(Now.SteadyMs + (long)time.TotalMilliseconds, Now.UnixMs + (long)time.TotalMilliseconds);
        State.Ticked(Now);
    }

    /// <summary>The broker's host is told another time; no time passes.</summary>
    public void SetClock(TimeSpan by)
    {
        Now = Now with { UnixMs = Now.UnixMs + (long)by.TotalMilliseconds };
        State.Ticked(Now);
    }

    public void Leave(TestPeer peer, LinkEnd end) => State.Left(peer.Id, end, "test", Now);

    public void Receive(TestPeer peer, ReadOnlySpan<byte> message) => State.Received(peer.Id, message, Now);
}

/// <summary>A connection as a test plays it.</summary>
sealed class TestPeer(Scene scene, PeerId id)
{
    private readonly WireWriter _wire = new();
    private int _read;

    public PeerId Id => id;

    public List<Heard> All => scene.World.Sent[id];

    public bool IsDismissed => scene.World.Dismissed.ContainsKey(id);

    public Accepted Welcome { get; private set; } = null!;

    public TestPeer SignIn(Hello hello)
    {
        Send(hello.Write);
        scene.Settle();
        if (All.Find(heard => heard.Kind == MessageKind.Accepted) is not { } welcome) return this;
        Welcome = Accepted.Read(welcome.Message);
        Read();
        return this;
    }

    public void Send(Action<WireWriter> write)
    {
        write(_wire);
        scene.Receive(this, _wire.Written);
    }

    public void SendRaw(params byte[] message) => scene.Receive(this, message);

    /// <summary>What came since the last call, heartbeats aside.</summary>
    public List<Heard> Read()
    {
        List<Heard> fresh = All[_read..];
        _read = All.Count;
        fresh.RemoveAll(heard => heard.Kind == MessageKind.Heartbeat);
        return fresh;
    }

    public List<Heard> Read(MessageKind kind) => Read().FindAll(heard => heard.Kind == kind);

    public void Announce(int jobs = 4, IReadOnlyList<HeldRun>? held = null)
    {
        Heard? assigned = All.FindLast(heard => heard.Kind == MessageKind.Assigned);
        IReadOnlyList<string> services = assigned is null ? [] : Assigned.Read(assigned.Message).Services;
        Send(new Announce(jobs, services, held ?? []).Write);
    }

    public void Request(
        ulong number, string service, string payload = "uptime", uint timeoutMs = 10_000, byte flags = 0,
            string plugin = "p", byte hops = 0, ulong parent = 0) =>
        SendWithBody(
            wire => new Request
            {
                Id = new(number),
                Flags = flags,
                Hops = hops,
                Parent = new(parent),
                TimeoutMs = timeoutMs,
                Service = Bytes(service),
                Plugin = Bytes(plugin),
                Payload = Bytes(payload),
            }.WriteHead(wire),
            payload);

    public void Rollout(ulong number, string service, RolloutRules rules, byte flags = 0, uint timeoutMs = 10_000) =>
        SendWithBody(
            wire => new Rollout
            {
                Rules = rules,
                Request = new Request
                {
                    Id = new(number),
                    Flags = flags,
                    TimeoutMs = timeoutMs,
                    Service = Bytes(service),
                    Plugin = Bytes("p"),
                    Payload = Bytes("x"),
                },
            }.WriteHead(wire),
            "x");

    public void Fire(
        ulong number, ulong trigger, string payload = "x", byte hops = 0, ulong parent = 0) => SendWithBody(
        wire => new Fire
        {
            Id = new(number),
            Hops = hops,
            Parent = new(parent),
            Trigger = new(trigger),
            Message = new(7),
            Payload = Bytes(payload)
        }.WriteHead(wire),
        payload);

    /// <summary>An asynchronous message of spool 9.</summary>
    public void FireLater(
        ulong number, ulong trigger, ulong sequence, string payload = "x", long writtenUnixMs = 0) => SendWithBody(
        wire => new Fire
        {
            Id = new(number),
            Flags = TriggerFs.Core.Messages.Fire.Asynchronous,
            Trigger = new(trigger),
            Message = new(new UInt128(9, sequence)),
            WrittenUnixMs = writtenUnixMs,
            Payload = Bytes(payload)
        }.WriteHead(wire),
        payload);

    public void Listen(
        ulong number,
        string service = "dc1",
        string plugin = "tail",
        uint last = 0,
        ulong ageMs = 0,
        ulong from = 0,
        bool wait = false,
        params (string Key, string Value)[] args) => Send(wire => new Listen
        {
            Id = new(number),
            Flags = wait ? TriggerFs.Core.Messages.Listen.Wait : (byte)0,
            Last = last,
            AgeMs = ageMs,
            From = from,
            Service = Bytes(service),
            Plugin = Bytes(plugin),
            ArgsBytes = Args.Encode([.. args.Select(arg => KeyValuePair.Create(arg.Key, arg.Value))]),
        }.Write(wire));

    /// <summary>A request of spool 9 that is carried out later.</summary>
    public void Post(
        ulong number, string service, ulong sequence, string payload = "x", byte hops = 0, ulong parent = 0)
    {
        var inner = new TriggerFs.Core.Wire.WireWriter();
        new Request
        {
            Hops = hops,
            Parent = new(parent),
            TimeoutMs = 7000,
            Service = Bytes(service),
            Plugin = Bytes("echo"),
            ArgsBytes = Args.Encode([new("k", "v")]),
            Payload = Bytes(payload),
        }.WriteHead(inner);
        PostRaw(number, sequence, [.. inner.Written, .. Bytes(payload)]);
    }

    public void PostRaw(ulong number, ulong sequence, byte[] message, ulong trigger = 0)
    {
        new Fire
        {
            Id = new(number),
            Flags = TriggerFs.Core.Messages.Fire.Asynchronous,
            Trigger = new(trigger),
            Message = new(new UInt128(9, sequence)),
            Payload = message,
        }.WriteHead(_wire);
        scene.Receive(this, [.. _wire.Written, .. message]);
    }

    public void Cancel(ulong number) => Send(new Cancel(number, ErrorCode.Cancelled).Write);

    public void Credit(ulong number, ulong offset, string worker) =>
        Send(wire => new Credit { Id = number, Offset = offset, Worker = Bytes(worker) }.Write(wire));

    public void Started(Heard run) => Send(new Started(new(run.Id)).Write);

    public void Output(Heard run, ulong offset, string text) => SendWithBody(
        wire => new Output { Id = run.Id, Offset = offset, Bytes = Bytes(text) }.WriteHead(wire), text);

    public void Finish(
        Heard run, int exitCode = 0, string tail = "", ulong? offset = null, Outcome outcome = Outcome.Done,
        uint durationMs = 0) => SendWithBody(
        wire => new Finished
        {
            Id = run.Id,
            Outcome = outcome,
            ExitCode = exitCode,
            DurationMs = durationMs,
            Offset = offset ?? (ulong)tail.Length,
            Tail = Bytes(tail),
        }.WriteHead(wire),
        tail);

    /// <summary>Finishes everything that came and is not finished.</summary>
    public int FinishAll(int exitCode = 0)
    {
        List<Heard> runs = Read(MessageKind.Run);
        foreach (Heard run in runs) Finish(run, exitCode);
        return runs.Count;
    }

    private void SendWithBody(Action<WireWriter> writeHead, string body)
    {
        writeHead(_wire);
        scene.Receive(this, [.. _wire.Written, .. Bytes(body)]);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
