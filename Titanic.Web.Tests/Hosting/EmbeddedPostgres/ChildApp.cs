using System.Diagnostics;
using System.Runtime.InteropServices;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>A separate process that uses an embedded server, see <see cref="ChildAppEntry"/>.</summary>
internal sealed class ChildApp : IDisposable
{
    private readonly Process _process;

    private ChildApp(Process process, string connectionString)
    {
        _process = process;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    public static async Task<ChildApp> Start(EmbeddedServerOptions options, CancellationToken cancellation) =>
        await Start(Describe(Muxer, AppContext.BaseDirectory, options), cancellation);

    /// <summary>
    /// Starts the process as a user other than root. If the tests run as root, this is the account nobody, with copies of all required
    /// files in <paramref name="home"/>, because it may have no access to root's checkout.
    /// </summary>
    public static async Task<ChildApp> StartAsOrdinaryUser(TestFolder home, CancellationToken cancellation)
    {
        if (!ServerAccount.MustSwitch)
            return await Start(home.Options with { DataDirectory = home.PathTo("state") }, cancellation);

        var accounts = File.ReadLines("/etc/passwd").Where(line => line.StartsWith("nobody:", StringComparison.Ordinal));
        var account = ServerAccount.Choose([.. accounts]);
        account.SetOwner(home.Path);
        var programs = home.PathTo("programs");
        Directory.CreateDirectory(programs);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(programs, Path.GetFileName(file)));
        await Shell("cp -R \"$1\" \"$2\" && chmod -R go+rX \"$2\" \"$3\"", home.Options.BinariesRoot, home.PathTo("packages"), programs);
        if (!await account.CanReach(Muxer, cancellation))
            await Shell("cp -R \"$1\" \"$2\" && chmod -R go+rX \"$2\"", Path.GetDirectoryName(Muxer)!, home.PathTo("dotnet"));

        var muxer = Directory.Exists(home.PathTo("dotnet")) ? Path.Combine(home.PathTo("dotnet"), "dotnet") : Muxer;
        var start = Describe(muxer, programs, home.Options with { BinariesRoot = home.PathTo("packages"), DataDirectory = home.PathTo("state") });
        start.UserName = account.Name;
        return await Start(start, cancellation);
    }

    /// <summary>Sends SIGKILL: the app cannot run any more code.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Stops the app gracefully: it releases the server.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Stop(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    /// <summary>
    /// The dotnet executable of this process, relative to the runtime's folder dotnet/shared/Microsoft.NETCore.App/10.0.x/.
    /// </summary>
    private static string Muxer => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static ProcessStartInfo Describe(string muxer, string programs, EmbeddedServerOptions options)
    {
        var start = new ProcessStartInfo(muxer, [Path.Combine(programs, Path.GetFileName(typeof(ChildApp).Assembly.Location))])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment[ChildAppEntry.DataDirectoryVariable] = options.DataDirectory;
        start.Environment[ChildAppEntry.BinariesVariable] = options.BinariesRoot;
        return start;
    }

    private static async Task<ChildApp> Start(ProcessStartInfo start, CancellationToken cancellation)
    {
        var process = Process.Start(start)!;
        var connectionString = await process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new InvalidOperationException(
                "The child process exited before its server was ready; its errors are in the test output.");
        return new ChildApp(process, connectionString);
    }

    private static async Task Shell(string script, params string[] arguments)
    {
        var shell = await ServerProgram.Run("/bin/sh", ["-c", script, "sh", .. arguments], null, CancellationToken.None);
        Assert.True(shell.ExitCode == 0, shell.Output);
    }
}
