using System.Diagnostics;
using System.Text.Json;
using TriggerFs.Tests.Commands.Worker.BuiltIn;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>What triggerFS is for, each from the program that writes to the one that gets it.</summary>
[Collection(nameof(Databases))]
public sealed class UseCaseTests(UseCaseSite site) : IClassFixture<UseCaseSite>
{
    [SkippableFact]
    public async Task Every_request_that_nginx_logs_into_a_trigger_is_a_message_of_Graylog()
    {
        Skip.If(site.Missing is not null, site.Missing);
        Skip.IfNot(File.Exists("/usr/sbin/nginx") && File.Exists("/usr/bin/curl"), "nginx and curl are needed");
        string folder = Directory.CreateDirectory(Path.Combine(site.Site.Folder, "nginx")).FullName;
        await File.WriteAllTextAsync($"{folder}/conf", $$"""
            user root; daemon off; pid {{folder}}/pid; error_log {{folder}}/err;
            events { }
            http {
                log_format gelf escape=json '{"message":"$request","status":$status,"agent":"$http_user_agent"}';
                access_log {{site.Mountpoint}}/co/access gelf;
                client_body_temp_path {{folder}}/1; proxy_temp_path {{folder}}/2; fastcgi_temp_path {{folder}}/3;
                uwsgi_temp_path {{folder}}/4; scgi_temp_path {{folder}}/5;
                server { listen unix:{{folder}}/s; location / { return 204; } location /none { return 404; } }
            }
            """);
        Ended ended = await site.ShellAsync($$"""
            { nginx -c {{folder}}/conf & server=$!
            until [ -S {{folder}}/s ]; do kill -0 $server || exit 1; sleep 0.1; done
            for i in $(seq 50); do curl -s --unix-socket {{folder}}/s http://localhost/page$i -A 'a "b"'; done
            curl -s -o /dev/null --unix-socket {{folder}}/s http://localhost/none
            kill -QUIT $server; wait $server; }
            """);
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        await Site.UntilAsync(() => Task.FromResult(site.Graylog.Datagrams.Count >= 51), site.WorkersText);
        JsonElement[] messages =
            [.. Receiver.GelfOf(site.Graylog.Datagrams).Select(one => JsonDocument.Parse(one).RootElement)];
        Assert.Equal(
            Enumerable.Range(1, 50).Select(i => $"GET /page{i} HTTP/1.1 204 a \"b\"").Order(),
            messages.Where(one => Field(one, "_status") == "204")
                .Select(one => $"{Field(one, "short_message")} 204 {Field(one, "_agent")}").Order());
        JsonElement missing = Assert.Single(messages, one => Field(one, "_status") == "404");
        Assert.Equal("/co/access", Field(missing, "_trigger"));
    }

    [SkippableFact]
    public async Task What_a_sensors_script_reads_is_a_row_in_MariaDB()
    {
        Skip.If(site.Missing is not null, site.Missing);
        Skip.If(site.Databases.NoMariaDb is not null, site.Databases.NoMariaDb);
        string script = Path.Combine(site.Site.Folder, "sensor.sh");
        await File.WriteAllTextAsync(script, """
            #!/bin/sh
            # Three readings, as a thermometer of the kernel has them: thousandths of a degree.
            for raw in 21500 21437 -312; do
                awk -v raw=$raw 'BEGIN { printf "garden;%.2f\n", raw / 1000 }' > "$1"
            done

            """);
        Ended ended = await site.ShellAsync($"sh {script} weather");
        Assert.Equal((0, ""), (ended.ExitCode, ended.Err));
        await Site.UntilAsync(
            async () => (await site.Databases.MariaRowsAsync("station = 'garden'")).Split('\n').Length == 4,
            site.WorkersText);
        Assert.Equal(
            "garden\t-0.31\t/co/weather\ngarden\t21.44\t/co/weather\ngarden\t21.50\t/co/weather\n",
            await site.Databases.MariaRowsAsync("station = 'garden'"));
        Assert.DoesNotContain(Databases.Password, site.WorkersText);
        await NowhereAsync(Databases.Password);
    }

