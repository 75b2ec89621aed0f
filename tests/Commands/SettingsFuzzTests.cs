using System.Text;
using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

/// <summary>Settings files that somebody edited in a hurry: read, or refused with the file, and nothing else.</summary>
[Trait("Category", "Fuzz")]
public sealed class SettingsFuzzTests
{
    /// <summary>What is put into a file at random.</summary>
    internal const string Letters = "\n\r\t =\"'[]{}#.,_-0159aeinotx:/*\\\0\u0001é漢";

    /// <summary>All keys there are, with the values of the skeleton.</summary>
    private static readonly string Skeleton = string.Join('\n',
        File.ReadAllLines(Path.Combine(Repository.Sources.Root, "triggerfs.toml"))
            .Select(line => line.StartsWith("# ", StringComparison.Ordinal) && line.Contains('=') ? line[2..] : line));

    [Fact]
    public void Settings_are_read_or_refused_with_the_file() => Fuzz.Inputs("settings", 400, Some, static bytes =>
    {
        string text = Encoding.UTF8.GetString(bytes);
        try
        {
            Settings settings = SettingsFile.Parse(text, "t.toml");
            _ = settings.NeedBroker();
            _ = settings.NeedUser();
            _ = settings.NeedWorker("demo01");
        }
        catch (TriggerException refused)
        {
            Assert.True(refused.Code == ErrorCode.Settings, refused.Report());
        }
    });

    private static byte[] Some(Random random) =>
        Encoding.UTF8.GetBytes(random.Next(3) == 0 ? Lines(random) : random.Mutate(Skeleton, Letters));

    /// <summary>Some lines of the skeleton in any order, each perhaps changed.</summary>
    private static string Lines(Random random)
    {
        string[] lines = Skeleton.Split('\n');
        return string.Join('\n', Enumerable.Range(0, random.Next(1, 20)).Select(_ =>
            random.Next(2) == 0 ? random.Pick(lines) : random.Mutate(random.Pick(lines), Letters)));
    }
}
