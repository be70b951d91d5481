using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Titanic.Web.Hosting;

/// <summary>Serilog: sentences for people in development, one JSON object a line elsewhere.</summary>
internal static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <param name="toStandardError">True for command-line verbs, whose standard output carries results only.</param>
    public static void AddLogging(this WebApplicationBuilder builder, bool toStandardError) => builder.Services.AddSerilog((services, logger) =>
    {
        LogEventLevel? standardErrorFrom = toStandardError ? LogEventLevel.Verbose : null;
        logger.MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // The keys that sign cookies stand in the database, guarded like the accounts beside them; a warning would tell it at every start.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            .MinimumLevel.Override("System.Net.Http", LogEventLevel.Warning)
            // Why the host cannot start is told in a sentence by whoever started it.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            // A failed command is thrown as well; the very first migration asks for a table that is not there yet.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Command", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal) // whoever asks gets the answer
            .MinimumLevel.Override("Hangfire", LogEventLevel.Warning)
            .Enrich.FromLogContext();
        if (builder.Environment.IsDevelopment())
            logger.WriteTo.Console(outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture, standardErrorFromLevel: standardErrorFrom);
        else
            logger.WriteTo.Console(new RenderedCompactJsonFormatter(), standardErrorFromLevel: standardErrorFrom);
    });
}
