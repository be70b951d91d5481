using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;

namespace Titanic.Web.Hosting;

/// <summary>
/// Strict JSON parsing of request bodies: unknown members, numbers written as strings and missing required members are errors.
/// </summary>
internal static class StrictJson
{
    public static IServiceCollection AddStrictJson(this IServiceCollection services) => services.Configure<JsonOptions>(json =>
    {
        json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        json.SerializerOptions.RespectRequiredConstructorParameters = true;
    });
}
