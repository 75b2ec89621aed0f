using TriggerFs.Commands.Worker;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class OutputBacklogTests
{
    [Fact]
    public void It_starts_small_grows_to_its_window_and_no_further()
    {
        using var backlog = new OutputBacklog(100_000);
        Assert.Equal(1024, backlog.Room(65536).Length);
        while (backlog.Room(65536) is { IsEmpty: false } room) backlog.Write(room.Length, false);
        Assert.Equal(100_000UL, backlog.End);
        Assert.Equal(131_072, backlog.Size);
        backlog.Confirm(10);
        Assert.Equal(10, backlog.Room(65536).Length);
    }

    [Fact]
    public void What_was_written_is_read_back_by_stream_through_growth_wrapping_and_confirming()
    {
        var random = new Random(4711);
        using var backlog = new OutputBacklog(8192);
        var expected = new List<(byte Value, bool IsError)>();
        ulong confirmed = 0;
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(3) > 0 && backlog.Room(random.Next(1, 700)) is { IsEmpty: false } room)
            {
                int length = random.Next(1, room.Length + 1);
                bool isError = random.Next(4) == 0;
                for (int i = 0; i < length; i++) room[i] = (byte)random.Next(256);
                foreach (byte value in room[..length]) expected.Add((value, isError));
                backlog.Write(length, isError);
            }
            else if (backlog.End > confirmed)
            {
                confirmed += (ulong)random.NextInt64((long)(backlog.End - confirmed) + 1);
                backlog.Confirm(confirmed);
            }
            Assert.Equal((ulong)expected.Count, backlog.End);
            Assert.Equal(confirmed, backlog.Start);
            ulong from = confirmed + (ulong)random.NextInt64((long)(backlog.End - confirmed) + 1);
            for (ulong at = from; backlog.TryPiece(at, out ReadOnlySpan<byte> bytes, out bool isError);)
            {
                Assert.InRange(bytes.Length, 1, 65536);
                foreach (byte value in bytes) Assert.Equal(expected[(int)at++], (value, isError));
            }
        }
    }

    [Fact]
    public void Confirming_what_was_never_written_confirms_what_was()
    {
        using var backlog = new OutputBacklog(1000);
        backlog.Room(10);
        backlog.Write(10, false);
        backlog.Confirm(500);
        Assert.Equal((10UL, 10UL), (backlog.Start, backlog.End));
        Assert.False(backlog.TryPiece(10, out _, out _));
    }
}
