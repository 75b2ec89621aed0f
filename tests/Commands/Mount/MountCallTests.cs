using TriggerFs.Commands;
using TriggerFs.Commands.Mount;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class MountCallTests
{
    [Theory]
    [InlineData("/sbin/mount.triggerfs", "/t.toml /mnt -o rw,nofail", "mount --daemon -o rw,nofail /t.toml /mnt")]
    [InlineData("/sbin/mount.fuse.triggerfs", "none /mnt -n -t fuse.triggerfs", "mount --daemon none /mnt")]
    [InlineData("mount.triggerfs", "triggerfs /mnt -sfv -o ro", "mount --daemon --dry-run -o ro triggerfs /mnt")]
    [InlineData("/usr/bin/triggerfs", "/etc/t.toml /mnt -o rw", "mount --daemon -o rw /etc/t.toml /mnt")]
    [InlineData("/usr/bin/triggerfs", "none /mnt -o rw", "mount --daemon -o rw none /mnt")]
    [InlineData("/usr/bin/triggerfs", "mount /mnt -o rw", "mount /mnt -o rw")]
    public void Mount_calls_us_in_its_own_words(string program, string called, string meant) =>
        Assert.Equal(meant.Split(' '), CalledAs.Expand(program, called.Split(' ')));

    [Fact]
    public void Another_namespace_is_refused() => Assert.Equal(
        ErrorCode.Unsupported,
        Assert.Throws<TriggerException>(() => MountCall.Arguments(["none", "/mnt", "-N", "/proc/1/ns/mnt"])).Code);
}
