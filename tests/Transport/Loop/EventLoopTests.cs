using System.IO.Pipes;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Tests.Transport.Loop;

public sealed class EventLoopTests
{
    private readonly List<Exception> _faults = [];

    [Fact]
    public void An_action_posted_from_another_thread_runs_on_the_loop()
    {
        using EventLoop loop = NewLoop();
        bool onLoop = false;
        var poster = new Thread(() => loop.Post(() =>
        {
            onLoop = loop.IsOnLoop;
            loop.Stop();
        }));
        poster.Start();
        loop.Run();
        poster.Join();
        Assert.True(onLoop);
        Assert.False(loop.IsOnLoop);
    }

    [Fact]
    public void Posted_actions_run_in_their_order()
    {
        using EventLoop loop = NewLoop();
        var seen = new List<int>();
        for (int i = 0; i < 1000; i++)
        {
            int number = i;
            loop.Post(() => seen.Add(number));
        }
        loop.Post(loop.Stop);
        loop.Run();
        Assert.Equal(Enumerable.Range(0, 1000), seen);
    }

    [Fact]
    public void What_a_handler_posts_runs_after_the_end_of_its_turn()
    {
        using EventLoop loop = NewLoop();
        var seen = new List<string>();
        loop.TurnEnded += () => seen.Add("flush");
        loop.After(TimeSpan.Zero, () => loop.Post(() =>
        {
            seen.Add("posted");
            loop.Stop();
        }));
        loop.Run();
        Assert.Equal("flush", seen[seen.IndexOf("posted") - 1]);
    }

    [Fact]
    public void A_loop_that_looks_out_for_something_hears_it_and_all_else_and_sleeps_again_when_it_does_not_come()
    {
        using EventLoop loop = NewLoop();
        var seen = new List<string>();
        loop.After(TimeSpan.Zero, () =>
        {
            loop.LookOut(TimeSpan.FromHours(1));
            new Thread(() => loop.Post(() =>
            {
                seen.Add("posted");
                loop.LookOut(TimeSpan.FromMicroseconds(1));
                loop.After(TimeSpan.FromMilliseconds(2), () =>
                {
                    seen.Add("timer");
                    loop.Stop();
                });
            })).Start();
        });
        loop.Run();
        Assert.Equal(["posted", "timer"], seen);
    }

