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
/// Validates the route and query parameters of an API request before the framework binds them. Unknown query parameters are rejected,
/// because <c>?limt=5</c> would otherwise be ignored silently; so are values of the wrong type or out of range. The endpoint's API
/// description defines its parameters, so the OpenAPI document and the validation cannot differ.
/// </summary>
internal sealed class RequestParameters(IApiDescriptionGroupCollectionProvider descriptions)
{
    private readonly Lazy<Dictionary<(string Method, string Path), Parameter[]>> _parametersByRoute = new(() => descriptions.ApiDescriptionGroups.Items
        .SelectMany(group => group.Items)
        .ToDictionary(
            api => (api.HttpMethod ?? "", api.RelativePath?.Trim('/') ?? ""), // the root of a route group ends with a slash
            api => api.ParameterDescriptions.Where(parameter => parameter.Source.Id is "Query" or "Path").Select(Parameter.From).ToArray()));

    private readonly ConcurrentDictionary<RouteEndpoint, Parameter[]?> _parametersByEndpoint = new();

    /// <summary>The message for the first invalid parameter; null if all are valid.</summary>
    public string? FindError(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || (!context.Request.QueryString.HasValue && endpoint.RoutePattern.Parameters.Count == 0))
            return null;
        var parameters = _parametersByEndpoint.GetOrAdd(
            endpoint, found => _parametersByRoute.Value.GetValueOrDefault((context.Request.Method, found.RoutePattern.RawText!.Trim('/'))));
        if (parameters is null)
            return null;
        foreach (var (name, values) in context.Request.Query)
        {
            if (Array.Find(parameters, known => known.IsQuery && known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } parameter)
            {
                var names = parameters.Where(known => known.IsQuery).Select(known => known.Name).ToList();
                return names.Count > 0
                    ? ErrorText.UnknownName("query parameter", name, names)
                    : $"There is no query parameter \"{Excerpt.Truncate(name)}\"; this endpoint has no query parameters.";
            }
            if (values.Count > 1)
                return $"The parameter {parameter.Name} is given {Format.Count(values.Count)} times; it must be given once.";
            if (parameter.FindError(values.ToString()) is { } error)
                return error;
        }
        return parameters.Where(known => !known.IsQuery)
            .Select(known => known.FindError(context.Request.RouteValues[known.Name] as string))
            .FirstOrDefault(error => error is not null);
    }

    /// <summary>The allowed values of a type, for an error message.</summary>
    public static string DescribeAllowed(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.Double or TypeCode.Decimal => "a number",
        TypeCode.String => "a string",
        TypeCode.Boolean => "true or false",
        _ when (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateOnly) => IsoTimestamp.ExpectedDate,
        _ when (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset) => IsoTimestamp.ExpectedFormat,
        _ => "an object",
    };

    private sealed record Parameter(string Name, Type Type, bool IsQuery, RangeAttribute? Range)
    {
        public static Parameter From(ApiParameterDescription described) =>
            new(JsonNamingPolicy.CamelCase.ConvertName(described.Name), described.Type ?? typeof(string), described.Source.Id == "Query",
                (described.ParameterDescriptor as IParameterInfoParameterDescriptor)?.ParameterInfo.GetCustomAttribute<RangeAttribute>());

        public string? FindError(string? value)
        {
            if (!Type.IsValueType ? string.IsNullOrEmpty(value) : value is null && Nullable.GetUnderlyingType(Type) is not null)
                return null;
            var isAllowed = Type.GetTypeCode(Nullable.GetUnderlyingType(Type) ?? Type) switch
            {
                TypeCode.Int32 => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
                TypeCode.Int64 => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
                TypeCode.Boolean => bool.TryParse(value, out _),
                _ when (Nullable.GetUnderlyingType(Type) ?? Type) == typeof(DateOnly) => IsoTimestamp.TryParseDate(value, out _),
                _ => true,
            };
            if (isAllowed && Range?.IsValid(value) != false)
                return null;
            var allowed = Range is null
                ? DescribeAllowed(Type)
                : ErrorText.WholeNumber(WholeBound(Range.Minimum), WholeBound(Range.Maximum));
            return ErrorText.Invalid($"The parameter {Name}", value, allowed);
        }

        /// <summary>An attribute converts bounds of the type long to double; the conversion back saturates, so the largest long is kept.</summary>
        private static long WholeBound(object bound) => bound is double number ? (long)number : Convert.ToInt64(bound, CultureInfo.InvariantCulture);
    }
}

/// <summary>The middleware that rejects requests with an unsupported charset (415) or an invalid parameter (400).</summary>
internal static class RequestParameterChecks
{
    public static void UseRequestParameters(this WebApplication app)
    {
        var parameters = app.Services.GetRequiredService<RequestParameters>();
        app.Use((context, next) => ContentTypeErrors.UnsupportedCharset(context) is { } charsetError
            ? Results.Problem(charsetError, statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(context)
            : parameters.FindError(context) is { } parameterError
                ? Results.Problem(parameterError, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context)
                : next(context));
    }
}
