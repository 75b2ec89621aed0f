using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Tests.Fs;

/// <summary>Ways in which a mount ends, or nearly.</summary>
public sealed class DyingTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [SkippableFact]
    public void After_a_lazy_unmount_open_files_go_on_and_the_last_close_ends_it()
    {
        using RealMount mount = Make();
        RealMount.Outcome run = mount.Run("exec 3<> d/t; cd /; umount -l $M; ls $M; echo late >&3 && cat <&3");
        Assert.Equal((0, "", ""), (run.Exit, run.Out, run.Error));
        Assert.Equal(["late\n"], mount.Sink.Texts);
        Assert.True(mount.Session.Ended.Wait(Soon));
    }

    /// <summary>The kernel may tell of the last close no more: its connection ends with it.</summary>
    [SkippableFact]
    public void What_a_file_kept_until_its_close_is_sent_though_the_mount_is_gone_by_then()
    {
        using RealMount mount = Make();
        mount.Run("exec 3> d/close; echo whole >&3; cd /; umount -l $M; echo and late >&3");
        Assert.True(mount.Session.Ended.Wait(Soon));
        mount.Session.Dispose();
        Assert.Equal(["whole\nand late\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void Its_end_takes_no_other_mount_away_that_came_to_its_place_meanwhile()
    {
        using RealMount mount = Make();
        mount.Run("sleep 300 3> d/t > /dev/null 2>&1 & echo $! > $B/pid; cd /; umount -l $M");
        string pid = File.ReadAllText(Path.Combine(mount.Beside, "pid")).Trim();
        try
        {
            using FuseSession other = FuseSession.Start(new(mount.Path), mount.Tree, mount.Sink, mount.Log, _ => { });
            Assert.True(other.Ready.Wait(Soon));
            Assert.True(mount.Session.Unmount(TimeSpan.Zero));
            Assert.NotNull(MountTable.At(mount.Path));
            Assert.Equal("close\nt\n", mount.Run("ls d").Out);
        }
        finally
        {
            System.Diagnostics.Process.GetProcessById(int.Parse(pid)).Kill();
        }
        Assert.True(mount.Session.Ended.Wait(Soon));
    }

    /// <summary>As root, who may write anywhere, it is at least said at the next start.</summary>
    [SkippableFact]
    public void While_nothing_is_mounted_a_write_to_the_mountpoint_makes_no_file()
    {
        using RealMount mount = Make();
        RealMount.Outcome run = mount.Run("cd /; umount $M; chmod 755 $B; stat -c %A $M; "
            + "setpriv --reuid 65534 --clear-groups bash -c 'echo x > $M/t'; rmdir $M; mkdir $M");
        Assert.Equal("dr-xr-xr-x\n", run.Out);
        Assert.Contains("Permission denied", run.Error);
    }

    private static RealMount Make() => RealMount.Make(
        Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t"), Nodes.Trigger(4, 2, "close", MessageMode.Close));
}
