using System.Buffers;
using System.Text;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// Reads lines as the terminal itself edits them: for TERM=dumb, which can do no more (a shell within an editor).
/// </summary>
sealed class CookedReader(Keyboard keyboard, TextWriter output, CancellationToken stop) : ILineReader
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _at;
    private int _end;

    public TypedLine Read(string prompt, Scope scope) => Ask(prompt);

    public TypedLine Ask(string question)
    {
        using IDisposable wanted = keyboard.Want();
        output.Write(question);
        output.Flush();
        _line.ResetWrittenCount();
        while (true)
        {
            if (TakeLine() is { } text) return new(text);
            switch (keyboard.Wait(_buffer, out int length))
            {
                case Arrival.Bytes:
                    (_at, _end) = (0, length);
                    break;
                case Arrival.End:
                    output.WriteLine();
                    return TypedLine.End;
                case Arrival.Woken: // Ctrl-C; the terminal has forgotten what was typed.
                    output.WriteLine();
                    return stop.IsCancellationRequested ? TypedLine.End : TypedLine.Cancelled;
            }
        }
    }

    public TypedLine AskHidden(string question)
    {
        using var hidden = new HiddenInput();
        TypedLine line = Ask(question);
        output.WriteLine();
        return line;
    }

    public Key? ReadKey() => null;

    private string? TakeLine()
    {
        ReadOnlySpan<byte> ready = _buffer.AsSpan(_at, _end - _at);
        int newline = ready.IndexOf((byte)'\n');
        if (_line.WrittenCount <= Limits.TextMax) _line.Write(newline < 0 ? ready : ready[..newline]);
        _at = newline < 0 ? _end : _at + newline + 1;
        return newline < 0 ? null : Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
    }
}
