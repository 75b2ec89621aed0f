namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>A plugin's program as it was found on the disk, and what stands beside it.</summary>
/// <param name="Name">Its whole name, such as <c>command/command</c>.</param>
/// <param name="Path">Where it really is.</param>
/// <param name="Stamp">By which the program is known again.</param>
/// <param name="ManifestStamp">By which its manifest is known again; the default when it has none.</param>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="UnknownKeys">What to tell of the manifest's keys; empty for nothing.</param>
/// <param name="NeedsZeroMq">It is a program that is linked with libzmq.</param>
sealed record FoundFile(
    string Name,
    string Path,
    FileStamp Stamp,
    FileStamp ManifestStamp,
    PluginManifest Manifest,
    string UnknownKeys,
    bool NeedsZeroMq)
{
    /// <summary>
    /// How to talk with it: what the manifest says, else the worker's settings, else what the program looks like.
    /// </summary>
    public PluginContract ContractOr(PluginContract? setting) =>
        Manifest.Contract ?? setting ?? (NeedsZeroMq ? PluginContract.Go2018 : PluginContract.Exec);
}
