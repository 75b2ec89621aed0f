using System.Buffers;
using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Reads lines of UTF-8 from a stream as they come; one that is over the limit is refused before it is kept.
/// </summary>
sealed class BoundedLines(Stream input, int lengthMax)
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _at;
    private int _end;

    /// <summary>The next line without its end; null at the end of the stream.</summary>
    public string? Next()
    {
        _line.ResetWrittenCount();
        while (true)
        {
            ReadOnlySpan<byte> ready = _buffer.AsSpan(_at, _end - _at);
            int newline = ready.IndexOf((byte)'\n');
            _line.Write(newline < 0 ? ready : ready[..newline]);
            if (_line.WrittenCount > lengthMax)
                throw new TriggerException(ErrorCode.TooLarge, "a line is too long",
                    $"at most {lengthMax} bytes are allowed");
            if (newline >= 0)
            {
                _at += newline + 1;
                return Text();
            }
            _at = 0;
            _end = input.Read(_buffer);
            if (_end == 0) return _line.WrittenCount == 0 ? null : Text();
        }
    }

    private string Text() => Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
}
