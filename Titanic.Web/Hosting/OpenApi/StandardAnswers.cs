using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.OpenApi;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// The refusals of each operation, its own and those that follow from what it takes: a parameter can be wrong, a body too large, a key
/// missing, and a database away. Below <c>/api</c> every refusal is a problem.
/// </summary>
internal static class StandardAnswers
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var endpoint = context.Description.ActionDescriptor.EndpointMetadata;
        var needs = endpoint.OfType<IAuthorizeData>().Select(rule => rule.Policy).FirstOrDefault();
        var predicts = endpoint.OfType<EnableRateLimitingAttribute>().Any();
        operation.Security = needs switch
        {
            null when predicts => [[], Shown(ApiInformation.PredictKey, context)],
            null => [],
            _ => [Shown(AccessPolicies.ScopeOf(needs) == ApiKeyScope.Ingest ? ApiInformation.IngestKey : ApiInformation.OperateKey, context), Shown(ApiInformation.Cookie, context)],
        };

        if (!context.Description.RelativePath!.StartsWith("api/", StringComparison.Ordinal))
            return Task.CompletedTask; // protocols of others have their own ways to refuse
        operation.Responses ??= [];
        Refusals.AddTo(context.Document!);
        var writes = context.Description.HttpMethod is not "GET";
        int[] following =
        [
            400, // a query that does not exist, if nothing else
            .. needs is null ? [] : new[] { 401, 403 },
            .. context.Description.RelativePath.Contains('{') ? [404] : Array.Empty<int>(),
            .. operation.RequestBody is null ? [] : new[] { 413, 415 },
            .. writes || predicts ? [429] : Array.Empty<int>(),
            503,
        ];
        foreach (var status in following.Concat(operation.Responses.Keys.Select(int.Parse).Where(status => status >= 400)).Distinct().Order().ToList())
            operation.Responses[$"{status}"] = new OpenApiResponseReference(Refusals.NameOf(status), context.Document);
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Shown(string scheme, OpenApiOperationTransformerContext context) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] };
}
