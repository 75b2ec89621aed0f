namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>Programs that only look, or lock: they see what they expect, and nothing is sent.</summary>
[Collection(nameof(ProgramSite))]
public sealed class LookingTests(ProgramSite site)
{
    [SkippableTheory]
    [InlineData("find", "find $D -type f -printf '%f %s %m\\n'", "^t 0 644\n$")]
    [InlineData("find", "find $D -name t -newermt 2001-01-01", "/t\n$")]
    [InlineData("du", "du -s $D", "^0\t")]
    [InlineData("df", "df -P $D", "triggerfs +1048576 +0 +1048576 +0% ")]
    [InlineData("df", "df -i $D", "triggerfs +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+% ")]
    [InlineData("ls", "ls -lR $D", "total 0\n-rw-r--r-- 1 .* t\n$")]
    [InlineData("stat", "stat -c '%A %h %s %F' $T", "^-rw-r--r-- 1 0 regular empty file\n$")]
    [InlineData("stat", "stat -c '%A %h %s %F' $D", "^drwxr-xr-x 2 0 directory\n$")]
    [InlineData("stat", "stat -f -c '%l %T' $D", "^255 fuse")]
    [InlineData("grep", "grep -r xyzzy $D || echo none", "^none\n$")]
    [InlineData("bash", "test -r $T && test -w $T && ! test -x $T && exec 3> $T && echo opened", "^opened\n$")]
    [InlineData("cat", "cat $T; wc -c < $T; tail -n 1 $T; head -c 10 $T", "^0\n$")]
    [InlineData("file", "file -b $T", "^empty\n$")]
    [InlineData("getfattr", "getfattr -d $T > out 2> err; getfattr -n user.nosuch $T 2> err || echo none", "none\n$")]
    [InlineData("updatedb.plocate", "updatedb.plocate -U $D -o $B/db -l no && plocate -d db /t", "/t\n$")]
    [InlineData("flock", "flock $T sh -c '! flock -n $T true' && flock -w 5 $T echo free", "^free\n$")]
    public async Task What_only_looks_sees_what_it_expects_and_sends_nothing(
        string needs, string script, string expected)
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: needs);
        Assert.Matches(expected, await trigger.MustRunAsync(script));
        Assert.Empty(await trigger.SentAsync(0));
    }

    [SkippableFact]
    public async Task Inotifywait_sees_a_write()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "inotifywait");
        string events = await trigger.MustRunAsync("""
            inotifywait -m -e modify,close_write,create --format '%e %f' $D > events 2> err & watcher=$!
            until grep -qs established err; do sleep 0.1; done
            echo x > $T; mkdir $D/new
            until grep -qs new events; do sleep 0.1; done
            kill $watcher; rmdir $D/new; cat events
            """);
        Assert.Contains("CLOSE_WRITE,CLOSE t\n", events);
        Assert.Contains("MODIFY t\n", events);
        Assert.Contains("CREATE,ISDIR new\n", events);
        Assert.Equal(["x\n"], await trigger.SentAsync(1));
    }
}
