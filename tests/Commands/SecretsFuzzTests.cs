using System.Text;
using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

/// <summary>Files of secrets that somebody edited in a hurry: read, or refused without what stands in them.</summary>
[Trait("Category", "Fuzz")]
public sealed class SecretsFuzzTests
{
    [Fact]
    public void What_is_wrong_in_a_file_of_secrets_is_told_without_them() =>
        Fuzz.Inputs("secrets", 400, SomeSecrets, static bytes =>
        {
            string text = Encoding.UTF8.GetString(bytes);
            try
            {
                _ = SettingsFile.Texts(text, "secrets.toml");
            }
            catch (TriggerException refused)
            {
                Assert.StartsWith("secrets.toml", refused.Message);
                Assert.DoesNotContain("hunter2hunter2", refused.Report());
            }
        });

    private static byte[] SomeSecrets(Random random) =>
        Encoding.UTF8.GetBytes(
            random.Mutate("one = \"hunter2hunter2\"\ntwo = 'hunter2hunter2'\n", SettingsFuzzTests.Letters));
}
