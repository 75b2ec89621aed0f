using System.Security.Cryptography;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Access;

public sealed class TokenSealTests : IDisposable
{
    private readonly TokenSeal _seal = new(RandomNumberGenerator.GetBytes(32));
    private readonly string _token = TokenSeal.NewToken(RandomNumberGenerator.Fill);

    public void Dispose() => _seal.Dispose();

    [Fact]
    public void A_new_token_is_a_random_uuid_of_version_4()
    {
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", _token);
        Assert.NotEqual(_token, TokenSeal.NewToken(RandomNumberGenerator.Fill));
    }

    [Fact]
    public void A_sealed_token_is_opened_again_and_does_not_contain_it()
    {
        Worker worker = Sealed();
        Assert.Equal(_token, _seal.Open(worker));
        Assert.DoesNotContain(_token, System.Text.Encoding.Latin1.GetString(worker.SealedToken.AsSpan()));
    }

    [Fact]
    public void A_sealed_token_moved_to_another_worker_is_refused()
    {
        Worker other = Sealed() with { Id = new(11) };
        Assert.Equal(ErrorCode.Storage, Assert.Throws<TriggerException>(() => _seal.Open(other)).Code);
        Assert.False(_seal.Matches(other, _token));
    }

    [Fact]
    public void A_token_sealed_with_another_key_is_refused()
    {
        using var other = new TokenSeal(RandomNumberGenerator.GetBytes(32));
        Assert.Throws<TriggerException>(() => other.Open(Sealed()));
    }

    [Fact]
    public void A_sealed_token_with_any_changed_byte_is_refused()
    {
        Worker worker = Sealed();
        for (int at = 0; at < worker.SealedToken.Length; at++)
        {
            byte bent = (byte)(worker.SealedToken[at] ^ 1);
            Assert.False(_seal.Matches(worker with { SealedToken = worker.SealedToken.SetItem(at, bent) }, _token));
        }
    }

    [Fact]
    public void Only_the_token_itself_matches()
    {
        Worker worker = Sealed();
        Assert.True(_seal.Matches(worker, _token));
        Assert.False(_seal.Matches(worker, TokenSeal.NewToken(RandomNumberGenerator.Fill)));
        Assert.False(_seal.Matches(worker, _token.ToUpperInvariant()));
        Assert.False(_seal.Matches(worker, _token[..35]));
        Assert.False(_seal.Matches(worker, _token + "0"));
        Assert.False(_seal.Matches(worker, new string('é', 36)));
        Assert.False(_seal.Matches(worker, ""));
        Assert.False(_seal.Matches(worker, new string('\0', 36)));
        Assert.False(_seal.Matches(null, new string('\0', 36)));
        Assert.False(_seal.Matches(null, _token));
    }

    private Worker Sealed()
    {
        Worker worker = Sample.Worker(10, "demo01");
        return worker with { SealedToken = _seal.Seal(worker.Id, _token, RandomNumberGenerator.Fill) };
    }
}
