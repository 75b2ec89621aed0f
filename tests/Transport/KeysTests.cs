using TriggerFs.Core;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

public sealed class KeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("triggerfs-keys-").FullName;

    private string KeyFile => Path.Combine(_folder, "broker.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_example_of_the_Z85_specification_comes_out()
    {
        byte[] bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
        Assert.Equal("HelloWorld", Z85.Encode(bytes));
        byte[] back = new byte[8];
        Assert.True(Z85.TryDecode("HelloWorld", back));
        Assert.Equal(bytes, back);
    }

    [Fact]
    public void A_public_key_reads_back_from_Z85_and_from_hexadecimal()
    {
        KeyPair pair = KeyPair.Generate();
        Assert.Equal(40, Keys.Format(pair.Public).Length);
        Assert.Equal(pair.Public, Keys.ParsePublic(" " + Keys.Format(pair.Public) + "\n"));
        Assert.Equal(pair.Public, Keys.ParsePublic(Convert.ToHexString(pair.Public)));
        Assert.Equal(pair.Public, Keys.ParsePublic(Convert.ToHexStringLower(pair.Public)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tooshort")]
    [InlineData("########################################")] // Over 2^32 - 1.
    [InlineData("0123456789012345678901234567890123456 89")]
    [InlineData("gg00000000000000000000000000000000000000000000000000000000000000")]
    public void What_is_not_a_key_is_refused_with_its_length_and_what_to_do(string text)
    {
        TriggerException problem = Assert.Throws<TriggerException>(() => Keys.ParsePublic(text));
        Assert.Equal(ErrorCode.Invalid, problem.Code);
        Assert.Contains($"{text.Length} characters", problem.Why, StringComparison.Ordinal);
        Assert.NotNull(problem.Fix);
    }

    [Fact]
    public void A_secret_key_reads_back_from_its_file_which_only_its_owner_can_read()
    {
        KeyPair pair = KeyPair.Generate();
        Keys.WriteSecret(KeyFile, pair);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(pair.Secret, Keys.ReadSecret(KeyFile).Secret);
        Assert.Equal(pair.Public, Keys.ReadSecret(KeyFile).Public);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_secret_key_never_replaces_a_file()
    {
        KeyPair pair = KeyPair.Generate();
        Keys.WriteSecret(KeyFile, pair);
        Assert.Throws<TriggerException>(() => Keys.WriteSecret(KeyFile, KeyPair.Generate()));
        Assert.Equal(pair.Public, Keys.ReadSecret(KeyFile).Public);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_secret_key_that_others_can_read_is_refused_with_what_to_do()
    {
        Keys.WriteSecret(KeyFile, KeyPair.Generate());
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        TriggerException problem = Assert.Throws<TriggerException>(() => Keys.ReadSecret(KeyFile));
        Assert.Contains("chmod 600", problem.Fix, StringComparison.Ordinal);
        Assert.Contains("640", problem.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("not a key\n")]
    public void A_key_file_without_a_key_is_refused(string content)
    {
        File.WriteAllText(KeyFile, content);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(ErrorCode.Settings, Assert.Throws<TriggerException>(() => Keys.ReadSecret(KeyFile)).Code);
    }

    [Fact]
    public void A_key_file_that_is_missing_is_refused_with_what_to_do()
    {
        Assert.Contains("triggerfs init", Assert.Throws<TriggerException>(() => Keys.ReadSecret(KeyFile)).Fix,
            StringComparison.Ordinal);
    }
}
