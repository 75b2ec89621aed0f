using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>metrics/graphite</c>: values to carbon in its plaintext protocol, with the time where none is given.
/// </summary>
sealed partial class GraphiteWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "metrics/graphite",
        "sends metrics to Graphite: lines of NAME VALUE [TIME], or a value for the argument metric",
        "triggerfs client -service demo -plugin metrics/graphite -args address=tcp://graphite:2003 -args metric=t.out "
            + "-command 21.5",
        NetworkAddress.Input(null, "tcp", "udp"),
        new("metric", Pattern: new(Name)),
        new("prefix", Default: "", Pattern: new("[A-Za-z0-9_.:-]*")));

    private const string Name = @"[A-Za-z0-9_.:;=~%/-]{1,255}";

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        NetworkAddress address = NetworkAddress.Parse(call.Text("address"));
        Func<string, string>? whole = call.Find("metric") is { } metric ? value => $"{metric} {value}" : null;
        string now = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string[] lines =
        [
            .. MetricLines.Read(call, whole, Rule(), "NAME VALUE [TIME]").Select(
                line => call.Text("prefix") + (line.Split(' ').Length == 2 ? $"{line} {now}" : line)),
        ];
        if (address.Scheme == "udp") await address.SendDatagramsAsync(MetricLines.Datagrams(lines), stop);
        else await address.SendStreamAsync(Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"), stop);
        return 0;
    }

    [GeneratedRegex($@"^{Name} -?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?( [0-9]{{1,12}})?\z")]
    private static partial Regex Rule();
}
