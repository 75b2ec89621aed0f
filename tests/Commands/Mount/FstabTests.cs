using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Mount;

/// <summary>The real mount(8), with our helper, and lines of /etc/fstab.</summary>
public sealed class FstabTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.CliAsync("mkdir /d", "set trigger name /d/t");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task Mount_takes_the_options_of_fstab_and_returns_when_the_files_can_be_used()
    {
        Ended run = await PrivateMounts.RunAsync(_site, """
            generic=rw,_netdev,nofail,x-systemd.automount
            mount -t triggerfs $S $HOME/mnt -o $generic,uid=65534,gid=65533,umask=027,allow_other
            stat -c '%A %u %g' mnt/d mnt/d/t
            as_user cat mnt/d/t && echo readable
            umount mnt
            mount -t triggerfs $S $HOME/mnt -o ro
            touch mnt/d/t || echo read-only
            """);
        Assert.Equal("drwxr-x--- 65534 65533\n-rw-r----- 65534 65533\nreadable\nread-only\n", run.Out);
        Assert.Contains("Read-only file system", run.Err);
    }

    [SkippableFact]
    public async Task A_line_of_fstab_is_mounted_once_however_often_all_is_mounted()
    {
        Ended run = await PrivateMounts.RunAsync(_site, """
            echo "$S $HOME/mnt triggerfs _netdev,nofail,x-systemd.automount,logfile=$HOME/answers 0 0" > fstab
            mount -T fstab -a; mount -T fstab -a
            grep -c " $HOME/mnt fuse.triggerfs " /proc/self/mounts
            findmnt -n -o SOURCE,FSTYPE mnt | tr -s ' '
            ls mnt; test -e answers
            umount mnt; mount -T fstab $HOME/mnt; ls mnt
            """);
        Assert.Equal(("", $"1\n{_site.SettingsFile} fuse.triggerfs\nd\nd\n"), (run.Err, run.Out));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("rm own/sbin/mount.fuse.triggerfs; ln -s $T own/bin/triggerfs; mount --bind own/bin /usr/local/bin;")]
    public async Task The_type_fuse_triggerfs_works_with_our_helper_and_with_that_of_fuse3(string without)
    {
        Ended run = await PrivateMounts.RunAsync(
            _site, $"{without} mount -t fuse.triggerfs $S $HOME/mnt -o _netdev,nofail; ls mnt");
        Assert.Equal(("", "d\n"), (run.Err, run.Out));
    }

    [SkippableFact]
    public async Task What_mount_cannot_do_is_said_with_its_exit_status_and_a_fake_mount_does_nothing()
    {
        Ended run = await PrivateMounts.RunAsync(_site, """
            mount -t triggerfs /nowhere.toml $HOME/mnt || echo $?
            mount -t triggerfs nonsense $HOME/mnt || echo $?
            mount -t triggerfs $S $HOME/mnt -o uid=nobody-at-all || echo $?
            mount -f -t triggerfs $S $HOME/mnt && findmnt mnt || echo nothing is mounted
            """);
        Assert.Equal("78\n64\n64\nnothing is mounted\n", run.Out);
        Assert.Contains("/nowhere.toml", run.Err);
        Assert.Contains("'nonsense' is no source", run.Err);
    }

    [SkippableFact]
    public async Task An_automount_is_filled_when_somebody_walks_into_it()
    {
        Skip.IfNot(File.ReadAllText("/proc/filesystems").Contains("autofs"), "this kernel has no autofs");
        string python = Path.Combine(Repository.Sources.Root, "tests/Commands/Mount/automount.py");
        Ended run = await PrivateMounts.RunAsync(_site, $$"""
            command -v python3 > /dev/null || { echo no python3; exit; }
            python3 {{python}} $HOME/mnt "mount -t triggerfs $S $HOME/mnt" "ls $HOME/mnt; stat -c %A $HOME/mnt/d/t"
            umount mnt; findmnt -n -o FSTYPE mnt; umount mnt
            """);
        Skip.If(run.Out == "no python3\n", "there is no python3");
        Assert.Equal(("", "d\n-rw-r--r--\nautofs\n"), (run.Err, run.Out));
    }

    [SkippableFact]
    public async Task Systemd_makes_an_automount_of_the_line_that_waits_for_the_network()
    {
        const string generator = "/usr/lib/systemd/system-generators/systemd-fstab-generator";
        Skip.IfNot(File.Exists(generator), "there is no systemd");
        Ended run = await PrivateMounts.RunAsync(_site, $$"""
            echo "$S /srv/triggers triggerfs _netdev,nofail,x-systemd.automount,umask=027 0 0" > fstab
            mkdir units; SYSTEMD_FSTAB=$HOME/fstab {{generator}} units units units > /dev/null 2>&1
            cat units/srv-triggers.mount; ls units/remote-fs.target.wants
            """);
        Assert.Contains("\nType=triggerfs\n", run.Out);
        Assert.Contains("\nOptions=_netdev,nofail,x-systemd.automount,umask=027\n", run.Out);
        Assert.EndsWith("\nsrv-triggers.automount\n", run.Out);
    }
}
