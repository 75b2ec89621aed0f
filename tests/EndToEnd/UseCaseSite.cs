using System.Diagnostics;
using TriggerFs.Tests.Commands.Worker.BuiltIn;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Three workers with built-in plugins under the names that their settings give them, a trigger for each, and the
/// mount:
/// what a small company would have.
/// </summary>
public sealed class UseCaseSite(Databases databases) : IAsyncLifetime, IDisposable
{
    private readonly List<Child> _workers = [];

    /// <summary>Why there is none; null when there is.</summary>
    public string? Missing { get; private set; }

    internal Site Site { get; private set; } = null!;

    internal Databases Databases => databases;

    internal Receiver Graylog { get; } = new();

    internal WebServer Twilio { get; } = new();

    internal string Mountpoint => Path.Combine(Site.Folder, "mnt");

    /// <summary>All that the workers have said.</summary>
    internal string WorkersText => string.Join('\n', _workers.Select(worker => worker.Text));

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse())
        {
            Missing = "/dev/fuse cannot be opened here";
            return;
        }
        Site = await Site.StartAsync();
        string secrets = Path.Combine(Site.Folder, "secrets.toml");
        await File.WriteAllTextAsync(secrets, $"""
            twilio = "{WebServer.Secret}"
            weather = "{Commands.Worker.BuiltIn.Databases.Password}"

            """);
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.AppendAllTextAsync(Site.SettingsFile, Sections(secrets));
        foreach (string worker in (string[])["a", "b", "c"]) _workers.Add(await Site.WorkerAsync(worker));
        await Site.CliAsync(
        [
            "mkdir /co",
            .. Trigger("access", "nginx/gelf", "a", "line"), .. Trigger("first", "chain/second", "a", "write"),
            .. Trigger("second", "chain/third", "b", "write"), .. Trigger("third", "keep/line", "c", "write"),
            .. Trigger("weather", "weather/reading", "c", "line"),
            .. Trigger("circle", "chain/circle", "b", "write"),
        ]);
        Child mount = Site.Start("mount", Mountpoint);
        await mount.LineAsync("Ready and running");
    }

    /// <summary>Runs a shell in the mount, in a process of its own with a deadline.</summary>
    internal Task<Ended> ShellAsync(string command) => Ended.RunAsync(
        new ProcessStartInfo("timeout", ["60", "bash", "-c", $"cd '{Mountpoint}/co' && {command}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });

    public async Task DisposeAsync()
    {
        if (Missing is null) await Site.DisposeAsync();
    }

    public void Dispose()
    {
        Graylog.Dispose();
        Twilio.Dispose();
    }

    private string Sections(string secrets) => $$"""

        [secrets]
        file = "{{secrets}}"

        [plugins."nginx/gelf"]
        plugin = "log/gelf"
        address = "{{Graylog.Udp}}"
        json = true

        [plugins."sms/twilio"]
        plugin = "http/request"
        url = "{{Twilio.Url}}/2010-04-01/Accounts/{user}/Messages.json"
        user = "{{WebServer.Account}}"
        password = "@secret:twilio"
        type = "form"
        from = "+15550001"
        body = "To={to}&From={from}&Body={message}"

        [plugins."weather/reading"]
        plugin = "sql/insert"
        database = "mysql://127.0.0.1:{{databases.MariaPort}}/weather"
        user = "sensor"
        password = "@secret:weather"
        table = "readings"
        columns = "station, celsius, taken=@time, raw=@trigger"

        [plugins."chain/second"]
        plugin = "trigger/write"
        path = "/co/second"

        [plugins."chain/third"]
        plugin = "trigger/write"
        path = "/co/third"

        [plugins."chain/circle"]
        plugin = "trigger/write"
        path = "/co/circle"

        [plugins."keep/line"]
        plugin = "file/append"
        path = "{{Site.Folder}}/kept"

        """;

    private static string[] Trigger(string name, string plugin, string worker, string message) =>
    [
        $"set trigger name /co/{name}", $"set trigger /co/{name} plugin {plugin}",
        $"set services name s-{name}", $"set services s-{name} workers add {worker}",
        $"set trigger /co/{name} service attach s-{name}", $"set trigger /co/{name} message {message}",
    ];
}
