using System.Buffers;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Mount;

/// <summary>Bytes that the broker shows as rows of base64, put together page by page.</summary>
sealed class FailedBytes
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private TriggerException? _flaw;

    /// <summary>Takes a page of one column.</summary>
    public void Take(Listing page)
    {
        foreach (string[] row in page.Rows) Take(row is [var piece] ? piece : "?");
    }

    /// <summary>All of them; throws when they cannot be what the broker says they are.</summary>
    public byte[] ToArray() => _flaw is null ? _bytes.WrittenSpan.ToArray() : throw _flaw;

    private void Take(string piece)
    {
        if (!Convert.TryFromBase64String(piece, _bytes.GetSpan(piece.Length + 1), out int length))
            _flaw ??= new(ErrorCode.Protocol, "the broker's answer is not base64");
        else if (_bytes.WrittenCount + length > Limits.TriggerLimitMax)
            _flaw ??= new(ErrorCode.TooLarge, "the message is larger than any may be");
        else _bytes.Advance(length);
    }
}
