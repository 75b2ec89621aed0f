using System.Text;
using Microsoft.Win32.SafeHandles;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Spool;

/// <summary>A disk that refuses what a spool brings to it: fsync(2) fails, and Linux tells of that once.</summary>
public sealed class RefusedSyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _flushed = [];
    private MessageSpool _spool;
    private bool _isRefused;

    public RefusedSyncTests() => _spool = Open();

    private SpoolOptions Options => new(Path.Combine(_folder.Path, "spool"));

    private string[] Files => [.. Directory.GetFiles(Options.Folder, "*segment*").Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _spool.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_the_disk_refused_is_written_anew_into_another_file_which_takes_the_place_of_the_first()
    {
        Append("one");
        _isRefused = true;
        Assert.Equal("refused", Sync());
        Append("two"); // Behind what may not be there it would not be found.
        string[] before = Files;
        Assert.Equal(2, before.Length);
        _isRefused = false;
        _flushed.Clear();
        Assert.Null(Sync());
        Assert.Equal([before[0] + ".new", before[1]], _flushed);
        Assert.Equal(before, Files);
        Append("three");
        Assert.Equal(["one", "two", "three"], SendAll());
        Assert.Null(Sync());
        Assert.Equal(before[1], _flushed[^1]);
        Assert.Equal(3, _flushed.Count);
    }

    [Fact]
    public void It_is_tried_until_the_disk_takes_it_and_can_be_sent_meanwhile()
    {
        Append("one");
        _isRefused = true;
        for (int i = 0; i < 3; i++) Assert.Equal("refused", Sync());
        Assert.Single(Files);
        Assert.Equal(["one"], SendAll());
        _isRefused = false;
        Assert.Null(Sync());
        Append("two");
        Assert.Single(Files);
        Assert.Equal(["two"], SendAll());
    }

    [Fact]
    public void One_that_is_done_meanwhile_does_not_come_back()
    {
        Append("one");
        _isRefused = true;
        Sync();
        Append("two");
        _spool.TryNext(out SpooledMessage first, out _);
        _spool.Done(first.Sequence);
        _isRefused = false;
        Assert.Null(Sync());
        Assert.Single(Files);
        Assert.Equal(["two"], SendAll());
    }

    [Fact]
    public void A_process_that_died_over_it_leaves_what_was_there_before()
    {
        Append("one");
        string path = Assert.Single(Files);
        _spool.Dispose();
        File.WriteAllText(path + ".new", "half of it");
        _spool = Open();
        Assert.Equal(path, Assert.Single(Files));
        Assert.Equal(["one"], SendAll());
    }

    [Fact]
    public void A_folder_that_cannot_be_synced_is_refused_too()
    {
        Append("one");
        string elsewhere = Options.Folder + ".moved";
        Directory.Move(Options.Folder, elsewhere);
        Assert.Contains("No such file", Sync());
        Directory.Move(elsewhere, Options.Folder);
        Assert.Null(Sync());
        Assert.EndsWith(".new", _flushed[^1]);
        Assert.Equal(["one"], SendAll());
    }

    private MessageSpool Open() => MessageSpool.TryOpen(Options, static _ => { }, Flush)!;

    private void Flush(SafeFileHandle file)
    {
        if (_isRefused) throw new IOException("refused");
        _flushed.Add(File.ResolveLinkTarget($"/proc/self/fd/{file.DangerousGetHandle()}", false)!.FullName);
    }

    private void Append(string text) => Assert.NotNull(_spool.Append(new(2), 1, Encoding.UTF8.GetBytes(text)));

    /// <summary>As the thread that syncs does; why it was refused.</summary>
    private string? Sync()
    {
        (Segment[] failed, IOException? why) = _spool.Sync(_spool.TakeUnsynced().Segments);
        _spool.GiveBack(failed);
        return why?.Message;
    }

    private List<string> SendAll()
    {
        var sent = new List<string>();
        while (_spool.TryNext(out _, out ReadOnlySpan<byte> payload)) sent.Add(Encoding.UTF8.GetString(payload));
        return sent;
    }
}
