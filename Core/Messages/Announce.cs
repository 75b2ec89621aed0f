using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// A worker is ready: how much it runs at once, for which services, and which runs it still holds from before. Sent
/// after every Assigned, and when its plugins have changed; the runs matter only in the first of a session. Plugins
/// that are left out are what they were. Zero jobs: the worker is stopping, send it
/// no more. A held run (it may have finished meanwhile) stays silent until the broker answers it: with a
/// <see cref="Credit"/> with Replay, from where on its output and its Finished then follow, or with a
/// <see cref="Cancel"/>, when nobody wants it.
/// </summary>
/// <remarks>
/// u16 jobs | u16 count | count × text service | u16 count | count × (u64 run | u128 session of the user | u64 request
/// | u64 offset | text service | flag ended) | u16 count | count × (text plugin | text version | text contract |
/// text description | text problem) (may be left out)
/// </remarks>
sealed record Announce(
    int Jobs,
    IReadOnlyList<string> Services,
    IReadOnlyList<HeldRun> Held,
    IReadOnlyList<OfferedPlugin>? Plugins = null)
{
    public static Announce Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        int jobs = wire.UInt16();
        string[] services = new string[wire.Count(Limits.JobsMax, sizeMin: 2)];
        for (int i = 0; i < services.Length; i++) services[i] = wire.Text();
        var held = new HeldRun[wire.Count(Limits.JobsMax, sizeMin: 43)];
        for (int i = 0; i < held.Length; i++)
            held[i] = new(
                new(wire.UInt64()), new(wire.UInt128()), new(wire.UInt64()), wire.UInt64(), wire.Text(), wire.Flag());
        return new(jobs, services, held, wire.Left > 0 ? ReadPlugins(ref wire) : null);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Announce);
        wire.UInt16((ushort)Jobs);
        wire.Count(Services.Count, Limits.JobsMax);
        foreach (string service in Services) wire.Text(service);
        wire.Count(Held.Count, Limits.JobsMax);
        foreach (HeldRun run in Held)
        {
            wire.UInt64(run.Run.Value);
            wire.UInt128(run.Session.Value);
            wire.UInt64(run.Request.Value);
            wire.UInt64(run.Offset);
            wire.Text(run.Service);
            wire.Flag(run.HasEnded);
        }
        if (Plugins is null) return;
        wire.Count(Plugins.Count, Limits.OfferedPluginsMax);
        foreach (OfferedPlugin plugin in Plugins)
        {
            wire.Text(plugin.Name);
            wire.Text(plugin.Version);
            wire.Text(plugin.Contract);
            wire.Text(plugin.Description);
            wire.Text(plugin.Problem);
        }
    }

    private static OfferedPlugin[] ReadPlugins(scoped ref WireReader wire)
    {
        var plugins = new OfferedPlugin[wire.Count(Limits.OfferedPluginsMax, sizeMin: 10)];
        for (int i = 0; i < plugins.Length; i++)
            plugins[i] = new(
                wire.Text(Limits.PathMax),
                wire.Text(OfferedPlugin.TextMax),
                wire.Text(OfferedPlugin.TextMax),
                wire.Text(OfferedPlugin.TextMax),
                wire.Text(OfferedPlugin.TextMax));
        return plugins;
    }
}

/// <summary>A plugin that a worker has, in words for people.</summary>
/// <param name="Name">Its whole name, such as <c>command/command</c>.</param>
/// <param name="Version">Its version; empty when it says none.</param>
/// <param name="Contract">Such as <c>exec</c>, or <c>built-in</c>.</param>
/// <param name="Description">What it does.</param>
/// <param name="Problem">Why it cannot run; empty when it can.</param>
readonly record struct OfferedPlugin(
    string Name, string Version, string Contract, string Description, string Problem)
{
    /// <summary>Bytes of each of its texts: a line or two.</summary>
    public const int TextMax = 400;
}

/// <summary>
/// A run that outlived its link: whose it is, and the offset of the oldest output that is still kept.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Session">The session of its sender.</param>
/// <param name="Request">The request as its sender numbered it.</param>
/// <param name="Offset">The offset of the oldest output that is kept.</param>
/// <param name="Service">The service that it was for.</param>
/// <param name="HasEnded">It fills no job any more: only its output and its Finished are kept.</param>
readonly record struct HeldRun(
    RunId Run, SessionId Session, RequestId Request, ulong Offset, string Service, bool HasEnded = false);
