using TriggerFs.Commands.Mount;

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
}
