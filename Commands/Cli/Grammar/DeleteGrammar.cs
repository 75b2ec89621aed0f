using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// Statements that begin with <c>delete</c>: a thing is removed, or a property of it is as it was made.
/// </summary>
static class DeleteGrammar
{
    public static readonly Step Root = Word("delete", "remove something, or set a property back",
        Word("workers|worker", "a worker",
            Thing(Slot.Worker, ObjectKind.Worker, "its session ends, and its token means nothing any more",
                Property(ObjectKind.Worker, Properties.Description, "it has none then", ""))),
        Word("services|service", "a service, or what it has",
            Thing(Slot.Service, ObjectKind.Service, "triggers that are attached to it have no service any more",
            [
                Word("workers|worker", "detach workers", ValueList(Slot.Worker, "a worker", values =>
                    new ConsoleStatement.Ask(
                        Verb.Remove, ObjectKind.Service, values[0], Properties.Workers, values.From(1)))),
                Word("keep", "let a stream end when nobody listens", SetGrammar.Stream(values =>
                    new ConsoleStatement.Ask(
                        Verb.Remove, ObjectKind.Service, values[0], Properties.Keep, values.From(1)))),
                Property(ObjectKind.Service, Properties.Algorithm, "back to roundrobin", "roundrobin"),
                Property(ObjectKind.Service, Properties.Timeout, "back to the broker's", "0"),
                Property(ObjectKind.Service, Properties.Retry, "back to never", "0"),
                Property(ObjectKind.Service, Properties.OnFailure, "back to continue", "continue"),
                Property(ObjectKind.Service, Properties.Visibility, "back to local", "local"),
                Property(ObjectKind.Service, Properties.Rate, $"back to {Service.RateDefault}", ""),
                .. DeliveryGrammar.Delete(ObjectKind.Service),
                Property(ObjectKind.Service, Properties.Description, "it has none then", ""),
            ])),
        Word("triggers|trigger", "a trigger, or what it has",
            Thing(Slot.Trigger, ObjectKind.Trigger, "its rules and its hits are gone, and its file on every mount",
            [
                Word("service", "detach a service", Value(Slot.Service, "a service", values =>
                    new ConsoleStatement.Ask(
                        Verb.Remove, ObjectKind.Trigger, values[0], Properties.Service, values[1]))),
                Property(ObjectKind.Trigger, Properties.Timeout, "back to the service's", "0"),
                Property(ObjectKind.Trigger, Properties.Retry, "back to the service's", "0"),
                Property(ObjectKind.Trigger, Properties.Message, "back to write", "write"),
                Property(ObjectKind.Trigger, Properties.Mode, "back to async", "async"),
                Property(ObjectKind.Trigger, Properties.Limit, $"back to {ByteSize.Print(Limits.PayloadMax)}",
                    Limits.PayloadMax.ToString(CultureInfo.InvariantCulture)),
                Property(ObjectKind.Trigger, Properties.Visibility, "back to local", "local"),
                .. DeliveryGrammar.Delete(ObjectKind.Trigger),
                Property(ObjectKind.Trigger, Properties.Description, "it has none then", ""),
            ])),
        Word("directories|directory", "an empty directory", Value(Slot.Directory, "a directory", values =>
            new ConsoleStatement.Ask(Verb.Delete, ObjectKind.Directory, values[0], ""))),
        PeopleGrammar.DeleteUsers, PeopleGrammar.DeleteLetters) with
    {
        IsRelative = true,
        About = """
            A thing that is deleted cannot be had back, so the console asks first; '--yes' behind the statement,
            or for the whole console (triggerfs cli --yes), says so in advance. A script without a terminal
            cannot be asked, and needs it.
            """,
    };

    private static Step Thing(Slot slot, ObjectKind kind, string destroys, params Step[] parts) =>
        Value(slot, "the whole of it", values => new ConsoleStatement.Ask(Verb.Delete, kind, values[0], ""), parts) with
        {
            Destroys = destroys,
        };

    private static Step Property(ObjectKind kind, string property, string help, string value) =>
        Word(property, help, values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], property, value));
}
