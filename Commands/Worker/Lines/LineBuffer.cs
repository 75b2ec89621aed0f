using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>What a program printed and was not read yet, cut into lines; never more than one line may have.</summary>
sealed class LineBuffer
{
    private const int RoomMin = 16 * 1024, KeepMax = 64 * 1024;

    private byte[] _bytes = new byte[RoomMin * 2];
    private int _start;
    private int _scanned;
    private int _end;

    /// <summary>The line that is being printed is longer than allowed.</summary>
    public bool IsTooLong => _end - _start > Limits.PluginLineMax && _scanned == _end;

    /// <summary>Space to read more into.</summary>
    public Span<byte> Room()
    {
        if (_start == _end) _start = _scanned = _end = 0;
        if (_bytes.Length - _end < RoomMin)
        {
            int used = _end - _start;
            byte[] room = used <= _bytes.Length / 2 ? _bytes : new byte[_bytes.Length * 2];
            _bytes.AsSpan(_start, used).CopyTo(room);
            (_bytes, _scanned, _start, _end) = (room, _scanned - _start, 0, used);
        }
        else if (_end == 0 && _bytes.Length > KeepMax)
        {
            _bytes = new byte[RoomMin * 2];
        }
        return _bytes.AsSpan(_end, Math.Min(_bytes.Length - _end, Limits.OutputChunkMax));
    }

    /// <summary>The first bytes of the last room, which are not to be kept.</summary>
    public ReadOnlySpan<byte> Given(int length) => _bytes.AsSpan(_end, length);

    /// <summary>The first bytes of the last room were printed.</summary>
    public void Write(int length) => _end += length;

    /// <summary>The next whole line, without its newline; valid until there is more room asked for.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        int at = _bytes.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        if (at < 0)
        {
            _scanned = _end;
            line = default;
            return false;
        }
        line = _bytes.AsSpan(_start, _scanned + at - _start);
        _start = _scanned += at + 1;
        return true;
    }
}