    [Fact]
    public void A_handler_that_throws_is_reported_and_the_loop_goes_on()
    {
        using EventLoop loop = NewLoop();
        loop.Post(() => throw new InvalidOperationException("first"));
        loop.After(TimeSpan.Zero, () => throw new InvalidOperationException("second"));
        loop.After(TimeSpan.FromMilliseconds(1), loop.Stop);
        loop.Run();
        Assert.Equal(["first", "second"], _faults.Select(fault => fault.Message));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_times()
    {
        using EventLoop loop = NewLoop();
        var seen = new List<int>();
        foreach (int ms in new[] { 30, 10, 20, 5, 25, 15 })
            loop.After(TimeSpan.FromMilliseconds(ms), () => seen.Add(ms));
        loop.After(TimeSpan.FromMilliseconds(40), loop.Stop);
        loop.Run();
        Assert.Equal([5, 10, 15, 20, 25, 30], seen);
    }

    [Fact]
    public void A_disposed_timer_does_not_fire_and_the_others_do()
    {
        using EventLoop loop = NewLoop();
        var random = new Random(7);
        var expected = new SortedSet<int>();
        var seen = new SortedSet<int>();
        var timers = new List<(int Number, LoopTimer Timer)>();
        for (int i = 0; i < 500; i++)
        {
            int number = i;
            timers.Add((i, loop.After(TimeSpan.FromMilliseconds(random.Next(20)), () => seen.Add(number))));
            expected.Add(i);
        }
        foreach ((int number, LoopTimer timer) in timers)
        {
            if (random.Next(2) != 0) continue;
            timer.Dispose();
            expected.Remove(number);
        }
        loop.After(TimeSpan.FromMilliseconds(30), loop.Stop);
        loop.Run();
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void A_repeating_timer_fires_until_it_is_disposed()
    {
        using EventLoop loop = NewLoop();
        int count = 0;
        LoopTimer? timer = null;
        timer = loop.Every(TimeSpan.FromMilliseconds(1), () =>
        {
            if (++count < 5) return;
            timer!.Dispose();
            loop.After(TimeSpan.FromMilliseconds(10), loop.Stop);
        });
        loop.Run();
        Assert.Equal(5, count);
    }

    [Fact]
    public void A_watch_is_told_of_bytes_and_of_the_end()
    {
        using EventLoop loop = NewLoop();
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        int bytes = 0;
        byte[] buffer = new byte[16];
        Watch? watch = null;
        watch = loop.Watch((int)reader.SafePipeHandle.DangerousGetHandle(), Interest.Read, ready =>
        {
            if ((ready & Ready.Read) != 0) bytes += reader.Read(buffer);
            else if ((ready & Ready.HangUp) != 0)
            {
                watch!.Dispose();
                loop.Stop();
            }
        });
        loop.After(TimeSpan.FromMilliseconds(1), () =>
        {
            writer.Write("hello"u8);
            writer.Dispose();
        });
        loop.Run();
        Assert.Equal(5, bytes);
        Assert.Empty(_faults);
    }

    [Fact]
    public void A_watch_without_interest_is_told_nothing_until_it_has_one_again()
    {
        using EventLoop loop = NewLoop();
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        int calls = 0;
        Watch? watch = null;
        watch = loop.Watch((int)reader.SafePipeHandle.DangerousGetHandle(), Interest.None, _ =>
        {
            calls++;
            watch!.Dispose();
            loop.Stop();
        });
        writer.Dispose();
        loop.After(TimeSpan.FromMilliseconds(20), () =>
        {
            Assert.Equal(0, calls);
            watch.Interest = Interest.Read;
        });
        loop.Run();
        Assert.Equal(1, calls);
        Assert.Empty(_faults);
    }

    [Fact]
    public void A_watch_disposed_by_an_earlier_handler_of_the_turn_is_not_told()
    {
        using EventLoop loop = NewLoop();
        using var first = new AnonymousPipeServerStream(PipeDirection.In);
        using var second = new AnonymousPipeServerStream(PipeDirection.In);
        using var one = new AnonymousPipeClientStream(PipeDirection.Out, first.ClientSafePipeHandle);
        using var two = new AnonymousPipeClientStream(PipeDirection.Out, second.ClientSafePipeHandle);
        var watches = new List<Watch>();
        int calls = 0;
        void Told(Ready ready)
        {
            calls++;
            foreach (Watch watch in watches) watch.Dispose();
            loop.After(TimeSpan.FromMilliseconds(5), loop.Stop);
        }
        watches.Add(loop.Watch((int)first.SafePipeHandle.DangerousGetHandle(), Interest.Read, Told));
        watches.Add(loop.Watch((int)second.SafePipeHandle.DangerousGetHandle(), Interest.Read, Told));
        one.Write("a"u8);
        two.Write("b"u8);
        loop.Run();
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_turn_allocates_nothing()
    {
        using EventLoop loop = NewLoop();
        long before = 0, after = 0;
        int turns = 0;
        Action? next = null;
        next = () =>
        {
            if (++turns == 1000) before = GC.GetAllocatedBytesForCurrentThread();
            if (turns == 5000) after = GC.GetAllocatedBytesForCurrentThread();
            if (turns < 5000) loop.Post(next!);
            else loop.Stop();
        };
        loop.Post(next);
        loop.Every(TimeSpan.FromMilliseconds(1), () => { });
        loop.Run();
        Assert.Equal(0, after - before);
    }

    [Fact]
    public void A_watch_belongs_to_the_loop_s_thread()
    {
        using EventLoop loop = NewLoop();
        Exception? thrown = null;
        using var running = new ManualResetEventSlim();
        loop.Post(running.Set);
        var other = new Thread(() =>
        {
            running.Wait();
            thrown = Record.Exception(() => loop.After(TimeSpan.Zero, () => { }));
            loop.Stop();
        });
        other.Start();
        loop.Run();
        other.Join();
        Assert.IsType<InvalidOperationException>(thrown);
    }

    private EventLoop NewLoop() => new(_faults.Add);
}
