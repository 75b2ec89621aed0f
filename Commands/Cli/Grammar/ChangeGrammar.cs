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
        Word("copy", "make another thing that is like one",
            Word("workers|worker", "a worker: with a token of its own, in the same services",
                Copied(Slot.Worker, Slot.NewWorker, ObjectKind.Worker)),
            Word("services|service", "a service, with its workers",
                Copied(Slot.Service, Slot.NewService, ObjectKind.Service)),
            Word("triggers|trigger", "a trigger, with its rules",
                Copied(Slot.Trigger, Slot.NewTrigger, ObjectKind.Trigger))) with { IsRelative = true },
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

    private static Step Renamed(Slot from, Slot to, ObjectKind kind) =>
        Named(from, to, "what to rename", "its new name", Verb.Rename, kind);

    private static Step Copied(Slot from, Slot to, ObjectKind kind) =>
        Named(from, to, "what to copy", "the name of the new one", Verb.Copy, kind);

    /// <summary>A name, then a new one, with or without 'to' between them.</summary>
    private static Step Named(Slot from, Slot to, string what, string called, Verb verb, ObjectKind kind)
    {
        Step name = Value(to, called, values => new ConsoleStatement.Ask(verb, kind, values[0], "", values[1]));
        return Value(from, what, name, Word("to", "the new name follows", name));
    }
}
