using System.Text;
using TriggerFs.Commands.Mount;
using TriggerFs.Tests.Transport;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class MountJournalTests : IDisposable
{
    private readonly Terminal _terminal = new();
    private readonly MountJournal _journal;

    public MountJournalTests() => _journal = new(_terminal, null);

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void What_was_said_is_written_when_a_flush_returns()
    {
        _journal.Plain("first");
        _journal.Flush();
        Assert.Equal("first\n", _terminal.Text);
        _journal.Plain("second");
        _journal.Flush();
        Assert.Equal("first\nsecond\n", _terminal.Text);
    }

    [Fact]
    public void What_was_said_last_is_written_when_it_ends()
    {
        for (int i = 0; i < 3; i++) _journal.Plain($"{i}");
        _journal.Dispose();
        Assert.Equal("0\n1\n2\n", _terminal.Text);
    }

    [Fact]
    public void Lines_that_come_while_others_are_written_are_written_together_with_nothing_after_them()
    {
        _terminal.IsHeld = true;
        _journal.Plain("first");
        Wait.Until(() => _terminal.IsInWrite);
        for (int i = 0; i < 100; i++) _journal.Plain("more");
        _terminal.IsHeld = false;
        _journal.Dispose();
        Assert.Equal([6, 500], _terminal.Lengths);
    }

    [Fact]
    public void What_is_said_after_its_end_is_not_written_and_not_kept()
    {
        _journal.Plain("last");
        _journal.Dispose();
        _journal.Plain("later");
        _journal.Answer("/t"u8, "echo", "w1"u8, "later"u8, mayDrop: false);
        _journal.Flush();
        Assert.Equal("last\n", _terminal.Text);
    }

    /// <summary>A standard output that tells how it is written to.</summary>
    private sealed class Terminal : MemoryStream
    {
        private readonly Lock _gate = new();

        public volatile bool IsHeld;
        public volatile bool IsInWrite;

        public List<int> Lengths { get; } = [];

        public string Text
        {
            get
            {
                lock (_gate) return Encoding.UTF8.GetString(ToArray());
            }
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            IsInWrite = true;
            while (IsHeld) Thread.Sleep(1);
            lock (_gate)
            {
                Lengths.Add(bytes.Length);
                Write(bytes.ToArray(), 0, bytes.Length);
            }
        }
    }
}
