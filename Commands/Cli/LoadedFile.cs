using System.Globalization;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>A file on its way in: what is there already is not made again, and counted.</summary>
/// <param name="configuration">What is there before.</param>
sealed class LoadedFile(StatementAnswer configuration)
{
    private readonly HashSet<(ObjectKind Kind, string Name)> _there =
    [
        .. configuration.Rows.Select(ConfigurationText.Statement)
            .Where(ask => ask.Verb == Verb.Create).Select(ask => (ask.Kind, ask.Name)),
    ];

    private int _doneCount;
    private int _thereCount;

    /// <summary>Counts a statement; true: it would make what is there.</summary>
    public bool Skips(ConsoleStatement.Ask ask)
    {
        _doneCount++;
        if (ask.Verb != Verb.Create || !_there.Contains((ask.Kind, ask.Name))) return false;
        _thereCount++;
        return true;
    }

    public string Report(string path) => string.Create(CultureInfo.InvariantCulture,
        $"Loaded {_doneCount} statements from {Visible.Escape(path)}; {_thereCount} would have made what is there");
}
