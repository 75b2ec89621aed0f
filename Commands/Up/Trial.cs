using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using TriggerFs.Core;

namespace TriggerFs.Commands.Up;

/// <summary>An installation for trying things out, below one folder, made when it is not there yet.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="Mountpoint">Where its triggers appear.</param>
/// <param name="Logfile">Where its broker and worker log.</param>
/// <param name="Link">The link by which commands find its settings by themselves; null when there is none.</param>
sealed record Trial(Settings Settings, string Mountpoint, string Logfile, string? Link)
{
    private const string Letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>
    /// Opens the one in a folder, or in the user's own place, <c>~/.local/share/triggerfs</c>, where it is made known
    /// to other commands unless the user has settings already.
    /// </summary>
    /// <param name="config">Its settings file; null for the one in the folder.</param>
    /// <param name="listen">Where a new one listens; null for port 5555 of this host, or a free one.</param>
    public static Trial Open(string? folder, string? config, string? listen)
    {
        Func<string, string?> variable = Environment.GetEnvironmentVariable;
        string home = Path.GetFullPath(
            folder ?? Path.Join(InstallationPlaces.Base(variable, "XDG_DATA_HOME", ".local/share"), "triggerfs"));
        var places = InstallationPlaces.Of(home, variable, Environment.IsPrivilegedProcess);
        if (config is not null) places = places with { SettingsFile = Path.GetFullPath(config) };
        if (!File.Exists(places.SettingsFile)) Make(places, listen);
        return new(
            WithBroker(SettingsFile.Read(places.SettingsFile)),
            folder is null ? Path.Join(variable("HOME") ?? home, "triggerfs") : Path.Join(home, "mnt"),
            Path.Join(home, "triggerfs.log"),
            folder is null && config is null ? MakeKnown(places.SettingsFile, variable) : null);
    }

    private static Settings WithBroker(Settings settings) => settings.Broker is { Listen: not null, State: not null }
        ? settings
        : throw new TriggerException(ErrorCode.Settings, $"{settings.File} is not the settings file of a broker",
            "'listen' and 'state' under [broker] are not both set",
            "name a file that is not there yet, to be made: --config FILE");

    private static void Make(InstallationPlaces places, string? listen) => new NewInstallation(
        places,
        new("demo"),
        Admin(),
        RandomNumberGenerator.GetString(Letters, 24),
        listen is null ? $"tcp://127.0.0.1:{FreePort()}" : TcpAddress.ParseListen(listen)).Make();

    /// <summary>The user's own name, where it can be an identity.</summary>
    private static UserName Admin()
    {
        try
        {
            return UserName.Parse(Environment.UserName);
        }
        catch (TriggerException)
        {
            return new("admin");
        }
    }

    private static int FreePort()
    {
        foreach (int port in (int[])[5555, 0])
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody has it; the kernel knows another.
            }
        }
        throw new TriggerException(ErrorCode.Busy, "there is no free port on this host");
    }

    private static string? MakeKnown(string settings, Func<string, string?> variable)
    {
        string link = InstallationPlaces.Of(null, variable, isRoot: false).SettingsFile;
        if (SettingsFile.Find(null, variable) is { } found)
            return File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName == settings ? found : null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.Delete(link); // Only a link that leads nowhere can be there.
            File.CreateSymbolicLink(link, settings);
            return link;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
