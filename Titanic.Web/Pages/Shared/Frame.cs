namespace Titanic.Web.Pages.Shared;

/// <summary>The keys of <c>ViewData</c> by which a page tells <c>_Layout</c> about itself.</summary>
public static class Frame
{
    /// <summary>The page's name, for the browser's tab.</summary>
    public const string Title = "Title";

    /// <summary>True where reloading the page by itself would take away what somebody types, or ask a question twice.</summary>
    public const string KeepStill = "KeepStill";

    /// <summary>True where the frame must not ask the database, because it may be what is missing.</summary>
    public const string WithoutDatabase = "WithoutDatabase";
}
