namespace TriggerFs.Core.Messages;

/// <summary>The closed set of messages. The numbers are the first byte on the wire and never change.</summary>
enum MessageKind : byte
{
    /// <summary>Peer to broker: who I am and the proof.</summary>
    Hello = 1,

    /// <summary>Broker to peer: the session.</summary>
    Accepted = 2,

    /// <summary>Broker to peer: a session, a request or a statement failed, and why.</summary>
    Refused = 3,

    /// <summary>Both ways: I am alive.</summary>
    Heartbeat = 4,

    /// <summary>Both ways: I am going, and when I will be back.</summary>
    Goodbye = 5,

    /// <summary>User to broker: run a plugin on a service.</summary>
    Request = 6,

    /// <summary>User to broker: what was written to a trigger.</summary>
    Fire = 7,

    /// <summary>User to broker, broker to worker: end this.</summary>
    Cancel = 8,

    /// <summary>User to broker, broker to worker: output was consumed up to here.</summary>
    Credit = 9,

    /// <summary>User to broker: these requests were under way when the link broke.</summary>
    Reclaim = 10,

    /// <summary>Broker to user: who will run the request.</summary>
    Dispatched = 11,

    /// <summary>Worker to broker, broker to user: some output.</summary>
    Output = 12,

    /// <summary>Worker to broker, broker to user: a run has ended.</summary>
    Finished = 13,

    /// <summary>Worker to broker: ready for these services, still holding these runs.</summary>
    Announce = 14,

    /// <summary>Broker to worker: the services that the worker is attached to.</summary>
    Assigned = 15,

    /// <summary>Broker to worker: run this plugin.</summary>
    Run = 16,

    /// <summary>Worker to broker: the plugin is about to start.</summary>
    Started = 17,

    /// <summary>User to broker: a statement of the console, or a change of the tree.</summary>
    Manage = 18,

    /// <summary>Broker to user: rows that answer a statement.</summary>
    Listing = 19,

    /// <summary>Broker to user: a statement is done (and on the broker's disk).</summary>
    Done = 20,

    /// <summary>User to broker: send me the team's tree, now and whenever it changes.</summary>
    Watch = 21,

    /// <summary>Broker to user: nodes of the tree that are new or changed, and nodes that are gone.</summary>
    Tree = 22,

    /// <summary>User to broker: statements that belong together, or a revision to go back to.</summary>
    Commit = 23,

    /// <summary>Broker to worker: a new token. Worker to broker: it is kept.</summary>
    NewToken = 24,

    /// <summary>Broker to user: these asynchronous messages are on the broker's disk.</summary>
    Stored = 25,

    /// <summary>Somebody without an account to broker: send me an activation code.</summary>
    SignUp = 26,

    /// <summary>Somebody without an account to broker: make one, here is the code.</summary>
    Activate = 27,

    /// <summary>Broker to who has an account now: it is made.</summary>
    Activated = 28,

    /// <summary>User to broker: run a plugin on a service, a few workers first, or until too many fail.</summary>
    Rollout = 29,

    /// <summary>User to broker: I want to hear a stream.</summary>
    Listen = 30,

    /// <summary>The highest number in use.</summary>
    Last = Listen,
}
