using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A running program of a test's own: what it printed so far, waiting for a line, signals, its end.</summary>
sealed partial class Child : IAsyncDisposable
{
    /// <summary>
    /// How long what must happen is waited for where it does not matter when. A machine that others use, too, stands
    /// still for half a minute at times.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _read;

    public Child(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        Leftovers.OfTheTests.Add(_process);
        _process.StandardInput.Close();
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>All that it printed so far, both streams, a line each.</summary>
    public string Text
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Resident memory in KiB.</summary>
    public long ResidentKiB => StatusKiB("VmRSS");

    /// <summary>The most that <see cref="ResidentKiB"/> ever was since <see cref="ForgetPeak"/>.</summary>
    public long PeakKiB => StatusKiB("VmHWM");

    /// <summary>
    /// Waits until it has printed a line that matches, counting from the first (or from a later) line.
    /// </summary>
    public async Task<string> LineAsync(string pattern, int from = 0, TimeSpan? deadline = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            bool ended = _read.IsCompleted;
            if (Line(pattern, from) is { } line) return line;
            if (ended) throw new InvalidOperationException($"it ended without a line '{pattern}':\n{Text}");
            if (clock.Elapsed > (deadline ?? Patience))
                throw new TimeoutException($"no line '{pattern}' came:\n{Text}");
            await Task.Delay(10);
        }
    }

    /// <summary>The first line from a mark on that matches; null when it has not printed one yet.</summary>
    public string? Line(string pattern, int from)
    {
        lock (_lines) return _lines.Skip(from).FirstOrDefault(line => Regex.IsMatch(line, pattern));
    }

    /// <summary>How many lines it has printed: a mark for <see cref="LineAsync"/>.</summary>
    public int Mark()
    {
        lock (_lines) return _lines.Count;
    }

    /// <summary>From here on the peak is looked for anew: "5" in proc_pid_clear_refs(5).</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{Id}/clear_refs", "5");

    public void Terminate() => Signal(15);

    public void Interrupt() => Signal(2);

    public void Kill() => Signal(9);

    public void HangUp() => Signal(1);

    /// <summary>SIGSTOP and SIGCONT: a peer that is there and says nothing.</summary>
    public void Freeze() => Signal(19);

    public void Thaw() => Signal(18);

    /// <summary>Waits for its end; its exit status.</summary>
    public async Task<int> EndAsync(TimeSpan? deadline = null)
    {
        using var late = new CancellationTokenSource(deadline ?? Patience);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"it did not end:\n{Text}");
        }
        await _read;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Terminate();
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await _process.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }
        Leftovers.OfTheTests.Remove(_process);
        _process.Dispose();
    }

    /// <summary>A line of proc_pid_status(5).</summary>
    private long StatusKiB(string name) => long.Parse(
        File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith($"{name}:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private void Signal(int signal) => Send(Id, signal);

    /// <summary>Sends a signal to a process; one that has just ended by itself is fine.</summary>
    public static void Send(int process, int signal) => _ = Kill(process, signal);

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is string line)
            lock (_lines) _lines.Add(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>A program that ran to its end.</summary>
sealed record Ended(int ExitCode, byte[] OutBytes, string Err)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    /// <summary>Runs a program with some standard input to its end.</summary>
    public static async Task<Ended> RunAsync(ProcessStartInfo start, byte[]? input = null, TimeSpan? deadline = null)
    {
        using Process process = Process.Start(start)!;
        using var late = new CancellationTokenSource(deadline ?? Child.Patience);
        using var output = new MemoryStream();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            if (input is not null) await process.StandardInput.BaseStream.WriteAsync(input, late.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', start.ArgumentList)} did not end");
        }
        await copied;
        return new(process.ExitCode, output.ToArray(), await errors);
    }
}
