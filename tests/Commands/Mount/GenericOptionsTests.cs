using TriggerFs.Commands.Mount;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class GenericOptionsTests
{
    [Fact]
    public void Options_of_fstab_are_read_ignored_or_named()
    {
        GenericOptions options = GenericOptions.Parse(
            "rw,_netdev,nofail,x-systemd.automount,x-systemd.device-timeout=5,allow_other,nonempty,frobnicate=3");
        Assert.True(options.AllowOther && options.NonEmpty);
        Assert.False(options.ReadOnly);
        Assert.Equal(["frobnicate"], options.Unknown);
    }

    [Fact]
    public void No_options_are_no_options() => Assert.Empty(GenericOptions.Parse(null).Unknown);

    [Fact]
    public void Owners_are_numbers_or_names_of_this_host_and_a_umask_is_octal()
    {
        GenericOptions options = GenericOptions.Parse("uid=root,gid=1001,umask=027,threads=3,logfile=/var/log/t");
        Assert.Equal((0u, 1001u, 0b010_111u), (options.Uid, options.Gid, options.Umask));
        Assert.Equal((3, "/var/log/t"), (options.Threads, options.Logfile));
    }

    [Fact]
    public void The_last_of_ro_and_rw_counts()
    {
        Assert.True(GenericOptions.Parse("rw,ro").ReadOnly);
        Assert.False(GenericOptions.Parse("ro,rw").ReadOnly);
    }

    [Theory]
    [InlineData("uid=")]
    [InlineData("uid=-1")]
    [InlineData("uid=4294967295")]
    [InlineData("uid=no such user")]
    [InlineData("gid=no-such-group")]
    [InlineData("umask=")]
    [InlineData("umask=8")]
    [InlineData("umask=1777")]
    [InlineData("threads=0")]
    [InlineData("threads=17")]
    public void A_value_that_makes_no_sense_is_refused(string text) =>
        Assert.Equal(ErrorCode.Usage, Assert.Throws<TriggerException>(() => GenericOptions.Parse(text)).Code);
}
