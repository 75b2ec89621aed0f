using System.Text.RegularExpressions;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary><c>metrics/statsd</c>: counters, gauges, timings and sets to statsd, several in a datagram.</summary>
sealed partial class StatsdWork : IWork
{
    private const string Name = "[A-Za-z0-9_.-]{1,255}";

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "metrics/statsd",
        "sends metrics to statsd: lines of NAME:VALUE|TYPE, or a value for the arguments metric and type",
        "triggerfs client -service demo -plugin metrics/statsd -args address=udp://statsd:8125 "
            + "-args metric=door.opened -command 1",
        NetworkAddress.Input("udp://localhost:8125", "udp", "tcp"),
        new("metric", Pattern: new(Name)),
        BuiltInPlugins.WordInput("type", "c", "c", "g", "ms", "h", "s"));

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        NetworkAddress address = NetworkAddress.Parse(call.Text("address"));
        Func<string, string>? whole =
            call.Find("metric") is { } metric ? value => $"{metric}:{value}|{call.Text("type")}" : null;
        List<string> lines = MetricLines.Read(call, whole, Rule(), "NAME:VALUE|TYPE, such as door.opened:1|c");
        IEnumerable<ReadOnlyMemory<byte>> datagrams = MetricLines.Datagrams(lines);
        if (address.Scheme == "udp") await address.SendDatagramsAsync(datagrams, stop);
        else await address.SendStreamAsync(datagrams.SelectMany(one => one.ToArray()).ToArray(), stop);
        return 0;
    }

    // Tags after '#' are Datadog's, and others take or skip them.
    [GeneratedRegex($@"^{Name}:[^:|@\s]+\|(c|g|ms|h|s)(\|@[0-9.]+)?(\|#[^|\s]+)?\z")]
    private static partial Regex Rule();
}
