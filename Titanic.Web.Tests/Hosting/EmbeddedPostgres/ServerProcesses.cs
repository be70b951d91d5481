using System.Diagnostics;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>The processes of the embedded server of a state folder.</summary>
internal static class ServerProcesses
{
    public static int Postmaster(TestFolder state) => PostmasterFile.Read(state.PathTo("data"))!.ProcessId;

    /// <summary>Sends SIGKILL to the postmaster only; its children notice its end.</summary>
    public static void KillPostmaster(TestFolder state)
    {
        using var server = Process.GetProcessById(Postmaster(state));
        server.Kill();
    }

    /// <summary>Sends a signal to all processes of the server, the postmaster first.</summary>
    /// <param name="signal">KILL, STOP or CONT.</param>
    public static async Task SignalAll(TestFolder state, string signal)
    {
        var shell = await ServerProgram.Run(
            "/bin/sh", ["-c", "kill -$1 $2; for p in /proc/[0-9]*; do [ \"$(readlink $p/cwd)\" = \"$3\" ] && kill -$1 ${p#/proc/}; done; true",
                "sh", signal, $"{Postmaster(state)}", state.PathTo("data")], null, CancellationToken.None);
        Assert.True(shell.ExitCode == 0, shell.Output);
    }
}
