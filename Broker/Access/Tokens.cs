using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Broker.Access;

/// <summary>
/// JSON Web Tokens (RFC 7519) signed with HMAC-SHA256 (RFC 7515, HS256) and nothing else. A key can be changed: the one
/// before is still accepted, but signs nothing.
/// </summary>
sealed class Tokens
{
    /// <summary>Bytes of the key: as many as HS256's hash has (RFC 7518, section 3.2).</summary>
    public const int KeySize = 32;

    /// <summary>Characters of a JWT: ours have about 400.</summary>
    public const int LengthMax = 2048;

    /// <summary>
    /// Seconds for which our clock may have been ahead when a JWT was issued: put back by an hour, it ends no session,
    /// and what was issued by a clock that was years ahead is not good for years.
    /// </summary>
    private const long SkewMaxS = 24 * 3600;

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    private readonly byte[] _key;
    private readonly byte[]? _previous;

    /// <param name="key">Signs and is accepted; 32 bytes.</param>
    /// <param name="previous">Is accepted only; empty for none.</param>
    public Tokens(ReadOnlySpan<byte> key, ReadOnlySpan<byte> previous = default)
    {
        if (key.Length != KeySize || previous.Length is not (0 or KeySize))
            throw new ArgumentException($"a signing key has {KeySize} bytes");
        _key = key.ToArray();
        _previous = previous.IsEmpty ? null : previous.ToArray();
    }

    public string Issue(Claims claims)
    {
        string signed = Header + "." + Base64Url.EncodeToString(ClaimsText.Write(claims));
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>
    /// The claims of a JWT that one of our keys signed and whose time has not run out; else says why not.
    /// </summary>
    public Claims Read(string jwt, long nowUnixMs)
    {
        Claims claims = Signed(jwt) is { } payload && ClaimsText.Read(payload) is { } read ? read
            : throw Bad("it is not one that this broker issued");
        if (claims.ExpiresUnixS * 1000 <= nowUnixMs) throw Bad("it has expired");
        if (claims.IssuedUnixS > (nowUnixMs / 1000) + SkewMaxS) throw Bad("it is not valid yet; a clock is wrong");
        return claims;
    }

    /// <summary>The refusal of a JWT.</summary>
    public static TriggerException Bad(string why) => new(ErrorCode.Unauthenticated, "the JWT is refused", why,
        "take 'jwt' out of triggerfs.toml and sign in with team, identity and secret");

    /// <summary>The payload, if the signature is ours.</summary>
    private byte[]? Signed(string jwt)
    {
        if (jwt.Length > LengthMax || !Ascii.IsValid(jwt)) return null;
        string[] parts = jwt.Split('.');
        if (parts.Length != 3) return null;
        byte[]? header = Decode(parts[0]), payload = Decode(parts[1]), signature = Decode(parts[2]);
        if (header is null || payload is null || signature is null || !IsHs256(header)) return null;
        byte[] text = Encoding.ASCII.GetBytes(jwt, 0, parts[0].Length + 1 + parts[1].Length);
        bool ours = CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, text), signature);
        if (_previous is not null)
            ours |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_previous, text), signature);
        return ours ? payload : null;
    }

    // RFC 8725, section 3.1: the algorithm is ours to choose, not the token's; "crit" would ask for what we do not
    // know.
    private static bool IsHs256(byte[] header) =>
        ClaimsText.Flatten(header) is { } members && members.GetValueOrDefault("alg") == "HS256"
        && members.GetValueOrDefault("typ", "JWT") == "JWT" && !members.ContainsKey("crit");

    private static byte[]? Decode(string part)
    {
        if (part.Length == 0 || part.Contains('=') || !Base64Url.IsValid(part)) return null;
        byte[] bytes = Base64Url.DecodeFromChars(part);
        // One text for each value: the unused bits of the last character are zero.
        return Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }
}
