using TriggerFs.Broker;
using TriggerFs.Core;
using TriggerFs.Transport;

namespace TriggerFs.Commands;

/// <summary>
/// What a new installation is made of. <see cref="Make"/> makes it as a whole or not at all, and overwrites nothing.
/// </summary>
sealed record NewInstallation(
    InstallationPlaces Places, TeamName Team, UserName Admin, string Secret, string Listen)
{
    /// <summary>The name of the broker's key file in the state folder.</summary>
    public const string KeyFile = "broker.key";

    /// <summary>Makes it; the broker's public key is the answer.</summary>
    public string Make()
    {
        RefuseExisting(Places);
        string draft = $"{Places.StateFolder}.{Environment.ProcessId}.new";
        string key;
        try
        {
            MakeParent(Places.StateFolder);
            MakeParent(Places.SettingsFile);
            key = MakeState(draft);
            MoveInto(draft, Places.StateFolder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, "the installation cannot be made", problem.Message,
                "add --dir FOLDER for a place that you may write to", problem);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
        WriteSettings(key);
        return key;
    }

    /// <summary>Refuses places in which there is something already, before anything is asked or made.</summary>
    public static void RefuseExisting(InstallationPlaces places)
    {
        if (File.Exists(places.SettingsFile)) throw Exists(places.SettingsFile);
        if (File.Exists(places.StateFolder) || !IsEmpty(places.StateFolder)) throw Exists(places.StateFolder);
    }

    private string MakeState(string folder)
    {
        Installation.Create(folder, Team, Admin, Secret);
        KeyPair keys = KeyPair.Generate();
        Keys.WriteSecret(Path.Join(folder, KeyFile), keys);
        string key = Keys.Format(keys.Public);
        keys.Wipe();
        return key;
    }

    private void WriteSettings(string key)
    {
        var settings = new Settings
        {
            Main = new(Team.Value, Admin.Value, Secret, Jwt: null, AddressFrom(Listen), key),
            Broker = new(Listen, Places.StateFolder),
        };
        try
        {
            SecretFile.WriteNew(Places.SettingsFile, SettingsFile.Text(settings));
        }
        catch
        {
            // It was made a moment ago, and without its settings nobody could use it.
            Directory.Delete(Places.StateFolder, recursive: true);
            throw;
        }
    }

    /// <summary>The address at which this host reaches a broker that listens so.</summary>
    public static string AddressFrom(string listen) => listen
        .Replace("//*:", "//127.0.0.1:", StringComparison.Ordinal)
        .Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal)
        .Replace("//[::]:", "//[::1]:", StringComparison.Ordinal);

    private static void MakeParent(string path) => Directory.CreateDirectory(Path.GetDirectoryName(path)!);

    private static void MoveInto(string draft, string folder)
    {
        // Service managers make the folder beforehand; an empty one may be replaced.
        if (Directory.Exists(folder)) Directory.Delete(folder);
        Directory.Move(draft, folder);
    }

    private static bool IsEmpty(string folder) =>
        !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();

    private static TriggerException Exists(string path) => new(
        ErrorCode.Exists, $"there is an installation already: {path}", "nothing is ever overwritten",
        "add --dir FOLDER to make another one, or move the old one away");
}
