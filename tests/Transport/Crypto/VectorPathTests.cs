using System.Diagnostics;
using System.Globalization;
using TriggerFs.Commands.Spool;

namespace TriggerFs.Tests.Transport.Crypto;

/// <summary>The same work with features of the processor switched off, each time in a process of its own.</summary>
public sealed class VectorPathTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 8)]
    [InlineData("DOTNET_EnableAVX2", 4)]
    [InlineData("DOTNET_EnableSSE42", 4)]
    [InlineData("DOTNET_EnableHWIntrinsic", 4)]
    public async Task Without_a_feature_of_the_processor_the_same_bytes_come_out(string feature, int lanesMax)
    {
        string[] all = VectorPaths.Report().Split(' '), without = (await ReportAsync(feature)).Split(' ');
        Assert.InRange(int.Parse(without[0], CultureInfo.InvariantCulture), 4, lanesMax);
        Assert.Equal(all[^1], without[^1]);
    }

    [Fact]
    public async Task Without_any_instruction_of_its_own_a_product_and_a_checksum_are_plain_arithmetic()
    {
        string[] without = (await ReportAsync("DOTNET_EnableHWIntrinsic")).Split(' ');
        Assert.Equal(("False", "False"), (without[1], without[2]));
    }

    /// <summary>RFC 3720, appendix B.4.</summary>
    [Theory]
    [InlineData(0x00, 0x8A9136AAu)]
    [InlineData(0xFF, 0x62A8AB43u)]
    public void The_checksums_of_RFC_3720_come_out(byte value, uint sum)
    {
        byte[] bytes = new byte[32];
        bytes.AsSpan().Fill(value);
        Assert.Equal(sum, SpoolRecord.Crc32C(bytes));
    }

    private static async Task<string> ReportAsync(string feature)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "vector-paths"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[feature] = "0";
        using Process process = Process.Start(start)!;
        string report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return report.Trim();
    }
}
