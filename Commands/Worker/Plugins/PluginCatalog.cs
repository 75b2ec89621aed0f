using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// The worker's plugins at hand. What a name stands for is found out on another thread (a folder may be on a network)
/// and is good for a moment, in which runs begin at once. All calls come on the loop's thread.
/// </summary>
sealed class PluginCatalog : IDisposable
{
    /// <summary>How long what was found counts: a plugin that is put in place or changed runs that soon.</summary>
    private const long FreshMs = 250;

    /// <summary>Names that are kept; more than a host has plugins in use.</summary>
    private const int EntriesMax = 256;

    private readonly EventLoop _loop;
    private readonly PluginFinder _finder;
    private readonly Func<FoundFile, IPlugin> _make;
    private readonly ILogger _log;
    private readonly (byte[] Name, IPlugin Plugin)[] _builtIn;
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<string, List<Found>> _searches = [];

    /// <param name="loop">The worker's loop.</param>
    /// <param name="finder">What is there.</param>
    /// <param name="make">Makes a plugin of a program.</param>
    /// <param name="log">Told of manifests' unknown keys.</param>
    public PluginCatalog(EventLoop loop, PluginFinder finder, Func<FoundFile, IPlugin> make, ILogger log)
    {
        (_loop, _finder, _make, _log) = (loop, finder, make, log);
        _builtIn = [.. finder.BuiltIn.Select(one => (Encoding.UTF8.GetBytes(one.Name), one.Plugin))];
    }

    /// <summary>What a search came to: a plugin, or why there is none.</summary>
    public delegate void Found(IPlugin? plugin, TriggerException? refusal);

    /// <summary>The plugin of a name, null when it must be searched for; refuses one that is not here.</summary>
    public IPlugin? Find(ReadOnlySpan<byte> name)
    {
        if (_finder.HasFolders) return FindFresh(name);
        foreach ((byte[] known, IPlugin plugin) in _builtIn)
            if (name.SequenceEqual(known)) return plugin;
        return _finder.Find(Encoding.UTF8.GetString(name)).BuiltIn;
    }

    /// <summary>Finds out what a name stands for, and tells it on the loop's thread.</summary>
    public void Search(string name, Found found)
    {
        if (_searches.TryGetValue(name, out List<Found>? waiting))
        {
            waiting.Add(found);
            return;
        }
        _searches[name] = [found];
        ThreadPool.UnsafeQueueUserWorkItem(Look, (Catalog: this, Name: name), preferLocal: false);
    }

    /// <summary>Lets go of all plugins that keep something running.</summary>
    public void Dispose()
    {
        foreach (Entry entry in _entries.Values) Retire(entry.Plugin);
        _entries.Clear();
    }

    private static void Look((PluginCatalog Catalog, string Name) job)
    {
        (FoundFile? File, IPlugin? BuiltIn) result = default;
        TriggerException? refusal = null;
        try
        {
            result = job.Catalog._finder.Find(job.Name);
        }
        catch (TriggerException problem)
        {
            refusal = problem;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            refusal = new(ErrorCode.NotFound, $"the plugin '{NameRule.Shown(job.Name)}' cannot be looked for",
                problem.Message);
        }
        job.Catalog._loop.Post(() => job.Catalog.Apply(job.Name, result.File, result.BuiltIn, refusal));
    }

    private IPlugin? FindFresh(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[Limits.PathMax];
        if (!Encoding.UTF8.TryGetChars(name, letters, out int length)) return null;
        Dictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> byLetters =
            _entries.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!byLetters.TryGetValue(letters[..length], out Entry? entry)) return null;
        return Environment.TickCount64 - entry.CheckedMs < FreshMs ? entry.Plugin : null;
    }

    private void Apply(string name, FoundFile? file, IPlugin? builtIn, TriggerException? refusal)
    {
        IPlugin? plugin = refusal is null ? Keep(name, file, builtIn) : null;
        if (refusal is not null && _entries.Remove(name, out Entry? gone)) Retire(gone.Plugin);
        if (!_searches.Remove(name, out List<Found>? waiting)) return;
        foreach (Found found in waiting) found(plugin, refusal);
    }

    private IPlugin Keep(string name, FoundFile? file, IPlugin? builtIn)
    {
        long nowMs = Environment.TickCount64;
        if (_entries.TryGetValue(name, out Entry? entry))
        {
            bool isSame = file is null ? entry.Plugin == builtIn : entry.File is { } known
                && (known.Path, known.Stamp, known.ManifestStamp) == (file.Path, file.Stamp, file.ManifestStamp);
            if (isSame)
            {
                entry.CheckedMs = nowMs;
                return entry.Plugin;
            }
            Retire(entry.Plugin);
        }
        else if (_entries.Count >= EntriesMax)
        {
            Dispose();
        }
        if (file is { UnknownKeys.Length: > 0 }) Log.UnknownKeys(_log, file.Name, file.UnknownKeys);
        IPlugin plugin = builtIn ?? _make(file!);
        _entries[name] = new(plugin, file) { CheckedMs = nowMs };
        return plugin;
    }

    private static void Retire(IPlugin plugin) => (plugin as IWarmPlugin)?.Retire();

    private sealed class Entry(IPlugin plugin, FoundFile? file)
    {
        public IPlugin Plugin { get; } = plugin;

        public FoundFile? File { get; } = file;

        /// <summary>When it was found to be so, in milliseconds of the steady clock.</summary>
        public long CheckedMs { get; set; }
    }
}
