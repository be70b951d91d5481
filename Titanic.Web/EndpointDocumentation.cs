using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Titanic.Web;

/// <summary>An example value of a parameter in the OpenAPI document. A request with this value must succeed.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class ExampleAttribute(object value) : Attribute
{
    public object Value => value;
}

/// <summary>
/// The allowed values of a parameter, a member or the items of a list in the OpenAPI document. It does not derive from
/// <see cref="System.ComponentModel.DataAnnotations.ValidationAttribute"/>, because Razor Pages would validate forms with it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal class OneOfAttribute(params object[] values) : Attribute
{
    public IReadOnlyList<object> Values => values;
}

/// <summary>The allowed values are the names of an enumeration in lower case.</summary>
internal sealed class OneOfAttribute<T>() : OneOfAttribute([.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())])
    where T : struct, Enum;

/// <summary>Adds example bodies to the OpenAPI document.</summary>
internal static class EndpointDocumentation
{
    private const string Json = "application/json";

    /// <summary>Adds an example request body and its response to an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The name of the example in the document.</param>
    /// <param name="summary">One line that describes the request.</param>
    /// <param name="request">A request body with which a request succeeds.</param>
    /// <param name="response">The response of the first model version, trained on the bundled dataset; null for no example.</param>
    /// <param name="type">The content type of <paramref name="request"/>; the response is always JSON.</param>
    public static RouteHandlerBuilder WithExample(
        this RouteHandlerBuilder endpoint, string name, string summary, string request, string? response = null, string type = Json) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            Add(operation.RequestBody!.Content![type], name, summary, type == Json ? JsonNode.Parse(request)! : request);
            if (response is not null)
                Add(operation.Responses!["200"].Content![Json], name, "Response to the request example of this name", JsonNode.Parse(response)!);
            return Task.CompletedTask;
        });

    private static void Add(OpenApiMediaType body, string name, string summary, JsonNode value)
    {
        body.Examples ??= new Dictionary<string, IOpenApiExample>();
        body.Examples[name] = new OpenApiExample { Summary = summary, Value = value };
    }
}
