using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport.Zmtp;

/// <summary>Conversations in the clear.</summary>
public sealed class NullFuzzTests() : FuzzTests("NULL");

/// <summary>Encrypted ones.</summary>
public sealed class CurveFuzzTests() : FuzzTests("CURVE");

/// <summary>
/// Conversations in which one side says something else than it should: they end in a refusal or go on, and nothing
/// else.
/// </summary>
[Trait("Category", "Fuzz")]
public abstract class FuzzTests(string mechanism)
{
    /// <summary>Bytes of an answer to what was heard in one go: a refusal, a PONG for each PING, no more.</summary>
    private const int AnswerMax = 16 * 1024;

    [Fact]
    public void A_peer_that_says_anything_is_refused_or_understood() =>
        Fuzz.Rounds($"zmtp-{mechanism}", 300, random =>
        {
            try
            {
                Converse(mechanism, random);
            }
            catch (ZmtpException)
            {
                // That is what it is for.
            }
        });

    private static void Converse(string mechanism, Random random)
    {
        Party server = Party.Server(mechanism), client = Party.Client(mechanism);
        (Party good, Party bad) = random.Next(2) == 0 ? (server, client) : (client, server);
        if (random.Next(3) == 0) Party.Talk(server, client);
        for (int turn = random.Next(3, 8); turn > 0; turn--)
        {
            if (bad.TimesReady > 0) bad.Send(ZmtpConnectionTests.Sample(random.Next(600)));
            byte[] said = bad.Said();
            good.Feed(random.Next(3) == 0 ? Mutate(random, said) : said);
            byte[] answer = good.Said();
            Assert.InRange(answer.Length, 0, AnswerMax);
            bad.Feed(answer);
        }
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        List<byte> list = [.. bytes];
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            int at = random.Next(list.Count + 1), length = random.Next(list.Count - at + 1);
            byte[] noise = new byte[random.Next(80)];
            random.NextBytes(noise);
            switch (random.Next(5))
            {
                case 0: list.InsertRange(at, noise); break;
                case 1: list.RemoveRange(at, length); break;
                case 2: list.InsertRange(at, list.GetRange(at, length)); break;
                case 3: list.InsertRange(at, [(byte)random.Next(8), (byte)noise.Length, .. noise]); break; // A frame.
                default: if (at < list.Count) list[at] = (byte)random.Next(256); break;
            }
        }
        return [.. list];
    }
}
