using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Adds to parameters and schemas the information of attributes, types and names that the framework does not read.</summary>
internal static class DeclaredValues
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            var described = context.Description.ParameterDescriptions.Single(described => described.Name == parameter.Name);
            if (parameter.In is not ParameterLocation.Header) // the members of a parameter record are in camel case in the API
                parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
            if (Find<ExampleAttribute>(ParameterOf(described)) is { } example)
                parameter.Example = JsonSerializer.SerializeToNode(example.Value);
        }
        foreach (var content in operation.Responses!.Values.Select(response => response.Content).Append(operation.RequestBody?.Content))
        {
            if (content?.TryGetValue("text/csv", out var csv) == true)
                csv.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }
        return Task.CompletedTask;
    }

    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var (type, member) = (context.JsonTypeInfo.Type, context.JsonPropertyInfo);
        if (type.IsEnum && schema.Enum is { Count: > 0 })
            schema.Type = JsonSchemaType.String;
        if (type == typeof(Stream))
            schema.Metadata?.Remove("x-schema-id"); // else it becomes a component with the name of another type
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
            schema.Items ??= new OpenApiSchema(); // values of any type
        if (type == typeof(string) && member?.Name.EndsWith("sha256", StringComparison.OrdinalIgnoreCase) == true)
            schema.Pattern = "^[0-9a-f]{64}$";
        var provider = member is null ? ParameterOf(context.ParameterDescription) : member.AttributeProvider;
        if (Find<OneOfAttribute>(provider) is { } oneOf)
            Restrict(schema.Items as OpenApiSchema ?? schema, oneOf.Values);
        if (Find<JsonConverterAttribute>(provider)?.ConverterType == typeof(AsOfParser))
            schema.Type = JsonSchemaType.String | JsonSchemaType.Integer | JsonSchemaType.Null;
        // The framework declares every constructor parameter of a record as required, including members that are not always serialized.
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (Find<JsonIgnoreAttribute>(property.AttributeProvider) is not null)
                schema.Required?.Remove(property.Name);
        }
        return Task.CompletedTask;
    }

    private static void Restrict(OpenApiSchema schema, IEnumerable<object> values)
    {
        schema.Enum = [.. values.Select(value => JsonSerializer.SerializeToNode(value)!)];
        schema.Type ??= JsonSchemaType.String; // a member with its own converter
        if (schema.Type.Value.HasFlag(JsonSchemaType.Null))
            schema.Enum.Add(JsonNullSentinel.JsonNull);
    }

    private static ParameterInfo? ParameterOf(ApiParameterDescription? described) =>
        (described?.ParameterDescriptor as IParameterInfoParameterDescriptor)?.ParameterInfo;

    private static T? Find<T>(ICustomAttributeProvider? provider) where T : Attribute =>
        provider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
}
