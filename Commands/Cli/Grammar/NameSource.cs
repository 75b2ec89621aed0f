using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Where the names come from that a slot can be completed with.</summary>
abstract record NameSource
{
    /// <summary>A column of what the broker shows of a kind of things.</summary>
    public sealed record Shown(ObjectKind Kind, string Column) : NameSource;

    /// <summary>Names that are always there.</summary>
    public sealed record Known(params string[] Names) : NameSource;

    /// <summary>Files of this machine.</summary>
    public sealed record Files : NameSource;
}
