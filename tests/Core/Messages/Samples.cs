using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Core.Messages;

/// <summary>
/// One message of each kind with every field filled in with something of its own, as bytes, and how each kind is read
/// and written again.
/// </summary>
static class Samples
{
    private static readonly byte[] SomeArgs =
        Args.Encode([new("path", "/tmp/ä"), new("count", "3"), new("empty", "")]);

    /// <summary>Reads a message of the kind and writes what was read.</summary>
    public static readonly IReadOnlyDictionary<MessageKind, Func<byte[], byte[]>> Again =
        new Dictionary<MessageKind, Func<byte[], byte[]>>
        {
            [MessageKind.Hello] = bytes => Bytes(Hello.Read(bytes).Write),
            [MessageKind.Accepted] = bytes => Bytes(Accepted.Read(bytes).Write),
            [MessageKind.Refused] = bytes => Bytes(Refused.Read(bytes).Write),
            [MessageKind.Heartbeat] = bytes => Bytes(Heartbeat.Write),
            [MessageKind.Goodbye] = bytes => Bytes(Goodbye.Read(bytes).Write),
            [MessageKind.Request] = AgainRequest,
            [MessageKind.Rollout] = AgainRollout,
            [MessageKind.Fire] = AgainFire,
            [MessageKind.Cancel] = bytes => Bytes(Cancel.Read(bytes).Write),
            [MessageKind.Credit] = AgainCredit,
            [MessageKind.Reclaim] = bytes => Bytes(Reclaim.Read(bytes).Write),
            [MessageKind.Dispatched] = bytes => Bytes(Dispatched.Read(bytes).Write),
            [MessageKind.Output] = AgainOutput,
            [MessageKind.Finished] = AgainFinished,
            [MessageKind.Announce] = bytes => Bytes(Announce.Read(bytes).Write),
            [MessageKind.Assigned] = bytes => Bytes(Assigned.Read(bytes).Write),
            [MessageKind.Run] = AgainRun,
            [MessageKind.Started] = bytes => Bytes(Started.Read(bytes).Write),
            [MessageKind.Manage] = bytes => Bytes(Manage.Read(bytes).Write),
            [MessageKind.Listing] = bytes => Bytes(Listing.Read(bytes).Write),
            [MessageKind.Done] = bytes => Bytes(Done.Read(bytes).Write),
            [MessageKind.Stored] = bytes => Bytes(Stored.Read(bytes).Write),
            [MessageKind.Listen] = AgainListen,
            [MessageKind.Watch] = bytes => Bytes(Watch.Write),
            [MessageKind.Tree] = bytes => Bytes(Tree.Read(bytes).Write),
            [MessageKind.NewToken] = bytes => Bytes(NewToken.Read(bytes).Write),
            [MessageKind.Commit] = bytes => Bytes(Commit.Read(bytes).Write),
            [MessageKind.SignUp] = bytes => Bytes(SignUp.Read(bytes).Write),
            [MessageKind.Activate] = bytes => Bytes(Activate.Read(bytes).Write),
            [MessageKind.Activated] = bytes => Bytes(Activated.Read(bytes).Write),
        };

