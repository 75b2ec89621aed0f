using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>One open(2) of a trigger.</summary>
sealed class OpenFile(TreeEntry entry, uint flags)
{
    public TreeEntry Entry { get; } = entry;

    public bool CanRead { get; } = (flags & OpenFlags.AccessModeMask) != OpenFlags.WriteOnly;

    public bool CanWrite { get; } = (flags & OpenFlags.AccessModeMask) != OpenFlags.ReadOnly;

    /// <summary>Guards what is below.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Answers to what this handle wrote; null as long as it wrote nothing or cannot read.</summary>
    public AnswerQueue? Answers { get; set; }

    /// <summary>The trigger's last answer as it was when the reading began; for a handle that wrote nothing.</summary>
    public byte[]? LastAnswer { get; set; }

    /// <summary>
    /// What was written and is no whole message yet (message line and close); null when nothing is kept.
    /// </summary>
    public PartialMessage? Partial { get; set; }
}
