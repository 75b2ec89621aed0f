using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Transport;

/// <summary>Transport/PROTOCOL.md says the numbers and limits that the program uses, all of them.</summary>
public sealed partial class ProtocolDocumentTests
{
    private static readonly string[] Lines =
        File.ReadAllLines(Path.Combine(Sources.Root, "Transport/PROTOCOL.md"));

    private const StringComparison Exactly = StringComparison.Ordinal;

    [Fact]
    public void Every_kind_of_message_is_in_the_table_with_its_number_and_no_other_is()
    {
        var written = Section("## Messages").Select(line => NumberedRow().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["name"].Value, match => Number(match.Groups["number"].Value));
        Assert.Equal(Of<MessageKind>(), written);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_fields_of_a_message_are_those_above_its_code(string kind)
    {
        string row = Assert.Single(Section("## Messages"), line => line.Contains($" | {kind} | ", Exactly));
        string fields = row.Split('|')[4].Replace("× node", $"× ({Node()})", Exactly);
        string file = Path.Combine(Sources.Root, "Core/Messages", kind == "Watch" ? "Tree.cs" : $"{kind}.cs");
        MatchCollection remarks = Remarks().Matches(File.ReadAllText(file));
        string layout = (kind == "Watch" ? remarks[^1] : remarks[0]).Groups["layout"].Value;
        Assert.Equal(Types(Comment().Replace(layout, " "), '|'), Types(fields, '·'));
    }

    public static TheoryData<string> Kinds() => [.. Of<MessageKind>().Keys];

    [Fact]
    public void Every_error_code_is_in_the_table_with_its_number_and_no_other_is()
    {
        var written = Section("### Codes").Select(line => NumberedRow().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["name"].Value, match => Number(match.Groups["number"].Value));
        Assert.Equal(Of<ErrorCode>(), written);
    }

    [Fact]
    public void Every_list_of_numbers_is_complete()
    {
        Assert.Equal(Of<PeerRole>(), List(nameof(PeerRole)));
        Assert.Equal(Of<ProofKind>(), List(nameof(ProofKind)));
        Assert.Equal(Of<Algorithm>(), List(nameof(Algorithm)));
        Assert.Equal(Of<Outcome>(), List(nameof(Outcome)));
        Assert.Equal(Of<Verb>(), List(nameof(Verb)));
        Assert.Equal(Of<ObjectKind>(), List(nameof(ObjectKind)));
        Assert.Equal(Of<ColumnType>(), List(nameof(ColumnType)));
        Assert.Equal(Of<MessageMode>(), List(nameof(MessageMode)));
        Assert.Equal(Of<CommitAction>(), List(nameof(CommitAction)));
    }

    [Fact]
    public void The_flags_are_those_of_the_messages()
    {
        string text = string.Join(' ', Section("### Numbers"));
        Assert.Contains($"Request: {Request.TellDispatch} TellDispatch, {Request.Broadcast} Broadcast", text, Exactly);
        Assert.Contains($"Fire: {Fire.Asynchronous} Asynchronous", text, Exactly);
        Assert.Contains($"Output: {Output.IsError} IsError, {Output.IsNotice} IsNotice", text, Exactly);
        Assert.Contains($"Listen: {Listen.Wait} Wait", text, Exactly);
        Assert.Contains($"Finished: {Finished.Last} Last, {Finished.Was200} Was200", text, Exactly);
    }

    [Theory]
    [InlineData("A message", Limits.StrangerMessageMax)]
    [InlineData("A message", Limits.MessageMax)]
    [InlineData("A message", Limits.LargeMessageMax)]
    [InlineData("A payload", Limits.PayloadMax)]
    [InlineData("A payload", Limits.TriggerLimitMax)]
    [InlineData("Runs that lead", Limits.HopsMax)]
    [InlineData("Arguments", Limits.ArgsMax)]
    [InlineData("Arguments", Args.BytesMax)]
    [InlineData("Output under way", Limits.OutputWindow)]
    [InlineData("Requests of one session", Limits.RequestsPerSessionMax)]
    [InlineData("Requests of one session", Limits.RequestBytesPerSessionMax)]
    [InlineData("Streams", Limits.StreamsMax)]
    [InlineData("Streams", Limits.ListenersPerSessionMax)]
    [InlineData("Statements", Limits.StatementsMax)]
    [InlineData("Runs of one worker", Limits.JobsMax)]
    [InlineData("Runs that a worker", Limits.WorkerUnreadMax)]
    [InlineData("Runs that a worker", (int)Limits.WorkersUnreadMax)]
    [InlineData("Unread bytes", Limits.PeerQueueHigh)]
    [InlineData("Unread bytes", Limits.PeerQueueMax)]
    [InlineData("Heartbeats", Limits.HeartbeatsMissedMax)]
    public void A_limit_is_in_the_table_as_it_is_in_the_program(string row, int value)
    {
        string line = Assert.Single(Section("## Limits"), line => Begins(line, $"| {row}"));
        Assert.Contains(value.ToString("#,0", CultureInfo.InvariantCulture), line, Exactly);
    }

    [Fact]
    public void The_times_are_those_of_the_program()
    {
        string limits = string.Join('\n', Section("## Limits"));
        Assert.Contains($"Hello | {Limits.HandshakeMax.TotalSeconds} s", limits, Exactly);
        Assert.Contains($"reclaim | {Limits.ReclaimGrace.TotalSeconds} s", limits, Exactly);
        string whole = string.Join(' ', Lines);
        Assert.Contains($"holds up a stream for {Limits.StreamPatience.TotalSeconds} s", whole, Exactly);
        Assert.Contains($"newest {Limits.StreamBytesMax:#,0} bytes", whole, Exactly);
        Assert.Contains($"At most {Limits.ListenerWindow:#,0} bytes are under way", whole, Exactly);
        Assert.Contains($"busy for {Limits.BroadcastTakeMax.TotalSeconds} s has", whole, Exactly);
        Assert.Contains($"{Limits.HitsPushMin.TotalMilliseconds} ms", whole, Exactly);
        Assert.Contains($"or {Limits.TimeoutDefault.TotalSeconds} s;", whole, Exactly);
        Assert.Contains($"at most {Limits.TimeoutMax.TotalHours} hours", whole, Exactly);
    }

    [Fact]
    public void The_properties_of_statements_are_all_there()
    {
        string text = string.Join(' ', Section("## Statements"));
        IEnumerable<string> properties = typeof(Properties)
            .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
        Assert.All(properties, property => Assert.Contains(property, text, Exactly));
    }

    /// <summary>All names but MessageKind's Last, which is a second name of another.</summary>
    private static Dictionary<string, int> Of<TEnum>() where TEnum : struct, Enum =>
        Enum.GetNames<TEnum>().Where(name => name != nameof(MessageKind.Last))
            .ToDictionary(name => name, name => Convert.ToInt32(Enum.Parse<TEnum>(name), CultureInfo.InvariantCulture));

    private static Dictionary<string, int> List(string name)
    {
        string line = Assert.Single(Section("### Numbers"), line => Begins(line, $"| {name} |"));
        return line.Split('|')[2].Split('·').Select(item => item.Trim().Split(' '))
            .ToDictionary(item => item[1], item => Number(item[0]));
    }

    /// <summary>The lines between a heading and the next one.</summary>
    private static IEnumerable<string> Section(string heading) =>
        Lines.SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith('#'));

    /// <summary>The types of a layout's fields, without their names and however often they come.</summary>
    private static string[] Types(string layout, char separator) =>
    [
        .. layout.Split(separator)
            .Select(field => Times().Replace(field.Trim().TrimStart('('), "").TrimStart('('))
            .Where(field => field is not ("none" or "no fields"))
            .Select(field => Begins(field, "u32 length") ? "bytes" : field.Split(' ')[0])
            .Select(type => type == "i64" ? "time" : type),
    ];

    /// <summary>The fields of a node, which stand below the table.</summary>
    private static string Node()
    {
        string text = string.Join(' ', Section("## Messages"));
        int at = text.IndexOf("of Tree is: ", Exactly) + "of Tree is: ".Length;
        return text[at..text.IndexOf('.', at)];
    }

    private static bool Begins(string line, string start) => line.StartsWith(start, Exactly);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| (?<number>\d+) \| (?<name>[A-Za-z]+) \|")]
    private static partial Regex NumberedRow();

    [GeneratedRegex("<remarks>(?<layout>.*?)</remarks>", RegexOptions.Singleline)]
    private static partial Regex Remarks();

    [GeneratedRegex(@"\s*///\s*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(\w+ × )+")]
    private static partial Regex Times();
}
