using TriggerFs.Broker.Queue;
using TriggerFs.Core;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What is kept of the output of attempts, within its bounds.</summary>
public sealed class OutputTailTests
{
    private readonly OutputTail.Room _room = new();

    [Fact]
    public void The_end_is_kept_however_it_comes()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            var tail = new OutputTail(_room);
            byte[] all = new byte[random.Next(4 * Limits.KeptOutputMax)];
            random.NextBytes(all);
            for (int at = 0; at < all.Length;)
            {
                int piece = Math.Min(all.Length - at, random.Next(1, random.Next(2, 2 * Limits.KeptOutputMax)));
                tail.Append(all.AsSpan(at, piece));
                at += piece;
            }
            Assert.True(tail.Bytes.SequenceEqual(all.AsSpan(Math.Max(0, all.Length - Limits.KeptOutputMax))));
            tail.LetGo();
        }
        Assert.Equal(0, _room.Taken);
    }

    [Fact]
    public void Each_attempt_begins_anew()
    {
        var tail = new OutputTail(_room);
        tail.Append("first"u8);
        tail.Clear();
        tail.Append("second"u8);
        Assert.True(tail.Bytes.SequenceEqual("second"u8));
        tail.LetGo();
        Assert.True(tail.Bytes.IsEmpty);
    }

    [Fact]
    public void All_together_are_bounded_and_what_finds_no_room_is_not_kept()
    {
        var tails = new List<OutputTail>();
        byte[] most = new byte[Limits.KeptOutputMax];
        for (int i = 0; i <= Limits.KeptOutputBytesMax / most.Length; i++)
        {
            tails.Add(new(_room));
            tails[^1].Append(most);
        }
        Assert.InRange(_room.Taken, 1, Limits.KeptOutputBytesMax);
        Assert.True(tails[^1].Bytes.IsEmpty);
        tails[0].LetGo();
        tails[^1].Append("x"u8);
        Assert.Equal(1, tails[^1].Bytes.Length);
        tails.ForEach(tail => tail.LetGo());
        Assert.Equal(0, _room.Taken);
    }
}
