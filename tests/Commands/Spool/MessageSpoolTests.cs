using System.Text;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Spool;

public sealed class MessageSpoolTests : IDisposable
{
    private const long Now = 1_800_000_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private MessageSpool? _spool;

    private SpoolOptions Options => new(Path.Combine(_folder.Path, "spool")) { SegmentBytes = 4096, WindowMax = 16 };

    public void Dispose()
    {
        _spool?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Messages_are_sent_in_the_order_in_which_they_were_written()
    {
        MessageSpool spool = Open();
        Append(spool, "one", "two", "three");
        Assert.Equal(["one", "two", "three"], SendAll(spool));
        Assert.Equal(3, spool.Status.Depth);
    }

    [Fact]
    public void The_oldest_messages_of_a_trigger_make_room_but_not_those_of_others_and_those_with_the_broker()
    {
        MessageSpool spool = _spool = MessageSpool.TryOpen(Options with { BytesMax = 16 * 1024 }, _said.Add)!;
        byte[] payload = new byte[1000];
        ulong first = spool.Append(new(7), Now, payload)!.Value;
        Assert.True(spool.TryNext(out SpooledMessage sent, out _));
        ulong other = spool.Append(new(8), Now, payload)!.Value;
        while (spool.Append(new(7), Now, payload) is not null)
        {
            // Until it is full.
        }
        long full = spool.Depth;
        var dropped = new List<ulong>();
        spool.DropOldest(new(8), 1000, dropped.Add); // One message of a segment gives no room.
        Assert.Equal([other], dropped);
        dropped.Clear();
        spool.DropOldest(new(7), 1000, dropped.Add);
        Assert.InRange(dropped.Count, 3, 8);
        Assert.Equal(Enumerable.Range((int)(other - first) + 1, dropped.Count).Select(i => first + (ulong)i), dropped);
        Assert.DoesNotContain(sent.Sequence, dropped);
        Assert.NotNull(spool.Append(new(7), Now, payload));
        Assert.Equal(full - 1 - dropped.Count + 1, spool.Depth);
    }

    [Fact]
    public void What_is_not_done_is_there_again_after_a_restart_and_what_is_done_is_not()
    {
        MessageSpool spool = Open();
        ulong[] sequences = Append(spool, "one", "two", "three");
        SendAll(spool);
        spool.Done(sequences[0]);
        spool = Reopen();
        Assert.Equal(2, spool.Status.Depth);
        Assert.Equal(["two", "three"], SendAll(spool));
    }

    [Fact]
    public void A_message_keeps_its_id_trigger_and_time_over_a_restart()
    {
        MessageSpool spool = Open();
        ulong sequence = spool.Append(new(7), Now, "hello"u8)!.Value;
        MessageId id = spool.IdOf(sequence);
        spool = Reopen();
        Assert.True(spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload));
        Assert.Equal("hello", Encoding.UTF8.GetString(payload));
        Assert.Equal(new SpooledMessage(sequence, new(7), Now), message);
        Assert.Equal(id, spool.IdOf(message.Sequence));
    }

    [Fact]
    public void No_sequence_is_used_twice_even_when_the_end_of_the_log_is_gone()
    {
        MessageSpool spool = Open();
        ulong last = Append(spool, "one", "two")[^1];
        Close();
        File.Delete(Segment.In(Options.Folder)[^1]);
        Assert.True(Append(Open(), "three")[0] > last);
    }

    [Fact]
    public void Messages_that_were_sent_and_not_done_are_sent_again_in_their_order()
    {
        MessageSpool spool = Open();
        ulong[] sequences = Append(spool, "one", "two", "three");
        SendAll(spool);
        spool.Done(sequences[1]);
        spool.SendAgain();
        Assert.Equal(["one", "three"], SendAll(spool));
    }

    [Fact]
    public void The_floor_is_below_everything_that_may_still_be_sent()
    {
        MessageSpool spool = Open();
        ulong[] sequences = Append(spool, "one", "two", "three");
        SendAll(spool);
        spool.Done(sequences[1]);
        Assert.True(spool.Floor <= sequences[0]);
        spool.Done(sequences[0]);
        Assert.Equal(sequences[2], spool.Floor);
        spool.Done(sequences[2]);
        Assert.True(spool.Floor > sequences[2]);
    }

