using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>Daemons and libraries that log: they keep the file open for hours, and one line is one message.</summary>
[Collection(nameof(ProgramSite))]
public sealed class LoggingTests(ProgramSite site)
{
    [SkippableFact]
    public async Task Lines_of_logger_through_omfile_of_rsyslog_are_delivered_before_and_after_a_HUP()
    {
        ProgramTrigger trigger = await site.TriggerAsync(message: "line", needs: "rsyslogd logger");
        await trigger.MustRunAsync("""
            cat > conf <<END
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="$B/s")
            template(name="bare" type="string" string="%msg:2:$%\n")
            action(type="omfile" file="$T" template="bare")
            END
            rsyslogd -n -f $B/conf -i $B/pid > out 2>&1 & daemon=$!
            until [ -S s ]; do kill -0 $daemon || { cat out >&2; exit 1; }; sleep 0.1; done
            logger --socket s one; seq 10 14 | logger --socket s
            until [ "$(cat $T)" = 14 ]; do sleep 0.1; done
            kill -HUP $daemon; sleep 0.5
            logger --socket s three
            until [ "$(cat $T)" = three ]; do sleep 0.1; done
            kill $daemon; wait $daemon
            """);
        Assert.Equal(["one\n", "10\n", "11\n", "12\n", "13\n", "14\n", "three\n"], await trigger.SentAsync(7));
    }

    [SkippableFact]
    public async Task Nginx_logs_each_request_as_a_message_through_a_reload_and_a_reopen()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "nginx curl");
        Ended ended = await trigger.RunAsync(Nginx("user root;", """
            ask one
            nginx -c $B/conf -s reload 2> /dev/null; sleep 0.5; ask two
            kill -USR1 $(cat pid); sleep 0.5; ask three
            """));
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        Assert.DoesNotContain("[emerg]", ended.Out);
        Assert.Equal(["GET /one", "GET /two", "GET /three"], Requests(await trigger.SentAsync(3)));
    }

    [SkippableFact]
    public async Task Nginx_whose_workers_are_another_user_logs_where_that_user_may_write()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "nginx curl setpriv");
        const string AsNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups bash -c 'echo other >> $T'";
        Assert.Contains("Permission denied", (await trigger.RunAsync(AsNobody)).Err);
        Ended ended = await trigger.RunAsync($"""
            chmod 666 $T; chmod 777 .; {AsNobody}
            {Nginx("user nobody nogroup;", "ask one; kill -USR1 $(cat pid); sleep 0.5; ask two")}
            """);
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        string[] sent = await trigger.SentAsync(3);
        Assert.Equal("other\n", sent[0]);
        Assert.Equal(["GET /one", "GET /two"], Requests(sent[1..]));
    }

    [SkippableFact]
    public async Task Python_logs_each_record_as_a_message_and_never_rotates()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "python3");
        string before = await trigger.LookAsync();
        await trigger.MustRunAsync("""
            /usr/bin/python3 - <<'END'
            import logging, logging.handlers, os
            path, log = os.environ['T'], logging.getLogger()
            for handler in (logging.FileHandler(path), logging.handlers.WatchedFileHandler(path),
                            logging.handlers.RotatingFileHandler(path, maxBytes=50, backupCount=3)):
                log.handlers = [handler]
                log.warning('%s one', type(handler).__name__)
                log.warning('%s two', type(handler).__name__)
            with open(path, 'a') as file: file.write('appended\n')
            END
            """);
        Assert.Equal(
            [
                "FileHandler one\n", "FileHandler two\n", "WatchedFileHandler one\n", "WatchedFileHandler two\n",
                "RotatingFileHandler one\n", "RotatingFileHandler two\n", "appended\n",
            ],
            await trigger.SentAsync(7));
        Assert.Equal(before, await trigger.LookAsync());
    }

    [SkippableFact]
    public async Task Logger_that_copies_to_its_standard_error_is_delivered()
    {
        ProgramTrigger trigger = await site.TriggerAsync(message: "line", needs: "logger");
        await trigger.MustRunAsync("logger --no-act --socket-errors=off -s -t demo 'one two' 2> $T");
        Assert.Matches("^<13>.* demo: one two\n$", Assert.Single(await trigger.SentAsync(1)));
    }

    [SkippableFact]
    public async Task Logrotate_that_copies_is_refused_and_changes_nothing()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "logrotate");
        string before = await trigger.LookAsync();
        Ended ended = await trigger.RunAsync(Rotating("copytruncate"));
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("Operation not permitted", ended.Err);
        Assert.Equal(before, await trigger.LookAsync());
        Assert.Empty(await trigger.SentAsync(0));
    }

    [SkippableFact]
    public async Task Logrotate_that_renames_is_told_in_the_mounts_log_with_the_way_back()
    {
        ProgramTrigger trigger = await site.TriggerAsync(needs: "logrotate");
        string before = await trigger.LookAsync();
        Ended ended = await trigger.RunAsync(Rotating("create"));
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("Operation not permitted", ended.Err);
        Assert.Equal("t.1\n", await trigger.MustRunAsync("ls $D"));
        await Site.UntilAsync(
            () => Task.FromResult(site.MountText.Contains("mv 't.1' 't'", StringComparison.Ordinal)), site.MountText);
        await trigger.MustRunAsync("cd $D; mv 't.1' 't'");
        Assert.Equal(before, await trigger.LookAsync());
        Assert.Empty(await trigger.SentAsync(0));
    }

    private static string Rotating(string how) => $$"""
        umask 022; printf '%s {\n{{how}}\nrotate 2\nsu root root\n}\n' "$T" > conf
        logrotate -f -s state conf
        """;

    /// <summary>A script in which nginx runs while some steps are done, and which prints its error log.</summary>
    private static string Nginx(string user, string steps) => $$"""
        cat > conf <<END
        {{user}} daemon off; pid $B/pid; error_log $B/err;
        events { }
        http {
            access_log $T; client_body_temp_path $B/1; proxy_temp_path $B/2; fastcgi_temp_path $B/3;
            uwsgi_temp_path $B/4; scgi_temp_path $B/5;
            server { listen unix:$B/s; location / { return 204; } }
        }
        END
        ask() { curl -s --unix-socket $B/s http://localhost/$1; until grep -q "GET /$1" $T; do sleep 0.1; done; }
        nginx -c $B/conf & server=$!
        until [ -S s ] && [ -s pid ]; do kill -0 $server || { cat err >&2; exit 1; }; sleep 0.1; done
        {{steps}}
        kill $server; wait $server; status=$?
        cat err; exit $status
        """;

    private static IEnumerable<string> Requests(string[] lines) =>
        lines.Select(line => Regex.Match(line, "\"(GET /[a-z]+) HTTP/1.1\" 204 .*\n$").Groups[1].Value);
}
