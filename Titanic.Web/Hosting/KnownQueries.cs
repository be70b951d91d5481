using System.Collections.Concurrent;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// Refuses a query that an endpoint of the API does not have: <c>?limt=5</c> would otherwise look as if it had been heeded. What an endpoint
/// has is what its description says, so document and answer cannot differ.
/// </summary>
internal sealed class KnownQueries(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly Lazy<Dictionary<(string Method, string Path), string[]>> _described = new(() => descriptions.ApiDescriptionGroups.Items
        .SelectMany(group => group.Items)
        .ToDictionary(
            one => (one.HttpMethod ?? "", one.RelativePath ?? ""),
            one => one.ParameterDescriptions.Where(parameter => parameter.Source.Id == "Query").Select(parameter => char.ToLowerInvariant(parameter.Name[0]) + parameter.Name[1..]).ToArray()));

    private readonly ConcurrentDictionary<RouteEndpoint, string[]?> _known = new();

    /// <summary>What is wrong, as a sentence; null where nothing is.</summary>
    public string? ProblemOf(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue || context.GetEndpoint() is not RouteEndpoint endpoint)
            return null;
        if (_known.GetOrAdd(endpoint, found => _described.Value.GetValueOrDefault((context.Request.Method, found.RoutePattern.RawText!.Trim('/')))) is not { } known)
            return null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return $"There is no parameter {Excerpt.Truncate(name)}; " + (known.Length == 0 ? "there are none." : $"it may be {string.Join(", ", known)}.");
            if (values.Count > 1)
                return $"{Excerpt.Truncate(name)} is given {values.Count} times; it must be given once.";
        }
        return null;
    }
}

internal static class KnownQueriesOfRequests
{
    public static void UseKnownQueries(this WebApplication app)
    {
        var queries = app.Services.GetRequiredService<KnownQueries>();
        app.Use((context, next) => queries.ProblemOf(context) is { } problem
            ? Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context)
            : next(context));
    }
}
