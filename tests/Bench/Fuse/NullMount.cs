using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Nodes;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Bench.Fuse;

/// <summary>
/// Our file system, whole, up to where a message leaves it: there each is taken and thrown away. A directory d with the
/// triggers t0 to t3.
/// </summary>
sealed class NullMount : ITriggerSink
{
    public static void Run(string folder, int threads)
    {
        var tree = new TriggerTree();
        tree.Apply(Nodes.Snapshot(
            Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t0"), Nodes.Trigger(4, 2, "t1"), Nodes.Trigger(5, 2, "t2"),
            Nodes.Trigger(6, 2, "t3")));
        using FuseSession session = FuseSession.Start(
            new(folder) { Threads = threads }, tree, new NullMount(), NullLogger.Instance, Console.Error.WriteLine);
        session.Ready.Wait();
        Console.WriteLine("READY");
        session.Ended.Wait();
    }

    public void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message)
    {
        message.Taken();
        message.Ended(null, 0);
    }

    public void Abandon(IFired message)
    {
    }

    public void Change(TreeChange change, IReplyTo reply) => reply.Answer(ErrorCode.Unsupported);
}
