using System.Diagnostics;
using System.Globalization;
using TriggerFs.Bench.Peers;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Fuse;

/// <summary>A file system that takes writes and throws them away, in a process of its own.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Command">The program and its words, the mountpoint being <c>{}</c>.</param>
sealed record FuseServer(string Name, string[] Command)
{
    /// <summary>Ours with so many reader threads, or with as many as <c>triggerfs mount</c> has.</summary>
    public static FuseServer Ours(int? threads)
    {
        int count = threads ?? TriggerFs.Fs.FuseSession.ThreadsDefault;
        string shown = threads is null ? $"{count} threads (the default)" : "1 thread";
        string number = count.ToString(CultureInfo.InvariantCulture);
        return new($"triggerfs, {shown}", [Environment.ProcessPath!, "role", "null-mount", "{}", number]);
    }

    /// <summary>Mounts; the process ends when it is unmounted.</summary>
    public async Task<Child> MountAsync(string folder, bool isPinned)
    {
        Directory.CreateDirectory(folder);
        var child = new Child(Start(Command.Select(word => word == "{}" ? folder : word), isPinned));
        await child.LineAsync("^READY");
        return child;
    }

    /// <summary>A command on all processors, or with all of its threads on the first.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> command, bool isPinned)
    {
        string[] words = isPinned ? ["taskset", "-c", "0", .. command] : [.. command];
        return Installed.Begin(words[0], words[1..]);
    }
}
