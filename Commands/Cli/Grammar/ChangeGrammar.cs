using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements that rename, move and describe, and those that are named as in a shell.</summary>
static class ChangeGrammar
{
    public static readonly Step[] Roots =
    [
        DeleteGrammar.Root,
        Word("rename", "give something another name",
            Word("workers|worker", "a worker", Renamed(Slot.Worker, Slot.NewWorker, ObjectKind.Worker)),
            Word("services|service", "a service", Renamed(Slot.Service, Slot.NewService, ObjectKind.Service)),
            Word("triggers|trigger", "a trigger", Renamed(Slot.Trigger, Slot.NewTrigger, ObjectKind.Trigger)),
            Word("directories|directory", "a directory",
                Renamed(Slot.Directory, Slot.NewPath, ObjectKind.Directory))) with { IsRelative = true },
        Word("annotate|description", "describe something in your own words",
            Word("workers|worker", "a worker", Described(Slot.Worker, ObjectKind.Worker)),
            Word("services|service", "a service", Described(Slot.Service, ObjectKind.Service)),
            Word("triggers|trigger", "a trigger", Described(Slot.Trigger, ObjectKind.Trigger))) with
        {
            IsRelative = true,
        },
        Word("mkdir", "make a directory", Value(Slot.NewPath, "its path", values =>
            new ConsoleStatement.Ask(Verb.Create, ObjectKind.Directory, values[0], ""))),
        Word("rmdir", "remove an empty directory", Value(Slot.Directory, "its path", values =>
            new ConsoleStatement.Ask(Verb.Delete, ObjectKind.Directory, values[0], ""))),
        Word("mv", "move or rename a trigger or a directory",
            Value(Slot.Path, "what to move", Value(Slot.Path, "its new path, or the directory to move it to", values =>
                new ConsoleStatement.Ask(Verb.Rename, ObjectKind.Node, values[0], "", values[1])))),
        Word("chmod", "set permissions",
            Value(Slot.Permissions, "octal digits, such as 640", Value(Slot.Path, "a trigger or a directory", values =>
                new ConsoleStatement.Ask(Verb.Set, ObjectKind.Node, values[1], Properties.Permissions, values[0])))),
    ];

    private static Step Described(Slot slot, ObjectKind kind) => Value(slot, "what to describe",
        Value(Slot.Text, "the description, in quotes when it has blanks", values =>
            new ConsoleStatement.Ask(Verb.Set, kind, values[0], Properties.Description, values[1])));

    /// <summary>The old name, then the new one, with or without 'to' between them.</summary>
    private static Step Renamed(Slot from, Slot to, ObjectKind kind)
    {
        Step name = Value(to, "its new name", values =>
            new ConsoleStatement.Ask(Verb.Rename, kind, values[0], "", values[1]));
        return Value(from, "what to rename", name, Word("to", "the new name follows", name));
    }
}