    [SkippableFact]
    public async Task A_lambda_sends_an_SMS_and_its_secret_is_nowhere_to_be_seen()
    {
        Skip.If(site.Missing is not null, site.Missing);
        Ended sent = await site.Site.RunAsync(
            "client", "-service", "c", "-plugin", "sms/twilio", "-args", "to=+49160", "-command", "Hey, 3pm?");
        Assert.True(sent.ExitCode == 0, sent.Err);
        Assert.Equal("queued", JsonDocument.Parse(sent.Out).RootElement.GetProperty("status").GetString());
        Assert.Contains("To=%2B49160&From=%2B15550001&Body=Hey%2C%203pm%3F",
            site.Twilio.Requests.Select(request => request.Body));

        Ended refused = await site.Site.RunAsync("client", "-service", "c", "-plugin", "sms/twilio", "-command", "x",
            "-args", "password=guess");
        Assert.Equal(126, refused.ExitCode);
        Assert.Contains("'password' cannot be chosen", refused.Err);
        string all = sent.Out + sent.Err + refused.Err + site.WorkersText + site.Site.Broker.Text;
        Assert.DoesNotContain(WebServer.Secret, all);
        await NowhereAsync(WebServer.Secret);
    }

    [SkippableFact]
    public async Task Who_listens_to_a_file_hears_what_is_added_to_it()
    {
        Skip.If(site.Missing is not null, site.Missing);
        string path = Path.Combine(site.Site.Folder, "heard");
        await File.WriteAllTextAsync(path, "before\n");
        Child listener = site.Site.Start(
            "listen", "-service", "b", "-plugin", "file/stream", "-args", $"path={path}", "-args", "follow=true");
        await listener.LineAsync("before");
        await File.AppendAllTextAsync(path, "added\n");
        await listener.LineAsync("added");
    }

    [SkippableFact]
    public async Task A_message_that_is_written_on_A_goes_through_B_and_arrives_on_C()
    {
        Skip.If(site.Missing is not null, site.Missing);
        string kept = Path.Combine(site.Site.Folder, "kept");
        Ended written = await site.ShellAsync("for i in 1 2 3; do echo \"message $i\" > first; done");
        Assert.Equal((0, ""), (written.ExitCode, written.Err));
        await Site.UntilAsync(
            () => Task.FromResult(File.Exists(kept) && File.ReadAllLines(kept).Length == 3), site.WorkersText);
        Assert.Equal(["message 1", "message 2", "message 3"], File.ReadAllLines(kept).Order());
        // The broker's log says which run each message came from.
        await site.Site.Broker.LineAsync(@"run \d+ wrote message \d+ to trigger \d+, hop 2");
    }

    [SkippableFact]
    public async Task A_chain_that_leads_back_to_itself_ends_after_sixteen_hops()
    {
        Skip.If(site.Missing is not null, site.Missing);
        Assert.Equal(0, (await site.ShellAsync("echo round > circle")).ExitCode);
        await Site.UntilAsync(() => Task.FromResult(
            site.WorkersText.Contains("ELOOP: 16 runs led to this one", StringComparison.Ordinal)), site.WorkersText);
        string hits = (await site.Site.CliAsync("show triggers")).Out;
        Assert.Matches(@"/?circle .*\| +17 \|", hits);
    }

    /// <summary>A secret is in none of the files: database, audit, logs, spool; nor in what the mount shows.</summary>
    private async Task NowhereAsync(string secret)
    {
        string mount = Path.GetFileName(site.Mountpoint);
        Ended found = await Ended.RunAsync(new ProcessStartInfo("grep",
        [
            "-rlaF", "--devices=skip", "--exclude=secrets.toml", $"--exclude-dir={mount}", "-e", secret,
            site.Site.Folder,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        Assert.Equal("", found.Out);
        Assert.DoesNotContain(secret, (await site.ShellAsync("cat weather; getfattr -d weather; true")).Out);
    }

    private static string Field(JsonElement message, string name) => message.GetProperty(name).ToString();
}
