using System.Numerics;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// The memory that one loop's connections read into and write from. Idle connections hold none of it. Sizes double from
/// 16 KiB, each with a little more, so that a payload of such a size fits together with its headers. One thread.
/// </summary>
sealed class ChunkPool
{
    private const int SmallestShift = 14;
    private const int Slack = 512;
    private const int Classes = 8;

    /// <summary>
    /// Bytes of one size that are kept for later: what a busy loop needs at once, not what a flood once took.
    /// </summary>
    private const int KeptPerClass = 4 * 1024 * 1024;

    private readonly Stack<Chunk>[] _free = NewStacks();

    /// <summary>Of each size, how many have lain here all the time since <see cref="Trim"/>.</summary>
    private readonly int[] _unused = new int[Classes];

    /// <summary>An empty chunk of at least so many bytes.</summary>
    public Chunk Rent(int size)
    {
        int sizeClass = ClassOf(size);
        if (sizeClass >= Classes) return new Chunk(size, -1);
        bool isKept = _free[sizeClass].TryPop(out Chunk? chunk);
        _unused[sizeClass] = Math.Min(_unused[sizeClass], _free[sizeClass].Count);
        return isKept ? chunk! : new Chunk(SizeOf(sizeClass), sizeClass);
    }

    public void Return(Chunk chunk)
    {
        chunk.Start = chunk.End = 0;
        chunk.Next = null;
        if (chunk.SizeClass < 0) return;
        Stack<Chunk> free = _free[chunk.SizeClass];
        if ((free.Count + 1) * (long)chunk.Bytes.Length <= KeptPerClass) free.Push(chunk);
    }

    /// <summary>Lets go what was not needed since the last call: what a busy time took is not kept for ever.</summary>
    public void Trim()
    {
        for (int sizeClass = 0; sizeClass < Classes; sizeClass++)
        {
            for (; _unused[sizeClass] > 0; _unused[sizeClass]--) _free[sizeClass].Pop();
            _unused[sizeClass] = _free[sizeClass].Count;
        }
    }

    private static int SizeOf(int sizeClass) => (1 << (SmallestShift + sizeClass)) + Slack;

    private static int ClassOf(int size)
    {
        int payload = Math.Max(size - Slack, 1);
        return Math.Max(0, BitOperations.Log2((uint)payload - 1 | 1) + 1 - SmallestShift);
    }

    private static Stack<Chunk>[] NewStacks()
    {
        var stacks = new Stack<Chunk>[Classes];
        for (int i = 0; i < Classes; i++) stacks[i] = new();
        return stacks;
    }
}
