using System.CommandLine;
using TriggerFs.Broker;

namespace TriggerFs.Commands;

/// <summary>Makes a state folder of a backup.</summary>
sealed class RestoreCommand : Command
{
    private const string About = """
        make a state folder of a backup

        triggerfs broker restore /backup/triggerfs-2026-11-25.tar --dir /var/lib/triggerfs/state

        What was changed after the backup is not in it: messages that the broker took since are lost, and those it
        has carried out since may be carried out again.
        """;

    private readonly Argument<string> _file = new("FILE") { Description = "what 'triggerfs broker backup' has made" };

    private readonly Option<string> _folder = new("--dir", "-dir")
    {
        Description = "the state folder to make; never one with something in it",
        HelpName = "FOLDER",
        Required = true,
    };

    public RestoreCommand() : base("restore", About)
    {
        Arguments.Add(_file);
        Options.Add(_folder);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        string folder = parsed.GetValue(_folder)!;
        Backup.Restore(parsed.GetValue(_file)!, folder);
        Console.WriteLine($"{folder} is restored; start it: triggerfs broker --state {folder}");
        return ExitCodes.Ok;
    }
}
