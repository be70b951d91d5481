using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages;

/// <summary>The door of the pages: what people see.</summary>
public static class PagesModule
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorPages();
        // A form that brings a passenger list may be as long as any list; the server's limit for requests stays what it was for all others.
        services.AddOptions<FormOptions>().Configure<IOptions<PassengersOptions>>((form, lists) => form.MultipartBodyLengthLimit = lists.Value.MaximumFileSizeInBytes);
        services.AddSingleton<SiteStatus>();
        return services;
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorPages().WithStaticAssets();
    }
}
