using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Access;

public sealed class TokensTests
{
    private const long NowMs = 1_525_113_930_000;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly Claims Whole = new(
        new(new UInt128(7, 9)), PeerRole.Mount, "team1", "hp", 4, "00ff", ulong.MaxValue,
        NowMs / 1000, (NowMs / 1000) + 3600);

    private readonly Tokens _tokens = new(Key);

    [Fact]
    public void What_was_issued_is_read_back_whole() => Assert.Equal(Whole, _tokens.Read(_tokens.Issue(Whole), NowMs));

    [Fact]
    public void A_JWT_holds_metadata_alone()
    {
        string payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(_tokens.Issue(Whole).Split('.')[1]));
        Assert.Equal(["iss", "sub", "team", "role", "sid", "uid", "gen", "lnk", "iat", "exp"],
            System.Text.Json.JsonDocument.Parse(payload).RootElement.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public void An_expired_JWT_is_refused() => Refused("expired", _tokens.Issue(Whole), NowMs + 3_600_000);

    [Fact]
    public void A_JWT_of_another_day_in_the_future_is_refused() =>
        Refused("not valid yet", _tokens.Issue(Whole), NowMs - (25 * 3_600_000L));

    [Fact]
    public void A_JWT_outlives_a_clock_that_is_put_back_by_an_hour() =>
        Assert.Equal(Whole, _tokens.Read(_tokens.Issue(Whole), NowMs - 3_600_000));

    [Fact]
    public void A_JWT_signed_with_another_key_is_refused() =>
        Refused("not one that this broker", new Tokens(RandomNumberGenerator.GetBytes(32)).Issue(Whole));

    [Fact]
    public void A_JWT_with_any_changed_character_is_refused()
    {
        string jwt = _tokens.Issue(Whole);
        for (int at = 0; at < jwt.Length; at++)
            Refused("not one that this broker", jwt[..at] + (jwt[at] == 'A' ? 'B' : 'A') + jwt[(at + 1)..]);
    }

    [Fact]
    public void A_JWT_cut_short_anywhere_is_refused()
    {
        string jwt = _tokens.Issue(Whole);
        for (int length = 0; length < jwt.Length; length++) Refused("not one that this broker", jwt[..length]);
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS512","typ":"JWT"}""")]
    [InlineData("""{"alg":"hs256","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","alg":"none"}""")]
    [InlineData("""{"alg":"HS256","crit":"exp"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWE"}""")]
    public void Another_algorithm_is_refused_though_the_signature_is_right(string header) =>
        Refused("not one that this broker", Sign(header, Payload()));

    [Fact]
    public void A_JWT_without_a_signature_is_refused()
    {
        string[] parts = _tokens.Issue(Whole).Split('.');
        Refused("not one that this broker", parts[0] + "." + parts[1] + ".");
        Refused("not one that this broker", parts[0] + "." + parts[1]);
    }

    [Theory]
    [InlineData("iss", "\"somebody\"")]
    [InlineData("role", "\"admin\"")]
    [InlineData("exp", "\"never\"")]
    [InlineData("exp", "-1")]
    [InlineData("uid", "{}")]
    [InlineData("sid", "\"zz\"")]
    [InlineData("sid", null)]
    [InlineData("gen", null)]
    public void Claims_that_are_wrong_or_missing_are_refused_though_signed(string name, string? value) =>
        Refused("not one that this broker", Sign("""{"alg":"HS256"}""", Payload(name, value)));

    [Fact]
    public void A_claim_that_is_there_twice_is_refused() =>
        Refused("not one that this broker", Sign("""{"alg":"HS256"}""", Payload().Replace("{", "{\"sub\":\"root\",")));

    [Fact]
    public void Claims_of_a_newer_broker_are_skipped() =>
        Assert.Equal(
            Whole, _tokens.Read(Sign("""{"alg":"HS256"}""", Payload().Replace("}", ",\"new\":\"x\"}")), NowMs));

    [Fact]
    public void A_JWT_that_is_too_long_is_refused() =>
        Refused("not one that this broker", _tokens.Issue(Whole with { Identity = new string('x', 4096) }));

    [Fact]
    public void A_JWT_of_the_key_before_is_accepted_until_that_key_is_gone()
    {
        string old = _tokens.Issue(Whole);
        byte[] next = RandomNumberGenerator.GetBytes(32);
        Assert.Equal(Whole, new Tokens(next, previous: Key).Read(old, NowMs));
        Assert.Throws<TriggerException>(() => new Tokens(next).Read(old, NowMs));
        Assert.Throws<TriggerException>(() => _tokens.Read(new Tokens(next, previous: Key).Issue(Whole), NowMs));
    }

    private static string Payload(string? name = null, string? value = null)
    {
        var members = new List<(string, string)>
        {
            ("iss", "\"triggerfs\""), ("sub", "\"hp\""), ("team", "\"team1\""), ("role", "\"mount\""),
            ("sid", $"\"{Whole.Session}\""), ("uid", "4"), ("gen", "\"00ff\""), ("lnk", $"{ulong.MaxValue}"),
            ("iat", $"{Whole.IssuedUnixS}"), ("exp", $"{Whole.ExpiresUnixS}"),
        };
        members.RemoveAll(member => member.Item1 == name);
        if (name is not null && value is not null) members.Add((name, value));
        return "{" + string.Join(",", members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}";
    }

    private static string Sign(string header, string payload)
    {
        string text = Encode(Encoding.UTF8.GetBytes(header)) + "." + Encode(Encoding.UTF8.GetBytes(payload));
        return text + "." + Encode(HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(text)));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private void Refused(string why, string jwt, long nowMs = NowMs)
    {
        TriggerException refusal = Assert.Throws<TriggerException>(() => _tokens.Read(jwt, nowMs));
        Assert.Equal(ErrorCode.Unauthenticated, refusal.Code);
        Assert.Contains(why, refusal.Why);
    }
}
