using System.Globalization;
using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// What the mount says: in its terminal and at the end of its log file, the same lines in both. Who says something
/// never waits: a thread writes, and when nobody reads the terminal, lines of output are dropped and counted, loudly.
/// </summary>
sealed class MountJournal : IDisposable
{
    /// <summary>Bytes that may wait to be written, above which output is dropped.</summary>
    private const int WaitingMax = 4 * 1024 * 1024;

    /// <summary>
    /// Between two writes: what a trigger that is written to all the time says goes in one, and the processor is for
    /// those who wait for its answers.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(1);

    private readonly Stream _terminal;
    private readonly Stream? _file;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private JournalBuffer _waiting = new();
    private JournalBuffer _writing = new();
    private long _droppedLines;
    private bool _isWriting;
    private bool _isOver;

    /// <param name="terminal">Standard output, as a rule.</param>
    /// <param name="file">Opened to write at its end; null for none.</param>
    public MountJournal(Stream terminal, Stream? file)
    {
        _terminal = terminal;
        _file = file;
        _thread = new(Run) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    /// <summary>Opens the log file, which only its owner may read.</summary>
    public static FileStream OpenFile(string path)
    {
        try
        {
            return new(path, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(
                ErrorCode.Settings, $"the log file {path} cannot be opened", problem.Message,
                "set 'logfile' under [triggerfs], or --logfile");
        }
    }

    /// <summary>A line as it stands, without the time (the banner).</summary>
    public void Plain(string text) => Add(text, isStamped: false);

    /// <summary>A line with the time before it.</summary>
    public void Say(string text) => Add(text, isStamped: true);

    /// <summary>
    /// One line of a run: time, path, who, and what it says. Control characters are shown as '?', so that no output
    /// forges a line or drives the terminal.
    /// </summary>
    /// <param name="path">UTF-8: the trigger.</param>
    /// <param name="worker">UTF-8; empty for the request as a whole.</param>
    public void Answer(
        ReadOnlySpan<byte> path, string plugin, ReadOnlySpan<byte> worker, ReadOnlySpan<byte> text, bool mayDrop)
    {
        lock (_gate)
        {
            if (_isOver) return;
            if (mayDrop && _waiting.Length > WaitingMax)
            {
                _droppedLines++;
                return;
            }
            _waiting.Stamp();
            _waiting.Visible(path);
            if (!worker.IsEmpty)
            {
                _waiting.Raw(" ["u8);
                _waiting.Text(plugin);
                _waiting.Raw("@"u8);
                _waiting.Visible(worker);
                _waiting.Raw("]"u8);
            }
            _waiting.Raw(" "u8);
            _waiting.Visible(text);
            _waiting.Raw("\n"u8);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until what was said is written, for at most a second.</summary>
    public void Flush()
    {
        long dueMs = Environment.TickCount64 + (long)FlushMax.TotalMilliseconds;
        lock (_gate)
        {
            while ((_waiting.Length > 0 || _isWriting) && dueMs - Environment.TickCount64 is > 0 and var leftMs)
                Monitor.Wait(_gate, (int)leftMs);
        }
    }

    /// <summary>Writes what waits, for at most a second, and ends; what is said later is said to nobody.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _isOver = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join(FlushMax);
        _file?.Dispose();
    }

    private void Add(string text, bool isStamped)
    {
        lock (_gate)
        {
            if (_isOver) return;
            if (isStamped) _waiting.Stamp();
            foreach (string line in text.Split('\n'))
            {
                _waiting.Text(line);
                _waiting.Raw("\n"u8);
            }
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (Take())
        {
            Write(_terminal, _writing.Bytes);
            if (_file is not null) Write(_file, _writing.Bytes);
            lock (_gate)
            {
                _writing.Clear();
                _isWriting = false;
                Monitor.PulseAll(_gate);
            }
            Thread.Sleep(Pause);
        }
    }

    /// <summary>Waits for lines and takes them all to be written; false when there will be none.</summary>
    private bool Take()
    {
        lock (_gate)
        {
            while (_waiting.Length == 0 && !_isOver) Monitor.Wait(_gate);
            if (_waiting.Length == 0) return false;
            if (_droppedLines > 0)
            {
                _waiting.Stamp();
                _waiting.Text(string.Create(CultureInfo.InvariantCulture, $"{_droppedLines} lines were not shown"));
                _waiting.Raw(": too many at once\n"u8);
                _droppedLines = 0;
            }
            (_waiting, _writing) = (_writing, _waiting);
            return _isWriting = true;
        }
    }

    /// <summary>A terminal that was closed or a full disk must not end the mount.</summary>
    private static void Write(Stream stream, ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream.Write(bytes);
            stream.Flush();
        }
        catch (IOException)
        {
            // There is nowhere left to say so.
        }
    }
}

/// <summary>Bytes of lines that wait to be written; used again and again.</summary>
sealed class JournalBuffer
{
    private readonly byte[] _stamp = new byte[20];
    private byte[] _bytes = new byte[4096];
    private long _stampS = -1;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > 1 << 20) _bytes = new byte[4096];
    }

    /// <summary>The time in the form of 2018, made once a second.</summary>
    public void Stamp()
    {
        DateTime now = DateTime.Now;
        long second = now.Ticks / TimeSpan.TicksPerSecond;
        if (second != _stampS)
        {
            string text = now.ToString("yyyy/MM/dd HH:mm:ss ", CultureInfo.InvariantCulture);
            Encoding.ASCII.GetBytes(text, _stamp);
            _stampS = second;
        }
        Raw(_stamp);
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    public void Text(string text)
    {
        int start = Length;
        Length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));
        Hide(_bytes.AsSpan(start, Length - start));
    }

    public void Visible(ReadOnlySpan<byte> bytes)
    {
        int start = Length;
        Raw(bytes);
        Hide(_bytes.AsSpan(start, Length - start));
    }

    private static void Hide(Span<byte> bytes)
    {
        foreach (ref byte letter in bytes)
            if (letter is < 0x20 and not (byte)'\t' or 0x7F) letter = (byte)'?';
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
        return _bytes.AsSpan(Length, length);
    }
}
