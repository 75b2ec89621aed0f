using System.Runtime.InteropServices;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Failed;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>The messages that were given up as files, request by request.</summary>
public sealed class FailedTests
{
    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t"), Nodes.Directory(4, 2, "inner"),
        Nodes.Trigger(5, 2, "hers") with { Usable = false });

    private readonly ulong _root = FailedNode.Root.Id;
    private long _nowMs;

    public FailedTests()
    {
        _kernel.Tree.AddFailed();
        _kernel.FileSystem.Failed.NowMs = () => _nowMs;
        Put(42);
    }

    private FakeFailed Failed => _kernel.Sink.Failed;

    [Fact]
    public void Every_place_has_a_number_of_its_own_which_says_what_it_is()
    {
        Assert.Equal(new(0, FailedPart.None), FailedNode.Of(_root));
        HashSet<ulong> numbers = [];
        foreach (long message in (long[])[1, 2, 42, (1L << 60) - 1])
        {
            foreach (FailedPart part in Enum.GetValues<FailedPart>())
            {
                var node = new FailedNode(message, part);
                Assert.True(numbers.Add(node.Id) && FailedNode.Is(node.Id));
                Assert.Equal(node, FailedNode.Of(node.Id));
            }
        }
        Assert.False(FailedNode.Is(_kernel.Tree.Reserved.Id.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("042")]
    [InlineData("+42")]
    [InlineData("-42")]
    [InlineData("42 ")]
    [InlineData("42x")]
    [InlineData("1152921504606846976")]
    [InlineData("99999999999999999999999999")]
    [InlineData("request")]
    public void A_name_that_no_message_has_is_not_there(string name)
    {
        Assert.Equal(Errno.ENOENT, _kernel.Ask(Opcode.Lookup, _root, Name(name))!.Errno);
        Assert.Equal(0, Failed.Asked);
    }

    [Fact]
    public void The_folder_is_in_that_of_the_mount_and_lists_the_messages_and_their_files()
    {
        Put(7);
        ulong reserved = Lookup(1, ".triggerfs");
        Assert.Equal(_root, Lookup(reserved, "failed"));
        Assert.Equal([".", "..", "7", "42"], List(_root));
        ulong folder = Lookup(_root, "42");
        Assert.Equal([".", "..", "request", "reason", "output"], List(folder));
        Assert.Equal(Errno.ENOTDIR, Later(Opcode.Lookup, Lookup(folder, "reason"), Name("x")).Errno);
    }

    [Fact]
    public void A_listing_goes_on_where_it_stopped_however_small_the_room()
    {
        for (int id = 100; id < 130; id++) Put(id);
        ulong fh = Later(Opcode.Opendir, _root, Bytes(default(OpenIn))).Body<OpenOut>().Fh;
        List<string> names = [];
        for (ulong at = 0; ;)
        {
            var read = new ReadIn { Fh = fh, Offset = at, Size = 64 };
            ReadOnlySpan<byte> rest = _kernel.Ask(Opcode.Readdir, _root, Bytes(read))!.Rest;
            if (rest.IsEmpty) break;
            names.AddRange(NamesIn(rest, ref at));
        }
        Assert.Equal(33, names.Count);
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(Errno.None, _kernel.Ask(Opcode.Releasedir, _root, Bytes(new ReleaseIn { Fh = fh }))!.Errno);
        Assert.Equal(0, _kernel.FileSystem.OpenCount);
    }

    [Fact]
    public void Sizes_modes_and_times_are_shown_and_nothing_is_remembered()
    {
        EntryOut folder = Entry(_root, "42"), request = Entry(folder.Nodeid, "request");
        Assert.Equal(("40700", "100400"), (Octal(folder.Attr.Mode), Octal(request.Attr.Mode)));
        Assert.Equal((0ul, 0ul), (request.EntryValid, request.AttrValid));
        Assert.Equal((3ul, 1ul), (request.Attr.Size, request.Attr.Blocks));
        Assert.Equal((1000u, 1001u, 1_600_000_000ul), (request.Attr.Uid, request.Attr.Gid, request.Attr.Mtime));
        Assert.Equal(8ul, Entry(folder.Nodeid, "output").Attr.Size);
        Attr again = Later(Opcode.Getattr, request.Nodeid, Bytes(default(GetattrIn))).Body<AttrOut>().Attr;
        Assert.Equal(request.Attr, again);
        Assert.Equal("40700", Octal(
            _kernel.Ask(Opcode.Getattr, _root, Bytes(default(GetattrIn)))!.Body<AttrOut>().Attr.Mode));
    }

    [Fact]
    public void Its_files_are_read_whole_in_pieces_and_from_anywhere()
    {
        ulong folder = Lookup(_root, "42");
        Assert.Equal("no\0", ReadAll(Lookup(folder, "request")));
        Assert.Equal("it failed\n", ReadAll(Lookup(folder, "reason")));
        Assert.Equal("printed\n", ReadAll(Lookup(folder, "output")));
        ulong output = Lookup(folder, "output"), fh = OpenLater(output);
        Assert.Equal("int", _kernel.Read(output, fh, offset: 2, size: 3)!.Text);
        Assert.Equal("", _kernel.Read(output, fh, offset: 8)!.Text);
        Assert.Equal("", _kernel.Read(output, fh, offset: ulong.MaxValue)!.Text);
        Assert.Equal(Errno.None, _kernel.Release(output, fh)!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Read(output, fh)!.Errno);
        Assert.Equal((0, 0), (_kernel.FileSystem.OpenCount, (int)_kernel.FileSystem.Failed.Held.Total));
    }

    [Fact]
    public void All_of_a_file_is_data_for_who_looks_for_holes()
    {
        ulong file = Lookup(Lookup(_root, "42"), "output"), fh = OpenLater(file);
        Assert.Equal(2ul, Seek(2, 3).Body<LseekOut>().Offset);
        Assert.Equal(8ul, Seek(2, 4).Body<LseekOut>().Offset);
        Assert.Equal(Errno.ENXIO, Seek(8, 3).Errno);
        Assert.Equal(Errno.EINVAL, Seek(0, 0).Errno);

        Reply Seek(ulong at, uint whence) => _kernel.Ask(
            Opcode.Lseek, file, Bytes(new LseekIn { Fh = fh, Offset = at, Whence = whence }))!;
    }

    [Fact]
    public void The_broker_is_asked_once_a_second_and_again_after_a_change()
    {
        for (int i = 0; i < 5; i++) Lookup(_root, "42");
        Assert.Equal(1, Failed.Asked);
        _nowMs += FailedFolder.FreshMs;
        Lookup(_root, "42");
        Assert.Equal(2, Failed.Asked);
        Put(43);
        Assert.Equal(Errno.None, Unlink(Lookup(_root, "42"), "request"));
        Assert.Equal([".", "..", "43"], List(_root));
    }

    [Fact]
    public void Who_asks_meanwhile_waits_for_the_same_answer()
    {
        Failed.Held = new();
        ulong[] waiting = [.. Enumerable.Range(0, 3).Select(_ => Asked(Opcode.Lookup, _root, Name("42")))];
        Assert.Equal(1, Failed.Asked);
        Failed.Held.Dequeue()();
        foreach (ulong unique in waiting) _kernel.WaitFor(unique).Body<EntryOut>();
    }

    [Fact]
    public void A_signal_ends_the_waiting_for_a_broker_that_does_not_answer_and_leaves_nothing_open()
    {
        ulong file = Lookup(Lookup(_root, "42"), "request");
        _nowMs += FailedFolder.FreshMs;
        Failed.Held = new();
        ulong[] waiting =
        [
            Asked(Opcode.Opendir, _root, Bytes(default(OpenIn))), Asked(Opcode.Open, file, Bytes(default(OpenIn))),
        ];
        foreach (ulong unique in waiting) _kernel.Interrupt(unique);
        while (Failed.Held.TryDequeue(out Action? answer)) answer();
        foreach (ulong unique in waiting) Assert.Equal(Errno.EINTR, _kernel.WaitFor(unique).Errno);
        Assert.Equal((0, 0), (_kernel.FileSystem.OpenCount, (int)_kernel.FileSystem.Failed.Held.Total));
    }

    [Theory]
    [InlineData((int)ErrorCode.BrokerUnreachable, Errno.ENOTCONN)]
    [InlineData((int)ErrorCode.TimedOut, Errno.ETIMEDOUT)]
    [InlineData((int)ErrorCode.NotAllowed, Errno.EACCES)]
    internal void Without_the_broker_there_is_an_errno_and_no_empty_folder(int code, Errno errno)
    {
        Failed.Trouble = (ErrorCode)code;
        Assert.Equal(errno, Later(Opcode.Lookup, _root, Name("42")).Errno);
        Assert.Equal(errno, Later(Opcode.Opendir, _root, Bytes(default(OpenIn))).Errno);
        var node = new FailedNode(42, FailedPart.Request);
        Assert.Equal(errno, Later(Opcode.Getattr, node.Id, Bytes(default(GetattrIn))).Errno);
        Assert.Equal(errno, Later(Opcode.Open, node.Id, Bytes(default(OpenIn))).Errno);
        Assert.Equal(errno, Unlink(new FailedNode(42, FailedPart.None).Id, "request"));
    }

    [Fact]
    public void A_request_moved_onto_a_trigger_is_sent_to_it_and_the_trigger_stays()
    {
        ulong folder = Lookup(_root, "42");
        Assert.Equal(Errno.None, Move(folder, "request", 2, "t"));
        Assert.Equal((42, 3ul, "no\0"), (Failed.Sent[0].Id, Failed.Sent[0].Trigger.Value,
            Encoding.UTF8.GetString(Failed.Sent[0].Payload)));
        Assert.Equal(3ul, _kernel.Ask(Opcode.Lookup, 2, Name("t"))!.Body<EntryOut>().Nodeid);
        Assert.Equal([".", ".."], List(_root));
        Assert.Equal([".", "..", "reason", "output"], List(folder));
        Assert.Equal(Errno.ENOENT, Move(folder, "request", 2, "t"));
        Assert.Equal(Errno.None, Rmdir("42"));
        Assert.Equal(Errno.ENOENT, Later(Opcode.Lookup, _root, Name("42")).Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Theory]
    [InlineData("request", 2, "new", Errno.EPERM)]
    [InlineData("request", 1, "new", Errno.EPERM)]
    [InlineData("request", 2, "inner", Errno.EISDIR)]
    [InlineData("request", 2, "hers", Errno.EACCES)]
    [InlineData("request", 99, "t", Errno.ESTALE)]
    [InlineData("reason", 2, "t", Errno.EPERM)]
    [InlineData("output", 2, "t", Errno.EPERM)]
    [InlineData("none", 2, "t", Errno.ENOENT)]
    internal void Anything_else_that_is_moved_is_refused(string file, ulong to, string name, Errno errno)
    {
        Assert.Equal(errno, Move(Lookup(_root, "42"), file, to, name));
        Assert.Empty(Failed.Sent);
        Assert.Equal([42], Failed.Ids);
    }

    [Fact]
    public void A_folder_is_moved_nowhere_and_nothing_is_moved_in()
    {
        Assert.Equal(Errno.EPERM, Move(_root, "42", 2, "t"));
        Assert.Equal(Errno.EPERM, Move(_root, "42", 2, "new"));
        ulong folder = Lookup(_root, "42");
        Assert.Equal(Errno.EROFS, Move(folder, "request", folder, "reason"));
        Assert.Equal(Errno.EROFS, Move(folder, "request", _kernel.Tree.Reserved.Id.Value, "failed"));
        Assert.Equal(Errno.EROFS, Move(2, "t", folder, "request"));
        Assert.Equal(Errno.EROFS, Move(2, "t", _root, "43"));
        Assert.Equal(Errno.EROFS, Move(_kernel.Tree.Reserved.Id.Value, "failed", 2, "x"));
        var exchange = new Rename2In { Newdir = 2, Flags = 2 };
        Assert.Equal(
            Errno.EINVAL, _kernel.Ask(Opcode.Rename2, folder, Bytes(exchange), Name("request"), Name("t"))!.Errno);
        var kept = new Rename2In { Newdir = 2, Flags = 1 };
        Assert.Equal(
            Errno.EEXIST, _kernel.Ask(Opcode.Rename2, folder, Bytes(kept), Name("request"), Name("t"))!.Errno);
        Assert.Empty(Failed.Sent);
    }

    [Theory]
    [InlineData((int)ErrorCode.NotAllowed, Errno.EACCES)]
    [InlineData((int)ErrorCode.TooLarge, Errno.EMSGSIZE)]
    [InlineData((int)ErrorCode.Storage, Errno.ENOSPC)]
    internal void What_the_broker_refuses_has_its_errno_and_all_is_as_before(int code, Errno errno)
    {
        Failed.Refusal = (ErrorCode)code;
        ulong folder = Lookup(_root, "42");
        Assert.Equal(errno, Move(folder, "request", 2, "t"));
        Assert.Equal(errno, Unlink(folder, "request"));
        Assert.Equal([".", "..", "request", "reason", "output"], List(folder));
    }

    [Theory]
    [InlineData("request reason output")]
    [InlineData("output reason request")]
    [InlineData("reason request output")]
    public void To_remove_its_files_and_its_folder_drops_a_message_in_any_order(string order)
    {
        ulong folder = Lookup(_root, "42");
        foreach (string name in order.Split(' ')) Assert.Equal(Errno.None, Unlink(folder, name));
        Assert.Empty(Failed.Ids);
        Assert.Equal(Errno.None, Rmdir("42"));
        Assert.Equal(Errno.ENOENT, Rmdir("42"));
    }

    [Fact]
    public void A_folder_alone_is_not_removed_and_what_tells_of_a_message_goes_with_it_only()
    {
        ulong folder = Lookup(_root, "42");
        Assert.Equal(Errno.ENOTEMPTY, Rmdir("42"));
        Assert.Equal(Errno.None, Unlink(folder, "reason"));
        Assert.Equal("it failed\n", ReadAll(Lookup(folder, "reason")));
        Assert.Equal([42], Failed.Ids);
        Assert.Equal(Errno.EISDIR, Unlink(_root, "42"));
        Assert.Equal(Errno.ENOTDIR, Later(Opcode.Rmdir, folder, Name("reason")).Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Rmdir, _kernel.Tree.Reserved.Id.Value, Name("failed"))!.Errno);
    }

    [Fact]
    public void One_that_is_given_up_a_second_time_is_whole_again()
    {
        ulong folder = Lookup(_root, "42");
        Move(folder, "request", 2, "t");
        Assert.Equal([".", "..", "reason", "output"], List(folder));
        Put(42);
        _nowMs += FailedFolder.FreshMs;
        Assert.Equal([".", "..", "request", "reason", "output"], List(folder));
        Assert.Equal(Errno.ENOTEMPTY, Rmdir("42"));
    }

    [Fact]
    public void What_is_left_of_one_that_is_gone_goes_by_itself()
    {
        ulong folder = Lookup(_root, "42");
        Unlink(folder, "request");
        _nowMs += FailedFolder.LeftMaxMs;
        Assert.Equal(Errno.ESTALE, Later(Opcode.Opendir, folder, Bytes(default(OpenIn))).Errno);
        Assert.Equal(Errno.ENOENT, Rmdir("42"));
    }

    [Fact]
    public void Nothing_is_written_made_or_set_there()
    {
        ulong folder = Lookup(_root, "42"), file = Lookup(folder, "request");
        foreach (uint flags in (uint[])[OpenFlags.WriteOnly, OpenFlags.ReadWrite])
            Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Open, file, Bytes(new OpenIn { Flags = flags }))!.Errno);
        Assert.Equal(Errno.EISDIR, _kernel.Ask(Opcode.Open, folder, Bytes(default(OpenIn)))!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Write(file, OpenLater(file), "x")!.Errno);
        foreach (ulong directory in (ulong[])[_root, folder])
        {
            Assert.Equal(
                Errno.EROFS, _kernel.Ask(Opcode.Create, directory, Bytes(default(CreateIn)), Name("43"))!.Errno);
            Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Mkdir, directory, Bytes(default(MkdirIn)), Name("43"))!.Errno);
        }
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Setattr, file, Bytes(default(SetattrIn)))!.Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(
            Opcode.Setxattr, file, Bytes(new SetxattrIn { Size = 1 }), Name("user.x"), [65])!.Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Removexattr, file, Name("user.x"))!.Errno);
        var room = new GetxattrIn { Size = 100 };
        Assert.Equal(Errno.ENODATA, _kernel.Ask(Opcode.Getxattr, file, Bytes(room), Name("user.x"))!.Errno);
        Assert.Equal(Errno.EOPNOTSUPP, _kernel.Ask(Opcode.Getxattr, file, Bytes(room), Name("security.x"))!.Errno);
        Assert.Equal("", _kernel.Ask(Opcode.Listxattr, file, Bytes(room))!.Text);
    }

    [Fact]
    public void Open_texts_together_are_bounded()
    {
        Failed.Put(50, new byte[Limits.TriggerLimitMax], "", []);
        ulong file = Lookup(Lookup(_root, "50"), "request");
        for (int i = 0; i < 4; i++) OpenLater(file);
        Assert.Equal(Errno.ENOMEM, Later(Opcode.Open, file, Bytes(default(OpenIn))).Errno);
    }

    private void Put(long id) => Failed.Put(id, "no\0"u8.ToArray(), "it failed\n", "printed\n"u8.ToArray());

    /// <summary>Makes a request; its unique number.</summary>
    private ulong Asked(Opcode opcode, ulong node, params byte[][] parts)
    {
        Assert.Null(_kernel.Ask(opcode, node, parts));
        return _kernel.Unique;
    }

    /// <summary>The reply to a request, now or later.</summary>
    private Reply Later(Opcode opcode, ulong node, params byte[][] parts) =>
        _kernel.Ask(opcode, node, parts) ?? _kernel.WaitFor(_kernel.Unique);

    private EntryOut Entry(ulong folder, string name) => Later(Opcode.Lookup, folder, Name(name)).Body<EntryOut>();

    private ulong Lookup(ulong folder, string name) => Entry(folder, name).Nodeid;

    private ulong OpenLater(ulong file) => Later(Opcode.Open, file, Bytes(default(OpenIn))).Body<OpenOut>().Fh;

    private string ReadAll(ulong file)
    {
        ulong fh = OpenLater(file);
        var text = new StringBuilder();
        for (string piece; (piece = _kernel.Read(file, fh, (ulong)text.Length, size: 4)!.Text).Length > 0;)
            text.Append(piece);
        _kernel.Release(file, fh);
        return text.ToString();
    }

    private Errno Move(ulong from, string name, ulong to, string newName) => Later(
        Opcode.Rename, from, Bytes(new RenameIn { Newdir = to }), Name(name), Name(newName)).Errno;

    private Errno Unlink(ulong folder, string name) => Later(Opcode.Unlink, folder, Name(name)).Errno;

    private Errno Rmdir(string name) => Later(Opcode.Rmdir, _root, Name(name)).Errno;

    private List<string> List(ulong node)
    {
        ulong fh = Later(Opcode.Opendir, node, Bytes(default(OpenIn))).Body<OpenOut>().Fh, at = 0;
        var names = NamesIn(
            _kernel.Ask(Opcode.Readdir, node, Bytes(new ReadIn { Fh = fh, Size = 4096 }))!.Rest, ref at);
        _kernel.Ask(Opcode.Releasedir, node, Bytes(new ReleaseIn { Fh = fh }));
        return names;
    }

    private static List<string> NamesIn(ReadOnlySpan<byte> rest, ref ulong next)
    {
        List<string> names = [];
        while (!rest.IsEmpty)
        {
            Dirent dirent = MemoryMarshal.Read<Dirent>(rest);
            names.Add(Encoding.UTF8.GetString(rest.Slice(24, (int)dirent.Namelen)));
            next = dirent.Off;
            rest = rest[((24 + (int)dirent.Namelen + 7) & ~7)..];
        }
        return names;
    }

    private static string Octal(uint mode) => Convert.ToString(mode, 8);
}
