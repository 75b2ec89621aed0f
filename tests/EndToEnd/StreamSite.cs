using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A broker, two workers with plugins that are streams, and a service over them.</summary>
public sealed partial class StreamSite : IAsyncLifetime
{
    private readonly Dictionary<string, Child> _workers = [];

    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Site = await Site.StartAsync();
        // Shows what is appended to a file, and notes each run.
        Plugin("follow", "echo \"$TRIGGERFS_WORKER $$\" >> \"$TRIGGERFS_ARG_PATH.runs\"\n"
            + "exec tail -n +1 -s 0.05 -f \"$TRIGGERFS_ARG_PATH\"\n");
        Plugin("flood", "i=0\nwhile :; do seq $((i+1)) $((i+10000)); i=$((i+10000)); sleep 0.05; done\n");
        Plugin("brief", "echo first; echo odd >&2; exit 3\n");
        Write("plugins/plain", "#!/bin/sh\necho plain\n");
        string page = await File.ReadAllTextAsync(Path.Combine(Sources.Root, "Commands/Worker/PLUGINS.md"));
        foreach (Match example in Example().Matches(page))
            Write($"plugins/{example.Groups["name"].Value}", example.Groups["text"].Value);
        await File.AppendAllTextAsync(Site.SettingsFile, $"\n[workers]\npluginspath = \"{Site.Folder}/plugins\"\n");
        foreach (string worker in (string[])["w1", "w2"]) await WorkAsync(worker);
        await Site.ServiceAsync("logs", "mirror", "w1", "w2");
    }

    public async Task DisposeAsync() => await Site.DisposeAsync();

    /// <summary>Starts a worker, or one that was killed again.</summary>
    internal async Task WorkAsync(string identity) => _workers[identity] = await Site.WorkerAsync(identity);

    internal async Task KillAsync(string identity)
    {
        _workers[identity].Kill();
        await _workers[identity].EndAsync();
    }

    /// <summary>A new file to follow.</summary>
    internal string NewLog(string name, string text = "") => Write(name, text);

    /// <summary>The runs of the plugin that follows a file: which worker, and which process.</summary>
    internal static (string Worker, int Process)[] Runs(string log) => !File.Exists(log + ".runs") ? [] :
        [.. File.ReadAllLines(log + ".runs").Select(line => line.Split(' '))
            .Select(words => (words[0], int.Parse(words[1], CultureInfo.InvariantCulture)))];

    /// <summary>Waits until a plugin's process is gone.</summary>
    internal static Task GoneAsync(int process) => Site.UntilAsync(
        () => Task.FromResult(!Directory.Exists($"/proc/{process}")), $"the plugin's process {process} is still there");

    internal Child Listen(string log, params string[] options) => Site.Start(
        ["listen", "-service", "logs", "-plugin", "follow", "-args", $"path={log}", .. options]);

    /// <summary>A listener to the flood, whose output is the test's to read.</summary>
    internal Process Flood()
    {
        ProcessStartInfo start = RealProgram.Start(Site.Folder,
            ["--config", Site.SettingsFile, "client", "-listen", "-service", "logs", "-plugin", "flood"]);
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    [GeneratedRegex("""<!-- stream: (?<name>\S+) -->\n```\w+\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex Example();

    private void Plugin(string name, string script)
    {
        Write($"plugins/{name}", "#!/bin/sh\n" + script);
        Write($"plugins/{name}.json", """{ "stream": true }""");
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(Site.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!name.EndsWith(".json", StringComparison.Ordinal)) File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        return path;
    }
}
