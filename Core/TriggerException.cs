namespace TriggerFs.Core;

/// <summary>
/// The one exception for what a person can do something about: what happened, why, and what to try.
/// Anything else that is thrown is a bug.
/// </summary>
class TriggerException : Exception
{
    public TriggerException(
        ErrorCode code, string what, string? why = null, string? fix = null, Exception? cause = null)
        : base(what, cause)
    {
        Code = code;
        Why = why;
        Fix = fix;
    }

    /// <summary>The kind of failure, from which exit status and errno follow.</summary>
    public ErrorCode Code { get; }

    /// <summary>The reason behind the message, or null when the message says it all.</summary>
    public string? Why { get; }

    /// <summary>What the reader can type or change, or null when there is nothing.</summary>
    public string? Fix { get; }

    /// <summary>The lines that a person reads: what, why and what to try.</summary>
    public string Report()
    {
        string report = "triggerfs: " + Message;
        if (!string.IsNullOrEmpty(Why)) report += "\n  why: " + Why;
        if (!string.IsNullOrEmpty(Fix)) report += "\n  try: " + Fix;
        return report;
    }
}
