using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>The plugins that read and write files of the worker's host.</summary>
public sealed class FilePluginTests : IDisposable
{
    private readonly Yard _yard = new();

    public void Dispose() => _yard.Dispose();

    [Fact]
    public void Each_message_is_one_line_whatever_is_in_it()
    {
        string path = _yard.Path("readings");
        foreach (string message in (string[])["21.5\n", "21.6", "two\nlines\r\n", ""])
            _yard.Do("file/append", message, ("path", path));
        Assert.Equal("21.5\n21.6\ntwo\\nlines\n\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_line_begins_with_the_time_where_that_is_asked_for()
    {
        string path = _yard.Path("readings");
        _yard.Do("file/append", "21.5", ("path", path), ("timestamp", "true"), ("fsync", "true"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 21\.5\n$", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_was_rotated_is_left_at_once()
    {
        string path = _yard.Path("log");
        _yard.Do("file/append", "before", ("path", path));
        File.Move(path, path + ".1");
        _yard.Do("file/append", "after", ("path", path));
        Assert.Equal(("before\n", "after\n"), (File.ReadAllText(path + ".1"), File.ReadAllText(path)));
    }

    [Fact]
    public void Lines_of_many_runs_at_once_do_not_mix()
    {
        string path = _yard.Path("log");
        ulong[] runs = [.. Enumerable.Range(0, 100).Select(i => _yard.Stage.Call(
            "file/append", new string((char)('a' + (i % 26)), 5000), args: ("path", path)))];
        foreach (ulong run in runs) Assert.Equal(0, _yard.Stage.EndOf(run).ExitCode);
        string[] lines = File.ReadAllLines(path);
        Assert.Equal(100, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length == 5000 && line.Distinct().Count() == 1));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named_with_the_reason()
    {
        Assert.Contains("No such file", _yard.Failure(74, "file/append", "x", ("path", _yard.Path("none/log"))));
        Assert.Contains("it is a directory", _yard.Failure(74, "file/write", "x", ("path", _yard.Folder)));
        Process.Start("mkfifo", _yard.Path("fifo")).WaitForExit();
        Assert.Contains(_yard.Path("fifo"), _yard.Failure(74, "file/append", "x", ("path", _yard.Path("fifo"))));
    }

    [Fact]
    public void Arguments_are_checked_before_anything_starts()
    {
        Assert.Contains("'path' is missing", _yard.Refusal("file/append", "x"));
        Assert.Contains("does not match /.*", _yard.Refusal("file/append", "x", ("path", "relative")));
        Assert.Contains("not true or false", _yard.Refusal("file/append", "x", ("path", "/x"), ("fsync", "yes")));
        Assert.Contains("did you mean 'path'?", _yard.Refusal("file/append", "x", ("pth", "/x")));
        Assert.False(File.Exists("/x"));
    }

    [Fact]
    public void A_written_file_is_replaced_whole_and_keeps_its_mode()
    {
        string path = _yard.Path("motd");
        _yard.Do("file/write", "one", ("path", path), ("mode", "640"));
        using FileStream old = File.OpenRead(path);
        _yard.Do("file/write", "two\n", ("path", path));
        Assert.Equal("two\n", File.ReadAllText(path));
        Assert.Equal("one", new StreamReader(old).ReadToEnd());
        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(path));
        Assert.Single(Directory.GetFiles(_yard.Folder));
    }

    [Fact]
    public void What_a_link_points_to_is_not_written()
    {
        string secret = _yard.Path("secret"), link = _yard.Path("link"), none = _yard.Path("none");
        File.WriteAllText(secret, "mine");
        File.CreateSymbolicLink(link, secret);
        File.CreateSymbolicLink(none, "/nowhere/at/all");
        foreach (string path in (string[])[link, none])
        {
            _yard.Do("file/write", "two", ("path", path));
            Assert.Null(new FileInfo(path).LinkTarget);
            Assert.Equal("two", File.ReadAllText(path));
        }
        Assert.Equal("mine", File.ReadAllText(secret));
    }

    [Fact]
    public void Copy_writes_the_message_and_makes_the_directory_of_a_path_that_ends_in_a_slash()
    {
        Assert.Contains("made", _yard.Do("system/copy", "", ("path", _yard.Path("a/b/"))));
        Assert.Contains("written", _yard.Do("system/copy", "x\n", ("path", _yard.Path("a/b/file"))));
        Assert.Equal("x\n", File.ReadAllText(_yard.Path("a/b/file")));
        Assert.Contains("a file of that name", _yard.Failure(74, "system/copy", "", ("path", _yard.Path("a/b/file/"))));
    }

    [Fact]
    public void A_file_is_sent_byte_for_byte_however_large_it_is()
    {
        byte[] content = new byte[3_000_000];
        new Random(7).NextBytes(content);
        File.WriteAllBytes(_yard.Path("photo"), content);
        _yard.Stage.Link.Confirms = false;
        ulong run = _yard.Stage.Call("file/stream", args: ("path", _yard.Path("photo")));
        // The window is half a megabyte: the rest waits for whoever reads.
        WorkerStage.Wait(() => _yard.Stage.OutputOf(run).Length == Limits.OutputWindow, "the window is full");
        Assert.DoesNotContain(_yard.Stage.Link.Ends, end => end.Run == run);
        _yard.Stage.Link.Confirms = true;
        _yard.Stage.Link.Deliver(FakeLink.CreditOf(run, Limits.OutputWindow, replay: false));
        Assert.Equal(0, _yard.Stage.EndOf(run).ExitCode);
        Assert.Equal(content, _yard.Stage.OutputOf(run));
        Assert.Contains("No such file", _yard.Failure(69, "file/stream", "", ("path", _yard.Path("none"))));
        Assert.Contains("no regular file", _yard.Failure(69, "file/stream", "", ("path", "/dev/zero")));
    }

    [Fact]
    public void A_followed_file_goes_on_through_a_rotation_until_its_time_is_up()
    {
        string path = _yard.Path("log");
        File.WriteAllText(path, "one\n");
        ulong run = _yard.Stage.Call("file/stream", "", 60_000, ("path", path), ("follow", "true"));
        void Shows(string text) => WorkerStage.Wait(() => _yard.Stage.TextOf(run) == text, $"it shows {text}");
        Shows("one\n");
        File.AppendAllText(path, "two\n");
        Shows("one\ntwo\n");
        File.Move(path, path + ".1");
        File.AppendAllText(path + ".1", "three\n");
        File.WriteAllText(path, "four\n");
        Shows("one\ntwo\nthree\nfour\n");
        File.WriteAllText(path, "5\n");
        Shows("one\ntwo\nthree\nfour\n5\n");
        _yard.Stage.Link.Deliver(new Cancel(run, ErrorCode.TimedOut).Write);
        Assert.Equal(Outcome.TimedOut, _yard.Stage.EndOf(run).Outcome);
    }

    [Fact]
    public void The_settings_give_a_plugin_a_second_name_with_arguments_that_no_request_changes()
    {
        string path = _yard.Path("fixed");
        using var yard = new Yard([Yard.Section("station/log", "file/append", [], ("path", path))]);
        yard.Do("station/log", "21.5");
        Assert.Contains("cannot be chosen", yard.Refusal("station/log", "x", ("path", _yard.Path("other"))));
        yard.Do("file/append", "22", ("path", path));
        Assert.Equal("21.5\n22\n", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("file/apend", null, "path", "/x", "did you mean 'file/append'?")]
    [InlineData("mine", "file/append", "pth", "/x", "did you mean 'path'?")]
    [InlineData("file/append", null, "path", "x", "'path': 'x' does not match")]
    [InlineData("echo", null, "path", "x", "no built-in plugin 'echo' takes arguments")]
    public void A_section_that_fits_no_plugin_is_refused_when_the_worker_starts(
        string name, string? plugin, string key, string value, string told)
    {
        var problem = Assert.Throws<TriggerException>(
            () => new Yard([Yard.Section(name, plugin, [], (key, value))]));
        Assert.Contains(told, problem.Report());
        Assert.Contains($"[plugins.\"{name}\"]", problem.Report());
    }

    [SkippableFact]
    public void A_worker_whose_plugins_run_as_another_user_writes_files_as_that_user()
    {
        Skip.If(Environment.UserName != "root", "only root can run plugins as somebody else");
        string path = Path.Combine(Path.GetTempPath(), $"triggerfs-{Guid.NewGuid():N}");
        using var yard = new Yard(policy: new() { User = "65534:65534", Umask = 0x1F });
        try
        {
            Assert.Equal("file has been written.\n", yard.Do("system/copy", "x", ("path", path)));
            Assert.Equal("x", File.ReadAllText(path));
            var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u %a", path])
            {
                RedirectStandardOutput = true,
            })!;
            Assert.Equal("65534 640\n", stat.StandardOutput.ReadToEnd());
            (End end, _, string error) = yard.Run("file/append", "x", 30_000, ("path", "/etc/triggerfs-none"));
            Assert.Equal(74, end.ExitCode);
            Assert.Contains("Permission denied", error);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_newline_in_a_message_does_not_make_a_second_line() =>
        Assert.Equal("a\\nb\n"u8, FileAppendWork.LineOf(Encoding.UTF8.GetBytes("a\nb"), null));
}
