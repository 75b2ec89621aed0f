using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>
/// A worker of the real broker in the test's own process, whose plugin <c>record</c> keeps each message, byte for byte,
/// and answers with it. A message <c>exit N</c> ends with that exit code.
/// </summary>
sealed class Recorder : IInstantPlugin, IAsyncDisposable
{
    private readonly List<(string Trigger, string Text)> _messages = [];
    private readonly BrokerLink _link;
    private readonly ProcessHost _processes;
    private readonly PluginDesk _plugins;
    private readonly WorkerSession _session;

    private Recorder(Site site, string identity, string token)
    {
        var hello = new Hello(PeerRole.Worker, Site.Team, identity, ProofKind.Token, token, "tests");
        _link = new(new LinkSettings(site.Address, site.BrokerKey, () => hello));
        _processes = new(_link.Loop, ChildEnvironment.OfThisProcess(identity, allowed: null), sole: false);
        var options = new WorkerOptions(identity, Jobs: 8);
        _plugins = RunningWorker.Desk(_link.Loop, [this], _processes, options, NullLogger.Instance);
        _session = new(_link, _link.Loop, _plugins, _processes, options, NullLogger.Instance);
        _link.Start(_session);
    }

    public string Name => "record";

    public PluginManifest Manifest => PluginManifest.None;

    /// <summary>A recorder that signs in as a worker.</summary>
    public static Recorder Start(Site site, string identity, string token) => new(site, identity, token);

    /// <summary>Done once it can be sent work.</summary>
    public Task Ready => _session.Announced;

    public InstantAnswer Answer(scoped in Run run)
    {
        // Latin-1 keeps every byte apart; what the tests compare is ASCII.
        string text = Encoding.Latin1.GetString(run.Payload);
        lock (_messages) _messages.Add((Encoding.UTF8.GetString(run.Trigger), text));
        bool isExit = text.StartsWith("exit ", StringComparison.Ordinal);
        return new(isExit ? int.Parse(text["exit ".Length..], CultureInfo.InvariantCulture) : 0, run.Payload);
    }

    /// <summary>What came from a trigger so far, in the order in which it came.</summary>
    public string[] From(string trigger)
    {
        lock (_messages) return [.. _messages.Where(one => one.Trigger == trigger).Select(one => one.Text)];
    }

    public async ValueTask DisposeAsync()
    {
        await _session.StopAsync();
        _plugins.Dispose();
        _processes.Dispose();
        await _link.DisposeAsync();
    }
}
