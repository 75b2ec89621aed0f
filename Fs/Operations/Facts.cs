using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Fs.Operations;

/// <summary>What is known of an entry under one name: the extended attribute <c>user.triggerfs.NAME</c>.</summary>
/// <param name="Name">As the console calls it.</param>
/// <param name="Read">Its value as people write it; empty when there is none.</param>
/// <param name="IsRule">A rule of a trigger, which its owner may set.</param>
/// <param name="Default">What removing it sets it to; null for a rule that cannot be taken away.</param>
sealed record Fact(string Name, Func<FileSystem, TreeEntry, string> Read, bool IsRule = false, string? Default = null)
{
    /// <summary>The whole name as the kernel spells it.</summary>
    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Facts.Prefix + Name);
}

/// <summary>All that is shown of an entry besides stat(2), one row each.</summary>
static class Facts
{
    public const string Prefix = "user.triggerfs.";

    private static readonly Fact[] All =
    [
        Rule(Properties.Service, static node => node.Service, whenRemoved: ""),
        Rule(Properties.Plugin, static node => node.Plugin, whenRemoved: null),
        Rule(Properties.Timeout, static node => Time(node.TimeoutMs), whenRemoved: "0s"),
        Rule(Properties.Retry, static node => node.Retry == 0 ? "" : Number(node.Retry), whenRemoved: "0"),
        Rule(Properties.Message, static node => Word(node.Messages), whenRemoved: "write"),
        Rule(Properties.Mode, static node => node.Synchronous ? "sync" : "async", whenRemoved: "async"),
        Rule(Properties.Limit, static node => ByteSize.Print(node.Limit), ByteSize.Print(Limits.PayloadMax)),
        Rule(Properties.Visibility, static node => Word(node.Visibility), whenRemoved: "local"),
        Rule(Properties.Description, static node => node.Description, whenRemoved: ""),
        Delivered(Properties.Backoff),
        Rule(Properties.Ttl, static node => Time(node.Delivery.TtlMs), whenRemoved: ""),
        Delivered(Properties.Priority),
        Delivered(Properties.MaxInflight),
        Delivered(Properties.OnBusy),
        Delivered(Properties.Unique),
        Delivered(Properties.OnFull),
        new("hits", static (_, entry) => entry.IsDirectory ? "" : Number(entry.Node.Hits)),
        new("fired", static (_, entry) => Moment(entry.Node.FiredUnixMs)),
        new("exit", static (fs, entry) => fs.Answers.TryGetEnd(entry.Id, out int exit, out _) ? $"{exit}" : ""),
        new("run", static (fs, entry) =>
            fs.Answers.TryGetEnd(entry.Id, out _, out RunId run) && run.Value != 0 ? Number(run.Value) : ""),
        new("owner", static (_, entry) => entry.Node.Owner),
        new("created", static (_, entry) => Moment(entry.Node.CreatedUnixMs)),
        new("changed", static (_, entry) => Moment(entry.Node.ChangedUnixMs)),
    ];

    /// <summary>The fact of that whole name; null for none.</summary>
    public static Fact? Find(ReadOnlySpan<byte> name)
    {
        foreach (Fact fact in All)
            if (name.SequenceEqual(fact.NameUtf8)) return fact;
        return null;
    }

    /// <summary>The facts that an entry has.</summary>
    public static IEnumerable<Fact> Of(FileSystem fs, TreeEntry entry) =>
        entry.IsReserved ? [] : All.Where(fact => fact.Read(fs, entry).Length > 0);

    private static Fact Rule(string name, Func<TreeNode, string> read, string? whenRemoved) =>
        new(name, (_, entry) => entry.IsDirectory ? "" : read(entry.Node), IsRule: true, whenRemoved);

    /// <summary>Set at the trigger, or else its service's.</summary>
    private static Fact Delivered(string name) => Rule(
        name, node => node.Delivery.Settings.FirstOrDefault(setting => setting.Property == name).Value ?? "",
        whenRemoved: "");

    private static string Time(uint ms) => ms == 0 ? "" : Duration.Print(TimeSpan.FromMilliseconds(ms));

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Moment(long unixMs) =>
        unixMs == 0 ? "" : Rfc3339.Milliseconds(Math.Clamp(unixMs, 0, Rfc3339.UnixMsMax));

    private static string Word(MessageMode mode) => mode switch
    {
        MessageMode.Line => "line",
        MessageMode.Close => "close",
        _ => "write",
    };

    private static string Word(Visibility visibility) => visibility switch
    {
        Visibility.Team => "team",
        Visibility.Public => "public",
        _ => "local",
    };
}