    [Fact]
    public void Far_more_messages_than_the_window_holds_come_out_in_order_and_leave_no_file_behind()
    {
        MessageSpool spool = Open();
        string[] texts = [.. Enumerable.Range(0, 1000).Select(number => $"message {number} {new string('x', 50)}")];
        ulong[] sequences = Append(spool, texts);
        Assert.True(Segment.In(Options.Folder).Length > 10);
        var sent = new List<string>();
        while (spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload))
        {
            sent.Add(Encoding.UTF8.GetString(payload));
            spool.Done(message.Sequence);
        }
        Assert.Equal(texts, sent);
        Assert.Equal(0, spool.Depth);
        Assert.Single(Segment.In(Options.Folder));
        Assert.Equal(sequences[^1] + 1, spool.Floor);
    }

    [Fact]
    public void What_is_written_while_the_window_is_full_comes_behind_what_is_on_the_disk()
    {
        MessageSpool spool = Open();
        string[] texts = [.. Enumerable.Range(0, 100).Select(number => $"message {number}")];
        Append(spool, texts[..50]);
        var sent = new List<string>();
        for (int i = 0; i < 30; i++)
        {
            Assert.True(spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload));
            sent.Add(Encoding.UTF8.GetString(payload));
            spool.Done(message.Sequence);
        }
        Append(spool, texts[50..]);
        while (spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload))
        {
            sent.Add(Encoding.UTF8.GetString(payload));
            spool.Done(message.Sequence);
        }
        Assert.Equal(texts, sent);
    }

    [Fact]
    public void A_tail_torn_at_any_byte_is_cut_and_all_before_it_is_there()
    {
        Append(Open(), "one", "two", "three");
        Close();
        string path = Segment.In(Options.Folder)[^1];
        byte[] whole = File.ReadAllBytes(path);
        int last = whole.Length - SpoolRecord.HeaderSize - "three".Length;
        for (int length = last + 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Equal(["one", "two"], SendAll(Open()));
            Assert.Contains("cut off", Assert.Single(_said));
            Close();
            Assert.Equal(last, new FileInfo(path).Length);
            _said.Clear();
        }
    }

    [Fact]
    public void A_message_damaged_in_the_middle_is_passed_over_and_said()
    {
        Append(Open(), "one", "two", "three");
        Close();
        string path = Segment.In(Options.Folder)[^1];
        byte[] bytes = File.ReadAllBytes(path);
        bytes[Segment.HeaderSize + SpoolRecord.HeaderSize + "one".Length + SpoolRecord.HeaderSize] ^= 1;
        File.WriteAllBytes(path, bytes);
        MessageSpool spool = Open();
        Assert.Equal(["one", "three"], SendAll(spool));
        Assert.Equal(1, spool.Status.Damaged);
        Assert.Contains("1 messages", Assert.Single(_said));
    }

    [Fact]
    public void Zeros_that_a_power_cut_left_are_no_messages()
    {
        Append(Open(), "one");
        Close();
        string path = Segment.In(Options.Folder)[^1];
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), .. new byte[8192]]);
        Assert.Equal(["one"], SendAll(Open()));
    }

    [Fact]
    public void Rubbish_in_the_folder_is_left_alone_and_said()
    {
        Append(Open(), "one");
        Close();
        string rubbish = Path.Combine(Options.Folder, "0000000000000000.segment");
        File.WriteAllText(rubbish, "this is not a segment at all");
        File.WriteAllBytes(Path.Combine(Options.Folder, "head"), new byte[64]);
        Assert.Equal(["one"], SendAll(Open()));
        Assert.Contains("left alone", Assert.Single(_said));
        Assert.True(File.Exists(rubbish));
    }

    [Fact]
    public void What_is_written_behind_a_segment_whose_header_was_damaged_is_sent_after_a_restart()
    {
        string two = new('2', Options.SegmentBytes); // Does not fit behind the first.
        Append(Open(), "one");
        Append(Reopen(), two);
        Close();
        Change(Segment.In(Options.Folder)[0], at: 8); // The number of its spool.
        Append(Open(), "three");
        Assert.Equal([two, "three"], SendAll(Reopen()));
    }

    [Fact]
    public void A_segment_that_nothing_can_read_does_not_stand_in_the_way_of_new_ones()
    {
        Append(Open(), "one");
        Close();
        Change(Segment.In(Options.Folder)[0], at: 0); // What says that it is one.
        File.Delete(Path.Combine(Options.Folder, "head"));
        Append(Open(), "two");
        Assert.Equal(["two"], SendAll(Reopen()));
    }

    [Fact]
    public void A_record_that_is_there_twice_is_sent_once_and_what_follows_is_forgotten_when_it_is_done()
    {
        ulong[] sequences = Append(Open(), "one", "two");
        Close();
        string path = Segment.In(Options.Folder)[0];
        byte[] bytes = File.ReadAllBytes(path);
        int two = Segment.HeaderSize + SpoolRecord.HeaderSize + "one".Length;
        File.WriteAllBytes(path, [.. bytes[..two], .. bytes[Segment.HeaderSize..two], .. bytes[two..]]);
        MessageSpool spool = Open();
        Assert.Equal(["one", "two"], SendAll(spool));
        foreach (ulong sequence in sequences) spool.Done(sequence);
        Assert.Equal(0, spool.Depth);
        Assert.Empty(SendAll(Reopen()));
    }

    [Fact]
    public void A_full_spool_takes_no_more_until_there_is_room_again()
    {
        MessageSpool spool = Open(Options with { BytesMax = 10_000 });
        byte[] payload = new byte[1000];
        int taken = 0;
        while (spool.Append(new(2), Now, payload) is not null) taken++;
        Assert.InRange(taken, 8, 9);
        while (spool.TryNext(out SpooledMessage message, out _)) spool.Done(message.Sequence);
        Assert.NotNull(spool.Append(new(2), Now, payload));
    }

    [Fact]
    public void Two_processes_cannot_have_one_spool()
    {
        Open();
        Assert.Null(MessageSpool.TryOpen(Options, _said.Add));
    }

    [Fact]
    public void A_second_mount_gets_a_folder_of_its_own_and_what_others_left_is_found()
    {
        Append(Open(), "left behind");
        using (MessageSpool second = OpenOwn()) second.Append(new(2), Now, "mine"u8);
        Assert.Equal([Options.Folder + ".2"], Left());
        Close();
        using MessageSpool first = OpenOwn();
        Assert.Equal(["left behind"], SendAll(first));
        Assert.Equal([Options.Folder + ".2"], Left());
    }

    [Fact]
    public void A_process_goes_on_with_the_file_of_the_one_before_it()
    {
        for (int i = 0; i < 20; i++)
        {
            Append(Open(), $"{i}");
            Close();
        }
        Assert.Single(Segment.In(Options.Folder));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"{i}"), SendAll(Open()).Take(16));
    }

    [Fact]
    public void Its_files_are_for_their_owner_alone()
    {
        Append(Open(), "secret");
        UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        foreach (string path in (string[])[Options.Folder, .. Directory.GetFiles(Options.Folder)])
            Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(path) & others);
    }

    [Fact]
    public void A_message_of_the_largest_size_and_an_empty_one_come_out_as_they_went_in()
    {
        MessageSpool spool = Open();
        byte[] large = new byte[Limits.TriggerLimitMax];
        new Random(1).NextBytes(large);
        spool.Append(new(2), Now, large);
        spool.Append(new(2), Now, default);
        Assert.True(spool.TryNext(out _, out ReadOnlySpan<byte> payload));
        Assert.True(payload.SequenceEqual(large));
        Assert.True(spool.TryNext(out _, out payload));
        Assert.True(payload.IsEmpty);
    }

    [Fact]
    public void Appending_and_sending_allocate_nothing_in_steady_state()
    {
        MessageSpool spool = Open(Options with { SegmentBytes = 8 * 1024 * 1024 });
        Turn(spool);
        // Whoever first waits for the thread that syncs makes something to wait with, once and for all.
        Assert.InRange(Enumerable.Range(0, 10).Count(_ => AllocatedByTurns(spool) != 0), 0, 1);
    }

    private static long AllocatedByTurns(MessageSpool spool)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Turn(spool);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Turn(MessageSpool spool)
    {
        spool.Append(new(2), Now, "a line of some log that is written very often\n"u8);
        spool.TryNext(out SpooledMessage message, out _);
        spool.Done(message.Sequence);
    }

    private static ulong[] Append(MessageSpool spool, params string[] texts) =>
        [.. texts.Select(text => spool.Append(new(2), Now, Encoding.UTF8.GetBytes(text))!.Value)];

    private static List<string> SendAll(MessageSpool spool)
    {
        var sent = new List<string>();
        while (spool.TryNext(out _, out ReadOnlySpan<byte> payload)) sent.Add(Encoding.UTF8.GetString(payload));
        return sent;
    }

    private static void Change(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private MessageSpool OpenOwn() => SpoolFolder.TryOpenOwn(Options, _said.Add)!.Value.Spool;

    private List<string> Left()
    {
        List<string> folders = [];
        foreach ((MessageSpool spool, SpoolOptions options) in SpoolFolder.OpenLeft(Options, _said.Add))
        {
            folders.Add(options.Folder);
            spool.Dispose();
        }
        return folders;
    }

    private MessageSpool Open(SpoolOptions? options = null) =>
        _spool = MessageSpool.TryOpen(options ?? Options, _said.Add)!;

    private void Close()
    {
        _spool!.Dispose();
        _spool = null;
    }

    private MessageSpool Reopen()
    {
        Close();
        return Open();
    }
}