    /// <summary>The bytes of the kind's sample.</summary>
    public static byte[] Of(MessageKind kind) => kind switch
    {
        MessageKind.Hello => Bytes(new Hello(
            PeerRole.Mount, "team1", "hp", ProofKind.Jwt, "a.b.c", "triggerfs 2.0", 0x0102030405060708).Write),
        MessageKind.Accepted => Bytes(new Accepted(
            new(new UInt128(3, 4)), true, "team1", "hp", "x.y.z", 2500, 1525121382000, "triggerfs 2.0", 3,
            1525121381000).Write),
        MessageKind.Refused => Bytes(new Refused(new(9), ErrorCode.NoWorker, "what", "why", "fix").Write),
        MessageKind.Heartbeat => Bytes(Heartbeat.Write),
        MessageKind.Goodbye => Bytes(new Goodbye("going down").Write),
        MessageKind.Request => OfRequest(),
        MessageKind.Rollout => OfRollout(),
        MessageKind.Fire => OfFire(),
        MessageKind.Cancel => Bytes(new Cancel(77, ErrorCode.TimedOut).Write),
        MessageKind.Credit => OfCredit(),
        MessageKind.Reclaim => Bytes(new Reclaim(
            new(8), [new("demo01", 4096, false), new("demo02", 7, true)], ["demo01"]).Write),
        MessageKind.Dispatched => Bytes(new Dispatched(new(8), Algorithm.Serial, 3, "demoservice").Write),
        MessageKind.Output => OfOutput(),
        MessageKind.Finished => OfFinished(),
        MessageKind.Announce => Bytes(new Announce(
            8, ["demo01", "demoservice"], [new(new(1), new(new UInt128(5, 6)), new(2), 300, "demoservice")],
            [new("echo", "2.0.0", "built-in", "answers", ""), new("x", "", "exec", "", "broken")]).Write),
        MessageKind.Assigned => Bytes(new Assigned(["demo01", "demoservice"]).Write),
        MessageKind.Run => OfRun(),
        MessageKind.Started => Bytes(new Started(new(12)).Write),
        MessageKind.Manage => Bytes(new Manage(
            new(4), Verb.Set, ObjectKind.Trigger, "/newtrigger/demotrigger", "timeout", ["10000", ""]).Write),
        MessageKind.Listing => Bytes(new Listing(
            new(4),
            true,
            [new("limit", ColumnType.Size), new("workers", ColumnType.List)],
            [["1", "a\nb"], ["2", ""]]).Write),
        MessageKind.Done => Bytes(new Done(new(4), "done, and noted").Write),
        MessageKind.Watch => Bytes(Watch.Write),
        MessageKind.SignUp => Bytes(new SignUp("bob@example.com").Write),
        MessageKind.Activate => Bytes(new Activate("bob@example.com", "K7QX-3M9P-ABCD", "bobby", "Bob Example",
            "a secret of bobby", "team1", "triggerfs 2.0").Write),
        MessageKind.Activated => Bytes(new Activated("team1", "bobby", "you are a member").Write),
        MessageKind.NewToken => Bytes(new NewToken("9b1bd278-e645-4eec-bffb-0587ad84534e").Write),
        MessageKind.Commit => Bytes(new Commit(new(12), CommitAction.Store, 41, 7, 300_000, "because",
            [
                new(default, Verb.Set, ObjectKind.Service, "web", Properties.Timeout, ["10000"]),
                new(default, Verb.Delete, ObjectKind.Worker, "demo01", "", []),
            ]).Write),
        MessageKind.Tree => Bytes(new Tree(
            true, false, [new(7)], [Node(1, isDirectory: true, ""), Node(2, isDirectory: false, "demotrigger")]).Write),
        MessageKind.Stored => Bytes(new Stored([new(4), new(5)]).Write),
        MessageKind.Listen => OfListen(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no sample"),
    };

    private static TreeNode Node(ulong id, bool isDirectory, string name) => new(
        new(id), NodeId.Root, isDirectory, 0x1B4, name, "hp", 42, 1525121382001, 1525121382002, 1525121382003,
        "demoservice", "command/command", 10_000, MessageMode.Line, true, Visibility.Team, 3, "rings the bell", true,
        16_777_216, isDirectory ? default : Delivery.Parse("backoff=1s..5m ttl=60000 on-full=drop-oldest"));

    private static byte[] OfRequest() => Whole(new Request
    {
        Id = new(6),
        Flags = Request.TellDispatch,
        Hops = 3,
        Parent = new(20),
        TimeoutMs = 10_000,
        Service = "team2/demoservice"u8,
        Plugin = "command/command"u8,
        ArgsBytes = SomeArgs,
        Payload = "uptime"u8,
    });

    private static byte[] OfRollout() => Whole(new Rollout
    {
        Rules = new(Canary: 2, FailuresMax: 10, IsPercent: true, ["demo01", "demo02"]),
        Request = new Request { Id = new(6), Service = "all"u8, Plugin = "command/command"u8, Payload = "uptime"u8 },
    });

    private static byte[] OfFire() => Whole(new Fire
    {
        Id = new(6),
        Flags = Fire.Asynchronous,
        Hops = 4,
        Parent = new(21),
        Trigger = new(17),
        Message = new(new UInt128(1, 2)),
        WrittenUnixMs = 1525121382000,
        Payload = "uptime"u8,
    });

    private static byte[] OfOutput() => Whole(new Output
    {
        Id = 6,
        Offset = 99,
        Flags = Output.IsError,
        Worker = "demo01"u8,
        Bytes = "a line\n"u8,
    });

    private static byte[] OfCredit()
    {
        var wire = new WireWriter();
        new Credit { Id = 5, Replay = true, Offset = 1 << 20, Worker = "demo01"u8 }.Write(wire);
        return wire.Written.ToArray();
    }

    private static byte[] OfListen()
    {
        var wire = new WireWriter();
        new Listen
        {
            Id = new(5),
            Flags = Listen.Wait,
            Last = 20,
            AgeMs = 600_000,
            From = 1 << 30,
            Service = "team2/logs"u8,
            Plugin = "file/stream"u8,
            ArgsBytes = SomeArgs,
        }.Write(wire);
        return wire.Written.ToArray();
    }

    private static byte[] OfFinished() => Whole(new Finished
    {
        Id = 6,
        Flags = Finished.Last,
        Outcome = Outcome.TimedOut,
        ExitCode = -1,
        Offset = 106,
        DurationMs = 907,
        Worker = "demo01"u8,
        Detail = "its time was up"u8,
        Tail = "the rest"u8,
    });

    private static byte[] OfRun() => Whole(new Run
    {
        Id = new(11),
        Session = new(new UInt128(3, 4)),
        Request = new(6),
        Attempt = 2,
        Hops = 5,
        Message = new(new UInt128(4711, 3)),
        WrittenUnixMs = 1_525_113_930_000,
        Parent = new(22),
        TimeoutMs = 9_000,
        Window = 524_288,
        Team = "team1"u8,
        User = "hp"u8,
        Service = "demoservice"u8,
        Trigger = "/newtrigger/demotrigger"u8,
        Plugin = "command/command"u8,
        ArgsBytes = SomeArgs,
        Payload = "uptime"u8,
    });

    private static byte[] AgainRequest(byte[] bytes) => Whole(Request.Read(bytes));

    private static byte[] AgainRollout(byte[] bytes) => Whole(Rollout.Read(bytes));

    private static byte[] AgainFire(byte[] bytes) => Whole(Fire.Read(bytes));

    private static byte[] AgainOutput(byte[] bytes) => Whole(Output.Read(bytes));

    private static byte[] AgainFinished(byte[] bytes) => Whole(Finished.Read(bytes));

    private static byte[] AgainRun(byte[] bytes) => Whole(Run.Read(bytes));

    private static byte[] AgainCredit(byte[] bytes)
    {
        var wire = new WireWriter();
        Credit.Read(bytes).Write(wire);
        return wire.Written.ToArray();
    }

    private static byte[] AgainListen(byte[] bytes)
    {
        var wire = new WireWriter();
        Listen.Read(bytes).Write(wire);
        return wire.Written.ToArray();
    }

    private static byte[] Whole(Request message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Payload];
    }

    private static byte[] Whole(Rollout message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Request.Payload];
    }

    private static byte[] Whole(Fire message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Payload];
    }

    private static byte[] Whole(Output message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Bytes];
    }

    private static byte[] Whole(Finished message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Tail];
    }

    private static byte[] Whole(Run message)
    {
        var wire = new WireWriter();
        message.WriteHead(wire);
        return [.. wire.Written, .. message.Payload];
    }

    private static byte[] Bytes(Action<WireWriter> write)
    {
        var wire = new WireWriter();
        write(wire);
        return wire.Written.ToArray();
    }
}
