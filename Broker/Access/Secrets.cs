using System.Text;
using TriggerFs.Core;
using Bcrypt = BCrypt.Net.BCrypt;

namespace TriggerFs.Broker.Access;

/// <summary>
/// A user's secret, of which bcrypt alone is kept. bcrypt reads 72 bytes and stops at a zero byte, so a longer secret
/// and one with control characters are refused when they are set, and never match.
/// </summary>
static class Secrets
{
    /// <summary>bcrypt's cost: 2^11 rounds, about 0.1 s of a server's core for each guess.</summary>
    public const int CostDefault = 11;

    /// <summary>Bytes of a secret: what bcrypt looks at.</summary>
    public const int BytesMax = 72;

    /// <summary>
    /// Characters of a secret that is chosen anew. The first one, on the broker's own host, may be shorter, with a
    /// warning.
    /// </summary>
    public const int AdvisedMin = 12;

    /// <summary>Refuses what cannot be a secret.</summary>
    public static void Check(string secret)
    {
        if (secret.Length == 0) throw Bad("it is empty");
        if (Encoding.UTF8.GetByteCount(secret) > BytesMax)
            throw Bad($"it is over {BytesMax} bytes, and bcrypt, which protects it, looks no further");
        if (secret.Any(char.IsControl)) throw Bad("it has a control character, such as a line's end, in it");
    }

    /// <summary>Refuses what cannot be a secret, and what is too easy to guess.</summary>
    public static void CheckNew(string secret)
    {
        Check(secret);
        if (secret.Length < AdvisedMin) throw Bad($"it is too short: at least {AdvisedMin} characters are needed");
    }

    /// <summary>What is stored of a secret. Takes long on purpose.</summary>
    /// <param name="cost">4 to 31; each step doubles the time.</param>
    public static string Hash(string secret, int cost = CostDefault)
    {
        Check(secret);
        return Bcrypt.HashPassword(secret, cost);
    }

    /// <summary>
    /// Whether the secret is the one that was hashed. Takes as long for a wrong one as for the right one.
    /// </summary>
    public static bool Match(string hash, string secret)
    {
        bool possible = secret.Length != 0 && Encoding.UTF8.GetByteCount(secret) <= BytesMax
            && !secret.Any(char.IsControl);
        return Bcrypt.Verify(possible ? secret : "impossible", hash) && possible;
    }

    /// <summary>What looks like a hash of this cost and that no secret is known for.</summary>
    public static string HashOfNobody(int cost) =>
        $"$2a${cost:00}$" + System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghijklmnopqrstuv", 53);

    private static TriggerException Bad(string why) => new(ErrorCode.Invalid, "the secret cannot be used", why);
}
