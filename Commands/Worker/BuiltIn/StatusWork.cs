using System.Globalization;
using System.Text.Json;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>system/status</c>: how the worker's host is, as one JSON object. Sizes are bytes, times seconds.
/// </summary>
sealed class StatusWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "system/status",
        "load, memory, disks and uptime of the worker's host, as JSON",
        "triggerfs client -service demo -plugin system/status -command now");

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) Write(json);
        bytes.WriteByte((byte)'\n');
        await call.WriteAsync(bytes.ToArray(), stop);
        return 0;
    }

    private static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("host", Environment.MachineName);
        json.WriteNumber("time", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        json.WriteNumber("uptime", (long)Numbers("/proc/uptime")[0]);
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteStartArray("load");
        foreach (double load in Numbers("/proc/loadavg").Take(3)) json.WriteNumberValue(load);
        json.WriteEndArray();
        WriteMemory(json);
        json.WriteStartArray("disks");
        foreach ((string device, string folder, string type) in Mounts()) WriteDisk(json, device, folder, type);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static double[] Numbers(string file) =>
    [
        .. File.ReadAllText(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number : 0),
    ];

    private static void WriteMemory(Utf8JsonWriter json)
    {
        json.WriteStartObject("memory");
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            string? name = line[..line.IndexOf(':')] switch
            {
                "MemTotal" => "total",
                "MemAvailable" => "available",
                "SwapTotal" => "swap",
                "SwapFree" => "swapFree",
                _ => null,
            };
            if (name is null) continue;
            string number = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            json.WriteNumber(name, long.Parse(number, CultureInfo.InvariantCulture) * 1024);
        }
        json.WriteEndObject();
    }

    /// <summary>File systems on disks of this host, each device once: one on a network may hang.</summary>
    private static IEnumerable<(string Device, string Folder, string Type)> Mounts() =>
        File.ReadLines("/proc/mounts").Select(line => line.Split(' '))
            .Where(parts => (parts[0].StartsWith("/dev/", StringComparison.Ordinal) || parts[1] == "/"
                || parts[2] is "zfs" or "btrfs") && parts[2] is not ("squashfs" or "iso9660"))
            .DistinctBy(parts => parts[0]).Take(64)
            // The kernel writes a blank as \040.
            .Select(parts => (parts[0], parts[1].Replace("\\040", " "), parts[2]));

    private static void WriteDisk(Utf8JsonWriter json, string device, string folder, string type)
    {
        try
        {
            var disk = new DriveInfo(folder);
            (long total, long free) = (disk.TotalSize, disk.AvailableFreeSpace);
            json.WriteStartObject();
            json.WriteString("mount", folder);
            json.WriteString("device", device);
            json.WriteString("type", type);
            json.WriteNumber("total", total);
            json.WriteNumber("available", free);
            json.WriteEndObject();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It was unmounted meanwhile, or is not ours to look at.
        }
    }
}
