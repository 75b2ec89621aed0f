using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Fs;

/// <summary>Makes the broker's messages about the tree.</summary>
static class Nodes
{
    public static TreeNode Directory(ulong id, ulong parent, string name, ushort mode = 0b111_101_101) => new(
        new(id), new(parent), true, mode, name, "hp", 0, 0, 1_000, 2_000, "", "", 0, MessageMode.Write, false,
        Visibility.Local, 0, "", Usable: true, Limit: 0);

    public static TreeNode Trigger(
        ulong id,
        ulong parent,
        string name,
        MessageMode messages = MessageMode.Write,
        bool synchronous = false,
        ushort mode = 0b110_100_100,
        string service = "demoservice",
        ulong hits = 0,
        long firedUnixMs = 0,
        uint limit = Limits.PayloadMax) => new(
        new(id), new(parent), false, mode, name, "hp", hits, firedUnixMs, 1_524_000_000_123, 1_524_000_001_456, service,
        "command/command", 10_000, messages, synchronous, Visibility.Team, 0, "", Usable: true, limit);

    public static Tree Snapshot(params TreeNode[] nodes) => new(true, true, [], nodes);

    public static Tree Changed(params TreeNode[] nodes) => new(false, false, [], nodes);

    public static Tree Gone(params ulong[] ids) => new(false, false, [.. ids.Select(id => new NodeId(id))], []);
}
