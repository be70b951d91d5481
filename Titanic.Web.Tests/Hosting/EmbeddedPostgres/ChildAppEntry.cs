using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>
/// Runs the test program as the app, for tests that kill it: if the two environment variables are set, the program uses an embedded server
/// until its standard input ends, and runs no tests. It is a module initializer because xunit generates the entry point.
/// </summary>
internal static class ChildAppEntry
{
    public const string DataDirectoryVariable = "TITANIC_CHILD_DATA_DIRECTORY";

    public const string BinariesVariable = "TITANIC_CHILD_BINARIES";

    [ModuleInitializer]
    internal static void RunIfRequested()
    {
        if (Environment.GetEnvironmentVariable(DataDirectoryVariable) is not { } folder
            || Environment.GetEnvironmentVariable(BinariesVariable) is not { } binaries)
            return;

        // Blocking is required: while the initializer runs, no other thread can run code of this assembly.
        var options = new EmbeddedServerOptions { BinariesRoot = binaries, DataDirectory = folder, Durable = false };
        var server = EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
        server.Supervise();
        Console.WriteLine(server.ConnectionString);
        Console.In.ReadToEnd();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Environment.Exit(0);
    }
}
