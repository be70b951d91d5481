using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Adds to parameters and schemas what their attributes, types and names say and the framework does not read.</summary>
internal static class DeclaredValues
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var described in context.Description.ParameterDescriptions)
        {
            if (operation.Parameters?.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.Name == described.Name) is not { } parameter)
                continue;
            if (parameter.In is not ParameterLocation.Header)
                parameter.Name = char.ToLowerInvariant(parameter.Name![0]) + parameter.Name[1..]; // a record's members, as the API writes them
            if (Find<ExampleAttribute>(ParameterOf(described.ParameterDescriptor)) is { } example)
                parameter.Example = JsonSerializer.SerializeToNode(example.Value);
        }
        foreach (var content in (operation.Responses ?? []).Values.Select(response => response.Content).Append(operation.RequestBody?.Content))
        {
            if (content?.TryGetValue("text/csv", out var csv) == true)
                csv.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }
        return Task.CompletedTask;
    }

    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonTypeInfo.Type.IsEnum && schema.Enum is { Count: > 0 })
            schema.Type = JsonSchemaType.String;
        if (context.JsonTypeInfo.Type == typeof(Stream))
            schema.Metadata?.Remove("x-schema-id"); // else the schema of a file is a component that is named after an upload
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
            schema.Items ??= new OpenApiSchema(); // values of any kind
        if (context.JsonPropertyInfo is { Name: var name, PropertyType: var type } && type == typeof(string) && name.EndsWith("sha256", StringComparison.OrdinalIgnoreCase))
            schema.Pattern = "^[0-9a-f]{64}$";
        var provider = context.JsonPropertyInfo is { } member ? member.AttributeProvider : ParameterOf(context.ParameterDescription?.ParameterDescriptor);
        if (Find<OneOfAttribute>(provider) is { } oneOf)
            Restrict(schema.Items as OpenApiSchema ?? schema, oneOf.Values);
        if (Find<JsonConverterAttribute>(provider)?.ConverterType == typeof(WrittenAsOf))
            schema.Type = JsonSchemaType.String | JsonSchemaType.Integer | JsonSchemaType.Null;
        foreach (var leftOut in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenEmpty))
            schema.Required?.Remove(leftOut.Name);
        return Task.CompletedTask;
    }

    private static void Restrict(OpenApiSchema schema, IEnumerable<object> values)
    {
        schema.Enum = [.. values.Select(value => JsonSerializer.SerializeToNode(value)!)];
        schema.Type ??= JsonSchemaType.String; // a member with a converter of its own
        if (schema.Type.Value.HasFlag(JsonSchemaType.Null))
            schema.Enum.Add(JsonNullSentinel.JsonNull);
    }

    private static ParameterInfo? ParameterOf(ParameterDescriptor? described) => (described as IParameterInfoParameterDescriptor)?.ParameterInfo;

    private static T? Find<T>(ICustomAttributeProvider? provider) where T : Attribute => provider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();

    /// <summary>The framework takes every parameter of a record's constructor for one that is always written.</summary>
    private static bool IsLeftOutWhenEmpty(JsonPropertyInfo member) =>
        Find<JsonIgnoreAttribute>(member.AttributeProvider) is { Condition: JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault };
}
