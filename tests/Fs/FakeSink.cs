using System.Collections.Concurrent;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Tests.Fs;

/// <summary>A broker's place: records messages, answers as told, and changes the tree as a broker would.</summary>
sealed class FakeSink : ITriggerSink
{
    private readonly Lock _gate = new();
    private ulong _nextId = 10_000;

    public TriggerTree Tree { get; set; } = null!;

    public ConcurrentQueue<(NodeId Trigger, WriterWaits Waits, byte[] Payload)> Fired { get; } = new();

    public ConcurrentQueue<IFired> Abandoned { get; } = new();

    public ConcurrentQueue<TreeChange> Changes { get; } = new();

    /// <summary>What happens to a message; the default takes it and ends it well, without output.</summary>
    public Action<NodeId, byte[], IFired> OnFire { get; set; } = (_, _, message) =>
    {
        message.Taken();
        message.Ended(null, 0);
    };

    /// <summary>Null lets a change happen; else why not.</summary>
    public Func<TreeChange, ErrorCode?> OnChange { get; set; } = _ => null;

    public IEnumerable<string> Texts => Fired.Select(fired => Encoding.UTF8.GetString(fired.Payload));

    /// <summary>Who asked for room and was told that there is none.</summary>
    public Action? OnRoom { get; private set; }

    public bool HasNoRoom { get; set; }

    public FakeFailed Failed { get; } = new();

    public IFailedMessages? GivenUp => Failed;

    public bool HasRoom(Action made)
    {
        if (HasNoRoom) OnRoom = made;
        return !HasNoRoom;
    }

    public void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message)
    {
        byte[] copy = payload.ToArray();
        Fired.Enqueue((trigger, waits, copy));
        OnFire(trigger, copy, message);
    }

    public void Abandon(IFired message) => Abandoned.Enqueue(message);

    public void Change(TreeChange change, IReplyTo reply)
    {
        Changes.Enqueue(change);
        if (OnChange(change) is { } failure)
        {
            reply.Answer(failure);
            return;
        }
        ThreadPool.QueueUserWorkItem(_ =>
        {
            lock (_gate) Tree.Apply(Effect(change));
            reply.Answer(null);
        });
    }

    private Tree Effect(TreeChange change) => change switch
    {
        TreeChange.MakeDirectory make =>
            Nodes.Changed(Nodes.Directory(_nextId++, make.Parent.Value, make.Name, (ushort)make.Mode)),
        TreeChange.RemoveDirectory remove => new(false, false, [Child(remove.Parent, remove.Name)], []),
        TreeChange.Rename rename => Nodes.Changed(
            Tree.Find(rename.Node.Value)!.Node with { Parent = rename.NewParent, Name = rename.NewName }),
        TreeChange.SetMode mode => Nodes.Changed(Tree.Find(mode.Node.Value)!.Node with { Mode = (ushort)mode.Mode }),
        TreeChange.SetRule rule => Nodes.Changed(Ruled(Tree.Find(rule.Node.Value)!.Node, rule.Property, rule.Value)),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static TreeNode Ruled(TreeNode node, string property, string value) => property switch
    {
        Properties.Plugin => node with { Plugin = value },
        Properties.Service => node with { Service = value },
        Properties.Description => node with { Description = value },
        _ => node with { ChangedUnixMs = node.ChangedUnixMs + 1 },
    };

    private NodeId Child(NodeId parent, string name) =>
        Tree.Lookup(Tree.Find(parent.Value)!, Encoding.UTF8.GetBytes(name), remember: false)!.Id;
}
