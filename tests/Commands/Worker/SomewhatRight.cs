using System.Text;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>What a plugin says that begins well and goes wrong somewhere.</summary>
static class SomewhatRight
{
    /// <summary>Some of these texts in any order, each perhaps changed.</summary>
    public static byte[] Some(Random random, string[] samples)
    {
        List<byte> bytes = [];
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            byte[] sample = Encoding.UTF8.GetBytes(random.Pick(samples));
            bytes.AddRange(random.Next(2) == 0 ? sample : random.Mutate(sample));
        }
        return [.. bytes];
    }
}
