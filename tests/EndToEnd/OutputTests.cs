using System.Diagnostics;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Output of a real command through the real broker: much of it, long lines, any bytes.</summary>
public sealed class OutputTests(ITestOutputHelper report) : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("w1");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Two_hundred_megabytes_come_whole_and_in_order_while_memory_stays_flat()
    {
        const string Lines = "seq 1 23500000"; // 200.4 MB
        ProcessStartInfo start = RealProgram.Start(_site.Folder,
        [
            "--config", _site.SettingsFile, "client", "-service", "w1", "-plugin", "command/command", "-timeout", "10m",
            "-command", Lines,
        ]);
        using Process client = Process.Start(start)!;
        client.StandardInput.Close();
        Task<string> errors = client.StandardError.ReadToEndAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        long brokerEarly = 0, clientEarly = 0, brokerPeak = 0, clientPeak = 0, nextLook = 0;
        while (await client.StandardOutput.BaseStream.ReadAsync(buffer) is > 0 and int read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            total += read;
            if (total < nextLook) continue;
            nextLook = total + 10_000_000;
            brokerPeak = Math.Max(brokerPeak, _site.Broker.ResidentKiB);
            clientPeak = Math.Max(clientPeak, Resident(client));
            if (total < 50_000_000) (brokerEarly, clientEarly) = (brokerPeak, clientPeak);
        }
        await client.WaitForExitAsync();
        report.WriteLine($"{total:N0} bytes; broker {brokerEarly:N0} KiB early, {brokerPeak:N0} KiB at the most; "
            + $"client {clientEarly:N0} KiB early, {clientPeak:N0} KiB at the most");
        Assert.True(client.ExitCode == 0, await errors);
        Ended expected = await Ended.RunAsync(Shell($"{Lines} | sha256sum"));
        Assert.Equal(expected.Out.Split(' ')[0], Convert.ToHexStringLower(hash.GetHashAndReset()));
        Assert.InRange(brokerPeak - brokerEarly, 0, 32 * 1024);
        Assert.InRange(clientPeak - clientEarly, 0, 32 * 1024);
    }

    [Fact]
    public async Task A_line_of_ten_megabytes_without_an_end_is_delivered_whole()
    {
        Ended ended = await _site.ClientAsync("w1", "head -c 10000000 /dev/zero | tr '\\0' x", "-timeout", "60s");
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(10_000_000, ended.OutBytes.Length);
        Assert.True(ended.OutBytes.AsSpan().IndexOfAnyExcept((byte)'x') < 0, "other bytes than x came");
    }

    [Fact]
    public async Task Binary_output_is_delivered_byte_for_byte()
    {
        byte[] bytes = new byte[300_001];
        new Random(7).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(_site.Folder, "binary"), bytes);
        Ended ended = await _site.ClientAsync("w1", $"cat '{_site.Folder}/binary'");
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(bytes, ended.OutBytes);
    }

    [Fact]
    public async Task Standard_error_comes_apart_from_standard_output()
    {
        Ended ended = await _site.ClientAsync("w1", "echo out; echo err >&2; exit 4");
        Assert.Equal(4, ended.ExitCode);
        Assert.Equal("out\n", ended.Out);
        Assert.Contains("err\n", ended.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_comes_from_standard_input_when_no_flag_has_it()
    {
        Ended ended = await _site.RunAsync(
            ["client", "-service", "w1", "-plugin", "command/command", "-timeout", "10s"],
            "echo from stdin\n"u8.ToArray());
        Assert.Equal((0, "from stdin\n"), (ended.ExitCode, ended.Out));
    }

    private static ProcessStartInfo Shell(string command) => new("bash", ["-c", command])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static long Resident(Process process)
    {
        process.Refresh();
        return process.HasExited ? 0 : process.WorkingSet64 / 1024;
    }
}
