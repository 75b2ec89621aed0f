using System.CommandLine;
using TriggerFs.Broker;

namespace TriggerFs.Commands;

/// <summary>Puts a broker's state folder into one file, while the broker runs or not.</summary>
sealed class BackupCommand : Command
{
    private const string About = """
        put the broker's state into one file, while the broker runs

        triggerfs broker backup /backup/triggerfs-$(date +%F).tar

        It has all that is stored at one moment, and the keys, so it is as secret as the state folder (mode 0600).
        The audit is not in it: its files are only ever added to, and any tool can copy them.
        """;

    private readonly SharedOptions _shared;
    private readonly Argument<string> _file = new("FILE") { Description = "where to; never a file that is there" };
    private readonly Option<string?> _state = SharedOptions.Text("state", "FOLDER", "the state folder");

    public BackupCommand(SharedOptions shared) : base("backup", About)
    {
        _shared = shared;
        Arguments.Add(_file);
        Options.Add(_state);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        string state = InstallationPlaces.StateOf(_shared.Read(parsed, (_state, "broker.state")).Broker);
        string file = parsed.GetValue(_file)!;
        long bytes = Backup.Write(state, file);
        Console.WriteLine($"{state} is in {file} ({bytes} bytes); it has the keys, so keep it as a secret");
        return ExitCodes.Ok;
    }
}
