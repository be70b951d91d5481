using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>What schemas are called: as their type, and where two folders have one of the same name, after the folder as well.</summary>
internal static class SchemaNames
{
    private static readonly HashSet<string> _names = [.. typeof(SchemaNames).Assembly.GetTypes()
        .Where(type => !type.IsNested && !type.Name.StartsWith('<')).GroupBy(type => type.Name).Where(same => same.Count() > 1).Select(same => same.Key)];

    public static string? Of(JsonTypeInfo type)
    {
        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        if (type.Type == typeof(Passengers.Sex))
            return null; // a member's own words, "male" or "female"
        return name is not null && _names.Contains(name) ? type.Type.Namespace![(type.Type.Namespace!.LastIndexOf('.') + 1)..] + name : name;
    }
}
