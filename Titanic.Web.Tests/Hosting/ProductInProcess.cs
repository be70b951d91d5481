using System.Diagnostics;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

/// <summary>
/// Calls the product's entry point in this process, for tests of a command's output and exit code. A call takes milliseconds, a process of
/// its own a second or more.
/// </summary>
internal static class ProductInProcess
{
    private static readonly AsyncLocal<Call?> _call = new();
    private static readonly Lazy<IDisposable> _redirection = new(Redirect);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>The exit code, standard output and standard error.</returns>
    public static Task<(int ExitCode, string Output, string Errors)> Run(params string[] arguments) => Run([], arguments);

    /// <inheritdoc cref="Run(string[])"/>
    public static Task<(int ExitCode, string Output, string Errors)> RunOn(TestDatabase database, params string[] arguments) =>
        Run([new("ConnectionStrings:Titanic", database.ConnectionString)], arguments);

    /// <summary>
    /// Runs a command with the embedded server of a state folder and the settings <see cref="TestWorkflow.FastTrainingSettings"/>.
    /// </summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunIn(string stateFolder, params string[] arguments) =>
        Run([new("Titanic:DataDirectory", stateFolder), .. TestWorkflow.FastTrainingSettings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))], arguments);

    private static async Task<(int ExitCode, string Output, string Errors)> Run(KeyValuePair<string, string?>[] settings, string[] arguments)
    {
        _ = _redirection.Value;
        var call = _call.Value = new Call(settings, new StringWriter(), new StringWriter()); // flows only to the tasks and threads of this call
        var exitCode = await Task.Run(() => (int)typeof(CommandLine).Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!);
        return (exitCode, call.Output.ToString().TrimEnd().ReplaceLineEndings("\n"), call.Errors.ToString().TrimEnd().ReplaceLineEndings("\n"));
    }

    private static IDisposable Redirect()
    {
        Console.SetOut(new ConsoleRouter(Console.Out, call => call.Output));
        Console.SetError(new ConsoleRouter(Console.Error, call => call.Errors));
        return DiagnosticListener.AllListeners.Subscribe(new HostListener());
    }

    private sealed record Call(KeyValuePair<string, string?>[] Settings, StringWriter Output, StringWriter Errors);

    /// <summary>Writes to the writer of the current call; outside a call, to the original console.</summary>
    private sealed class ConsoleRouter(TextWriter others, Func<Call, TextWriter> writer) : TextWriter
    {
        public override Encoding Encoding => others.Encoding;

        public override void Write(char value) => Route(writer => writer.Write(value));

        public override void Write(char[] buffer, int index, int count) => Route(writer => writer.Write(buffer, index, count));

        public override void Write(string? value) => Route(writer => writer.Write(value));

        public override void WriteLine(string? value) => Route(writer => writer.WriteLine(value));

        public override void Flush() => Route(writer => writer.Flush());

        private void Route(Action<TextWriter> write)
        {
            if (_call.Value is not { } call)
            {
                write(others);
                return;
            }
            lock (call)
                write(writer(call));
        }
    }

    /// <summary>Observes every host that is built and adds the settings of the current call.</summary>
    private sealed class HostListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
                value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is not { Key: "HostBuilding", Value: IHostBuilder builder } || _call.Value is not { } call)
                return;
            builder.ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(call.Settings));
            builder.ConfigureServices(services =>
            {
                // The default application name is that of the running program, whose static files the host would look for.
                var environment = (IWebHostEnvironment)services.Last(service => service.ServiceType == typeof(IWebHostEnvironment)).ImplementationInstance!;
                (environment.ApplicationName, environment.EnvironmentName) = (typeof(CommandLine).Assembly.GetName().Name!, Environments.Development);
            });
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
