using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>The parts of a revision that are stored as one JSON text.</summary>
/// <param name="Undo">Null when it was too much to keep.</param>
sealed record RevisionDetail(string[] Lines, string[] Touched, StoredChange[]? Undo)
{
    public static string Write(Revision revision) => JsonSerializer.Serialize(
        new RevisionDetail(
            [.. revision.Lines], [.. revision.Touched],
            revision.Undo.IsDefault ? null : [.. revision.Undo.Select(StoredChange.Of)]),
        RevisionJson.Short.RevisionDetail);

    public static RevisionDetail Read(string json) =>
        JsonSerializer.Deserialize(json, RevisionJson.Short.RevisionDetail)!;

    public ImmutableArray<Change> Changes => Undo is null ? default : [.. Undo.Select(change => change.ToChange())];
}

/// <summary>A change of a configuration; one of its members is there.</summary>
sealed record StoredChange(
    Worker? Worker = null,
    Service? Service = null,
    Node? Node = null,
    long? DropWorker = null,
    long? DropService = null,
    ulong? DropNode = null)
{
    public static StoredChange Of(Change change) => change switch
    {
        Change.PutWorker(var worker) => new(Worker: worker),
        Change.PutService(var service) => new(Service: service),
        Change.PutNode(var node) => new(Node: node),
        Change.DropWorker(var id) => new(DropWorker: id.Value),
        Change.DropService(var id) => new(DropService: id.Value),
        Change.DropNode(var id) => new(DropNode: id.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "it is none of a configuration"),
    };

    public Change ToChange() => this switch
    {
        { Worker: { } worker } => new Change.PutWorker(worker),
        { Service: { } service } => new Change.PutService(service),
        { Node: { } node } => new Change.PutNode(node),
        { DropWorker: { } id } => new Change.DropWorker(new(id)),
        { DropService: { } id } => new Change.DropService(new(id)),
        { DropNode: { } id } => new Change.DropNode(new(id)),
        _ => throw new JsonException("a stored change is empty"),
    };
}

/// <summary>The JSON of revisions.</summary>
[JsonSerializable(typeof(RevisionDetail))]
sealed partial class RevisionJson : JsonSerializerContext
{
    /// <summary>Without what does not apply.</summary>
    public static readonly RevisionJson Short =
        new(new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
}
