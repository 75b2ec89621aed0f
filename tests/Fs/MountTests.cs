using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Fs;

public sealed class MountTests
{
    private static readonly TreeNode[] Demo =
    [
        Nodes.Directory(2, 1, "newtrigger"),
        Nodes.Trigger(3, 2, "demotrigger"),
    ];

    [SkippableFact]
    public void Echo_into_a_trigger_arrives_whole()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run("echo uptime > newtrigger/demotrigger");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal(["uptime\n"], mount.Sink.Texts);
        Assert.Equal(new NodeId(3), mount.Sink.Fired.First().Trigger);
    }

    [SkippableFact]
    public void A_mount_through_fusermount3_works_too()
    {
        using var mount = RealMount.Make(byFusermount: true, Demo);
        RealMount.Outcome run = mount.Run("echo uptime > newtrigger/demotrigger");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal(["uptime\n"], mount.Sink.Texts);
    }
}
