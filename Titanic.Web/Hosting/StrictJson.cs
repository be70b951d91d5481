using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;

namespace Titanic.Web.Hosting;

/// <summary>
/// Bodies are read to the letter: a member that does not exist is a typing error and not to be passed over, a number is no text, and what
/// must be told cannot be left out.
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
