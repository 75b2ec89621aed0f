using System.Text;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// Makes keys of the bytes that a terminal sends: UTF-8, control characters, and the escape sequences of xterm(1) and
/// all that copy it. Sequences may come in pieces; what is none is dropped.
/// </summary>
sealed class KeyDecoder
{
    private const byte Escape = 0x1b;

    /// <summary>Bytes of a sequence: those of keys are shorter.</summary>
    private const int SequenceMax = 32;

    private readonly byte[] _sequence = new byte[SequenceMax];
    private int _length;
    private bool _isPasting;

    /// <summary>Takes some bytes and adds the keys that they complete.</summary>
    public void Take(ReadOnlySpan<byte> bytes, Queue<Key> keys)
    {
        foreach (byte next in bytes)
        {
            if (_length == SequenceMax) _length = 0;
            _sequence[_length++] = next;
            if (Decode(_sequence.AsSpan(0, _length)) is not { } key) continue;
            _length = 0;
            if (key.Kind != KeyKind.Other) keys.Enqueue(key with { IsPasted = _isPasting });
        }
    }

    /// <summary>The key that a sequence is; null while it is the beginning of one.</summary>
    private Key? Decode(ReadOnlySpan<byte> sequence) => sequence[0] switch
    {
        Escape => DecodeEscape(sequence),
        < 0x20 or 0x7f => new(Control(sequence[0])),
        _ => DecodeText(sequence),
    };

    private static Key? DecodeText(ReadOnlySpan<byte> sequence)
    {
        switch (Rune.DecodeFromUtf8(sequence, out Rune rune, out _))
        {
            case System.Buffers.OperationStatus.NeedMoreData:
                return null;
            case System.Buffers.OperationStatus.Done when !Rune.IsControl(rune):
                return new(KeyKind.Text, rune);
            default:
                return new(KeyKind.Other);
        }
    }

    private static KeyKind Control(byte code) => code switch
    {
        1 => KeyKind.Home, // ^A
        2 => KeyKind.Left, // ^B
        3 => KeyKind.Interrupt, // ^C
        4 => KeyKind.EndOfInput, // ^D
        5 => KeyKind.End, // ^E
        6 => KeyKind.Right, // ^F
        7 => KeyKind.Abort, // ^G
        8 or 0x7f => KeyKind.Backspace, // ^H and the key itself
        9 => KeyKind.Tab,
        10 or 13 => KeyKind.Enter,
        11 => KeyKind.KillToEnd, // ^K
        12 => KeyKind.ClearScreen, // ^L
        14 => KeyKind.Down, // ^N
        16 => KeyKind.Up, // ^P
        18 => KeyKind.Search, // ^R
        21 => KeyKind.KillToStart, // ^U
        22 => KeyKind.Literal, // ^V
        23 => KeyKind.KillWordLeft, // ^W
        25 => KeyKind.Yank, // ^Y
        _ => KeyKind.Other,
    };

    private Key? DecodeEscape(ReadOnlySpan<byte> sequence)
    {
        if (sequence.Length == 1) return null;
        switch (sequence[1])
        {
            case (byte)'[':
                bool isWhole = sequence.Length > 2 && sequence[^1] is >= 0x40 and <= 0x7e;
                return isWhole ? new(ControlSequence(sequence[2..^1], sequence[^1])) : null;
            case (byte)'O': // The arrow keys of a terminal in application mode.
                return sequence.Length < 3 ? null : new(Final(sequence[2], isWord: false));
            case Escape: // Two escapes: the second may begin something.
                _length = 1;
                return null;
            default:
                return new(Meta(sequence[1]));
        }
    }

    private static KeyKind Meta(byte letter) => letter switch
    {
        (byte)'b' => KeyKind.WordLeft,
        (byte)'f' => KeyKind.WordRight,
        (byte)'d' => KeyKind.KillWordRight,
        8 or 0x7f => KeyKind.KillWordLeft,
        _ => KeyKind.Other,
    };

    private KeyKind ControlSequence(ReadOnlySpan<byte> parameters, byte final)
    {
        if (final != (byte)'~') return Final(final, isWord: parameters.IndexOf((byte)';') >= 0);
        if (parameters.SequenceEqual("200"u8) || parameters.SequenceEqual("201"u8))
        {
            _isPasting = parameters[2] == '0';
            return KeyKind.Other;
        }
        return parameters.IsEmpty ? KeyKind.Other : parameters[0] switch
        {
            (byte)'1' or (byte)'7' when parameters.Length == 1 => KeyKind.Home,
            (byte)'4' or (byte)'8' when parameters.Length == 1 => KeyKind.End,
            (byte)'3' => KeyKind.Delete,
            _ => KeyKind.Other,
        };
    }

    /// <param name="isWord">With Ctrl or Alt held.</param>
    private static KeyKind Final(byte final, bool isWord) => final switch
    {
        (byte)'A' => KeyKind.Up,
        (byte)'B' => KeyKind.Down,
        (byte)'C' => isWord ? KeyKind.WordRight : KeyKind.Right,
        (byte)'D' => isWord ? KeyKind.WordLeft : KeyKind.Left,
        (byte)'H' => KeyKind.Home,
        (byte)'F' => KeyKind.End,
        _ => KeyKind.Other,
    };
}
