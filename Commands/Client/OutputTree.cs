using System.Security.Cryptography;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Outputs of many workers, of which most are the same: what begins alike is kept once, however many they are. Memory
/// is that of the different ones, up to a bound; beyond it, outputs are told apart by their SHA-256 and not kept.
/// </summary>
/// <param name="bytesMax">Bytes that are kept, of all together.</param>
sealed class OutputTree(int bytesMax)
{
    private readonly Branch _root = new(null, 0);
    private int _bytes;

    /// <summary>An output of which nothing has come.</summary>
    public OutputTrace Begin() => new(this, _root);

    /// <summary>
    /// Goes on from a place by some bytes, making what is not there yet; returns how many of them were kept.
    /// </summary>
    public int Follow(ref Branch branch, ref int at, ReadOnlySpan<byte> bytes)
    {
        int done = 0;
        while (done < bytes.Length)
        {
            int same = branch.Bytes[at..].CommonPrefixLength(bytes[done..]);
            (done, at) = (done + same, at + same);
            if (done == bytes.Length) break;
            bool isEnd = at == branch.Bytes.Length;
            if (!isEnd && branch.Child(at, bytes[done]) is { } known)
            {
                (branch, at) = (known, 0);
                continue;
            }
            int room = Math.Min(bytes.Length - done, bytesMax - _bytes);
            if (room == 0) return done;
            if (!isEnd) (branch, at) = (branch.Fork(at, bytes[done]), 0);
            branch.Add(bytes.Slice(done, room));
            (_bytes, done, at) = (_bytes + room, done + room, at + room);
        }
        return done;
    }

    /// <summary>Bytes that follow one another without a fork in between; others leave it on its way.</summary>
    public sealed class Branch(Branch? parent, int leftAt)
    {
        private readonly Dictionary<(int At, byte First), Branch> _children = [];
        private byte[] _bytes = [];
        private int _length;

        /// <summary>Where it left its parent.</summary>
        public int LeftAt => leftAt;

        public Branch? Parent => parent;

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        public ReadOnlyMemory<byte> UpTo(int end) => _bytes.AsMemory(0, end);

        public Branch? Child(int at, byte first) => _children.GetValueOrDefault((at, first));

        public Branch Fork(int at, byte first) => _children[(at, first)] = new(this, at);

        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length - _length < bytes.Length)
                Array.Resize(ref _bytes, Math.Max(_length + bytes.Length, Math.Min(_length * 2, _length + (1 << 20))));
            bytes.CopyTo(_bytes.AsSpan(_length));
            _length += bytes.Length;
        }
    }
}

/// <summary>One output as it comes, as a place in the tree.</summary>
sealed class OutputTrace(OutputTree tree, OutputTree.Branch root)
{
    private OutputTree.Branch _branch = root;
    private int _at;
    private IncrementalHash? _rest;

    /// <summary>Bytes that were not kept.</summary>
    public long Lost { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_rest is null) bytes = bytes[tree.Follow(ref _branch, ref _at, bytes)..];
        if (bytes.IsEmpty) return;
        _rest ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _rest.AppendData(bytes);
        Lost += bytes.Length;
    }

    /// <summary>The same for the same bytes and for no others; call it once, at the end.</summary>
    public (OutputTree.Branch, int, string) Key()
    {
        string rest = _rest is null ? "" : Convert.ToHexString(_rest.GetHashAndReset());
        _rest?.Dispose();
        return (_branch, _at, rest);
    }

    /// <summary>What was kept, in pieces from the beginning.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        var pieces = new Stack<ReadOnlyMemory<byte>>();
        int end = _at;
        for (OutputTree.Branch? branch = _branch; branch is not null; branch = branch.Parent)
        {
            pieces.Push(branch.UpTo(end));
            end = branch.LeftAt;
        }
        return pieces;
    }
}
