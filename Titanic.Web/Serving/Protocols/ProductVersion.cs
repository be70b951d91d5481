namespace Titanic.Web.Serving.Protocols;

/// <summary>What the protocols call the server's version.</summary>
internal static class ProductVersion
{
    /// <summary>Such as 0.1.0.</summary>
    public static readonly string Text = typeof(ProductVersion).Assembly.GetName().Version!.ToString(3);
}
