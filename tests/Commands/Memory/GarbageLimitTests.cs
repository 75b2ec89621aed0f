using TriggerFs.Commands.Memory;

namespace TriggerFs.Tests.Commands.Memory;

public class GarbageLimitTests
{
    private const long MiB = 1 << 20;

    private readonly GarbageLimit _limit = new();

    [Fact]
    public void Little_garbage_is_left_until_it_is_some_MiB()
    {
        Assert.False(_limit.IsTime(collections: 0, allocated: 3 * MiB));
        Assert.True(_limit.IsTime(collections: 0, allocated: 5 * MiB));
    }

    [Fact]
    public void Garbage_is_counted_anew_after_each_collection()
    {
        Assert.False(_limit.IsTime(collections: 1, allocated: 5 * MiB));
        Assert.False(_limit.IsTime(collections: 1, allocated: 8 * MiB));
        Assert.True(_limit.IsTime(collections: 1, allocated: 10 * MiB));
    }

    [Fact]
    public void A_process_whose_garbage_is_collected_all_the_time_is_left_alone()
    {
        for (int collections = 1; collections < 100; collections++)
            Assert.False(_limit.IsTime(collections, collections * 50 * MiB));
    }
}
