using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// The console of README.md, typed at a real terminal: after each line the whole screen is what the page shows, but for
/// times, numbers and tokens.
/// </summary>
public sealed partial class ReadmeConsoleTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly List<string> _shown = [];
    private Site _site = null!;
    private TmuxTerminal _terminal = null!;

    /// <summary>What stands on the line already, because '?' keeps it.</summary>
    private string _begun = "";

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("demo01");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task The_console_is_what_the_terminal_shows()
    {
        Skip.IfNot(TmuxTerminal.IsThere, "tmux, which is the terminal here, is not installed");
        string[] page = [.. Readme.Of("console").SelectMany(block => block.Lines)];
        Assert.Equal("$ triggerfs cli", page[0]);
        Assert.True(page.Count(line => Prompt().IsMatch(line)) >= 20, "the console's blocks are not found");
        _terminal = await TmuxTerminal.StartAsync(_site, (130, 200), ["cli"]);
        await using (_terminal)
        {
            foreach (string line in page[1..]) await PlayAsync(line);
            Assert.Equal(0, await _terminal.EndAsync());
            await ScreenAsync(_shown);
        }
    }

    private async Task PlayAsync(string line)
    {
        if (Prompt().Match(line) is { Success: true, Value: var typed }) await TypeAsync(typed, line[typed.Length..]);
        else if (line == "‹^C›") await PressAsync("C-c");
        else if (Elsewhere().Match(line) is { Success: true } elsewhere) await RunAsync(elsewhere.Groups[1].Value);
        else _shown.Add(line);
    }

    /// <summary>Types what stands behind a prompt when the screen has come there.</summary>
    private async Task TypeAsync(string prompt, string line)
    {
        string text = Keys().Replace(line, "");
        Assert.StartsWith(_begun, text);
        await ScreenAsync([.. _shown, prompt + _begun]);
        if (text.Length > _begun.Length) await _terminal.TypeAsync(text[_begun.Length..]);
        _shown.Add(prompt + text);
        _begun = "";
        switch (Keys().Match(line).Value)
        {
            case "‹?›":
                await _terminal.TypeAsync("?");
                _begun = text;
                break;
            case "‹^D›":
                await _terminal.PressAsync("C-d");
                break;
            default:
                await _terminal.PressAsync("Enter");
                break;
        }
    }

    private async Task PressAsync(string key)
    {
        await ScreenAsync(_shown);
        await _terminal.PressAsync(key);
    }

    private async Task RunAsync(string command)
    {
        await ScreenAsync(_shown);
        string[] words = [.. Regex.Matches(command, "'([^']*)'|[^ ]+").Select(word => word.Value.Trim('\''))];
        Ended ended = await _site.RunAsync(words[1..]);
        Assert.True(ended.ExitCode == 0, ended.Err);
    }

    /// <summary>Waits until the screen shows these lines and no more.</summary>
    private async Task ScreenAsync(IEnumerable<string> lines)
    {
        string expected = Mask(string.Join('\n', lines.Select(line => line.TrimEnd())));
        var clock = Stopwatch.StartNew();
        string screen;
        while ((screen = Mask(await _terminal.ScreenAsync())) != expected && clock.Elapsed < Deadline)
            await Task.Delay(25);
        Assert.Equal(expected, screen);
    }

    /// <summary>Without what is different each time.</summary>
    private static string Mask(string text)
    {
        text = text.Replace("broker.example.com", "127.0.0.1", StringComparison.Ordinal);
        foreach ((string pattern, string mask) in (ReadOnlySpan<(string, string)>)
        [
            (@"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d UTC", "DAY"), (@"\d{4}[-/]\d\d[-/]\d\d[T ]", "DATE "),
            (@"\d\d:\d\d:\d\d(\.\d+Z)?", "TIME"), (@"(?m)^(Time|Time ran): .*", "$1: DURATION"),
            (@"[0-9a-f]{8}-…", "TOKEN"), (@"(?m)^\| +\d+ \|", "| ID |"), (@"\b\d{12,20} +", "REQUEST "),
            (@"127\.0\.0\.1:\d+", "ADDRESS"), (@"revision \d+", "REVISION"), (@"triggerfs \d+\.\d+\.\d+", "VERSION"),
        ])
            text = Regex.Replace(text, pattern, mask);
        return text;
    }

    [GeneratedRegex(@"^(\(team1\) \S+\$ (configure( candidate)?# )?|.*\[y/N\] )")]
    private static partial Regex Prompt();

    [GeneratedRegex("‹(\\?|\\^D)›")]
    private static partial Regex Keys();

    [GeneratedRegex("^‹elsewhere: (.*)›$")]
    private static partial Regex Elsewhere();
}
