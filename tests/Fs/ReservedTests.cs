using System.Runtime.InteropServices;
using System.Text;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>The directory <c>.triggerfs</c>, in which a mount tells of itself.</summary>
public sealed class ReservedTests
{
    private static readonly TreeNode[] Demo = [Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t")];

    private readonly FakeKernel _kernel = new(Demo);
    private readonly ulong _directory;
    private readonly ulong _file;
    private int _asked;

    public ReservedTests()
    {
        _kernel.Tree.AddReserved("status", () => Encoding.UTF8.GetBytes($"asked: {++_asked}\n"));
        _directory = Lookup(1, ".triggerfs");
        _file = Lookup(_directory, "status");
    }

    [Fact]
    public void It_is_found_by_its_name_in_the_root_alone()
    {
        Assert.NotEqual(0ul, _directory);
        Assert.Equal(0ul, Lookup(2, ".triggerfs"));
        Assert.Equal(0ul, Lookup(_directory, ".triggerfs"));
        Attr directory = Attributes(_directory), file = Attributes(_file);
        Assert.Equal(("40555", "100444"), (Octal(directory.Mode), Octal(file.Mode)));
        Assert.Equal((_directory, _file, 0ul), (directory.Ino, file.Ino, file.Size));
    }

    [Fact]
    public void No_listing_shows_it_and_the_root_does_not_count_it()
    {
        Assert.Equal([".", "..", "d"], List(1));
        Assert.Equal([".", "..", "status"], List(_directory));
        Assert.Equal(3u, Attributes(1).Nlink);
        Assert.Equal(3, _kernel.Tree.Count);
    }

    [Fact]
    public void Each_reading_sees_one_text_to_its_end_however_small_the_pieces()
    {
        ulong fh = _kernel.Open(_file, OpenFlags.ReadOnly);
        Assert.Equal("asked: 1\n", _kernel.Read(_file, fh)!.Text);
        Assert.Equal("asked", _kernel.Read(_file, fh, size: 5)!.Text);
        Assert.Equal(": 2\n", _kernel.Read(_file, fh, offset: 5, size: 5)!.Text);
        Assert.Equal("", _kernel.Read(_file, fh, offset: 9)!.Text);
        Assert.Equal("", _kernel.Read(_file, fh, offset: ulong.MaxValue)!.Text);
        Assert.Equal(Errno.None, _kernel.Release(_file, fh)!.Errno);
    }

    [Fact]
    public void Nothing_in_it_is_written_made_moved_or_changed()
    {
        foreach (uint flags in (uint[])[OpenFlags.WriteOnly, OpenFlags.ReadWrite])
            Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Open, _file, Bytes(new OpenIn { Flags = flags }))!.Errno);
        var create = new CreateIn { Flags = OpenFlags.WriteOnly };
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Create, _directory, Bytes(create), Name("status"))!.Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Create, _directory, Bytes(create), Name("new"))!.Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Mkdir, _directory, Bytes(default(MkdirIn)), Name("new"))!.Errno);
        Assert.Equal(Errno.EEXIST, _kernel.Ask(Opcode.Mkdir, 1, Bytes(default(MkdirIn)), Name(".triggerfs"))!.Errno);
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Rmdir, 1, Name(".triggerfs"))!.Errno);
        var mode = new SetattrIn { Valid = SetattrValid.Mode, Mode = 0x1FF };
        Assert.Equal(Errno.EROFS, _kernel.Ask(Opcode.Setattr, _file, Bytes(mode))!.Errno);
        Assert.Equal(Errno.EROFS, Rename(1, ".triggerfs", 1, "x"));
        Assert.Equal(Errno.EROFS, Rename(_directory, "status", 2, "x"));
        Assert.Equal(Errno.EROFS, Rename(2, "t", _directory, "x"));
        byte[] setting = Bytes(new SetxattrIn { Size = 1 });
        Assert.Equal(
            Errno.EROFS, _kernel.Ask(Opcode.Setxattr, _file, setting, Name("user.triggerfs.plugin"), [65])!.Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Fact]
    public void A_broker_neither_takes_it_away_nor_puts_anything_there()
    {
        _kernel.Tree.Apply(Nodes.Gone(_directory, _file));
        _kernel.Tree.Apply(Nodes.Changed(
            Nodes.Trigger(_file, 2, "mine"), Nodes.Directory(9, _directory, "in it"),
            Nodes.Directory(2, _directory, "d"), Nodes.Directory(ulong.MaxValue, 1, "new")));
        _kernel.Tree.Apply(Nodes.Snapshot(Demo));
        Assert.Equal((_directory, _file), (Lookup(1, ".triggerfs"), Lookup(_directory, "status")));
        Assert.Equal([".", "..", "status"], List(_directory));
        Assert.Equal([".", "..", "d"], List(1));
    }

    [SkippableFact]
    public void Programs_that_walk_the_tree_do_not_come_there_and_who_knows_it_reads_it()
    {
        RealMount.SkipWithoutFuse();
        using var mount = RealMount.Make(Demo);
        mount.Tree.AddReserved("status", () => "state: connected\n"u8.ToArray());
        RealMount.Outcome run = mount.Run("""
            ls -A; find . | sort; grep -r connected .; du -a . | wc -l
            cat .triggerfs/status; ls .triggerfs; cp .triggerfs/status $B/copy; cat $B/copy
            awk '/^state/ { print $2 }' .triggerfs/status
            ! touch .triggerfs/status; ! echo x > .triggerfs/status; ! mkdir .triggerfs/d
            ! rm -rf .triggerfs; ! mv .triggerfs d
            """);
        Assert.Equal(
            "d\n.\n./d\n./d/t\n3\nstate: connected\nstatus\nstate: connected\nconnected\n", run.Out);
        Assert.Equal(5, run.Error.Split('\n').Count(line => line.Contains("Read-only file system")
            || line.Contains("Operation not permitted")));
    }

    private ulong Lookup(ulong directory, string name) =>
        _kernel.Ask(Opcode.Lookup, directory, Name(name))!.Body<EntryOut>().Nodeid;

    private Attr Attributes(ulong node) =>
        _kernel.Ask(Opcode.Getattr, node, Bytes(default(GetattrIn)))!.Body<AttrOut>().Attr;

    private Errno Rename(ulong from, string name, ulong to, string newName) => _kernel.Ask(
        Opcode.Rename, from, Bytes(new RenameIn { Newdir = to }), Name(name), Name(newName))!.Errno;

    private List<string> List(ulong node)
    {
        ulong fh = _kernel.Ask(Opcode.Opendir, node, Bytes(default(OpenIn)))!.Body<OpenOut>().Fh;
        ReadOnlySpan<byte> rest =
            _kernel.Ask(Opcode.Readdir, node, Bytes(new ReadIn { Fh = fh, Size = 4096 }))!.Rest;
        List<string> names = [];
        while (!rest.IsEmpty)
        {
            Dirent dirent = MemoryMarshal.Read<Dirent>(rest);
            names.Add(Encoding.UTF8.GetString(rest.Slice(24, (int)dirent.Namelen)));
            rest = rest[((24 + (int)dirent.Namelen + 7) & ~7)..];
        }
        return names;
    }

    private static string Octal(uint mode) => Convert.ToString(mode, 8);
}
