using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>mkdir, rmdir, mv, chmod, as bytes.</summary>
public sealed class ChangingTests
{
    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(3, 2, "t"),
        Nodes.Directory(4, 2, "empty"),
        Nodes.Directory(5, 1, "other"));

    [Fact]
    public void Mkdir_is_answered_with_the_brokers_directory_once_the_tree_shows_it()
    {
        Assert.Null(Mkdir("new"));
        EntryOut made = _kernel.WaitFor(_kernel.Unique).Body<EntryOut>();
        Assert.Equal(10_000ul, made.Nodeid);
        Assert.Equal(Convert.ToUInt32("40750", 8), made.Attr.Mode);
        Assert.Equal(1, _kernel.Tree.Find(10_000)!.Lookups);
        var asked = new TreeChange.MakeDirectory(new(2), "new", Convert.ToUInt32("750", 8));
        Assert.Equal(asked, _kernel.Sink.Changes.Single());
    }

    [Theory]
    [InlineData("t", Errno.EEXIST)]
    [InlineData(".hidden", Errno.EPERM)]
    [InlineData("a\u0001b", Errno.EINVAL)]
    internal void Mkdir_of_a_name_that_cannot_be_is_refused_without_asking(string name, Errno errno)
    {
        Assert.Equal(errno, Mkdir(name)!.Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Fact]
    public void Mkdir_of_broken_utf8_is_refused() => Assert.Equal(
        Errno.EINVAL, _kernel.Ask(Opcode.Mkdir, 2, Bytes(default(MkdirIn)), [0xC3, 0x28, 0])!.Errno);

    [Theory]
    [InlineData(ErrorCode.NotAllowed, Errno.EACCES)]
    [InlineData(ErrorCode.BrokerUnreachable, Errno.ENOTCONN)]
    [InlineData(ErrorCode.Storage, Errno.ENOSPC)]
    internal void What_the_broker_refuses_is_an_errno(ErrorCode code, Errno errno)
    {
        _kernel.Sink.OnChange = _ => code;
        Assert.Null(Mkdir("new"));
        Assert.Equal(errno, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(0, _kernel.FileSystem.Pending.Count);
    }

    [Theory]
    [InlineData("t", Errno.ENOTDIR)]
    [InlineData("nothing", Errno.ENOENT)]
    internal void Rmdir_of_what_is_no_directory_is_refused(string name, Errno errno) =>
        Assert.Equal(errno, _kernel.Ask(Opcode.Rmdir, 2, Name(name))!.Errno);

    [Fact]
    public void Rmdir_of_a_directory_with_something_in_it_is_ENOTEMPTY() =>
        Assert.Equal(Errno.ENOTEMPTY, _kernel.Ask(Opcode.Rmdir, 1, Name("d"))!.Errno);

    [Fact]
    public void Rmdir_of_an_empty_directory_is_done_when_it_is_gone()
    {
        Assert.Null(_kernel.Ask(Opcode.Rmdir, 2, Name("empty")));
        Assert.Equal(Errno.None, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Null(_kernel.Tree.Find(4));
    }

    [Fact]
    public void Rename_moves_a_trigger_to_another_directory()
    {
        Assert.Null(Rename(2, "t", 5, "u"));
        Assert.Equal(Errno.None, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(3ul, _kernel.Ask(Opcode.Lookup, 5, Name("u"))!.Body<EntryOut>().Nodeid);
        Assert.Equal(0ul, _kernel.Ask(Opcode.Lookup, 2, Name("t"))!.Body<EntryOut>().Nodeid);
    }

    [Fact]
    public void Rename_over_something_is_EEXIST() => Assert.Equal(Errno.EEXIST, Rename(2, "t", 2, "empty")!.Errno);

    [Fact]
    public void Rename_of_a_trigger_into_the_root_is_refused() =>
        Assert.Equal(Errno.EPERM, Rename(2, "t", 1, "t")!.Errno);

    [Fact]
    public void Rename_of_a_directory_into_itself_is_EINVAL()
    {
        Assert.Equal(Errno.EINVAL, Rename(1, "d", 4, "d")!.Errno);
        Assert.Equal(Errno.EINVAL, Rename(1, "d", 2, "x")!.Errno);
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(4u)]
    [InlineData(8u)]
    public void Rename_with_exchange_or_whiteout_is_EINVAL(uint flags)
    {
        var wanted = new Rename2In { Newdir = 5, Flags = flags };
        Assert.Equal(Errno.EINVAL, _kernel.Ask(Opcode.Rename2, 2, Bytes(wanted), Name("t"), Name("u"))!.Errno);
    }

    [Fact]
    public void Rename_without_replacing_is_what_we_do_anyway()
    {
        byte[] flags = Bytes(new Rename2In { Newdir = 5, Flags = RenameFlags.NoReplace });
        Assert.Null(_kernel.Ask(Opcode.Rename2, 2, flags, Name("t"), Name("u")));
        Assert.Equal(Errno.None, _kernel.WaitFor(_kernel.Unique).Errno);
    }

    [Fact]
    public void Chmod_goes_to_the_broker_and_the_reply_has_the_new_mode()
    {
        Assert.Null(Setattr(new() { Valid = SetattrValid.Mode, Mode = Convert.ToUInt32("104600", 8) }));
        uint mode = _kernel.WaitFor(_kernel.Unique).Body<AttrOut>().Attr.Mode;
        Assert.Equal(Convert.ToUInt32("100600", 8), mode);
        Assert.Equal(new TreeChange.SetMode(new(3), Convert.ToUInt32("600", 8)), _kernel.Sink.Changes.Single());
    }

    [Fact]
    public void Setting_times_sizes_and_the_mode_that_it_has_changes_nothing_and_asks_nobody()
    {
        uint mode = Convert.ToUInt32("100644", 8);
        foreach (uint valid in (uint[])[1, 8, 0x10, 0x20, 0x1B0, 0x79])
        {
            var wanted = new SetattrIn { Valid = (SetattrValid)valid, Size = 1 << 30, Mode = mode };
            Assert.Equal(Errno.None, Setattr(wanted)!.Errno);
        }
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Fact]
    public void Giving_a_file_away_is_refused_but_not_setting_the_owner_that_it_has()
    {
        Assert.Equal(Errno.EPERM, Setattr(new() { Valid = SetattrValid.Uid, Uid = 5 })!.Errno);
        Assert.Equal(Errno.EPERM, Setattr(new() { Valid = SetattrValid.Gid, Gid = 5 })!.Errno);
        var same = new SetattrIn { Valid = SetattrValid.Uid | SetattrValid.Gid, Uid = 1000, Gid = 1001 };
        Assert.Equal(Errno.None, Setattr(same)!.Errno);
    }

    [Fact]
    public void An_interrupted_change_gets_EINTR_once()
    {
        IReplyTo? asked = null;
        var sink = new StuckSink(reply => asked = reply);
        var fs = new FileSystem(
            new(0, 0), _kernel.Tree, sink, _kernel, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        byte[] buffer = new byte[Handlers.ReplyMax];
        byte[] request = _kernel.Request(Opcode.Rmdir, 2, Name("empty"));
        ulong unique = _kernel.Unique;
        Assert.Equal(0, Handlers.Handle(fs, request, buffer));
        byte[] interrupt = _kernel.Request(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = unique }));
        Assert.Equal(0, Handlers.Handle(fs, interrupt, buffer));
        Assert.Equal(Errno.EINTR, _kernel.WaitFor(unique).Errno);
        asked!.Answer(ErrorCode.NotAllowed);
        Assert.Single(_kernel.Later);
    }

    private Reply? Mkdir(string name) =>
        _kernel.Ask(Opcode.Mkdir, 2, Bytes(new MkdirIn { Mode = Convert.ToUInt32("40750", 8) }), Name(name));

    private Reply? Rename(ulong from, string name, ulong to, string newName) =>
        _kernel.Ask(Opcode.Rename, from, Bytes(new RenameIn { Newdir = to }), Name(name), Name(newName));

    private Reply? Setattr(SetattrIn wanted) => _kernel.Ask(Opcode.Setattr, 3, Bytes(wanted));

    private sealed class StuckSink(Action<IReplyTo> asked) : ITriggerSink
    {
        public void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message)
        {
        }

        public void Abandon(IFired message)
        {
        }

        public void Change(TreeChange change, IReplyTo reply) => asked(reply);
    }
}
