using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Titanic.Web;

/// <summary>The meter and the activity source of the product. A module creates its instruments where their values arise.</summary>
internal static class ProductTelemetry
{
    public const string Name = "Titanic.Web";

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource Activities { get; } = new(Name);
}
