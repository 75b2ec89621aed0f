using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements that remove, rename and move, and those of the tree that are named as in a shell.</summary>
static class ChangeGrammar
{
    public static readonly Step[] Roots =
    [
        Word("delete", "remove something",
            Word("workers|worker", "a worker, which ends its session",
                Value(Slot.Worker, "a worker", Delete(ObjectKind.Worker))),
            Word("services|service", "a service, or its workers",
                Value(Slot.Service, "a service", Delete(ObjectKind.Service),
                    Word("workers|worker", "detach workers", ValueList(Slot.Worker, "a worker", values =>
                        new ConsoleStatement.Ask(
                            Verb.Remove, ObjectKind.Service, values[0], Properties.Workers, values.From(1)))))),
            Word("triggers|trigger", "a trigger, or its service",
                Value(Slot.Trigger, "a trigger", Delete(ObjectKind.Trigger),
                    Word("service", "detach a service", Value(Slot.Service, "a service", values =>
                        new ConsoleStatement.Ask(
                            Verb.Remove, ObjectKind.Trigger, values[0], Properties.Service, values[1]))))),
            Word("directories|directory", "an empty directory",
                Value(Slot.Path, "a directory", Delete(ObjectKind.Directory)))),
        Word("rename", "give something another name",
            Word("workers|worker", "a worker", Renamed(Slot.Worker, Slot.Worker, ObjectKind.Worker)),
            Word("services|service", "a service", Renamed(Slot.Service, Slot.Service, ObjectKind.Service)),
            Word("triggers|trigger", "a trigger", Renamed(Slot.Trigger, Slot.Trigger, ObjectKind.Trigger)),
            Word("directories|directory", "a directory", Renamed(Slot.Path, Slot.Path, ObjectKind.Directory))),
        Word("mkdir", "make a directory", Value(Slot.Path, "its path", values =>
            new ConsoleStatement.Ask(Verb.Create, ObjectKind.Directory, values[0], ""))),
        Word("rmdir", "remove an empty directory", Value(Slot.Path, "its path", Delete(ObjectKind.Directory))),
        Word("mv", "move or rename a trigger or a directory",
            Value(Slot.Path, "what to move", Value(Slot.Path, "its new path, or the directory to move it to", values =>
                new ConsoleStatement.Ask(Verb.Rename, ObjectKind.Node, values[0], "", values[1])))),
        Word("chmod", "set permissions",
            Value(Slot.Permissions, "octal digits, such as 640", Value(Slot.Path, "a trigger or a directory", values =>
                new ConsoleStatement.Ask(Verb.Set, ObjectKind.Node, values[1], Properties.Permissions, values[0])))),
    ];

    private static Func<Values, ConsoleStatement> Delete(ObjectKind kind) =>
        values => new ConsoleStatement.Ask(Verb.Delete, kind, values[0], "");

    private static Step Renamed(Slot from, Slot to, ObjectKind kind) => Value(from, "what to rename",
        Value(to, "its new name", values => new ConsoleStatement.Ask(Verb.Rename, kind, values[0], "", values[1])));
}
