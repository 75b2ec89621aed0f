using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements about the whole configuration, and about files of this machine.</summary>
static class FileGrammar
{
    /// <summary>Asks for the whole configuration.</summary>
    public static readonly ConsoleStatement.Ask ShowAll = new(Verb.Show, ObjectKind.Configuration, "", "");

    /// <summary>Behind <c>show</c>.</summary>
    public static readonly Step Configuration =
        Word("configuration", "all of the team, as statements that make it again", _ => ShowAll) with
        {
            About = """
                Workers, services, directories and triggers as set lines. They can be pasted into a console, or
                loaded ('load FILE'), of this team or another one. Tokens, users and owners are not in it: a
                worker that is made again has a new token, and what is made belongs to whoever makes it.
                """,
        };

    public static readonly Step[] Roots =
    [
        Word("file", "open a shell among the team's files", _ => new ConsoleStatement.Shell()) with
        {
            About = """
                Mounts the team's tree in a folder of its own, until the shell is left. It is your own shell
                ($SHELL), with directories to make, rename and remove, and triggers to write to and to read
                answers from. For a mount that stays: triggerfs mount DIRECTORY.
                """,
        },
        Word("load", "do the statements in a file of this machine",
            Value(Slot.File, "the file", values => new ConsoleStatement.Load(values[0]))) with
        {
            About = """
                Does the lines of the file one after another, from the top of configure mode, and stops at the
                first that is refused. What is there already is not made again, and no error: a configuration
                that was saved can be loaded to bring back what is missing.
                """,
        },
        Word("save", "write the configuration to a file of this machine",
            Value(Slot.File, "the file, which is overwritten when it is there", values =>
                new ConsoleStatement.Piped(ShowAll, [new Filter.Save(values[0])]))),
    ];
}
