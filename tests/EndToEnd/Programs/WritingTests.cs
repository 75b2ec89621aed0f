namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>Programs that write a file, once or for hours: what they write is delivered, message by message.</summary>
[Collection(nameof(ProgramSite))]
public sealed class WritingTests(ProgramSite site)
{
    [SkippableTheory]
    [InlineData("bash", "echo uptime > $T", "uptime\n")]
    [InlineData("bash", "echo uptime >> $T", "uptime\n")]
    [InlineData("dash", "dash -c 'echo uptime > $T; echo again >> $T'", "uptime\n", "again\n")]
    [InlineData("tee", "echo uptime | tee $T > out", "uptime\n")]
    [InlineData("tee", "echo uptime | tee -a $T $T > out", "uptime\n", "uptime\n")]
    [InlineData("dd", "echo -n abcdef | dd of=$T bs=6 status=none", "abcdef")]
    [InlineData("dd", "echo -n abcdef | dd of=$T bs=3 seek=3 conv=notrunc iflag=fullblock status=none", "abc", "def")]
    [InlineData("cp", "echo uptime > x; cp x $T", "uptime\n")]
    [InlineData("cp", "echo uptime > x; cp -p x $T; cp -a x $T", "uptime\n", "uptime\n")]
    [InlineData("bash", "exec 3> $T; echo one >&3; echo two >&3; exec 3>&-", "one\n", "two\n")]
    [InlineData("bash", "for i in 1 2 3; do printf '%s\\n' $i; done > $T", "1\n", "2\n", "3\n")]
    [InlineData("bash", "for i in 1 2 3; do printf '%s\\n' $i > $T; done", "1\n", "2\n", "3\n")]
    [InlineData("truncate", "truncate -s 0 $T; truncate -s 1M $T; echo x > $T", "x\n")]
    [InlineData("sort", "printf 'b\\na\\n' | sort -o $T", "a\nb\n")]
    [InlineData("curl", "echo page > x; curl -s -o $T file://$B/x", "page\n")]
    [InlineData("rsync", "echo copy > x; rsync --inplace x $T; rsync -a --inplace x $T", "copy\n", "copy\n")]
    [InlineData("tar", "echo out > t; tar -cf a.tar t; tar -C $D --overwrite -xf a.tar", "out\n")]
    [InlineData("touch", "touch $T; echo x > $T; touch -d 2001-01-01 $T", "x\n")]
    [InlineData("flock", "flock $T sh -c 'echo locked > $T'", "locked\n")]
    [InlineData("perl", "perl -e 'open(F, \">>\", $ENV{T}); print F \"from perl\\n\"; close(F)'", "from perl\n")]
    [InlineData("mawk", "mawk 'BEGIN { print \"from awk\" > ENVIRON[\"T\"] }'", "from awk\n")]
    public async Task A_program_that_writes_is_delivered(string needs, string script, params string[] messages)
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: needs);
        await trigger.MustRunAsync(script);
        Assert.Equal(messages, await trigger.SentAsync(messages.Length));
    }

    [SkippableFact]
    public async Task A_page_that_wget_fetches_is_delivered()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "wget python3");
        await trigger.MustRunAsync("""
            echo page > page
            /usr/bin/python3 -u -m http.server --bind 127.0.0.1 0 > log 2>&1 & server=$!
            until port=$(grep -soE 'port [0-9]+' log); do sleep 0.1; done
            wget -q -O $T http://127.0.0.1:${port#port }/page; status=$?
            kill $server; exit $status
            """);
        Assert.Equal(["page\n"], await trigger.SentAsync(1));
    }

    [SkippableFact]
    public async Task A_large_file_comes_whole_and_in_order()
    {
        ProgramTrigger trigger = await site.TriggerAsync();
        await trigger.MustRunAsync("seq 300000 > big; cat big > $T");
        string expected = string.Concat(Enumerable.Range(1, 300_000).Select(i => $"{i}\n"));
        await Site.UntilAsync(
            async () => (await trigger.SentAsync(1)).Sum(piece => piece.Length) >= expected.Length, "it is not whole");
        Assert.Equal(expected, string.Concat(await trigger.SentAsync(1)));
    }

    [SkippableFact]
    public async Task An_archive_that_tar_writes_is_one_message()
    {
        ProgramTrigger trigger = await site.TriggerAsync();
        await trigger.MustRunAsync("echo x > x; tar -cf $T x; tar -cf same.tar x");
        string archive = Assert.Single(await trigger.SentAsync(1));
        Assert.Equal((10_240, "x\0"), (archive.Length, archive[..2]));
    }

    [SkippableFact]
    public async Task What_was_written_is_answered_on_the_handle_that_wrote_it()
    {
        ProgramTrigger trigger = await site.TriggerAsync();
        string read = await trigger.MustRunAsync(
            "exec 3<> $T; echo one >&3; cat <&3; echo two >&3; cat <&3; exec 3>&-; cat $T");
        Assert.Equal("one\ntwo\ntwo\n", read);
    }

    [SkippableFact]
    public async Task A_service_whose_output_is_appended_as_systemd_does_is_delivered()
    {
        // systemd.exec(5), StandardOutput=append: "opened in append mode", and inherited as both streams.
        ProgramTrigger trigger = await site.TriggerAsync(needs: "python3");
        await trigger.MustRunAsync("""
            /usr/bin/python3 - <<'END'
            import os, subprocess
            file = os.open(os.environ['T'], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOCTTY | os.O_CLOEXEC, 0o666)
            for command in ('echo out; echo err >&2', '/bin/echo again'):
                subprocess.run(['sh', '-c', command], stdout=file, stderr=file, check=True)
            END
            """);
        Assert.Equal(["out\n", "err\n", "again\n"], await trigger.SentAsync(3));
    }

    [SkippableTheory]
    [InlineData("vim.tiny -u NONE -es -c 'normal ihello' -c wq $T")]
    [InlineData("vim.tiny -n -u NONE -es -c 'normal ihello' -c wq $T")]
    [InlineData("vim.tiny -u NONE -es -c 'set backup backupcopy=no' -c 'normal ihello' -c wq! $T")]
    public async Task Vim_saves_a_message_and_leaves_no_mess(string script)
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "vim.tiny");
        string before = await trigger.LookAsync();
        await trigger.RunAsync(script);
        Assert.Equal(["hello\n"], await trigger.SentAsync(1));
        Assert.Equal(before, await trigger.LookAsync());
    }

    [SkippableFact]
    public async Task Nano_saves_a_message_and_leaves_no_mess()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "nano python3");
        string before = await trigger.LookAsync();
        string terminal = Path.Join(Repository.Sources.Root, "tests", "EndToEnd", "terminal.py");
        Ended ended = await trigger.RunAsync($"TERM=xterm /usr/bin/python3 {terminal} "
            + @"'GNU nano' 'hello\x0f' 'File Name to Write' '\r' 'Wrote 1 line' '\x18' -- nano -I $T");
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        Assert.Equal(["hello\n"], await trigger.SentAsync(1));
        Assert.Equal(before, await trigger.LookAsync());
    }
}
