using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>
/// Lets the test program be the app, for tests that kill it: with the two environment variables set it uses an embedded server until
/// its input ends, and runs no test. It has to be a module initializer because xunit writes the entry point.
/// </summary>
internal static class ChildAppEntry
{
    public const string DataDirectoryVariable = "TITANIC_CHILD_DATA_DIRECTORY";

    public const string BinariesVariable = "TITANIC_CHILD_BINARIES";

    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(DataDirectoryVariable) is not { } folder
            || Environment.GetEnvironmentVariable(BinariesVariable) is not { } binaries)
            return;

        // Blocking is right here: while the initializer runs, no other thread may use this assembly's code.
        var options = new EmbeddedServerOptions { BinariesRoot = binaries, DataDirectory = folder, Durable = false };
        var server = EmbeddedServer.Start(options, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
        Console.WriteLine(server.ConnectionString);
        Console.In.ReadToEnd();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Environment.Exit(0);
    }
}
