using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Hosting.EmbeddedPostgres;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;

namespace Titanic.Web.Hosting;

/// <summary>The implementation of the commands. Each result is one line on standard output; logs go to standard error.</summary>
internal static partial class Commands
{
    private static readonly TimeSpan _healthCheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the process is stopped.</summary>
    /// <returns>1 if the settings are not valid or an address is in use; else <see cref="Environment.ExitCode"/>.</returns>
    public static async Task<int> Serve(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            ValidateSettings(app);
            if (Assembly.GetEntryAssembly() == typeof(Commands).Assembly) // another entry assembly, such as a test host, uses a server of its own
                await ListenAddress.WaitUntilFree(app.Configuration, cancellation);
            await app.StartAsync(cancellation);
            await app.WaitForShutdownAsync(cancellation);
            return Environment.ExitCode;
        }
        catch (Exception failure) when (failure is OptionsValidationException or IOException { InnerException: AddressInUseException or FormatException }
            || SettingErrors.IsOfBinder(failure))
        {
            await Console.Error.WriteLineAsync($"Titanic cannot start: {SettingErrors.Describe(failure)}");
            await app.StopAsync(CancellationToken.None); // stops hosted services that have already started
            return 1;
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    /// <summary>Runs one pipeline in this process.</summary>
    /// <param name="createRequest">Creates the request; its argument is today's date (UTC).</param>
    /// <returns>0 if the run succeeded, else 1.</returns>
    public static Task<int> Run(WebApplication app, Func<DateOnly, RunRequest> createRequest, CancellationToken cancellation) =>
        WithDatabase(app, async services =>
        {
            var request = createRequest(Today(services));
            // Checked before the run is stored, because a typing error is no failed run.
            if (request.AsOf is { } future && RunRules.FindFutureAsOf(future, services.GetRequiredService<TimeProvider>().GetUtcNow()) is { } error)
                throw new InvalidOperationException(error);
            if (request.AsOf is { } asOf)
                await services.GetRequiredService<FeatureReader>().PointInTime(asOf, cancellation);
            if (request.Backfill is { } list && list != RunRequest.BundledDataset)
                await services.GetRequiredService<DatasetSource>().RequireReadable(list);
            var run = await services.GetRequiredService<PipelineRunner>().Run(request, cancellation);
            PrintRun(run);
            return run.Status == RunStatus.Succeeded ? 0 : 1;
        }, cancellation);

    public static Task<int> Simulate(WebApplication app, int days, DateOnly? from, CancellationToken cancellation) =>
        WithDatabase(app, async services =>
        {
            var newest = await services.GetRequiredService<FeatureReader>().NewestStreamDay(cancellation);
            var first = from ?? newest?.AddDays(1) ?? Today(services).AddDays(1 - days);
            if (RunRules.FindSimulationGap(first, newest, Today(services)) is { } error)
                throw new InvalidOperationException(error);
            var simulation = services.GetRequiredService<Simulation>();
            for (var day = first; day < first.AddDays(days); day = day.AddDays(1))
            {
                foreach (var run in await simulation.SimulateDay(day, RunTrigger.CommandLine, cancellation))
                    PrintRun(run);
            }
            return 0;
        }, cancellation);

    public static async Task<int> HealthCheck(Uri url, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = _healthCheckTimeout };
        try
        {
            using var response = await client.GetAsync(url, cancellation);
            Console.WriteLine($"{url} returned status {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            Console.WriteLine($"{url} did not respond: {FailureText.OfNetwork(failure)}.");
            return 1;
        }
    }

    public static int CreateSecrets(string folder, string host)
    {
        try
        {
            foreach (var line in Secrets.CreateIfMissing(folder, host))
                Console.WriteLine(line);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The secrets cannot be written to {folder}: {FailureText.OfFile(failure)}.");
            return 1;
        }
    }

    public static Task<int> CreateDatabase(WebApplication app, string user, string passwordFile, CancellationToken cancellation) =>
        ReportErrors(app, async () =>
        {
            Console.WriteLine(await DatabaseRole.CreateIfMissing(
                app.Services.GetRequiredService<DatabaseLocation>().ConnectionString, user, passwordFile, app.Services.GetRequiredService<DatabaseWait>(), cancellation));
            return 0;
        });

    /// <summary>Validates the settings, prepares the database and calls <paramref name="work"/> with the services of a new scope.</summary>
    /// <returns>The exit code that <paramref name="work"/> returns; 1 if it throws an exception with a message for the user.</returns>
    public static Task<int> WithDatabase(WebApplication app, Func<IServiceProvider, Task<int>> work, CancellationToken cancellation) =>
        ReportErrors(app, async () =>
        {
            ValidateSettings(app);
            await app.Services.GetRequiredService<DatabasePreparation>().Prepare(cancellation);
            await using var scope = app.Services.CreateAsyncScope();
            return await work(scope.ServiceProvider);
        });

    /// <exception cref="OptionsValidationException">At least one setting is invalid; the message lists all of them.</exception>
    private static void ValidateSettings(WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (AggregateException sections)
        {
            var failures = sections.InnerExceptions.OfType<OptionsValidationException>().SelectMany(section => section.Failures);
            throw new OptionsValidationException(Options.DefaultName, typeof(SettingNames), failures);
        }
    }

    /// <summary>
    /// Prints the message of an error that the user can correct; any other exception is a defect and keeps its stack trace.
    /// </summary>
    private static async Task<int> ReportErrors(WebApplication app, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is OptionsValidationException or EmbeddedServerException or NpgsqlException or PipelineFailedException or RegistryException
            or UnknownAsOfException or PassengerFileException
            or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            if (failure is NpgsqlException or IOException or UnauthorizedAccessException)
                LogFailed(app.Logger, failure);
            await Console.Error.WriteLineAsync(SettingErrors.Describe(failure));
            return 1;
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The command failed")]
    private static partial void LogFailed(ILogger log, Exception failure);

    private static void PrintRun(Run run) => Console.WriteLine(
        $"{run.Pipeline} run {run.RunId}{(run.LogicalDate is { } day ? $" for {day:yyyy-MM-dd}" : "")} {run.Status.ToString().ToLowerInvariant()}: {run.Error ?? run.Summary}");

    private static DateOnly Today(IServiceProvider services) =>
        DateOnly.FromDateTime(services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);

    /// <summary>Opens a file of the caller; <paramref name="what"/> names it in the message.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read.</exception>
    public static FileStream OpenFile(string what, string path)
    {
        try
        {
            return File.OpenRead(FullPath(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"The {what} {path} cannot be read: {FailureText.OfFile(failure)}.", failure);
        }
    }

    /// <summary>
    /// Resolves a relative path against the caller's folder: <c>dotnet run</c> changes to the project's folder, but <c>PWD</c> still names
    /// the folder of the shell. A URL and the name of the bundled dataset are returned unchanged.
    /// </summary>
    public static string FullPath(string location) => location == RunRequest.BundledDataset || location.Contains("://", StringComparison.Ordinal)
        ? location
        : Path.GetFullPath(location, Environment.GetEnvironmentVariable("PWD") ?? Environment.CurrentDirectory);
}
