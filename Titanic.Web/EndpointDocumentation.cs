using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Titanic.Web;

/// <summary>A value of a parameter with which a request succeeds, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class ExampleAttribute(object value) : Attribute
{
    public object Value => value;
}

/// <summary>
/// The values that a parameter, a member or the items of a list can have, for the OpenAPI document. It does not derive from
/// <see cref="System.ComponentModel.DataAnnotations.ValidationAttribute"/>, because Razor Pages would validate forms by it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal class OneOfAttribute(params object[] values) : Attribute
{
    public IReadOnlyList<object> Values => values;
}

/// <summary>The names of an enumeration in lower case.</summary>
internal sealed class OneOfAttribute<T>() : OneOfAttribute([.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())])
    where T : struct, Enum;

/// <summary>Examples of bodies for the OpenAPI document.</summary>
internal static class EndpointDocumentation
{
    private const string Json = "application/json";

    /// <param name="request">A body with which a request succeeds.</param>
    /// <param name="response">What the first model version, trained on the bundled dataset, responds to it; null for no example.</param>
    public static RouteHandlerBuilder WithExample(
        this RouteHandlerBuilder endpoint, string name, string summary, string request, string? response = null, string type = Json) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            Add(operation.RequestBody!.Content![type], name, summary, type == Json ? JsonNode.Parse(request)! : request);
            if (response is not null)
                Add(operation.Responses!["200"].Content![Json], name, "Response to the example of this name", JsonNode.Parse(response)!);
            return Task.CompletedTask;
        });

    private static void Add(OpenApiMediaType body, string name, string summary, JsonNode value)
    {
        body.Examples ??= new Dictionary<string, IOpenApiExample>();
        body.Examples[name] = new OpenApiExample { Summary = summary, Value = value };
    }
}
