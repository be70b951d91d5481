using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Titanic.Web.Passengers;

namespace Titanic.Web.Hosting;

/// <summary>
/// Checks the parameters of a request for the API before the framework binds them. A query parameter that the endpoint does not have is
/// refused, because <c>?limt=5</c> would otherwise look as if it had been used; so is a value of another kind or out of range. What an
/// endpoint has is what its description says, so document and response cannot differ.
/// </summary>
internal sealed class RequestParameters(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly Lazy<Dictionary<(string Method, string Path), Parameter[]>> _described = new(() => descriptions.ApiDescriptionGroups.Items
        .SelectMany(group => group.Items)
        .ToDictionary(
            one => (one.HttpMethod ?? "", one.RelativePath?.Trim('/') ?? ""), // of a group it ends with a slash
            one => one.ParameterDescriptions.Where(parameter => parameter.Source.Id is "Query" or "Path").Select(Parameter.Of).ToArray()));

    private readonly ConcurrentDictionary<RouteEndpoint, Parameter[]?> _known = new();

    /// <summary>What is wrong, as a sentence; null where nothing is.</summary>
    public string? ProblemOf(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || (!context.Request.QueryString.HasValue && endpoint.RoutePattern.Parameters.Count == 0))
            return null;
        if (_known.GetOrAdd(endpoint, found => _described.Value.GetValueOrDefault((context.Request.Method, found.RoutePattern.RawText!.Trim('/')))) is not { } known)
            return null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (Array.Find(known, one => one.IsQuery && one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } parameter)
            {
                var names = known.Where(one => one.IsQuery).Select(one => one.Name).ToList();
                return $"There is no parameter {Excerpt.Truncate(name)}; " + (names.Count == 0 ? "there are none." : $"it may be {string.Join(", ", names)}.");
            }
            if (values.Count > 1)
                return $"{Excerpt.Truncate(name)} is given {values.Count} times; it must be given once.";
            if (parameter.ProblemOf(values.ToString()) is { } problem)
                return problem;
        }
        return known.Where(one => !one.IsQuery).Select(one => one.ProblemOf(context.Request.RouteValues[one.Name] as string)).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The values of a type in words.</summary>
    public static string Allowed(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.Double or TypeCode.Decimal => "a number",
        TypeCode.String => "a text",
        TypeCode.Boolean => "true or false",
        _ when (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateOnly) => "a day such as 2026-11-23",
        _ when (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset) => "an instant such as 2026-11-23T18:00:00Z",
        _ => "an object",
    };

    private sealed record Parameter(string Name, Type Type, bool IsQuery, RangeAttribute? Range)
    {
        public static Parameter Of(ApiParameterDescription described) =>
            new(JsonNamingPolicy.CamelCase.ConvertName(described.Name), described.Type ?? typeof(string), described.Source.Id == "Query",
                (described.ParameterDescriptor as IParameterInfoParameterDescriptor)?.ParameterInfo.GetCustomAttribute<RangeAttribute>());

        public string? ProblemOf(string? value)
        {
            if (!Type.IsValueType ? string.IsNullOrEmpty(value) : value is null && Nullable.GetUnderlyingType(Type) is not null)
                return null;
            var isAllowed = Type.GetTypeCode(Nullable.GetUnderlyingType(Type) ?? Type) switch
            {
                TypeCode.Int32 => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
                TypeCode.Int64 => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
                TypeCode.Boolean => bool.TryParse(value, out _),
                _ => true,
            };
            if (isAllowed && Range?.IsValid(value) == false)
                return $"The {Name} is {value}; it must be {Range.Minimum} to {Range.Maximum}.";
            return isAllowed ? null : $"{Name} is \"{Excerpt.Truncate(value)}\"; it must be {Allowed(Type)}.";
        }
    }
}

internal static class RequestParameterChecks
{
    public static void UseRequestParameters(this WebApplication app)
    {
        var parameters = app.Services.GetRequiredService<RequestParameters>();
        app.Use((context, next) => AcceptedContent.CharsetProblem(context) is { } charset
            ? Results.Problem(charset, statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(context)
            : parameters.ProblemOf(context) is { } problem
                ? Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context)
                : next(context));
    }
}
