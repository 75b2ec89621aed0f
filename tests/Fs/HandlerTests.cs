using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>The conversation, looking, listing and opening, as bytes.</summary>
public sealed class HandlerTests
{
    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "newtrigger"),
        Nodes.Trigger(3, 2, "demotrigger", hits: 3, firedUnixMs: 1_600_000_000_500),
        Nodes.Directory(4, 2, "inner"),
        Nodes.Trigger(5, 2, "loose", service: ""));

    [Fact]
    public void Every_opcode_of_the_kernels_header_has_a_row()
    {
        foreach (Opcode opcode in Enum.GetValues<Opcode>()) Assert.True(Handlers.Rows.ContainsKey(opcode), $"{opcode}");
        Assert.Equal(51, Handlers.Rows.Count); // 1 to 53 without 7 and 19, which do not exist.
    }

    [Fact]
    public void What_is_always_refused_has_an_errno_and_a_reason()
    {
        foreach (Row row in Handlers.Rows.Values.Where(row => row.Why is not null))
        {
            Reply? reply = _kernel.Ask(row.Opcode, 3, new byte[128]);
            Assert.NotEqual(Errno.None, reply!.Errno);
            Assert.NotEmpty(row.Why!);
        }
    }

    [Theory]
    [InlineData(Opcode.Unlink, Errno.EPERM)]
    [InlineData(Opcode.Mknod, Errno.EPERM)]
    [InlineData(Opcode.Symlink, Errno.EPERM)]
    [InlineData(Opcode.Link, Errno.EPERM)]
    [InlineData(Opcode.Tmpfile, Errno.EOPNOTSUPP)]
    [InlineData(Opcode.Fallocate, Errno.EOPNOTSUPP)]
    [InlineData(Opcode.Ioctl, Errno.ENOTTY)]
    [InlineData(Opcode.Lseek, Errno.ENXIO)]
    [InlineData(Opcode.Readlink, Errno.EINVAL)]
    [InlineData((Opcode)54, Errno.ENOSYS)]
    [InlineData((Opcode)4096, Errno.ENOSYS)]
    [InlineData((Opcode)uint.MaxValue, Errno.ENOSYS)]
    internal void An_operation_that_triggers_do_not_have_gets_its_errno(Opcode opcode, Errno errno) =>
        Assert.Equal(errno, _kernel.Ask(opcode, 2, Name("x"))!.Errno);

    [Fact]
    public void A_request_cut_short_before_its_fixed_part_is_refused()
    {
        foreach (Row row in Handlers.Rows.Values.Where(row => row.FixedSize > 0))
        {
            Reply? reply = _kernel.Ask(row.Opcode, 2, new byte[row.FixedSize - 1]);
            if (row.Silent) Assert.Null(reply);
            else Assert.Equal(Errno.EIO, reply!.Errno);
        }
    }

    [Fact]
    public void A_request_shorter_than_its_header_is_met_with_silence() => Assert.Null(_kernel.Raw(new byte[39]));

    [Fact]
    public void A_request_whose_length_is_a_lie_is_refused()
    {
        byte[] request = _kernel.Request(Opcode.Getattr, 1, Bytes(default(GetattrIn)));
        request[0]++;
        Assert.Equal(Errno.EIO, _kernel.Raw(request)!.Errno);
    }

    [Fact]
    public void A_request_without_a_unique_number_is_met_with_silence_because_a_reply_would_be_a_notification()
    {
        byte[] request = _kernel.Request(Opcode.Getattr, 1, Bytes(default(GetattrIn)));
        request.AsSpan(8, 8).Clear();
        Assert.Null(_kernel.Raw(request));
    }

    [Fact]
    public void A_write_without_a_unique_number_is_not_carried_out_because_nobody_could_be_told_what_became_of_it()
    {
        _kernel.Sink.OnFire = (_, _, _) => { };
        byte[] request = _kernel.Request(
            Opcode.Write, 3, Bytes(new WriteIn { Fh = _kernel.Open(3), Size = 2 }), "x\n"u8.ToArray());
        request.AsSpan(8, 8).Clear();
        Assert.Null(_kernel.Raw(request));
        Assert.Empty(_kernel.Sink.Fired);
        Assert.Equal(0, _kernel.FileSystem.Pending.Count);
    }

    [Fact]
    public void A_name_without_its_NUL_is_refused() =>
        Assert.Equal(Errno.EIO, _kernel.Ask(Opcode.Lookup, 2, Encoding.UTF8.GetBytes("demotrigger"))!.Errno);

    [Fact]
    public void Init_agrees_on_the_lower_minor_version()
    {
        for (uint theirs = Starting.MinorMin; theirs < 100; theirs++)
        {
            InitOut answer = Ask(new() { Major = 7, Minor = theirs }, bytes: theirs < 36 ? 16 : 64)!.Body<InitOut>();
            Assert.Equal((7u, Math.Min(theirs, Starting.MinorMax)), (answer.Major, answer.Minor));
            Assert.Equal(1024u * 1024, answer.MaxWrite);
            Assert.Equal(256, answer.MaxPages);
        }
    }

    [Fact]
    public void Init_takes_no_more_than_the_kernel_offers_and_never_writeback()
    {
        var all = new InitIn { Major = 7, Minor = 45, Flags = uint.MaxValue, Flags2 = uint.MaxValue };
        InitOut answer = _kernel.Ask(Opcode.Init, 0, Bytes(all))!.Body<InitOut>();
        var flags = (InitFlags)(answer.Flags | ((ulong)answer.Flags2 << 32));
        Assert.True(flags.HasFlag(InitFlags.AtomicOTrunc | InitFlags.MaxPages | InitFlags.HasExpireOnly));
        Assert.False(flags.HasFlag(InitFlags.WritebackCache));
        InitOut none = _kernel.Ask(Opcode.Init, 0, Bytes(new InitIn { Major = 7, Minor = 45 }))!.Body<InitOut>();
        Assert.Equal((0u, 0u), (none.Flags, none.Flags2));
    }

    [Fact]
    public void Init_of_an_old_kernel_is_sixteen_bytes_and_is_understood() =>
        Assert.Equal(31u, Ask(new() { Major = 7, Minor = 31 }, bytes: 16)!.Body<InitOut>().Minor);

    [Theory]
    [InlineData(7u, 30u)]
    [InlineData(6u, 99u)]
    public void Init_of_a_kernel_that_is_too_old_is_refused(uint major, uint minor) =>
        Assert.Equal(Errno.EPROTO, Ask(new() { Major = major, Minor = minor })!.Errno);

    [Fact]
    public void Init_of_a_newer_major_is_told_ours_so_that_the_kernel_asks_again() =>
        Assert.Equal(7u, Ask(new() { Major = 8, Minor = 1 })!.Body<InitOut>().Major);

    [Fact]
    public void A_trigger_looks_as_programs_expect()
    {
        EntryOut found = _kernel.Ask(Opcode.Lookup, 2, Name("demotrigger"))!.Body<EntryOut>();
        Assert.Equal((3ul, 3ul), (found.Nodeid, found.Attr.Ino));
        Assert.Equal(Convert.ToUInt32("100644", 8), found.Attr.Mode);
        Assert.Equal((1u, 0ul, 0ul), (found.Attr.Nlink, found.Attr.Size, found.Attr.Blocks));
        Assert.Equal((1000u, 1001u), (found.Attr.Uid, found.Attr.Gid));
        Assert.Equal((1_600_000_000ul, 500_000_000u), (found.Attr.Mtime, found.Attr.Mtimensec));
        Assert.True(found.EntryValid > 0 && found.AttrValid > 0);
    }

    [Fact]
    public void A_umask_takes_the_place_of_the_trees_modes()
    {
        var fs = new FileSystem(
            new(5, 6, Umask: 0b000_010_111), _kernel.Tree, _kernel.Sink, _kernel, NullLogger.Instance);
        Attr directory = Attributes.Of(fs, _kernel.Tree.Find(2)!), trigger = Attributes.Of(fs, _kernel.Tree.Find(3)!);
        Assert.Equal((Convert.ToUInt32("40750", 8), 5u, 6u), (directory.Mode, directory.Uid, directory.Gid));
        Assert.Equal(Convert.ToUInt32("100640", 8), trigger.Mode);
    }

    [Fact]
    public void A_directory_counts_its_subdirectories_as_links()
    {
        Attr attr = _kernel.Ask(Opcode.Getattr, 2, Bytes(default(GetattrIn)))!.Body<AttrOut>().Attr;
        Assert.Equal(Convert.ToUInt32("40755", 8), attr.Mode);
        Assert.Equal(3u, attr.Nlink);
    }

    [Fact]
    public void A_name_that_is_not_there_is_remembered_as_such()
    {
        EntryOut found = _kernel.Ask(Opcode.Lookup, 2, Name("nothing"))!.Body<EntryOut>();
        Assert.Equal(0ul, found.Nodeid);
        Assert.True(found.EntryValid > 0);
    }

    [Theory]
    [InlineData(Opcode.Lookup, 0)]
    [InlineData(Opcode.Create, 16)]
    [InlineData(Opcode.Mkdir, 8)]
    [InlineData(Opcode.Rmdir, 0)]
    [InlineData(Opcode.Rename, 8)]
    internal void A_name_of_256_bytes_is_too_long(Opcode opcode, int fixedSize) =>
        Assert.Equal(
            Errno.ENAMETOOLONG, _kernel.Ask(opcode, 2, new byte[fixedSize], Name(new string('x', 256)))!.Errno);

    [Fact]
    public void Looking_below_a_trigger_is_ENOTDIR() =>
        Assert.Equal(Errno.ENOTDIR, _kernel.Ask(Opcode.Lookup, 3, Name("x"))!.Errno);

    [Fact]
    public void A_node_that_nobody_knows_is_stale()
    {
        Assert.Equal(Errno.ESTALE, _kernel.Ask(Opcode.Getattr, 77, Bytes(default(GetattrIn)))!.Errno);
        Assert.Equal(Errno.ESTALE, _kernel.Ask(Opcode.Open, 77, Bytes(default(OpenIn)))!.Errno);
        Assert.Equal(Errno.ESTALE, _kernel.Ask(Opcode.Opendir, 77, Bytes(default(OpenIn)))!.Errno);
    }

    [Fact]
    public void A_removed_node_stays_until_the_last_of_its_lookups_is_forgotten()
    {
        _kernel.Ask(Opcode.Lookup, 2, Name("demotrigger"));
        _kernel.Ask(Opcode.Lookup, 2, Name("demotrigger"));
        _kernel.Tree.Apply(Nodes.Gone(3));
        Assert.Equal(0u, _kernel.Ask(Opcode.Getattr, 3, Bytes(default(GetattrIn)))!.Body<AttrOut>().Attr.Nlink);
        Assert.Equal(Errno.ESTALE, _kernel.Ask(Opcode.Open, 3, Bytes(default(OpenIn)))!.Errno);
        Assert.Null(_kernel.Ask(Opcode.Forget, 3, Bytes(new ForgetIn { Nlookup = 1 })));
        Assert.NotNull(_kernel.Tree.Find(3));
        byte[] one = Bytes(new ForgetOne { Nodeid = 3, Nlookup = 1 });
        Assert.Null(_kernel.Ask(Opcode.BatchForget, 0, Bytes(new BatchForgetIn { Count = 1 }), one));
        Assert.Null(_kernel.Tree.Find(3));
    }

    [Fact]
    public void A_batch_of_forgets_that_promises_more_than_it_holds_is_taken_as_far_as_it_goes()
    {
        _kernel.Ask(Opcode.Lookup, 2, Name("demotrigger"));
        Assert.Null(_kernel.Ask(
            Opcode.BatchForget,
            0,
            Bytes(new BatchForgetIn { Count = uint.MaxValue }),
            Bytes(new ForgetOne { Nodeid = 3, Nlookup = ulong.MaxValue }),
            new byte[7]));
        Assert.Equal(0, _kernel.Tree.Find(3)!.Lookups);
    }

    [Fact]
    public void Df_shows_something_sensible()
    {
        Kstatfs answer = _kernel.Ask(Opcode.Statfs, 1)!.Body<Kstatfs>();
        Assert.True(answer.Blocks > 0 && answer.Bavail > 0 && answer.Files > answer.Ffree && answer.Ffree > 0);
        Assert.Equal(255u, answer.Namelen);
    }

    [Fact]
    public void A_directory_is_listed_in_the_order_of_names_and_goes_on_where_it_stopped()
    {
        ulong fh = _kernel.Ask(Opcode.Opendir, 2, Bytes(default(OpenIn)))!.Body<OpenOut>().Fh;
        Assert.Equal([".", "..", "demotrigger", "inner", "loose"], List(fh, Opcode.Readdir, size: 4096));
        Assert.Equal([".", "..", "demotrigger", "inner", "loose"], List(fh, Opcode.Readdir, size: 48));
        Assert.Equal([".", "..", "demotrigger", "inner", "loose"], List(fh, Opcode.Readdirplus, size: 400));
        Assert.Equal(0, _kernel.Ask(Opcode.Readdir, 2, Bytes(new ReadIn { Fh = fh, Size = 8 }))!.Rest.Length);
    }

    [Fact]
    public void Listing_with_attributes_counts_as_looking_each_up_once_but_for_the_dots()
    {
        ulong fh = _kernel.Ask(Opcode.Opendir, 2, Bytes(default(OpenIn)))!.Body<OpenOut>().Fh;
        List(fh, Opcode.Readdirplus, size: 4096);
        Assert.Equal(1, _kernel.Tree.Find(3)!.Lookups);
        Assert.Equal(0, _kernel.Tree.Find(2)!.Lookups);
    }

    [Fact]
    public void A_listing_under_way_is_not_disturbed_by_changes_and_begins_anew_at_offset_0()
    {
        ulong fh = _kernel.Ask(Opcode.Opendir, 2, Bytes(default(OpenIn)))!.Body<OpenOut>().Fh;
        _kernel.Ask(Opcode.Readdir, 2, Bytes(new ReadIn { Fh = fh, Size = 64 }));
        _kernel.Tree.Apply(Nodes.Gone(3));
        Assert.Equal(["demotrigger", "inner", "loose"], List(fh, Opcode.Readdir, size: 4096, from: 2));
        Assert.Equal([".", "..", "inner", "loose"], List(fh, Opcode.Readdir, size: 4096));
    }

    [Fact]
    public void Opening_a_trigger_gives_direct_io_and_any_flags_that_write_work()
    {
        foreach (uint flags in (uint[])[1, 2, 0x201, 0x401, 0x402, 0x101001, 0x4001])
        {
            OpenOut open = _kernel.Ask(Opcode.Open, 3, Bytes(new OpenIn { Flags = flags }))!.Body<OpenOut>();
            Assert.True(open.OpenFlags.HasFlag(FopenFlags.DirectIo));
            Assert.Equal(3u, _kernel.Write(3, open.Fh, "abc")!.Body<WriteOut>().Size);
            Assert.Equal(Errno.None, _kernel.Release(3, open.Fh)!.Errno);
        }
        Assert.Equal(0, _kernel.FileSystem.Files.Count);
    }

    [Fact]
    public void Creating_a_file_is_refused_and_sends_nothing()
    {
        Assert.Equal(Errno.EPERM, _kernel.Ask(Opcode.Create, 2, Bytes(default(CreateIn)), Name("new"))!.Errno);
        Assert.Empty(_kernel.Sink.Fired);
    }

    [Fact]
    public void Creating_a_name_that_a_trigger_has_meanwhile_opens_it()
    {
        Reply reply = _kernel.Ask(Opcode.Create, 2, Bytes(new CreateIn { Flags = 1 }), Name("demotrigger"))!;
        Assert.Equal(3ul, reply.Body<EntryOut>().Nodeid);
        ulong fh = MemoryMarshal.Read<OpenOut>(reply.Rest[Unsafe.SizeOf<EntryOut>()..]).Fh;
        Assert.Equal(1u, _kernel.Write(3, fh, "x")!.Body<WriteOut>().Size);
        var exclusive = new CreateIn { Flags = 1 | OpenFlags.Exclusive };
        Assert.Equal(Errno.EEXIST, _kernel.Ask(Opcode.Create, 2, Bytes(exclusive), Name("demotrigger"))!.Errno);
        Assert.Equal(Errno.EISDIR, _kernel.Ask(Opcode.Create, 2, Bytes(default(CreateIn)), Name("inner"))!.Errno);
    }

    [Fact]
    public void A_handle_that_was_never_given_out_is_EBADF()
    {
        Assert.Equal(Errno.EBADF, _kernel.Write(3, 99, "x")!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Write(3, 0, "x")!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Read(3, ulong.MaxValue)!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Release(3, 1ul << 40)!.Errno);
        Assert.Equal(Errno.EBADF, _kernel.Ask(Opcode.Readdir, 2, Bytes(new ReadIn { Fh = 5 }))!.Errno);
    }

    [Fact]
    public void An_interrupt_for_a_request_that_is_not_known_is_asked_again() =>
        Assert.Equal(Errno.EAGAIN, _kernel.Ask(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = 4711 }))!.Errno);

    private Reply? Ask(InitIn asked, int bytes = 64) => _kernel.Ask(Opcode.Init, 0, Bytes(asked)[..bytes]);

    private List<string> List(ulong fh, Opcode opcode, uint size, ulong from = 0)
    {
        List<string> names = [];
        ulong offset = from;
        while (true)
        {
            Reply reply = _kernel.Ask(opcode, 2, Bytes(new ReadIn { Fh = fh, Offset = offset, Size = size }))!;
            ReadOnlySpan<byte> rest = reply.Rest;
            Assert.True(rest.Length <= size);
            if (rest.IsEmpty) return names;
            while (!rest.IsEmpty)
            {
                if (opcode == Opcode.Readdirplus) rest = rest[Unsafe.SizeOf<EntryOut>()..];
                Dirent dirent = MemoryMarshal.Read<Dirent>(rest);
                names.Add(Encoding.UTF8.GetString(rest.Slice(Unsafe.SizeOf<Dirent>(), (int)dirent.Namelen)));
                rest = rest[((Unsafe.SizeOf<Dirent>() + (int)dirent.Namelen + 7) & ~7)..];
                offset = dirent.Off;
            }
        }
    }
}
