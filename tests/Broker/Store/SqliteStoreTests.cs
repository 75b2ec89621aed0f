using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.Statements;

namespace TriggerFs.Tests.Broker.Store;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DatabasePath => System.IO.Path.Join(_folder.Path, "triggerfs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_database_is_empty_and_its_numbers_begin_behind_the_root()
    {
        using var store = new SqliteStore(DatabasePath);
        StoredState state = store.Load();
        Assert.Empty(state.Teams);
        Assert.Empty(state.Nodes);
        Assert.Equal(1, state.LastId);
    }

    [Fact]
    public void All_that_is_stored_is_read_back_the_same()
    {
        Worker[] workers =
        [
            Sample.Worker(10, "demo01") with
            {
                SealedToken = ImmutableArray.Create<byte>(1, 0, 255), Description = "é'\";--",
                SealedNext = ImmutableArray.Create<byte>(7, 8),
            },
            Sample.Worker(11, "demo02"),
        ];
        Service service = Sample.Service(20, "demoservice", 11, 10) with
        {
            Algorithm = Algorithm.Serial,
            OnFailure = OnFailure.Stop,
            TimeoutMs = uint.MaxValue,
            Retry = 7,
            Visibility = Visibility.Public,
            Rate = new(7, 1000),
            Delivery = new(Backoff.Default, TtlMs: 60_000, Priority: 9, MaxInflight: 1, OnBusy.Drop, Unique: true),
            Keep = [new("file/stream\tfollow=true\tpath=/a b"), new("other")],
        };
        Team team = Sample.State.Teams[0] with { Plan = Plan.Parse("basic") };
        Node trigger = Sample.Trigger(31, "t", 30, service: 20);
        trigger = trigger with
        {
            Trigger = trigger.Trigger! with
            {
                Description = "d",
                TimeoutMs = 5,
                Retry = 1,
                Messages = MessageMode.Close,
                Synchronous = true,
                Limit = Limits.TriggerLimitMax,
                Delivery = new(OnFull: OnFull.DropOldest),
                Visibility = Visibility.Team,
            },
        };
        using (SqliteStore store = Seeded())
        {
            Stored(store,
            [
                new Change.PutTeam(team),
                new Change.PutWorker(workers[0]), new Change.PutWorker(workers[1]), new Change.PutService(service),
                new Change.PutNode(Sample.Directory(30, "d")), new Change.PutNode(trigger),
            ]);
        }

        using var again = new SqliteStore(DatabasePath);
        StoredState state = again.Load();
        Assert.Equal([team, Sample.State.Teams[1]], state.Teams);
        Assert.Equal(Sample.State.Users, state.Users);
        Assert.Equal(Sample.State.Memberships, state.Memberships);
        Assert.Equal(workers[0].SealedToken.AsSpan(), state.Workers[0].SealedToken.AsSpan());
        Assert.Equal(workers[0].SealedNext.AsSpan(), state.Workers[0].SealedNext.AsSpan());
        Assert.Equal(
            workers[0] with { SealedToken = default, SealedNext = default },
            state.Workers[0] with { SealedToken = default, SealedNext = default });
        Assert.False(state.Workers[1].IsRotating);
        Assert.Equal([new WorkerId(11), new WorkerId(10)], state.Services[0].Workers.AsSpan());
        Assert.Equal(service.Keep.AsSpan(), state.Services[0].Keep.AsSpan());
        Assert.Equal(
            service with { Workers = default, Keep = default },
            state.Services[0] with { Workers = default, Keep = default });
        Assert.Equal([Sample.Directory(30, "d"), trigger], state.Nodes);
        Assert.Equal(31, state.LastId);
    }

    [Fact]
    public void All_of_people_is_read_back_the_same_and_what_is_gone_is_gone()
    {
        User alice = Sample.User(Sample.Member, "alice") with
        {
            SecretHash = "$2a$",
            Disabled = true,
            FullName = "Alice 'A\"; --",
            Email = "alice@example.com",
            SecretIsOwn = false,
            Generation = 70,
        };
        Team team = new(new(60), new("alices"), 5, Founder: Sample.Other);
        var place = new Membership(team.Id, Sample.Member, TeamRole.Observer, Disabled: true, Generation: 71);
        using SqliteStore store = Seeded();
        Stored(store, [new Change.PutUser(alice), new Change.PutTeam(team), new Change.PutMembership(place)]);
        StoredState state = store.Load();
        Assert.Contains(alice, state.Users);
        Assert.Contains(team, state.Teams);
        Assert.Contains(place, state.Memberships);

        Letter[] letters =
        [
            new(new(72), Sample.Member, team.Id, LetterKind.Quota, "é'; --", 5, IsRead: true),
            new(new(73), Sample.Member, null, LetterKind.Announcement, "for all", 6),
            new(new(74), Sample.Other, Sample.Team1, LetterKind.Worker, "for one", 7),
        ];
        Stored(store, [.. letters.Select(letter => new Change.PutLetter(letter))]);
        Stored(store, [new Change.PutLetter(letters[1] with { IsRead = true })]);
        state = store.Load();
        Assert.Equal([letters[0], letters[1] with { IsRead = true }, letters[2]], state.Letters);

        Invitation[] invitations =
        [
            new(new(80), team.Id, TeamRole.Observer, Sample.Other, Sample.Member, "alice", 5, 6),
            new(new(81), null, TeamRole.Admin, null, Sample.Other, "o'brien@example.com", 5, 6)
            {
                Mail = CodeMail.Waiting,
            },
            new(new(82), team.Id, TeamRole.Admin, Sample.Other, null, "zoe", 5, 6),
        ];
        Stored(store, [.. invitations.Select(one => new Change.PutInvitation(one))]);
        Stored(store, [new Change.DropInvitation(new(82))]);
        state = store.Load();
        Assert.Equal(invitations[..2], state.Invitations);
        Stored(store, [new Change.PutInvitation(invitations[1] with { Mail = CodeMail.Failed })]);
        state = store.Load();
        Assert.Equal(CodeMail.Failed, state.Invitations[1].Mail);

        Change[] gone =
        [
            new Change.DropLetter(Sample.Member, new(73)),
            new Change.DropMembership(team.Id, Sample.Member), new Change.DropMembership(Sample.Team1, Sample.Other),
            new Change.DropUser(Sample.Other),
        ];
        var roster = new TriggerFs.Broker.Roster(state);
        roster.Apply(gone);
        Stored(store, gone);
        state = store.Load();
        Assert.Equal(roster.Users, state.Users);
        Assert.Equal(roster.Teams, state.Teams);
        Assert.Empty(state.Letters);
        Assert.Equal(roster.Invitations(default), state.Invitations);
        Assert.Equal([(null, Sample.Member), (null, null)], state.Invitations.Select(one => (one.By, one.Who)));
        Assert.Empty(roster.Users.SelectMany(user => roster.LettersOf(user.Id)));
        Assert.Null(state.Teams.Single(one => one.Id == team.Id).Founder);
        Assert.Equal(roster.Users.SelectMany(user => roster.MembershipsOf(user.Id)).OrderBy(one => one.Team.Value)
            .ThenBy(one => one.User.Value), state.Memberships);
        Assert.NotNull(Commit(store, [new Change.DropUser(Sample.Admin)]));
    }

    [Fact]
    public void The_run_that_wrote_a_message_is_read_back_with_it_also_when_it_was_given_up()
    {
        QueuedMessage message = new(43, Sample.Team1, Sample.Admin, new(31), default, 2, 1, 1, [])
        {
            Parent = new(ulong.MaxValue),
        };
        using (SqliteStore store = Seeded())
            Stored(store, [new Change.PutMessage(message), new Change.PutDeadLetter(new(message, "/t", "why", 1))]);
        using var again = new SqliteStore(DatabasePath);
        Assert.Equal(message.Parent, Assert.Single(again.Load().Messages).Parent);
        Assert.Equal(message.Parent, Assert.Single(again.Load().DeadLetters).Message.Parent);
    }

    [Fact]
    public void What_a_message_lost_is_read_back_and_of_a_database_that_did_not_count_it_is_what_did_not_fail()
    {
        var message = new QueuedMessage(43, Sample.Team1, Sample.Admin, new(31), default, 2, 1, 1, [], Attempt: 5, 1);
        using (SqliteStore store = Seeded())
        {
            Stored(store, [new Change.PutMessage(message)]);
            Stored(store, [new Change.PutMessage(message with { Losses = 3 })]);
        }
        using (var again = new SqliteStore(DatabasePath)) Assert.Equal(3, Assert.Single(again.Load().Messages).Losses);
        using var database = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        database.Open();
        Schema.Execute(database, """
            ALTER TABLE messages DROP COLUMN losses;
            ALTER TABLE dead_letters DROP COLUMN losses;
            PRAGMA user_version = 14;
            """);
        Schema.Bring(database, upTo: 15);
        Assert.Equal(3, Schema.Scalar(database, "SELECT losses FROM messages"));
    }

    [Fact]
    public void A_quiet_end_is_said_to_the_next_one_only()
    {
        var message = new QueuedMessage(43, Sample.Team1, Sample.Admin, new(31), default, 0, 1, 1, []);
        using (SqliteStore store = Seeded()) Stored(store, [new Change.PutMessage(message), new Change.EndQuietly()]);
        Assert.Equal((true, 0), Quiet());
        Assert.Equal((false, 43), Quiet());
        using (var store = new SqliteStore(DatabasePath))
            Stored(store, [new Change.PutMessage(message with { Id = 44 }), new Change.EndQuietly()]);
        Assert.Equal((true, 43), Quiet());

        (bool, long) Quiet()
        {
            using var store = new SqliteStore(DatabasePath);
            StoredState found = store.Load();
            return (found.EndedQuietly, found.UncertainUpTo);
        }
    }

    [Fact]
    public void Numbers_that_a_power_cut_may_have_taken_are_passed_over_but_not_after_a_quiet_end()
    {
        var message = new QueuedMessage(43, Sample.Team1, Sample.Admin, new(31), default, 0, 1, 1, []);
        using (SqliteStore store = Seeded()) Stored(store, [new Change.PutMessage(message)]);
        Assert.Equal(43, Next());
        Assert.Equal(43 + LastRun.NumbersSkipped, Next());
        Assert.Equal(43 + (2 * LastRun.NumbersSkipped), Next(new Change.EndQuietly()));
        Assert.Equal(43 + (2 * LastRun.NumbersSkipped), Next());

        long Next(params Change[] changes)
        {
            using var store = new SqliteStore(DatabasePath, SyncRule.Interval);
            long last = store.Load().LastId;
            Stored(store, changes);
            return last;
        }
    }

    [Fact]
    public void A_disk_that_refuses_to_sync_is_said_once_until_it_does()
    {
        var troubles = new List<TriggerException>();
        using var written = new AutoResetEvent(false);
        using (var sync = new WalSync(DatabasePath, TimeSpan.FromMilliseconds(1), Hear))
        {
            sync.Written();
            Assert.True(written.WaitOne(TimeSpan.FromSeconds(30)), "nothing was said");
        }
        Assert.Equal("what the queue took lately may not be on the disk", Assert.Single(troubles).Message);
        Assert.Contains("-wal", troubles[0].Fix);

        void Hear(TriggerException problem)
        {
            troubles.Add(problem);
            written.Set();
        }
    }

    [Fact]
    public void Numbers_of_what_is_gone_are_not_forgotten()
    {
        using (SqliteStore store = Seeded())
        {
            Stored(store, [new Change.PutWorker(Sample.Worker(50, "w"))]);
            Stored(store, [new Change.DropWorker(new(50))]);
        }
        using var again = new SqliteStore(DatabasePath);
        Assert.Equal(50, again.Load().LastId);
        Assert.Empty(again.Load().Workers);
    }

    [Fact]
    public void Dropping_a_worker_a_service_or_a_trigger_takes_along_what_hangs_on_it()
    {
        using SqliteStore store = Seeded();
        Stored(store,
        [
            new Change.PutWorker(Sample.Worker(10, "a")), new Change.PutWorker(Sample.Worker(11, "b")),
            new Change.PutService(Sample.Service(20, "s", 10, 11)),
            new Change.PutService(Sample.Service(21, "other", 11)),
            new Change.PutNode(Sample.Directory(30, "d")), new Change.PutNode(Sample.Trigger(31, "t", 30, service: 20)),
        ]);
        Stored(store, [new Change.DropWorker(new(10)), new Change.DropService(new(20))]);
        StoredState state = store.Load();
        Assert.Equal([new ServiceId(21)], state.Services.Select(service => service.Id));
        Assert.Null(state.Nodes[1].Trigger!.Service);
        Stored(store, [new Change.DropNode(new(31)), new Change.DropNode(new(30))]);
        Assert.Empty(store.Load().Nodes);
    }

    [Fact]
    public void The_roster_and_the_store_come_to_the_same_after_the_same_changes()
    {
        Change[] changes =
        [
            new Change.PutWorker(Sample.Worker(10, "a")), new Change.PutWorker(Sample.Worker(11, "b")),
            new Change.PutService(Sample.Service(20, "s", 10, 11)),
            new Change.PutService(Sample.Service(20, "s2", 11, 10)),
            new Change.PutNode(Sample.Directory(30, "d")), new Change.PutNode(Sample.Trigger(31, "t", 30, service: 20)),
            new Change.DropWorker(new(11)), new Change.PutNode(Sample.Directory(30, "renamed")),
            new Change.DropService(new(20)),
        ];
        using SqliteStore store = Seeded();
        var roster = new TriggerFs.Broker.Roster(store.Load());
        foreach (Change change in changes)
        {
            Stored(store, [change]);
            roster.Apply([change]);
            var reloaded = new TriggerFs.Broker.Roster(store.Load());
            Assert.Equal(roster.Snapshot(Desk.Admin), reloaded.Snapshot(Desk.Admin));
            Assert.Equal(roster.Services(Sample.Team1).Select(Shown), reloaded.Services(Sample.Team1).Select(Shown));
        }
    }

    [Fact]
    public void A_dead_letter_is_read_back_the_same_and_one_that_dies_again_takes_its_own_place()
    {
        using SqliteStore store = Seeded();
        var message = new QueuedMessage(
            70, Sample.Team1, Sample.Admin, new(31), new(new UInt128(7, 8)), 1, 2, 3, [0, 255], 4, 5, 6)
        {
            Losses = 2,
        };
        var letter = new DeadLetter(message, "/d/t", "é", 9) { Output = [1, 0, 2] };
        Stored(store, [new Change.PutDeadLetter(letter)]);
        Stored(store, [new Change.PutDeadLetter(letter with { Reason = "again", Output = [] })]);
        DeadLetter read = Assert.Single(store.Load().DeadLetters);
        Assert.Equal(("again", "/d/t", 9), (read.Reason, read.Path, read.DiedUnixMs));
        Assert.Equal((message with { Payload = read.Message.Payload }, 0), (read.Message, read.Output.Length));
        Stored(store, [new Change.DropDeadLetter(70), new Change.PutDeadLetter(letter)]);
        Assert.Equal(letter.Output, store.Load().DeadLetters.Single().Output);
    }

    [Fact]
    public void Changes_of_one_commit_are_stored_together_or_not_at_all()
    {
        using SqliteStore store = Seeded();
        TriggerException? refusal = Commit(store,
            [new Change.PutWorker(Sample.Worker(10, "a")), new Change.PutWorker(Sample.Worker(11, "a"))]);
        Assert.Equal(ErrorCode.Internal, refusal!.Code);
        Assert.Empty(store.Load().Workers);
    }

    [Fact]
    public void A_commit_that_fails_does_not_fail_those_in_the_same_group()
    {
        using SqliteStore store = Seeded();
        using var all = new CountdownEvent(100);
        var failed = new TriggerException?[100];
        for (int n = 0; n < 100; n++)
        {
            int at = n;
            // Every tenth has the name of the one before it.
            string name = n % 10 == 9 ? $"w{n - 1}" : $"w{n}";
            store.Commit([new Change.PutWorker(Sample.Worker(100 + n, name))], problem =>
            {
                failed[at] = problem;
                all.Signal();
            });
        }
        Assert.True(all.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(10, failed.Count(problem => problem is not null));
        Assert.Equal(90, store.Load().Workers.Count);
    }

    [Fact]
    public void Hits_are_written_soon_and_those_of_a_trigger_that_is_gone_are_dropped()
    {
        using SqliteStore store = Seeded();
        Stored(store,
            [new Change.PutNode(Sample.Directory(30, "d")), new Change.PutNode(Sample.Trigger(31, "t", 30))]);
        store.Count([new(new(31), 6, 50), new(new(99), 1, 50)]);
        store.Count([new(new(31), 7, 60)]);
        Until(() => store.Load().Hits.Count > 0);
        Assert.Equal([new TriggerHits(new(31), 7, 60)], store.Load().Hits);
    }

    [Fact]
    public void Hits_that_wait_are_written_at_the_end()
    {
        using (SqliteStore store = Seeded())
        {
            Stored(store,
                [new Change.PutNode(Sample.Directory(30, "d")), new Change.PutNode(Sample.Trigger(31, "t", 30))]);
            store.Count([new(new(31), 7, 60)]);
        }
        using var again = new SqliteStore(DatabasePath);
        Assert.Equal(7UL, Assert.Single(again.Load().Hits).Count);
    }

    [Fact]
    public void A_commit_after_the_end_is_refused()
    {
        SqliteStore store = Seeded();
        store.Dispose();
        Assert.Equal(ErrorCode.Storage, Commit(store, [new Change.DropWorker(new(1))])!.Code);
    }

    [Fact]
    public void Only_its_owner_can_read_any_of_its_files()
    {
        using SqliteStore store = Seeded();
        foreach (string file in Directory.EnumerateFiles(_folder.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains(DatabasePath + "-wal", Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public void A_commit_waits_for_the_disk()
    {
        using DatabaseFile file = DatabaseFile.Open(DatabasePath);
        Assert.Equal(2, Schema.Scalar(file.Connection, "PRAGMA synchronous")); // FULL, sqlite.org/pragma.html
        Assert.Equal(1, Schema.Scalar(file.Connection, "PRAGMA foreign_keys"));
        Assert.True(File.Exists(DatabasePath + "-wal"), "it does not write ahead");
    }

    [Fact]
    public void A_second_broker_on_the_same_file_is_refused()
    {
        using (SqliteStore store = Seeded())
        {
            TriggerException refusal = Assert.Throws<TriggerException>(() => new SqliteStore(DatabasePath));
            Assert.Equal(ErrorCode.Storage, refusal.Code);
            Assert.Contains("another broker", refusal.Message);
        }
        using var next = new SqliteStore(DatabasePath);
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        using (SqliteStore store = Seeded()) { }
        Execute($"PRAGMA user_version = {Schema.Newest + 1}");
        byte[] before = File.ReadAllBytes(DatabasePath);
        TriggerException refusal = Assert.Throws<TriggerException>(() => new SqliteStore(DatabasePath));
        Assert.Contains("newer triggerFS", refusal.Message);
        Assert.Equal(before, File.ReadAllBytes(DatabasePath));
    }

    [Fact]
    public void A_trigger_of_a_database_that_knew_no_limits_has_the_default_one()
    {
        using (var old = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            old.Open();
            Schema.Bring(old, upTo: 3);
            Schema.Execute(old, """
                INSERT INTO teams (id, name, created) VALUES (2, 'team1', 1);
                INSERT INTO users (id, name, secret, disabled, created, updated) VALUES (3, 'hp', '', 0, 1, 1);
                INSERT INTO nodes (id, team, parent, name, mode, owner, created, updated)
                    VALUES (4, 2, NULL, 'd', 493, 3, 1, 1), (5, 2, 4, 't', 420, 3, 1, 1);
                INSERT INTO triggers (node, description, plugin, timeout_ms, retry, messages, synchronous, visibility)
                    VALUES (5, '', '', 0, 0, 1, 0, 1);
                """);
        }
        using var store = new SqliteStore(DatabasePath);
        Assert.Equal(Limits.PayloadMax, store.Load().Nodes[1].Trigger!.Limit);
    }

    [Fact]
    public void Another_programs_database_is_refused()
    {
        Execute("CREATE TABLE songs (title TEXT)");
        Assert.Contains("not a triggerFS database",
            Assert.Throws<TriggerException>(() => new SqliteStore(DatabasePath)).Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_as_damaged()
    {
        File.WriteAllText(DatabasePath, new string('x', 8192));
        Assert.Contains("damaged", Assert.Throws<TriggerException>(() => new SqliteStore(DatabasePath)).Message);
    }

    [Fact]
    public void A_database_with_a_broken_page_is_refused_as_damaged()
    {
        using (SqliteStore store = Seeded())
            for (int n = 0; n < 50; n++) Stored(store, [new Change.PutWorker(Sample.Worker(100 + n, $"w{n}"))]);
        byte[] bytes = File.ReadAllBytes(DatabasePath);
        // Every page but the first, which says what the others are.
        for (int at = 4096; at < bytes.Length; at += 64) bytes[at] ^= 0x5A;
        File.WriteAllBytes(DatabasePath, bytes);
        TriggerException refusal = Assert.Throws<TriggerException>(() => new SqliteStore(DatabasePath));
        Assert.Contains("damaged", refusal.Message);
        Assert.Contains("backup", refusal.Fix);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused() => Assert.Equal(ErrorCode.Storage,
        Assert.Throws<TriggerException>(() => new SqliteStore(_folder.Path + "/no/such/folder.db")).Code);

    private static string Shown(Service service) => $"{service.Name} {string.Join(',', service.Workers)}";

    private SqliteStore Seeded()
    {
        var store = new SqliteStore(DatabasePath);
        Stored(store, Seeds);
        return store;
    }

    internal static Change[] Seeds =>
    [
        .. Sample.State.Teams.Select(team => new Change.PutTeam(team)),
        .. Sample.State.Users.Select(user => new Change.PutUser(user)),
        .. Sample.State.Memberships.Select(membership => new Change.PutMembership(membership)),
    ];

    internal static void Stored(SqliteStore store, Change[] changes) => Assert.Null(Commit(store, changes));

    internal static TriggerException? Commit(SqliteStore store, Change[] changes) =>
        Answer(done => store.Commit(changes, done));

    /// <summary>What the store answers, once it does.</summary>
    internal static TriggerException? Answer(Action<Action<TriggerException?>> begin)
    {
        using var done = new ManualResetEventSlim();
        TriggerException? answer = null;
        begin(problem =>
        {
            answer = problem;
            done.Set();
        });
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)), "the store did not answer");
        return answer;
    }

    private static void Until(Func<bool> condition)
    {
        long deadline = Stopwatch.GetTimestamp() + (20 * Stopwatch.Frequency);
        while (!condition())
        {
            Assert.True(Stopwatch.GetTimestamp() < deadline, "it did not come true");
            Thread.Sleep(5);
        }
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        Schema.Execute(connection, sql);
    }
}
