namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>
/// Programs that want a file of their own, not a trigger: a clean refusal, nothing sent, nothing changed.
/// </summary>
[Collection(nameof(ProgramSite))]
public sealed class RefusedTests(ProgramSite site)
{
    [SkippableTheory]
    [InlineData("sqlite3", "sqlite3 $T 'create table a(b); insert into a values(1)'", "unable to open database file")]
    [InlineData("rsync", "echo x > x; rsync x $T", "Operation not permitted")]
    [InlineData("tar", "echo x > t; tar -cf a.tar t; tar -C $D -xf a.tar", "Cannot open")]
    [InlineData("tar", "echo x > new; tar -cf a.tar new; tar -C $D -xf a.tar", "Operation not permitted")]
    [InlineData("sed", "sed -i s/a/b/ $T", "Operation not permitted")]
    [InlineData("install", "echo x > x; install x $T", "Operation not permitted")]
    [InlineData("cp", "echo x > x; cp x $D/new", "Operation not permitted")]
    [InlineData("mv", "echo x > x; mv -f x $T", "Operation not permitted")]
    [InlineData("touch", "touch $D/new", "Operation not permitted")]
    [InlineData("ln", "ln $T $D/new", "Operation not permitted")]
    [InlineData("ln", "ln -s t $D/new", "Operation not permitted")]
    [InlineData("mkfifo", "mkfifo $D/new", "Operation not permitted")]
    [InlineData("mknod", "mknod $D/new c 1 3", "Operation not permitted")]
    [InlineData("fallocate", "fallocate -l 10 $T", "not supported")]
    [InlineData("rm", "rm -rf $T", "Operation not permitted")]
    [InlineData("rmdir", "rmdir $D", "Directory not empty")]
    [InlineData("chown", "chown 12345 $T", "Operation not permitted")]
    [InlineData("dd", "dd if=/dev/zero of=$T bs=4M count=1 status=none", "Message too long")]
    public async Task What_a_trigger_cannot_be_is_refused_and_sends_and_changes_nothing(
        string needs, string script, string says)
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: needs);
        string before = await trigger.LookAsync();
        Ended ended = await trigger.RunAsync(script);
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(says, ended.Err);
        Assert.Equal(before, await trigger.LookAsync());
        Assert.Empty(await trigger.SentAsync(0));
    }

    [SkippableFact]
    public async Task Shared_memory_is_refused_as_no_device_has_it()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "python3");
        string said = await trigger.MustRunAsync("""
            /usr/bin/python3 - <<'END'
            import ctypes, errno, os
            libc = ctypes.CDLL(None, use_errno=True)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
            file, read_write, shared = os.open(os.environ['T'], os.O_RDWR), 3, 1
            libc.mmap(None, 4096, read_write, shared, file, 0)
            print(errno.errorcode[ctypes.get_errno()])
            END
            """);
        Assert.Equal("ENODEV\n", said);
        Assert.Empty(await trigger.SentAsync(0));
    }
}
