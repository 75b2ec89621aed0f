using System.CommandLine;
using TriggerFs.Commands.Session;

namespace TriggerFs.Commands.Author;

/// <summary>For people who write plugins: what is there, a new one, trying it, testing it.</summary>
sealed class PluginCommand : Command
{
    private const string About = """
        list, write, run and test plugins

        triggerfs plugin list
        triggerfs plugin new weather --language python
        triggerfs plugin test weather/weather
        echo Berlin | triggerfs plugin run weather/weather -args days=3
        How a plugin is written is in Commands/Worker/PLUGINS.md.
        """;

    public PluginCommand(SharedOptions shared, OpenSession open) : base("plugin", About)
    {
        Command[] all =
        [
            new ListCommand(shared, open), new ShowCommand(shared), new NewCommand(), new TestCommand(shared),
            new RunCommand(shared),
        ];
        foreach (Command one in all) Subcommands.Add(one);
        SetAction(parsed =>
        {
            new Help().Invoke(parsed);
            return ExitCodes.Usage;
        });
    }
}
