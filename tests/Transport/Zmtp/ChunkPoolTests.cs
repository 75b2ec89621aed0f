using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport.Zmtp;

public sealed class ChunkPoolTests
{
    private readonly ChunkPool _pool = new();

    [Fact]
    public void A_chunk_that_came_back_is_used_again()
    {
        Chunk chunk = _pool.Rent(1000);
        _pool.Return(chunk);
        Assert.Same(chunk, _pool.Rent(1000));
    }

    [Fact]
    public void What_a_burst_took_is_let_go_when_it_was_not_needed_for_a_while()
    {
        Chunk[] burst = [.. Enumerable.Range(0, 10).Select(_ => _pool.Rent(100_000))];
        foreach (Chunk chunk in burst) _pool.Return(chunk);
        _pool.Trim(); // From here on it counts.
        _pool.Trim();
        Assert.DoesNotContain(_pool.Rent(100_000), burst);
    }

    [Fact]
    public void What_is_needed_again_and_again_stays()
    {
        Chunk[] two = [_pool.Rent(100_000), _pool.Rent(100_000)];
        foreach (Chunk chunk in two) _pool.Return(chunk);
        for (int i = 0; i < 5; i++)
        {
            _pool.Trim();
            Chunk again = _pool.Rent(100_000);
            Assert.Contains(again, two);
            _pool.Return(again);
        }
        Assert.Contains(_pool.Rent(100_000), two);
        Assert.DoesNotContain(_pool.Rent(100_000), two); // The other one was let go.
    }
}
