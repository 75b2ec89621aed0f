using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// What a worker tells the broker of its plugins. Folders are looked into on another thread, now and then. All calls
/// come on the loop's thread.
/// </summary>
sealed class PluginList
{
    /// <summary>How soon a plugin that was put in place is in the list; it can be run at once.</summary>
    private const long AgainMs = 10_000;

    /// <summary>Letters of a text that are told: a line of a table.</summary>
    private const int LettersMax = 100;

    private readonly EventLoop _loop;
    private readonly PluginFinder _finder;
    private readonly PluginContract? _contract;
    private bool _isLooking;
    private long _lookedMs;

    /// <param name="loop">The worker's loop.</param>
    /// <param name="finder">What is there.</param>
    /// <param name="contract">The contract of programs without a manifest, if the settings say one.</param>
    public PluginList(EventLoop loop, PluginFinder finder, PluginContract? contract)
    {
        (_loop, _finder, _contract) = (loop, finder, contract);
        if (!finder.HasFolders) Known = Offer();
    }

    /// <summary>What is there; another list when it has changed. Null until it is known.</summary>
    public IReadOnlyList<OfferedPlugin>? Known { get; private set; }

    /// <summary>Time passed: called about every 50 ms.</summary>
    public void Tick(long nowMs)
    {
        if (_finder.HasFolders && (Known is null || nowMs - _lookedMs >= AgainMs)) Look(nowMs);
    }

    /// <summary>Looks into the folders, unless it does already: one on a network may take its time.</summary>
    public void Look(long nowMs)
    {
        if (_isLooking) return;
        _isLooking = true;
        _lookedMs = nowMs;
        ThreadPool.UnsafeQueueUserWorkItem(static list =>
        {
            OfferedPlugin[]? found = null;
            try
            {
                found = list.Offer();
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                // Whoever asks for a plugin is told; the list stays as it was.
            }
            list._loop.Post(() => list.Apply(found));
        }, this, preferLocal: false);
    }

    private void Apply(OfferedPlugin[]? found)
    {
        _isLooking = false;
        if (found is not null && (Known is null || !Known.SequenceEqual(found))) Known = found;
    }

    private OfferedPlugin[] Offer() =>
    [
        .. _finder.List().Where(plugin => Encoding.UTF8.GetByteCount(plugin.Name) <= Limits.PathMax)
            .Take(Limits.OfferedPluginsMax).Select(Offer),
    ];

    private OfferedPlugin Offer(ListedPlugin plugin) => new(
        plugin.Name,
        Line(plugin.Manifest.Version),
        plugin.Flaw is not null ? ""
            : plugin.File is { } file ? WorkerKeys.NameOf(file.ContractOr(_contract)) : "built-in",
        Line(plugin.Manifest.Description),
        Line(plugin.Flaw ?? ""));

    private static string Line(string text)
    {
        string line = text.Split('\n')[0].TrimEnd();
        return line.Length <= LettersMax ? line : line[..(LettersMax - 1)] + "…";
    }
}
