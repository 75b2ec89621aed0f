using System.Buffers.Text;
using System.Globalization;
using System.Text;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Fs.Failed;

/// <summary>
/// A place in <c>.triggerfs/failed</c>: the folder itself, that of a message, or one of its files. The node number says
/// which, so that nothing has to be kept to know one again.
/// </summary>
/// <param name="Message">The message's number; 0 for the folder of all.</param>
/// <param name="Part">The file; None for a folder.</param>
readonly record struct FailedNode(long Message, FailedPart Part)
{
    /// <summary>The lowest node number of such a place: above those of the tree's own entries.</summary>
    private const ulong First = TriggerTree.FirstReserved | (1UL << 62);

    /// <summary>What a message's number may be: 60 bits, and the part has two.</summary>
    private const long MessageMax = (1L << 60) - 1;

    private static readonly (FailedPart Part, byte[] Name)[] Files =
    [
        (FailedPart.Request, "request"u8.ToArray()), (FailedPart.Reason, "reason"u8.ToArray()),
        (FailedPart.Output, "output"u8.ToArray()),
    ];

    /// <summary>The folder of all.</summary>
    public static FailedNode Root => default;

    public bool IsFolder => Part == FailedPart.None;

    public ulong Id => First | ((ulong)Message << 2) | (ulong)Part;

    /// <summary>The last component of its path, as the kernel spells it.</summary>
    public byte[] NameUtf8 => IsFolder ? Encoding.UTF8.GetBytes(Message.ToString(CultureInfo.InvariantCulture))
        : Files[(int)Part - 1].Name;

    /// <summary>Whether a node number is that of such a place.</summary>
    public static bool Is(ulong nodeid) => nodeid >= First;

    public static FailedNode Of(ulong nodeid) => new((long)((nodeid & ~First) >> 2), (FailedPart)(nodeid & 3));

    /// <summary>The files of a message, in the order in which they are listed.</summary>
    public static IEnumerable<FailedNode> FilesOf(long message) =>
        Files.Select(file => new FailedNode(message, file.Part));

    /// <summary>The place of that name in this folder, whether there is such a message or not.</summary>
    public bool TryChild(ReadOnlySpan<byte> name, out FailedNode child)
    {
        child = default;
        if (!IsFolder) return false;
        if (this == Root)
        {
            // As it is listed and in no other way: without a sign and leading zeros.
            bool isNumber = Utf8Parser.TryParse(name, out long message, out int length) && length == name.Length;
            if (!isNumber || name[0] is < (byte)'1' or > (byte)'9' || message > MessageMax) return false;
            child = new(message, FailedPart.None);
            return true;
        }
        foreach ((FailedPart part, byte[] file) in Files)
            if (name.SequenceEqual(file)) child = new(Message, part);
        return !child.IsFolder;
    }
}
