using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>The statement of the table at <see cref="Properties"/> that makes a change of the tree.</summary>
static class TreeStatement
{
    public static (Verb Verb, string Name, string Property, string[] Values) Of(TreeChange change) => change switch
    {
        TreeChange.MakeDirectory make =>
            (Verb.Create, Number(make.Parent), Properties.Directory, [make.Name, Octal(make.Mode)]),
        TreeChange.RemoveDirectory remove => (Verb.Delete, Number(remove.Parent), Properties.Directory, [remove.Name]),
        TreeChange.Rename rename => (Verb.Rename, Number(rename.Node), "", [Number(rename.NewParent), rename.NewName]),
        TreeChange.SetRule { Property: Properties.Service, Value: "" } none =>
            (Verb.Remove, Number(none.Node), Properties.Service, []),
        TreeChange.SetRule { Property: Properties.Service } attach =>
            (Verb.Add, Number(attach.Node), Properties.Service, [attach.Value]),
        TreeChange.SetRule { Property: Properties.Timeout } timeout =>
            (Verb.Set, Number(timeout.Node), Properties.Timeout, [Milliseconds(timeout.Value)]),
        TreeChange.SetRule { Property: Properties.Limit } limit =>
            (Verb.Set, Number(limit.Node), Properties.Limit, [Bytes(limit.Value)]),
        TreeChange.SetRule { Property: Properties.Ttl, Value.Length: > 0 } ttl =>
            (Verb.Set, Number(ttl.Node), Properties.Ttl, [Milliseconds(ttl.Value)]),
        TreeChange.SetRule rule => (Verb.Set, Number(rule.Node), rule.Property, [rule.Value]),
        TreeChange.SetMode mode => (Verb.Set, Number(mode.Node), Properties.Permissions, [Octal(mode.Mode)]),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "no statement for this change"),
    };

    private static string Number(NodeId node) => node.Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Durations travel as milliseconds, sizes as bytes; what is none is refused here.</summary>
    private static string Milliseconds(string duration) =>
        ((long)Math.Ceiling(Duration.Parse(duration).TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    private static string Bytes(string size) => ByteSize.Parse(size).ToString(CultureInfo.InvariantCulture);

    private static string Octal(uint mode) => Convert.ToString(mode, 8);
}
