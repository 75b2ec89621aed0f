using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// Keeps count of which requests still have to be answered, as the kernel does: each once, well formed, and nothing
/// that was not asked for.
/// </summary>
sealed class ReplyLedger : IKernelReplies
{
    private readonly HashSet<ulong> _open = [];

    /// <summary>Requests that were not answered yet.</summary>
    public IReadOnlyCollection<ulong> Open => _open;

    /// <summary>The first thing that was wrong; null as long as all is well.</summary>
    public string? Wrong { get; private set; }

    /// <summary>
    /// A request goes out. One that is cut short within its header, or has no number, can have no reply.
    /// </summary>
    public void Asked(ReadOnlySpan<byte> request)
    {
        if (request.Length < Unsafe.SizeOf<InHeader>()) return;
        InHeader header = MemoryMarshal.Read<InHeader>(request);
        bool isSilent = Handlers.Rows.TryGetValue(header.Opcode, out Row? row) && row.Silent;
        if (header.Unique == 0 || isSilent) return;
        if (!_open.Add(header.Unique)) Wrong ??= $"the number {header.Unique} is used twice";
    }

    /// <summary>A reply to the request that was just handled.</summary>
    public void Answered(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply)
    {
        InHeader asked = MemoryMarshal.Read<InHeader>(request);
        OutHeader header = MemoryMarshal.Read<OutHeader>(reply);
        if (header.Unique != asked.Unique) Wrong ??= $"{asked.Opcode} got the reply of {header.Unique}";
        // INTERRUPT is answered only to have it repeated.
        if (asked.Opcode == Opcode.Interrupt && header.Error == -(int)Errno.EAGAIN) return;
        Take(header, reply.Length, $"{asked.Opcode}");
    }

    public Errno Send(ReadOnlySpan<byte> message)
    {
        OutHeader header = MemoryMarshal.Read<OutHeader>(message);
        if (header.Unique != 0) Take(header, message.Length, "a late reply");
        return Errno.None;
    }

    private void Take(in OutHeader header, int length, string what)
    {
        bool isWhole = header.Len == length && header.Error is <= 0 and > -1000;
        bool hasBody = length > Unsafe.SizeOf<OutHeader>();
        if (!isWhole || (header.Error != 0 && hasBody)) Wrong ??= $"{what} is malformed: {header.Len} {header.Error}";
        if (!_open.Remove(header.Unique)) Wrong ??= $"{what} to {header.Unique} was not asked for, or came twice";
    }
}
